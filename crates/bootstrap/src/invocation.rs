//! Runs a function in the Lambda runtime, and parses its payloads.

use std::fmt::Debug;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{Failure, record};

/// Payload of an invocation: unparsed JSON, so that the function itself reports a payload that it
/// cannot parse.
pub type Payload = Box<RawValue>;

/// Runs `handle` in the Lambda runtime. Each invocation writes one log line at its end.
pub async fn run<R, E, F>(handle: impl Fn(Payload) -> F) -> Result<(), lambda_runtime::Error>
where
    R: Serialize,
    E: Into<Diagnostic> + Debug,
    F: Future<Output = Result<R, E>>,
{
    // Boxed, because otherwise the nested future types of the SDK exceed the compiler's limits.
    lambda_runtime::run(service_fn(|event: LambdaEvent<Payload>| {
        Box::pin(record::observed(event.context.request_id, handle(event.payload)))
    }))
    .await
}

/// Parses `payload` and passes the value to `handle`. A payload that is not a `T` fails with the
/// name `Unreadable`.
pub async fn answer<T, R>(payload: Payload, handle: impl AsyncFnOnce(T) -> Result<R, Failure>) -> Result<R, Failure>
where
    T: DeserializeOwned,
{
    let event = serde_json::from_str(payload.get()).map_err(|error| Failure::named("Unreadable", &error))?;
    handle(event).await
}
