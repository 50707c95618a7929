//! What lies in the queues.

use futures::future::try_join_all;
use futures::{StreamExt, stream};
use serde::Serialize;
use tokio::time::Instant;

use super::Selection;
use super::dead_letter::{Errand, Letter};
use super::inbox::{HIDDEN, Inbox, Queue};
use super::stream::Records;
use crate::error::Error;
use crate::resources::Resources;
use crate::stack::Stack;

const AT_ONCE: usize = 8;

/// What lies in the queues.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listing {
    /// The queues that were looked into.
    pub queues: Vec<String>,
    /// The letters, oldest first.
    pub letters: Vec<Letter>,
    /// Letters that the queues say they have, and that could not be received: somebody else holds them at this moment.
    pub held: usize,
}

/// Looks into the queues. Everything stays where it is, and is there for others again at once.
pub async fn look(stack: &Stack, selection: &Selection) -> Result<Listing, Error> {
    let resources = Resources::find(stack).await?;
    let queues = selection.queues(&resources)?;
    let names = queues.iter().map(|queue| queue.name.clone()).collect();
    let looks = queues.into_iter().map(|queue| look_into(stack, &resources, queue));
    let mut listing = Listing { queues: names, ..Listing::default() };
    for (letters, held) in try_join_all(looks).await? {
        listing.letters.extend(letters.into_iter().filter(|letter| selection.takes(letter)));
        listing.held += held;
    }
    listing.letters.sort_by_key(|letter| letter.sent_at);
    Ok(listing)
}

async fn look_into(stack: &Stack, resources: &Resources, queue: Queue) -> Result<(Vec<Letter>, usize), Error> {
    let mut inbox = Inbox::open(stack, queue);
    let looked = receive_all(stack, resources, &mut inbox).await;
    inbox.put_back().await;
    looked
}

/// Deletes letters for good, and gives them as they were.
pub async fn throw_away(stack: &Stack, selection: &Selection) -> Result<Vec<Letter>, Error> {
    let resources = Resources::find(stack).await?;
    let mut thrown = Vec::new();
    for queue in selection.queues(&resources)? {
        let mut inbox = Inbox::open(stack, queue);
        let deleted = delete_from(stack, &resources, selection, &mut inbox, &mut thrown).await;
        inbox.put_back().await;
        deleted?;
    }
    Ok(thrown)
}

async fn delete_from(
    stack: &Stack,
    resources: &Resources,
    selection: &Selection,
    inbox: &mut Inbox,
    thrown: &mut Vec<Letter>,
) -> Result<(), Error> {
    let (letters, _) = receive_all(stack, resources, inbox).await?;
    for letter in letters.into_iter().filter(|letter| selection.takes(letter)) {
        inbox.delete(&letter.message_id).await?;
        inbox.forget(&letter.message_id);
        thrown.push(letter);
    }
    Ok(())
}

async fn receive_all(stack: &Stack, resources: &Resources, inbox: &mut Inbox) -> Result<(Vec<Letter>, usize), Error> {
    let mut received = Vec::new();
    let mut renewed = Instant::now();
    loop {
        let more = inbox.receive().await?;
        // What showed itself again would be received over and over.
        if renewed.elapsed() > HIDDEN / 3 {
            inbox.keep_all_hidden().await;
            renewed = Instant::now();
        }
        if more.is_empty() {
            break;
        }
        received.extend(more);
    }
    let held = inbox.elsewhere().await?;
    // That takes its time where records have to be fetched from a stream; by then all have been received.
    let completed =
        received.into_iter().map(|held| async move { complete(stack, resources, held.letter, &held.errand).await });
    Ok((stream::iter(completed).buffered(AT_ONCE).collect().await, held))
}

/// A letter with what it does not say itself: the target's name, and the shops where it only names records of a stream.
pub(super) async fn complete(stack: &Stack, resources: &Resources, mut letter: Letter, errand: &Errand) -> Letter {
    if let Some(name) = letter.target.as_deref().and_then(|arn| resources.logical_id(arn)) {
        letter.target = Some(name.to_owned());
    }
    if let Errand::Records { function_arn, range } = errand
        && let Ok(records) = Records::fetch(stack, range, function_arn.as_deref()).await
    {
        letter.shops = records.shops().into_iter().map(str::to_owned).collect();
    }
    letter
}
