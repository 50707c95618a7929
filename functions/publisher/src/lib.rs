//! Posts events of the bus to the sockets of their topics. The next GET of a page makes up for a
//! lost message, so a failed invocation is not retried.

use adapters::connections::{Connection, DeleteConnection, FindConnections};
use adapters::error::AdapterError;
use adapters::sockets::{PostMessage, Posted};
use bootstrap::failure::error_chain;
use bootstrap::invocation::Payload;
use bootstrap::metric::{self, Sampled};
use bootstrap::{Failure, record};
use domain::event::UnreadableEvent;
use domain::live::{BusEvent, GONE_AFTER, Push, pushes};
use domain::timestamp::Timestamp;
use futures::future::join_all;
use futures::{StreamExt, stream};
use serde_json::Value;

/// Maximum number of messages of one topic that are posted at once.
const AT_ONCE: usize = 10;

/// Function `publisher` with the adapters that it uses.
#[derive(Debug)]
pub struct Publisher<C, S> {
    /// Connections table.
    pub connections: C,
    /// Sockets of the WebSocket API.
    pub sockets: S,
    /// Clock of the function.
    pub now: fn() -> Timestamp,
    /// Limits [`metric::LAG`] to one value a minute.
    pub lag: Sampled,
}

#[derive(Debug, thiserror::Error)]
enum PushError {
    #[error("the payload is not an event")]
    Payload(#[from] serde_json::Error),
    #[error(transparent)]
    Event(#[from] UnreadableEvent),
    #[error(transparent)]
    Table(#[from] AdapterError),
}

impl<C: FindConnections + DeleteConnection, S: PostMessage> Publisher<C, S> {
    /// Posts the messages of one event. An event without messages, and a connection that is gone,
    /// are no errors. If the connections of a topic cannot be read, the invocation fails after the
    /// other topics got their messages.
    pub async fn publish(&self, payload: Payload) -> Result<(), Failure> {
        match self.push(&payload).await {
            Ok(()) => Ok(()),
            // The projector records an unreadable event that changes an order. Any other unreadable
            // event loses only its messages, for which the next GET of a page makes up.
            Err(error @ (PushError::Payload(_) | PushError::Event(_))) => {
                record::outcome("no_messages");
                record::detail("error", error_chain(&error));
                Ok(())
            }
            Err(PushError::Table(error)) => Err(Failure::named("NotPushed", &error)),
        }
    }

    async fn push(&self, payload: &Payload) -> Result<(), PushError> {
        let event: BusEvent = serde_json::from_str(payload.get())?;
        identify(&event);
        let pushes = pushes(&event)?;
        let done = join_all(pushes.iter().map(|push| self.push_to_topic(push))).await;
        if let Some(push) = pushes.first() {
            self.lag.value(metric::LAG, (self.now)().since(push.message.at()).as_secs_f64() * 1000.0);
        }
        done.into_iter().collect()
    }

    async fn push_to_topic(&self, push: &Push) -> Result<(), PushError> {
        let now = (self.now)();
        let mut connections = self.connections.newest(&push.topic).await?;
        connections.retain(|connection| now < connection.until);
        if connections.is_empty() {
            return Ok(());
        }
        let message = serde_json::to_string(&push.message)?;
        let posts = connections.iter().map(|connection| self.post(push, connection, &message, now));
        stream::iter(posts).buffer_unordered(AT_ONCE).collect::<()>().await;
        Ok(())
    }

    /// Posts one message, and deletes a connection that is gone. Only logs a failure, so that the
    /// other connections get their messages.
    async fn post(&self, push: &Push, connection: &Connection, message: &str, now: Timestamp) {
        let done = match self.sockets.post(&connection.id, message).await {
            Ok(Posted::Sent) => Ok(()),
            Ok(Posted::Gone) if now.since(connection.opened_at) < GONE_AFTER => Ok(()),
            Ok(Posted::Gone) => self.connections.delete(&push.topic, connection).await,
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            tracing::warn!(
                error = error_chain(&error),
                topic = %push.topic,
                "a message was lost, or a gone connection was not deleted"
            );
        }
    }
}

/// Records detail-type, order and shop of the event, as far as they are valid.
fn identify(event: &BusEvent) {
    record::detail("event", event.detail_type.as_str());
    let text = |name: &str| event.detail.get(name).and_then(Value::as_str);
    if let Some(order) = text("orderId").and_then(|id| id.parse().ok()) {
        record::order(&order);
    }
    if let Some(shop) = text("eventId").and_then(|id| id.parse().ok()) {
        record::shop(&shop);
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
