//! Publishes each change of a shop's settings, as the shop table's stream tells it.

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use aws_lambda_events::dynamodb::{Event, EventRecord};
use bootstrap::Failure;
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
    #[error("a record of the stream is not a shop's settings: check the filter of the event source")]
    Unreadable(#[from] serde_dynamo::Error),
    #[error(transparent)]
    Bus(#[from] AdapterError),
}

impl<P: Publish> Announcer<P> {
    /// Announces a batch, in its order. An error has the batch tried again, in halves, so that one bad record stands alone.
    pub async fn announce(&self, batch: Event) -> Result<(), Failure> {
        for record in batch.records.into_iter().filter(|record| record.event_name != "REMOVE") {
            self.announce_one(record).await.map_err(|error| Failure::named("NotAnnounced", &error))?;
        }
        Ok(())
    }

    async fn announce_one(&self, record: EventRecord) -> Result<(), AnnounceError> {
        let at = Timestamp::from_millis(record.change.approximate_creation_date_time.timestamp_millis());
        let new_image: Shop = serde_dynamo::from_item(record.change.new_image)?;
        let event = ConfigChanged {
            event_id: new_image.event_id.clone(),
            message: "The shop's settings changed".to_owned(),
            at,
            new_image,
        };
        self.bus.publish(vec![Entry::of(&event)?]).await?;
        tracing::info!(event_id = %event.event_id, version = event.new_image.settings.version, "announced");
        Ok(())
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
