//! Publishes `ConfigChanged` for each change of a shop's settings in the stream of the shop table.

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use adapters::shops::ReadLatestCatalog;
use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use bootstrap::failure::error_chain;
use bootstrap::{Failure, record};
use domain::event::ConfigChanged;
use domain::ids::ShopId;
use domain::shop::{Shop, ShopSettings, ShopState};
use domain::timestamp::Timestamp;
use serde::Deserialize;

/// Function `config-changed` with the adapters that it uses.
#[derive(Debug)]
pub struct Announcer<S, P> {
    /// Shop table, for menu, links, name and look.
    pub shops: S,
    /// Event bus on which changes are published.
    pub bus: P,
}

#[derive(Debug, thiserror::Error)]
enum AnnounceError {
    #[error("a record of the stream is not a shop's state; edit the shop's settings again")]
    Unreadable(#[from] serde_dynamo::Error),
    #[error(transparent)]
    Call(#[from] AdapterError),
}

/// Item `STATE` of a shop. An earlier release stored the state in one item with the menu; a record
/// of such an item holds all settings.
#[derive(Deserialize)]
struct StateItem {
    #[serde(rename = "eventId")]
    shop_id: ShopId,
    #[serde(flatten)]
    state: ShopState,
}

impl AnnounceError {
    /// Returns true if a call failed as a whole, so that calls for other records may fail too.
    const fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Call(AdapterError::Failed { .. } | AdapterError::Contended { .. } | AdapterError::Throttled { .. })
        )
    }
}

/// Error of a record without a sequence number, which cannot be reported as a failed item.
#[derive(Debug, thiserror::Error)]
#[error("a record of the stream has no sequence number")]
struct NoSequenceNumber;

impl<S: ReadLatestCatalog, P: Publish> Announcer<S, P> {
    /// Publishes the records of a batch in order, except removals. Returns the sequence numbers of
    /// the failed records. After a failed record it continues with the next, unless a service is
    /// unavailable. Lambda retries from the first failed record.
    pub async fn announce(&self, batch: Event) -> Result<DynamoDbEventResponse, Failure> {
        let mut answer = DynamoDbEventResponse::default();
        for record in batch.records.into_iter().filter(|record| record.event_name != "REMOVE") {
            let sequence_number = record.change.sequence_number.clone();
            let Err(error) = self.announce_one(record).await else { continue };
            record::failed("not_published");
            tracing::error!(sequence_number, error = error_chain(&error), "not published");
            // Without its sequence number, Lambda cannot retry from this record, so the whole batch
            // fails.
            let mut failed = DynamoDbBatchItemFailure::default();
            failed.item_identifier =
                Some(sequence_number.ok_or_else(|| Failure::named("NotAnnounced", &NoSequenceNumber))?);
            answer.batch_item_failures.push(failed);
            if error.is_outage() {
                // Each further call may fail too, and would use up the time of the batch.
                break;
            }
        }
        Ok(answer)
    }

    async fn announce_one(&self, record: EventRecord) -> Result<(), AnnounceError> {
        let at = Timestamp::from_millis(record.change.approximate_creation_date_time.timestamp_millis());
        let new_image = self.settings(record.change.new_image).await?;
        let event = ConfigChanged {
            shop_id: new_image.shop_id.clone(),
            message: "The shop's settings changed".to_owned(),
            at,
            new_image,
        };
        self.bus.publish(vec![Entry::new(&event)?]).await?;
        record::shop(&event.shop_id);
        record::detail("version", event.new_image.settings.state.version);
        record::outcome("published");
        Ok(())
    }
}

impl<S: ReadLatestCatalog, P> Announcer<S, P> {
    /// Joins the state in the record with the current menu, links, name and look. These may belong
    /// to a later edit, which has an event of its own.
    async fn settings(&self, new_image: serde_dynamo::Item) -> Result<Shop, AnnounceError> {
        if new_image.contains_key("menu") {
            return Ok(serde_dynamo::from_item(new_image)?);
        }
        let StateItem { shop_id, state } = serde_dynamo::from_item(new_image)?;
        let catalog = self.shops.latest_catalog(&shop_id).await?;
        Ok(Shop { shop_id, settings: ShopSettings { state, catalog } })
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
