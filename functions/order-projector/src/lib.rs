//! Applies events to the orders table. An event moves its order forward or changes nothing. The
//! first final event of an order also releases its capacity.

use adapters::error::AdapterError;
use adapters::orders::ProjectOrder;
use aws_lambda_events::eventbridge::EventBridgeEvent;
use bootstrap::failure::record_unreadable;
use bootstrap::invocation::Payload;
use bootstrap::{Failure, record};
use domain::event::{OrderEvent, UnreadableEvent};
use domain::projection::{Applied, Change};

/// Function `order-projector` with the adapter that it uses.
#[derive(Debug)]
pub struct Projector<O> {
    /// Orders table; in transactions also the shop table.
    pub orders: O,
}

#[derive(Debug, thiserror::Error)]
enum ProjectError {
    #[error(transparent)]
    Event(#[from] UnreadableEvent),
    #[error(transparent)]
    Table(#[from] AdapterError),
}

impl<O: ProjectOrder> Projector<O> {
    /// Applies one event. An unreadable event is recorded, and the invocation succeeds, because no
    /// retry makes the event readable. After any other error Lambda retries; after the last attempt
    /// the event becomes a dead-letter message.
    pub async fn project(&self, payload: Payload) -> Result<(), Failure> {
        let event: EventBridgeEvent = match serde_json::from_str(payload.get()) {
            Ok(event) => event,
            Err(error) => {
                record_unreadable(&error);
                return Ok(());
            }
        };
        record::detail("event", event.detail_type.as_str());
        let event_id = event.id.clone().unwrap_or_default();
        match self.apply(event).await {
            Ok(applied) => {
                record::outcome(applied.as_str());
                Ok(())
            }
            Err(ProjectError::Event(error)) => {
                record::detail("event_id", event_id);
                record_unreadable(&error);
                Ok(())
            }
            Err(ProjectError::Table(error)) => {
                record::detail("event_id", event_id);
                Err(Failure::named("NotProjected", &error))
            }
        }
    }

    async fn apply(&self, event: EventBridgeEvent) -> Result<Applied, ProjectError> {
        let change = Change::from(OrderEvent::parse(&event.detail_type, event.detail)?);
        record::order(&change.about.order_id);
        record::shop(&change.about.shop_id);
        record::user(&change.about.user_id);
        Ok(self.orders.project(&change).await?)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
