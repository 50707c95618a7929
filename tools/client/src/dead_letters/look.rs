//! Lists, counts and deletes dead-letter messages.

use futures::future::try_join_all;
use futures::{StreamExt, stream};
use serde::Serialize;
use tokio::time::Instant;

use super::Selection;
use super::dead_letter::{DeadLetter, Redelivery};
use super::inbox::{HIDDEN, Inbox, Queue};
use super::stream::Records;
use crate::error::Error;
use crate::resources::Resources;
use crate::stack::Stack;

/// Maximum number of simultaneous reads of a stream.
const CONCURRENCY: usize = 8;

/// Selected messages, and the queues that were read.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listing {
    /// Logical ids of the queues.
    pub queues: Vec<String>,
    /// Selected messages, oldest first.
    // Wire name.
    #[serde(rename = "letters")]
    pub messages: Vec<DeadLetter>,
    /// Number of messages that another consumer has received and that cannot be listed now.
    pub held: usize,
}

/// Lists the selected messages. They stay in their queues and are visible to others afterwards.
pub async fn look(stack: &Stack, selection: &Selection) -> Result<Listing, Error> {
    let resources = Resources::find(stack).await?;
    let queues = selection.queues(&resources)?;
    let names = queues.iter().map(|queue| queue.name.clone()).collect();
    let looks = queues.into_iter().map(|queue| look_into(stack, &resources, queue));
    let mut listing = Listing { queues: names, ..Listing::default() };
    for (messages, held) in try_join_all(looks).await? {
        listing.messages.extend(messages.into_iter().filter(|message| selection.includes(message)));
        listing.held += held;
    }
    listing.messages.sort_by_key(|message| message.sent_at);
    Ok(listing)
}

async fn look_into(stack: &Stack, resources: &Resources, queue: Queue) -> Result<(Vec<DeadLetter>, usize), Error> {
    let mut inbox = Inbox::open(stack, queue);
    let looked = receive_all(stack, resources, &mut inbox).await;
    inbox.put_back().await;
    looked
}

/// Counts the messages in each dead-letter queue, by logical id, without receiving them.
pub async fn count(stack: &Stack) -> Result<Vec<(String, usize)>, Error> {
    let queues = Selection::default().queues(&Resources::find(stack).await?)?;
    let counts = queues.into_iter().map(|queue| async {
        let inbox = Inbox::open(stack, queue);
        let count = inbox.count().await?;
        Ok((inbox.queue.name, count))
    });
    try_join_all(counts).await
}

/// Deletes the selected messages and returns them.
pub async fn delete(stack: &Stack, selection: &Selection) -> Result<Vec<DeadLetter>, Error> {
    let resources = Resources::find(stack).await?;
    let mut deleted = Vec::new();
    for queue in selection.queues(&resources)? {
        let mut inbox = Inbox::open(stack, queue);
        let outcome: Result<(), Error> = async {
            let (messages, _) = receive_all(stack, &resources, &mut inbox).await?;
            for message in messages.into_iter().filter(|message| selection.includes(message)) {
                inbox.delete(&message.message_id).await?;
                inbox.record_deleted(&message.message_id);
                deleted.push(message);
            }
            Ok(())
        }
        .await;
        inbox.put_back().await;
        outcome?;
    }
    Ok(deleted)
}

/// Receives and completes the messages of a queue. Also returns the number of messages that another
/// consumer has received.
async fn receive_all(
    stack: &Stack,
    resources: &Resources,
    inbox: &mut Inbox,
) -> Result<(Vec<DeadLetter>, usize), Error> {
    let mut received = Vec::new();
    let mut renewed = Instant::now();
    loop {
        let more = inbox.receive().await?;
        // Otherwise the first messages would become visible again while others are received.
        if renewed.elapsed() > HIDDEN / 3 {
            inbox.keep_all_hidden().await;
            renewed = Instant::now();
        }
        if more.is_empty() {
            break;
        }
        received.extend(more);
    }
    let held = inbox.count_elsewhere().await?;
    // Reading a stream takes time, so streams are read after all messages are received.
    let completed = received
        .into_iter()
        .map(|received| async move { complete(stack, resources, received.message, &received.redelivery).await });
    Ok((stream::iter(completed).buffered(CONCURRENCY).collect().await, held))
}

/// Adds what the message itself lacks: the target's logical id, and the shops of stream records.
pub(super) async fn complete(
    stack: &Stack,
    resources: &Resources,
    mut message: DeadLetter,
    redelivery: &Redelivery,
) -> DeadLetter {
    if let Some(name) = message.target.as_deref().and_then(|arn| resources.logical_id(arn)) {
        message.target = Some(name.to_owned());
    }
    if let Redelivery::Records { function_arn, range } = redelivery
        && let Ok(records) = Records::fetch(stack, range, function_arn.as_deref()).await
    {
        message.shops = records.shops().into_iter().map(str::to_owned).collect();
    }
    message
}
