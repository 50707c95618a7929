//! Parses the payload of an invocation.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::Failure;

/// Payload of an invocation: unparsed JSON, so that the function itself reports a payload that it
/// cannot parse.
pub type Payload = Box<RawValue>;

/// Parses `payload` and passes it to `handle`. A payload of another shape fails with the name
/// `Unreadable`.
pub async fn answer<T, R>(payload: Payload, handle: impl AsyncFnOnce(T) -> Result<R, Failure>) -> Result<R, Failure>
where
    T: DeserializeOwned,
{
    let event = serde_json::from_str(payload.get()).map_err(|error| Failure::named("Unreadable", &error))?;
    handle(event).await
}
