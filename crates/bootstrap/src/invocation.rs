//! From what Lambda hands over to what a function handles.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::Failure;

/// What a function is invoked with, before anybody has read it: any JSON at all, so that it is the function which says what it cannot read.
pub type Payload = Box<RawValue>;

/// What `handle` makes of `payload`. One that is not what the function takes fails as `Unreadable`.
pub async fn answer<T, R>(payload: Payload, handle: impl AsyncFnOnce(T) -> Result<R, Failure>) -> Result<R, Failure>
where
    T: DeserializeOwned,
{
    let event = serde_json::from_str(payload.get()).map_err(|error| Failure::named("Unreadable", &error))?;
    handle(event).await
}
