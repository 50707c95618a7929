//! `$connect` of the WebSocket API: a valid ticket stores the connection under its topic.

use adapters::connections::{Connection, StoreConnection};
use adapters::error::AdapterError;
use bootstrap::failure::error_chain;
use bootstrap::record;
use domain::live::{InvalidTicket, Ticket, Topic, UnverifiedTicket};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{LiveService, Shops};

/// Answer to the WebSocket API. Any status but 200 refuses the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    status_code: u16,
}

/// Fields of an event of the WebSocket API that this function reads.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SocketEvent {
    request_context: Context,
    #[serde(default)]
    query_string_parameters: Option<Query>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    event_type: String,
    connection_id: String,
}

#[derive(Debug, Deserialize)]
struct Query {
    #[serde(default)]
    ticket: Option<String>,
}

#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the event is {0}: only $connect has this function as its target")]
    Route(String),
    #[error(transparent)]
    Ticket(#[from] InvalidTicket),
    #[error("the shop of the ticket was never opened")]
    Shop,
    #[error(transparent)]
    Table(#[from] AdapterError),
}

/// Parses an event of the WebSocket API. Returns `None` for a request of the REST API, which has no
/// `connectionId`.
pub(crate) fn event(payload: &RawValue) -> Option<SocketEvent> {
    serde_json::from_str(payload.get()).ok()
}

impl<S: Shops, C: StoreConnection, A> LiveService<S, C, A> {
    /// Answers an event of the WebSocket API.
    pub(crate) async fn connect(&self, event: SocketEvent) -> Answer {
        record::detail("route", "$connect");
        match self.open(event).await {
            Ok(topic) => {
                record::outcome("connected");
                tracing::debug!(%topic, "connected");
                Answer { status_code: 200 }
            }
            Err(Refusal::Table(error)) => {
                record::failed("unavailable");
                tracing::error!(error = error_chain(&error), "not connected");
                Answer { status_code: 503 }
            }
            Err(refusal) => {
                record::outcome("refused");
                record::detail("reason", error_chain(&refusal));
                Answer { status_code: 401 }
            }
        }
    }

    async fn open(&self, event: SocketEvent) -> Result<Topic, Refusal> {
        let Context { event_type, connection_id } = event.request_context;
        if event_type != "CONNECT" {
            return Err(Refusal::Route(event_type));
        }
        let text = event.query_string_parameters.and_then(|query| query.ticket).ok_or(InvalidTicket::Malformed)?;
        let unverified: UnverifiedTicket = text.parse()?;
        let key = self.shops.key(unverified.shop_id()).await?.ok_or(Refusal::Shop)?;
        let now = (self.now)();
        let Ticket { topic, until, .. } = unverified.verify(&key, now)?;
        self.connections.store(&topic, &Connection { id: connection_id, opened_at: now, until }).await?;
        Ok(topic)
    }
}
