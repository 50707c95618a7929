//! Applies events to the orders table. An event moves its order forward or changes nothing. The
//! first final event of an order also releases its capacity.

use adapters::error::AdapterError;
use adapters::orders::ProjectOrder;
use aws_lambda_events::eventbridge::EventBridgeEvent;
use bootstrap::Failure;
use bootstrap::failure::record_unreadable;
use bootstrap::invocation::Payload;
use domain::event::{OrderEvent, UnreadableEvent};
use domain::projection::{Applied, Change};
use tracing::Instrument;

/// Function `order-projector` with the adapter that it uses.
#[derive(Debug)]
pub struct Projector<O> {
    /// Orders table and shop table, in transactions.
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
        let span = tracing::info_span!(
            "project",
            bus_event_id = event.id.as_deref().unwrap_or_default(),
            detail_type = event.detail_type,
            order_id = tracing::field::Empty
        );
        let projected = self.apply(event).instrument(span.clone()).await;
        let _entered = span.enter();
        match projected {
            Ok(applied) => {
                tracing::info!(?applied, "projected");
                Ok(())
            }
            Err(ProjectError::Event(error)) => {
                record_unreadable(&error);
                Ok(())
            }
            Err(ProjectError::Table(error)) => Err(Failure::named("NotProjected", &error)),
        }
    }

    async fn apply(&self, event: EventBridgeEvent) -> Result<Applied, ProjectError> {
        let change = Change::from(OrderEvent::parse(&event.detail_type, event.detail)?);
        tracing::Span::current().record("order_id", change.about.order_id.as_str());
        Ok(self.orders.project(&change).await?)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
