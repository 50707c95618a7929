//! Realtime: `POST /live` signs tickets, `$connect` of the WebSocket API opens sockets with them,
//! and `GET /architecture` describes the deployed stack.

mod connect;
mod describe;
mod tickets;

use adapters::architecture::ReadArchitecture;
use adapters::connections::StoreConnection;
use adapters::shops::{FindDisplay, ReadKey, ReadScanContext};
use bootstrap::Failure;
use bootstrap::invocation::Payload;
use domain::live::SocketAddress;
use domain::timestamp::Timestamp;
use http_api::cors::AllowedOrigin;
use http_api::identity::Authenticator;
use http_api::{Handler, Problem, Request, Response};
use serde_json::Value;

pub use self::describe::Cache;

/// Function `live` with the adapters that it uses.
#[derive(Debug)]
pub struct LiveService<S, C, A> {
    /// Shop table: keys, displays and the open orders of customers.
    pub shops: S,
    /// Connections table.
    pub connections: C,
    /// Deployed stack.
    pub stack: A,
    /// Last answer of `GET /architecture`.
    pub cache: Cache,
    /// Address of the WebSocket API.
    pub address: SocketAddress,
    /// Verifier of bearer tokens and guest secrets.
    pub authenticator: Authenticator,
    /// Clock of the function.
    pub now: fn() -> Timestamp,
}

/// Operation behind a route of this function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Signs a ticket for a person or a display that may receive the messages of the topic.
    Ticket,
    /// Describes the stack; for admins.
    Describe,
}

/// Routes of this function: method and resource as `openapi.yaml` names them, and the operation.
pub const ROUTES: &[(&str, Operation)] =
    &[("POST /live", Operation::Ticket), ("GET /architecture", Operation::Describe)];

/// Access to the shop table.
pub trait Shops: FindDisplay + ReadKey + ReadScanContext {}

impl<T: FindDisplay + ReadKey + ReadScanContext> Shops for T {}

impl<S: Shops, C: StoreConnection, A: ReadArchitecture> Handler for LiveService<S, C, A> {
    async fn handle(&self, request: &Request) -> Result<Response, Problem> {
        match request.find_in(ROUTES)? {
            Operation::Ticket => self.ticket(request).await,
            Operation::Describe => self.describe(request).await,
        }
    }
}

impl<S: Shops, C: StoreConnection, A: ReadArchitecture> LiveService<S, C, A> {
    /// Answers an event of the WebSocket API, or else a request of the REST API.
    pub async fn answer(&self, payload: Payload, origin: Option<&AllowedOrigin>) -> Result<Value, Failure> {
        let answer = match connect::event(&payload) {
            Some(event) => serde_json::to_value(self.connect(event).await),
            None => serde_json::to_value(http_api::answer(self, &payload, origin).await),
        };
        answer.map_err(|error| Failure::named("NotSerialised", &error))
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
