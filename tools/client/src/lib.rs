//! Client of a deployed coffee bar: the stack, its API, bus, tables and dead-letter messages,
//! bearer tokens, and a shop with staff and customers for tests.

mod answer;
pub mod api;
pub mod bus;
mod credentials;
pub mod dead_letters;
pub mod displays;
pub mod error;
pub mod http;
pub mod pasted;
pub mod problem;
pub mod record;
pub mod resources;
pub mod stack;
pub mod tables;
pub mod token;
pub mod venue;
pub mod wait;

pub use api::Api;
pub use error::Error;
pub use resources::Resources;
pub use stack::Stack;
pub use token::SigningKey;

use std::time::{SystemTime, UNIX_EPOCH};

use domain::timestamp::Timestamp;

/// Returns the current time of this machine.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
