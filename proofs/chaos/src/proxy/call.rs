//! Which call a request is: by its path, which names the function, and by its target, which names the operation.

use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use serde_json::{Value, json};

use crate::fault::{CALLS, CallKind, Function, Operation};

/// A request of a function.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// Who calls what.
    pub(super) kind: CallKind,
    /// The same for each retry by the SDK; for `PutEvents` for each retry of the same entries, whoever tries again.
    pub(super) attempts_of: String,
    /// How many items a transaction has, or how many entries there are to publish.
    pub(super) parts: usize,
}

/// A request that is none of [`CALLS`], by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown(pub(super) String);

impl Call {
    /// Reads a request.
    pub(super) fn read(function: Function, headers: &HeaderMap, body: &Bytes) -> Result<Self, Unknown> {
        let text =
            |name: &str| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
        let target = text("x-amz-target");
        let name = target.rsplit('.').next().unwrap_or_default();
        let unknown = || Unknown(format!("{}/{name}", function.as_str()));
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

/// The list called `name` in a body of JSON.
pub(super) fn list(body: &[u8], name: &str) -> Vec<Value> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The function that `path` names, and the rest of the path: a function of the stack is given an address of its own.
pub(super) fn split(path: &str) -> Option<(Function, &str)> {
    let path = path.strip_prefix('/')?;
    let (name, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
    Some((Function::parse(name)?, if rest.is_empty() { "/" } else { rest }))
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
    fn a_request_is_known_by_its_path_and_its_target() {
        assert_eq!(split("/Admission/"), Some((Function::Admission, "/")));
        assert_eq!(split("/Admission"), Some((Function::Admission, "/")));
        assert_eq!(split("/Nobody/"), None);
        let body = Bytes::from_static(br#"{"TransactItems": [{}, {}, {}]}"#);
        let call = Call::read(Function::Admission, &headers("DynamoDB_20120810.TransactWriteItems"), &body).unwrap();
        assert_eq!((call.kind.operation, call.parts), (Operation::TransactWriteItems, 3));
        assert_eq!(call.attempts_of, "one");
    }

    #[test]
    fn a_call_that_no_role_grants_is_not_known() {
        let read = |target| Call::read(Function::Validator, &headers(target), &Bytes::new()).unwrap_err();
        assert_eq!(read("AWSStepFunctions.StopExecution"), Unknown("Validator/StopExecution".into()));
        assert_eq!(read("DynamoDB_20120810.Scan"), Unknown("Validator/Scan".into()));
    }
}
