//! Publishes each change of a shop's settings, as the shop table's stream tells it.

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use bootstrap::Failure;
use bootstrap::failure::error_chain;
use domain::event::ConfigChanged;
use domain::shop::Shop;
use domain::timestamp::Timestamp;

/// The announcer and what it may touch.
#[derive(Debug)]
pub struct Announcer<P> {
    /// The bus.
    pub bus: P,
}

#[derive(Debug, thiserror::Error)]
enum AnnounceError {
    #[error("a record of the stream is not a shop's settings: edit the shop's settings again")]
    Unreadable(#[from] serde_dynamo::Error),
    #[error(transparent)]
    Bus(#[from] AdapterError),
}

impl AnnounceError {
    /// Whether the bus did not answer, rather than refuse this one event.
    const fn is_of_the_bus(&self) -> bool {
        matches!(
            self,
            Self::Bus(AdapterError::Failed { .. } | AdapterError::Contended { .. } | AdapterError::Throttled { .. })
        )
    }
}

/// A record that nobody can name cannot be tried again by itself.
#[derive(Debug, thiserror::Error)]
#[error("a record of the stream has no sequence number")]
struct NoSequenceNumber;

impl<P: Publish> Announcer<P> {
    /// Announces a batch, in its order, and names the records that could not be: one bad record does not keep those behind it
    /// from being announced. Lambda tries again from the first one that is named.
    pub async fn announce(&self, batch: Event) -> Result<DynamoDbEventResponse, Failure> {
        let mut answer = DynamoDbEventResponse::default();
        for record in batch.records.into_iter().filter(|record| record.event_name != "REMOVE") {
            let sequence_number = record.change.sequence_number.clone();
            let Err(error) = self.announce_one(record).await else { continue };
            tracing::error!(sequence_number, error = error_chain(&error), "not announced");
            // Without its number Lambda would take the whole batch for announced.
            let mut failed = DynamoDbBatchItemFailure::default();
            failed.item_identifier =
                Some(sequence_number.ok_or_else(|| Failure::named("NotAnnounced", &NoSequenceNumber))?);
            answer.batch_item_failures.push(failed);
            if error.is_of_the_bus() {
                // It would take the time of the whole batch to fail for each of them.
                break;
            }
        }
        Ok(answer)
    }

    async fn announce_one(&self, record: EventRecord) -> Result<(), AnnounceError> {
        let at = Timestamp::from_millis(record.change.approximate_creation_date_time.timestamp_millis());
        let new_image: Shop = serde_dynamo::from_item(record.change.new_image)?;
        let event = ConfigChanged {
            shop_id: new_image.shop_id.clone(),
            message: "The shop's settings changed".to_owned(),
            at,
            new_image,
        };
        self.bus.publish(vec![Entry::new(&event)?]).await?;
        tracing::info!(shop_id = %event.shop_id, version = event.new_image.settings.version, "announced");
        Ok(())
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
