//! Reads from a request which AWS call it makes: the header `x-amz-target` names the operation.

use harness::function::Function;
use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use serde_json::{Value, json};

use crate::fault::{CALLS, CallKind, Operation};

#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) kind: CallKind,
    /// Equal for all attempts of one call; for `PutEvents`, equal for all attempts with the same
    /// entries.
    pub(super) attempts_of: String,
    /// Number of actions of a transaction, or of entries of `PutEvents`; 1 for any other call.
    pub(super) parts: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnknownCall(pub(super) String);

impl Call {
    pub(super) fn read(function: Function, headers: &HeaderMap, body: &Bytes) -> Result<Self, UnknownCall> {
        let text =
            |name: &str| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
        let target = text("x-amz-target");
        let name = target.rsplit('.').next().unwrap_or_default();
        let unknown = || UnknownCall(format!("{}/{name}", function.as_str()));
        let kind = CallKind::new(function, Operation::parse(name).ok_or_else(unknown)?);
        if !CALLS.contains(&kind) {
            return Err(unknown());
        }
        let mut call = Self { kind, attempts_of: text("amz-sdk-invocation-id").to_owned(), parts: 1 };
        match kind.operation {
            Operation::TransactWriteItems => call.parts = list(body, "TransactItems").len(),
            Operation::PutEvents => {
                let entries = list(body, "Entries");
                call.parts = entries.len();
                call.attempts_of = json!(entries).to_string();
            }
            _ => {}
        }
        Ok(call)
    }
}

pub(super) fn list(body: &[u8], name: &str) -> Vec<Value> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(target: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-target", HeaderValue::from_static(target));
        headers.insert("amz-sdk-invocation-id", HeaderValue::from_static("one"));
        headers
    }

    #[test]
    fn the_target_header_names_the_operation() {
        let body = Bytes::from_static(br#"{"TransactItems": [{}, {}, {}]}"#);
        let call = Call::read(Function::Admission, &headers("DynamoDB_20120810.TransactWriteItems"), &body).unwrap();
        assert_eq!((call.kind.operation, call.parts), (Operation::TransactWriteItems, 3));
        assert_eq!(call.attempts_of, "one");
    }

    #[test]
    fn a_call_that_is_not_listed_is_unknown() {
        let read = |target| Call::read(Function::Validator, &headers(target), &Bytes::new()).unwrap_err();
        assert_eq!(read("AWSStepFunctions.StopExecution"), UnknownCall("Validator/StopExecution".into()));
        assert_eq!(read("DynamoDB_20120810.Scan"), UnknownCall("Validator/Scan".into()));
    }
}
