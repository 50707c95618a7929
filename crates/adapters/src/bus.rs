//! The event bus.

use std::future::Future;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use domain::event::{Detail, SOURCE};

use crate::error::AdapterError;

/// An event that is ready to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The event's name.
    pub detail_type: String,
    /// The event's detail, as JSON text.
    pub detail: String,
}

impl Entry {
    /// The entry of a typed event.
    pub fn of<D: Detail>(detail: &D) -> Result<Self, AdapterError> {
        let text = serde_json::to_string(detail).map_err(|error| AdapterError::unreadable("event", error))?;
        Ok(Self { detail_type: D::DETAIL_TYPE.to_owned(), detail: text })
    }
}

/// Publishing events.
pub trait Publish: Send + Sync {
    /// Publishes up to ten entries. `Ok` means that the bus took every one of them.
    fn publish(&self, entries: Vec<Entry>) -> impl Future<Output = Result<(), AdapterError>> + Send;
}

/// The custom bus of the stack.
#[derive(Debug, Clone)]
pub struct EventBus {
    client: Client,
    name: String,
}

impl EventBus {
    /// The bus called `name`.
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// The entries that were not taken, with the first one's error code.
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
        tracing::warn!(failed = failed.len(), code, "events not taken");
        // A count without a code would otherwise pass for success.
        Ok((if failed.is_empty() { entries.to_vec() } else { failed }, code))
    }
}

impl Publish for EventBus {
    async fn publish(&self, entries: Vec<Entry>) -> Result<(), AdapterError> {
        const ATTEMPTS: usize = 3;
        let total = entries.len();
        let mut left = entries;
        let mut code = String::new();
        for _ in 0..ATTEMPTS {
            (left, code) = self.put(&left).await?;
            if left.is_empty() {
                return Ok(());
            }
        }
        Err(AdapterError::NotPublished { failed: left.len(), total, code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_eventbridge::operation::put_events::PutEventsOutput;
    use aws_sdk_eventbridge::types::PutEventsResultEntry;
    use aws_smithy_mocks::{RuleMode, mock, mock_client};

    fn entry(name: &str) -> Entry {
        Entry { detail_type: name.into(), detail: "{}".into() }
    }

    fn taken() -> PutEventsResultEntry {
        PutEventsResultEntry::builder().event_id("id").build()
    }

    fn refused() -> PutEventsResultEntry {
        PutEventsResultEntry::builder().error_code("ThrottlingException").build()
    }

    #[tokio::test]
    async fn only_the_entries_that_failed_are_published_again() {
        let first =
            mock!(Client::put_events).match_requests(|request| request.entries().len() == 2).then_output(|| {
                PutEventsOutput::builder().failed_entry_count(1).entries(taken()).entries(refused()).build()
            });
        let second = mock!(Client::put_events)
            .match_requests(|request| {
                request.entries().len() == 1 && request.entries()[0].detail_type() == Some("second")
            })
            .then_output(|| PutEventsOutput::builder().failed_entry_count(0).entries(taken()).build());
        let client = mock_client!(aws_sdk_eventbridge, RuleMode::Sequential, &[&first, &second]);
        let bus = EventBus::new(client, "bus".into());
        bus.publish(vec![entry("first"), entry("second")]).await.unwrap();
        assert_eq!((first.num_calls(), second.num_calls()), (1, 1));
    }

    #[tokio::test]
    async fn events_that_stay_refused_are_an_error() {
        let rule = mock!(Client::put_events)
            .then_output(|| PutEventsOutput::builder().failed_entry_count(1).entries(refused()).build());
        let client = mock_client!(aws_sdk_eventbridge, RuleMode::MatchAny, &[&rule]);
        let answer = EventBus::new(client, "bus".into()).publish(vec![entry("first")]).await;
        assert!(matches!(answer, Err(AdapterError::NotPublished { failed: 1, total: 1, .. })));
    }
}
