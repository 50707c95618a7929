//! Builds the answers of the faults that reject a call or a part of it, in the form in which AWS
//! gives them.

use harness::proxy::Answer;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::CONTENT_LENGTH;
use serde_json::{Value, json};

use super::call::{Call, list};
use crate::fault::Operation;

const MESSAGE: &str = "injected by make chaos";

fn error(status: StatusCode, code: &str) -> Answer {
    Answer::json(status, &json!({"__type": code, "message": MESSAGE, "Message": MESSAGE}))
}

pub(super) fn with_body(mut answer: Answer, body: &Value) -> Answer {
    answer.headers.remove(CONTENT_LENGTH);
    answer.headers.remove("x-amz-crc32");
    answer.body = Bytes::from(body.to_string());
    answer
}

fn cancelled(items: usize, index: usize, code: &str) -> Answer {
    let codes: Vec<&str> = (0..items).map(|item| if item == index { code } else { "None" }).collect();
    let mut reasons = vec![json!({"Code": "None"}); items];
    if let Some(reason) = reasons.get_mut(index) {
        *reason = json!({"Code": code, "Message": MESSAGE});
    }
    let message = "Transaction cancelled, please refer cancellation reasons for specific reasons";
    Answer::json(
        StatusCode::BAD_REQUEST,
        &json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": format!("{message} [{}]", codes.join(", ")),
            "CancellationReasons": reasons,
        }),
    )
}

fn pick(roll: f64, count: usize) -> usize {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a small number"
    )]
    let picked = (roll * count as f64) as usize;
    picked.min(count.saturating_sub(1))
}

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
    error(StatusCode::BAD_REQUEST, code)
}

pub(super) fn conflict(call: &Call, roll: f64) -> Answer {
    match call.kind.operation {
        Operation::TransactWriteItems => cancelled(call.parts, pick(roll, call.parts), "TransactionConflict"),
        _ => error(StatusCode::BAD_REQUEST, "com.amazonaws.dynamodb.v20120810#TransactionConflictException"),
    }
}

pub(super) fn server_error(roll: f64) -> Answer {
    if roll < 0.5 {
        error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError")
    } else {
        error(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable")
    }
}

#[derive(Debug, Clone)]
pub(super) struct PartialPublish {
    pub(super) forwarded: Option<Bytes>,
    rejected: Vec<bool>,
}

impl PartialPublish {
    pub(super) fn new(body: &Bytes, roll: f64) -> Self {
        let entries = list(body, "Entries");
        let chosen = pick(roll, entries.len());
        let rejected: Vec<bool> = (0..entries.len()).map(|index| index == chosen).collect();
        let accepted: Vec<&Value> =
            entries.iter().zip(&rejected).filter(|(_, rejected)| !**rejected).map(|(entry, _)| entry).collect();
        let forwarded = (!accepted.is_empty()).then(|| Bytes::from(json!({ "Entries": accepted }).to_string()));
        Self { forwarded, rejected }
    }

    pub(super) fn answer(&self, accepted: Option<Answer>, roll: f64) -> Answer {
        let mut results = accepted.as_ref().map(|answer| list(&answer.body, "Entries")).unwrap_or_default().into_iter();
        let code = if roll < 0.5 { "ThrottlingException" } else { "InternalFailure" };
        let rejection = json!({"ErrorCode": code, "ErrorMessage": MESSAGE});
        let missing = || json!({"ErrorCode": "InternalFailure", "ErrorMessage": "no result"});
        let entries: Vec<Value> = self
            .rejected
            .iter()
            .map(|rejected| if *rejected { rejection.clone() } else { results.next().unwrap_or_else(missing) })
            .collect();
        let failed = entries.iter().filter(|entry| entry.get("ErrorCode").is_some()).count();
        let body = json!({"FailedEntryCount": failed, "Entries": entries});
        with_body(accepted.unwrap_or_else(|| Answer::json(StatusCode::OK, &json!({}))), &body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::CallKind;
    use harness::function::Function;

    fn call(operation: Operation, parts: usize) -> Call {
        Call { kind: CallKind::new(Function::Admission, operation), attempts_of: String::new(), parts }
    }

    fn body(answer: &Answer) -> Value {
        serde_json::from_slice(&answer.body).unwrap()
    }

    #[test]
    fn a_cancelled_transaction_has_one_reason_per_item_in_order() {
        let reasons = body(&conflict(&call(Operation::TransactWriteItems, 4), 0.5))["CancellationReasons"].clone();
        let codes: Vec<&str> =
            reasons.as_array().unwrap().iter().map(|reason| reason["Code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["None", "None", "TransactionConflict", "None"]);
    }

    #[test]
    fn a_throttled_call_has_an_error_code_of_its_service_and_a_server_error_a_status_of_5xx() {
        let code = |operation, roll| body(&throttle(&call(operation, 1), roll))["__type"].clone();
        assert_eq!(code(Operation::SendTaskSuccess, 0.1), "ThrottlingException");
        assert_eq!(
            code(Operation::GetItem, 0.3),
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
        );
        let cancelled = throttle(&call(Operation::TransactWriteItems, 2), 0.4);
        assert_eq!(body(&cancelled)["CancellationReasons"][1]["Code"], "ThrottlingError");
        assert_eq!((server_error(0.4).status.as_u16(), server_error(0.6).status.as_u16()), (500, 503));
    }

    #[test]
    fn one_of_two_entries_is_rejected_and_the_results_keep_the_sequence_of_the_request() {
        let request = Bytes::from(json!({"Entries": [{"Detail": "a"}, {"Detail": "b"}]}).to_string());
        let publish = PartialPublish::new(&request, 0.2);
        assert_eq!(list(publish.forwarded.as_ref().unwrap(), "Entries"), [json!({"Detail": "b"})]);
        let accepted = Answer::json(StatusCode::OK, &json!({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}));
        let answer = body(&publish.answer(Some(accepted), 0.1));
        assert_eq!(answer["FailedEntryCount"], 1);
        assert_eq!(answer["Entries"][0]["ErrorCode"], "ThrottlingException");
        assert_eq!(answer["Entries"][1], json!({"EventId": "1"}));
    }

    #[test]
    fn a_single_entry_is_rejected_and_nothing_is_forwarded() {
        let publish = PartialPublish::new(&Bytes::from_static(br#"{"Entries": [{"Detail": "a"}]}"#), 0.9);
        assert!(publish.forwarded.is_none());
        let answer = body(&publish.answer(None, 0.9));
        assert_eq!(
            (&answer["FailedEntryCount"], &answer["Entries"][0]["ErrorCode"]),
            (&json!(1), &json!("InternalFailure"))
        );
    }
}
