//! The source and the detail-type of an event.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Source of every event that the stack publishes.
pub const SOURCE: &str = "awsserverlessda.serverlesspresso";

/// Source of an event that a program publishes again. No rule of the stack matches it.
pub const REPLAY_SOURCE: &str = "awsserverlessda.serverlesspresso.replay";

/// Detail of an event on the bus: a JSON object with a schema in `schemas/`.
pub trait Detail: Serialize + DeserializeOwned {
    /// Detail-type of the event, such as `Validator.NewOrder`.
    const DETAIL_TYPE: &'static str;
}
