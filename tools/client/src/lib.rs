//! What the command-line tool and the end-to-end suite share: a deployed stack, its API, its bus, its
//! dead letters, and tokens for a local one.

pub mod api;
pub mod bus;
pub mod dead_letters;
pub mod error;
pub mod record;
pub mod resources;
pub mod stack;
pub mod tables;
pub mod token;
pub mod venue;
pub mod wait;

pub use error::Error;

use std::time::{SystemTime, UNIX_EPOCH};

use domain::timestamp::Timestamp;

/// The current time of this machine.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
