//! Answers that AWS did not give, as AWS would have written them.

use hyper::body::Bytes;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::call::{Call, list};
use crate::fault::Operation;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    fn json(status: StatusCode, body: &Value) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
        Self { status, headers, body: Bytes::from(body.to_string()) }
    }

    fn error(status: StatusCode, code: &str) -> Self {
        Self::json(
            status,
            &json!({"__type": code, "message": "injected by make chaos", "Message": "injected by make chaos"}),
        )
    }

    /// The same answer with another body.
    fn with_body(mut self, body: &Value) -> Self {
        // What speaks of the old body goes.
        self.headers.remove(CONTENT_LENGTH);
        self.headers.remove("x-amz-crc32");
        self.body = Bytes::from(body.to_string());
        self
    }
}

fn cancelled(parts: usize, unlucky: usize, code: &str) -> Answer {
    let reasons: Vec<Value> = (0..parts)
        .map(
            |part| if part == unlucky { json!({"Code": code, "Message": "injected"}) } else { json!({"Code": "None"}) },
        )
        .collect();
    let codes: Vec<&str> = (0..parts).map(|part| if part == unlucky { code } else { "None" }).collect();
    Answer::json(
        StatusCode::BAD_REQUEST,
        &json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", ")),
            "CancellationReasons": reasons,
        }),
    )
}

fn pick(roll: f64, among: usize) -> usize {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a small number"
    )]
    let picked = (roll * among as f64) as usize;
    picked.min(among.saturating_sub(1))
}

/// Too many calls: each service in its own words.
pub(super) fn throttle(call: &Call, roll: f64) -> Answer {
    let code = match call.kind.operation {
        Operation::TransactWriteItems if roll < 0.5 => {
            return cancelled(call.parts, pick(roll * 2.0, call.parts), "ThrottlingError");
        }
        Operation::PutEvents
        | Operation::SendTaskSuccess
        | Operation::SendTaskFailure
        | Operation::DescribeExecution
        | Operation::StopExecution
        | Operation::ListExecutions
        | Operation::GetExecutionHistory => "ThrottlingException",
        _ if roll < 0.4 => "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        _ if roll < 0.7 => "com.amazonaws.dynamodb.v20120810#RequestLimitExceeded",
        _ => "com.amazon.coral.availability#ThrottlingException",
    };
    Answer::error(StatusCode::BAD_REQUEST, code)
}

/// Another writer was there.
pub(super) fn conflict(call: &Call, roll: f64) -> Answer {
    match call.kind.operation {
        Operation::TransactWriteItems => cancelled(call.parts, pick(roll, call.parts), "TransactionConflict"),
        _ => Answer::error(StatusCode::BAD_REQUEST, "com.amazonaws.dynamodb.v20120810#TransactionConflictException"),
    }
}

/// Something broke at AWS.
pub(super) fn server_error(roll: f64) -> Answer {
    if roll < 0.5 {
        Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError")
    } else {
        Answer::error(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable")
    }
}

/// A `PutEvents` of which AWS takes a part.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The request that is forwarded; nothing, if no entry is taken.
    pub(super) forwarded: Option<Bytes>,
    refused: Vec<bool>,
}

impl Part {
    /// Refuses some entries: the only one, or some of several but never all.
    pub(super) fn of(body: &Bytes, roll: f64) -> Self {
        let entries = list(body, "Entries");
        let first = pick(roll, entries.len());
        let refused: Vec<bool> = (0..entries.len()).map(|index| index == first).collect();
        let taken: Vec<&Value> =
            entries.iter().zip(&refused).filter(|(_, refused)| !**refused).map(|(entry, _)| entry).collect();
        let forwarded = (!taken.is_empty()).then(|| Bytes::from(json!({ "Entries": taken }).to_string()));
        Self { forwarded, refused }
    }

    /// The answer to the whole request, given the one to the part that was forwarded.
    pub(super) fn answer(&self, to_part: Option<Answer>, roll: f64) -> Answer {
        let mut taken = to_part.as_ref().map(|answer| list(&answer.body, "Entries")).unwrap_or_default().into_iter();
        let code = if roll < 0.5 { "ThrottlingException" } else { "InternalFailure" };
        let refusal = json!({"ErrorCode": code, "ErrorMessage": "injected by make chaos"});
        let lost = || json!({"ErrorCode": "InternalFailure", "ErrorMessage": "not taken"});
        let entries: Vec<Value> = self
            .refused
            .iter()
            .map(|refused| if *refused { refusal.clone() } else { taken.next().unwrap_or_else(lost) })
            .collect();
        let failed = entries.iter().filter(|entry| entry.get("ErrorCode").is_some()).count();
        let body = json!({"FailedEntryCount": failed, "Entries": entries});
        to_part.unwrap_or_else(|| Answer::json(StatusCode::OK, &json!({}))).with_body(&body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{CallKind, Function};

    fn call(operation: Operation, parts: usize) -> Call {
        Call { kind: CallKind::new(Function::Admission, operation), attempts_of: String::new(), parts }
    }

    fn body(answer: &Answer) -> Value {
        serde_json::from_slice(&answer.body).unwrap()
    }

    #[test]
    fn a_conflict_has_a_reason_for_each_item_in_its_place() {
        let reasons = body(&conflict(&call(Operation::TransactWriteItems, 4), 0.5))["CancellationReasons"].clone();
        let codes: Vec<&str> =
            reasons.as_array().unwrap().iter().map(|reason| reason["Code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["None", "None", "TransactionConflict", "None"]);
    }

    #[test]
    fn part_of_two_entries_is_forwarded_and_the_other_refused_in_its_place() {
        let request = Bytes::from(json!({"Entries": [{"Detail": "a"}, {"Detail": "b"}]}).to_string());
        let part = Part::of(&request, 0.2);
        assert_eq!(list(part.forwarded.as_ref().unwrap(), "Entries"), [json!({"Detail": "b"})]);
        let taken = Answer::json(StatusCode::OK, &json!({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}));
        let answer = body(&part.answer(Some(taken), 0.1));
        assert_eq!(answer["FailedEntryCount"], 1);
        assert_eq!(answer["Entries"][0]["ErrorCode"], "ThrottlingException");
        assert_eq!(answer["Entries"][1], json!({"EventId": "1"}));
    }

    #[test]
    fn an_only_entry_is_refused_and_nothing_is_forwarded() {
        let part = Part::of(&Bytes::from_static(br#"{"Entries": [{"Detail": "a"}]}"#), 0.9);
        assert!(part.forwarded.is_none());
        let answer = body(&part.answer(None, 0.9));
        assert_eq!(
            (&answer["FailedEntryCount"], &answer["Entries"][0]["ErrorCode"]),
            (&json!(1), &json!("InternalFailure"))
        );
    }
}
