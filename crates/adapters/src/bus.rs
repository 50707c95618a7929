//! Publishes events on the event bus of the stack.

use std::future::Future;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use domain::event::{Detail, SOURCE};
use domain::workflow::OutputEntry;

use crate::contention;
use crate::error::AdapterError;

/// Event to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Detail-type of the event.
    pub detail_type: String,
    /// Detail of the event, as JSON text.
    pub detail: String,
}

impl Entry {
    /// Serialises an event. Fails with [`AdapterError::NotSerialised`] if it has no JSON form.
    pub fn new<D: Detail>(detail: &D) -> Result<Self, AdapterError> {
        let text = serde_json::to_string(detail).map_err(|error| AdapterError::not_serialised("the event", error))?;
        Ok(Self { detail_type: D::DETAIL_TYPE.to_owned(), detail: text })
    }
}

impl From<OutputEntry> for Entry {
    /// Converts an entry that an execution recorded in its output.
    fn from(recorded: OutputEntry) -> Self {
        Self { detail_type: recorded.detail_type, detail: recorded.detail.to_string() }
    }
}

/// Publishes events.
pub trait Publish: Send + Sync {
    /// Publishes up to ten entries in one call. If the bus does not accept some of them, sends
    /// these again, at most twice. `Ok` means that the bus accepted every entry.
    fn publish(&self, entries: Vec<Entry>) -> impl Future<Output = Result<(), AdapterError>> + Send;
}

/// Custom EventBridge bus of the stack.
#[derive(Debug, Clone)]
pub struct EventBus {
    client: Client,
    name: String,
}

impl EventBus {
    /// Uses the bus called `name`.
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Sends the entries once. Returns those that failed, with the first error code.
    async fn put(&self, entries: &[Entry]) -> Result<(Vec<Entry>, String), AdapterError> {
        let requests = entries.iter().map(|entry| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.name)
                .source(SOURCE)
                .detail_type(&entry.detail_type)
                .detail(&entry.detail)
                .build()
        });
        let answer = self
            .client
            .put_events()
            .set_entries(Some(requests.collect()))
            .send()
            .await
            .map_err(|error| AdapterError::from_sdk("PutEvents", error))?;
        if answer.failed_entry_count() == 0 {
            return Ok((Vec::new(), String::new()));
        }
        let results = answer.entries();
        let failed = entries
            .iter()
            .enumerate()
            .filter(|(index, _)| results.get(*index).is_none_or(|result| result.error_code().is_some()));
        let failed: Vec<Entry> = failed.map(|(_, entry)| entry.clone()).collect();
        let code = results.iter().find_map(|result| result.error_code()).unwrap_or("unknown").to_owned();
        tracing::warn!(failed = failed.len(), code, "the bus did not accept some events");
        // EventBridge counted failures but marked no entry: treat all entries as failed.
        Ok((if failed.is_empty() { entries.to_vec() } else { failed }, code))
    }
}

impl Publish for EventBus {
    async fn publish(&self, entries: Vec<Entry>) -> Result<(), AdapterError> {
        const ATTEMPTS: u32 = 3;
        let total = entries.len();
        let mut left = entries;
        let mut code = String::new();
        for attempt in 1..=ATTEMPTS {
            (left, code) = self.put(&left).await?;
            if left.is_empty() {
                return Ok(());
            }
            if attempt < ATTEMPTS {
                // Throttling is the usual cause of a failed entry.
                tokio::time::sleep(contention::pause(attempt)).await;
            }
        }
        Err(AdapterError::NotPublished { failed: left.len(), total, code })
    }
}
