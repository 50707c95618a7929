//! Receives, puts back and deletes the messages of a dead-letter queue. A received message is
//! hidden from other consumers until it is put back or its visibility timeout ends, for example
//! after the program was killed.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName,
};
use domain::timestamp::Timestamp;

use super::dead_letter::{DeadLetter, Redelivery, read};
use super::failed;
use crate::error::Error;
use crate::now;
use crate::stack::Stack;

/// Visibility timeout of a received message, extended during a longer delivery. After a redrive was
/// killed, its messages stay hidden for at most this time.
pub(super) const HIDDEN: Duration = Duration::from_secs(30);

const BATCH_SIZE: usize = 10;

/// Wait time of a receive call. With a wait time, SQS queries all of its servers for messages.
const WAIT_SECS: i32 = 1;

/// Dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Queue {
    /// Logical id of the queue in the template.
    pub(super) name: String,
    pub(super) url: String,
}

/// Received message.
pub(super) struct Received {
    pub(super) message: DeadLetter,
    pub(super) redelivery: Redelivery,
}

/// Reader of one queue.
pub(super) struct Inbox {
    client: Client,
    pub(super) queue: Queue,
    /// Receipt handle of each message that was received and not deleted, by message id.
    handles: HashMap<String, String>,
    /// Ids of deleted messages, which SQS may return once more.
    deleted: Vec<String>,
}

impl Inbox {
    pub(super) fn open(stack: &Stack, queue: Queue) -> Self {
        Self { client: Client::new(&stack.aws), queue, handles: HashMap::new(), deleted: Vec::new() }
    }

    /// Receives messages, and returns those that this reader has not received before.
    pub(super) async fn receive(&mut self) -> Result<Vec<Received>, Error> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.queue.url)
            .max_number_of_messages(as_number(BATCH_SIZE))
            .visibility_timeout(as_number(HIDDEN.as_secs()))
            .wait_time_seconds(WAIT_SECS)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send()
            .await
            .map_err(failed)?;
        let now = now();
        Ok(answer.messages().iter().filter_map(|message| self.register(message, now)).collect())
    }

    fn register(&mut self, message: &Message, now: Timestamp) -> Option<Received> {
        let (id, handle) = (message.message_id()?.to_owned(), message.receipt_handle()?.to_owned());
        if self.deleted.contains(&id) {
            return None;
        }
        let known = self.handles.insert(id, handle).is_some();
        let (message, redelivery) = read(&self.queue.name, message, now);
        (!known).then_some(Received { message, redelivery })
    }

    /// Returns the number of messages in the queue, received ones included. SQS updates this number
    /// with a delay.
    pub(super) async fn count(&self) -> Result<usize, Error> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let call = self.client.get_queue_attributes().queue_url(&self.queue.url);
        let answer = call.set_attribute_names(Some(names.to_vec())).send().await.map_err(failed)?;
        let counts = answer.attributes.unwrap_or_default();
        Ok(names.iter().filter_map(|name| counts.get(name)?.parse::<usize>().ok()).sum())
    }

    /// Returns the number of messages in the queue that this reader has not received.
    pub(super) async fn count_elsewhere(&self) -> Result<usize, Error> {
        Ok(self.count().await?.saturating_sub(self.handles.len()))
    }

    /// Extends the visibility timeout of all received messages.
    pub(super) async fn keep_all_hidden(&self) {
        self.change_visibility(self.handles.keys(), HIDDEN).await;
    }

    /// Extends the visibility timeout of these messages.
    pub(super) async fn keep_hidden(&self, ids: &[String]) {
        self.change_visibility(ids.iter(), HIDDEN).await;
    }

    /// Deletes a received message.
    pub(super) async fn delete(&self, id: &str) -> Result<(), Error> {
        let handle = self.handles.get(id).map(String::as_str).unwrap_or_default();
        let call = self.client.delete_message().queue_url(&self.queue.url).receipt_handle(handle);
        call.send().await.map(drop).map_err(failed)
    }

    /// Records that a message was deleted.
    pub(super) fn record_deleted(&mut self, id: &str) {
        self.handles.remove(id);
        self.deleted.push(id.to_owned());
    }

    /// Makes received messages visible again. If the call fails, they become visible when their
    /// visibility timeout ends.
    pub(super) async fn put_back(&self) {
        self.change_visibility(self.handles.keys(), Duration::ZERO).await;
    }

    async fn change_visibility(&self, ids: impl Iterator<Item = &String>, hidden: Duration) {
        let handles: Vec<&String> = ids.filter_map(|id| self.handles.get(id)).collect();
        for batch in handles.chunks(BATCH_SIZE) {
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
