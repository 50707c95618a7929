//! A queue of dead letters, read without taking anything away: what is received is hidden for a short time, and shown again at
//! the end. If the end never comes, it shows itself.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName,
};
use domain::timestamp::Timestamp;

use super::dead_letter::{Errand, Letter, read};
use super::failed;
use crate::error::Error;
use crate::stack::Stack;

/// How long a letter is hidden from others; whoever works on it longer hides it again. So long does an interrupted redrive keep
/// the next one waiting.
pub(super) const HIDDEN: Duration = Duration::from_secs(30);

const A_BATCH: usize = 10;

/// Long enough that every server of the queue is asked.
const WAIT_SECS: i32 = 1;

/// A dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Queue {
    /// Its logical id in the template.
    pub(super) name: String,
    pub(super) url: String,
}

/// A letter in hand.
pub(super) struct Held {
    pub(super) letter: Letter,
    pub(super) errand: Errand,
}

/// How many letters a queue says it has. It may be some seconds late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Anybody may receive them.
    pub(super) visible: usize,
    /// Somebody has received them.
    pub(super) hidden: usize,
}

/// A queue that is being read.
pub(super) struct Inbox {
    client: Client,
    pub(super) queue: Queue,
    /// What was received and is still there: the handle to show it again by, under its id.
    handles: HashMap<String, String>,
    /// What was received and is there no more.
    gone: Vec<String>,
}

impl Inbox {
    pub(super) fn open(stack: &Stack, queue: Queue) -> Self {
        Self { client: Client::new(&stack.aws), queue, handles: HashMap::new(), gone: Vec::new() }
    }

    /// Some letters that were not received before; none when no other can be seen.
    pub(super) async fn receive(&mut self) -> Result<Vec<Held>, Error> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.queue.url)
            .max_number_of_messages(as_number(A_BATCH))
            .visibility_timeout(as_number(HIDDEN.as_secs()))
            .wait_time_seconds(WAIT_SECS)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send()
            .await
            .map_err(failed)?;
        let now = now();
        Ok(answer.messages().iter().filter_map(|message| self.take(message, now)).collect())
    }

    fn take(&mut self, message: &Message, now: Timestamp) -> Option<Held> {
        let (id, handle) = (message.message_id()?.to_owned(), message.receipt_handle()?.to_owned());
        if self.gone.contains(&id) {
            return None;
        }
        let known = self.handles.insert(id, handle).is_some();
        let (letter, errand) = read(&self.queue.name, message, now);
        (!known).then_some(Held { letter, errand })
    }

    /// What the queue says it has.
    pub(super) async fn counts(&self) -> Result<Counts, Error> {
        let (visible, hidden) = (
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        );
        let call = self.client.get_queue_attributes().queue_url(&self.queue.url);
        let answer =
            call.attribute_names(visible.clone()).attribute_names(hidden.clone()).send().await.map_err(failed)?;
        let count = |name| answer.attributes().and_then(|all| all.get(&name)?.parse().ok()).unwrap_or(0);
        Ok(Counts { visible: count(visible), hidden: count(hidden) })
    }

    /// Letters that the queue says it has and nobody here holds.
    pub(super) async fn elsewhere(&self) -> Result<usize, Error> {
        let counts = self.counts().await?;
        Ok((counts.visible + counts.hidden).saturating_sub(self.handles.len()))
    }

    /// Hides whatever was received from others for some more time.
    pub(super) async fn keep_all_hidden(&self) {
        self.change_visibility(self.handles.keys(), HIDDEN).await;
    }

    /// Hides letters from others for some more time.
    pub(super) async fn keep_hidden(&self, ids: &[String]) {
        self.change_visibility(ids.iter(), HIDDEN).await;
    }

    /// Takes a letter away for good.
    pub(super) async fn delete(&self, id: &str) -> Result<(), Error> {
        let handle = self.handles.get(id).map(String::as_str).unwrap_or_default();
        let call = self.client.delete_message().queue_url(&self.queue.url).receipt_handle(handle);
        call.send().await.map(drop).map_err(failed)
    }

    /// A letter is there no more.
    pub(super) fn forget(&mut self, id: &str) {
        self.handles.remove(id);
        self.gone.push(id.to_owned());
    }

    /// Shows everybody what was received and is still there. What cannot be shown now shows itself after some time.
    pub(super) async fn put_back(&self) {
        self.change_visibility(self.handles.keys(), Duration::ZERO).await;
    }

    async fn change_visibility(&self, ids: impl Iterator<Item = &String>, hidden: Duration) {
        let handles: Vec<&String> = ids.filter_map(|id| self.handles.get(id)).collect();
        for batch in handles.chunks(A_BATCH) {
            let entries = batch.iter().enumerate().filter_map(|(number, handle)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(number.to_string())
                    .receipt_handle(*handle)
                    .visibility_timeout(as_number(hidden.as_secs()))
                    .build()
                    .ok()
            });
            let call = self.client.change_message_visibility_batch().queue_url(&self.queue.url);
            call.set_entries(Some(entries.collect())).send().await.ok();
        }
    }
}

fn as_number<N: TryInto<i32>>(number: N) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
