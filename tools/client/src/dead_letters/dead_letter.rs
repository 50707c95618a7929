//! Parses a dead-letter message: its contents without secrets, and the delivery that failed.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use domain::timestamp::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::redact::redacted;
use super::stream::Range;

/// Service that sent a message to the dead-letter queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Sender {
    /// EventBridge: a rule's target did not accept an event.
    Rule,
    /// Lambda: a function failed on an event.
    Function,
    /// Lambda: a function failed on records of a stream.
    Stream,
    /// Another sender.
    Unknown,
}

/// Failure that ended the deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureInfo {
    /// Name of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Text of the error, without secrets. If a message of a stream has no such text, the table and
    /// the arrival time of the first record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Condition that ended the retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Number of attempts (Lambda) or retries (EventBridge).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u64>,
}

/// Dead-letter message without secrets.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// Logical id of the queue that holds the message.
    pub queue: String,
    /// SQS message id.
    pub message_id: String,
    /// Time at which the message was sent to the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// Age of the message in the queue.
    pub age_seconds: u64,
    /// Service that sent the message.
    pub sender: Sender,
    /// Target that failed: the logical id, or the ARN if it is not in the stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Detail-type of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail_type: Option<String>,
    /// Order id in the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Shop ids in the event. Records of a stream may be about several shops.
    pub shops: Vec<String>,
    /// Failure that ended the deliveries.
    pub error: FailureInfo,
    /// Body of the message, without secrets.
    pub body: Value,
}

/// Failed delivery, to be repeated. It has no `Debug`, because it may contain task tokens.
pub(super) enum Redelivery {
    /// Sends an event to a rule's target.
    Event { rule_arn: String, target_arn: String, payload: String, bus_id: Option<String> },
    /// Invokes the function that failed on an event.
    Invocation { function_arn: String, payload: String },
    /// Invokes the function that failed on records of a stream.
    Records { function_arn: Option<String>, range: Range },
    /// The target is not known, because the sender is not known.
    Unknown,
}

impl Redelivery {
    /// Returns the ARN of the target that failed, if the message names it.
    pub(super) fn target_arn(&self) -> Option<&str> {
        match self {
            Self::Event { target_arn: arn, .. } | Self::Invocation { function_arn: arn, .. } => Some(arn),
            Self::Records { function_arn, .. } => function_arn.as_deref(),
            Self::Unknown => None,
        }
    }
}

/// Parses a message of the queue with the logical id `queue`. The age of the message is that at
/// `now`.
pub(super) fn read(queue: &str, message: &Message, now: Timestamp) -> (DeadLetter, Redelivery) {
    let body = message.body().unwrap_or_default();
    let parsed = serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()));
    let attributes = attributes(message);
    let (redelivery, sender) = redelivery(body, &parsed, &attributes);
    // Body and attributes are redacted together: the error text may contain the event's token.
    let mut shown = redacted(&json!({ "body": parsed, "attributes": attributes }));
    let event = parsed.get("requestPayload").filter(|_| sender == Sender::Function).unwrap_or(&parsed);
    let (order_id, shop) = subject(event);
    let sent_at = sent_at(message);
    let dead_letter = DeadLetter {
        queue: queue.to_owned(),
        message_id: message.message_id().unwrap_or_default().to_owned(),
        sent_at,
        age_seconds: sent_at.map_or(Duration::ZERO, |sent_at| now.since(sent_at)).as_secs(),
        sender,
        target: redelivery.target_arn().map(str::to_owned),
        detail_type: text(event, "/detail-type"),
        order_id,
        shops: shop.into_iter().collect(),
        error: failure_info(sender, &shown, &redelivery),
        body: shown.get_mut("body").map(Value::take).unwrap_or_default(),
    };
    (dead_letter, redelivery)
}

fn redelivery(body: &str, parsed: &Value, attributes: &BTreeMap<String, String>) -> (Redelivery, Sender) {
    if let Some(target_arn) = attributes.get("TARGET_ARN").cloned() {
        let rule_arn = attributes.get("RULE_ARN").cloned().unwrap_or_default();
        let (payload, bus_id) = (body.to_owned(), text(parsed, "/id"));
        return (Redelivery::Event { rule_arn, target_arn, payload, bus_id }, Sender::Rule);
    }
    let function_arn = text(parsed, "/requestContext/functionArn");
    if let Some(range) = parsed.get("DDBStreamBatchInfo").and_then(Range::parse) {
        return (Redelivery::Records { function_arn, range }, Sender::Stream);
    }
    match (function_arn, parsed.get("requestPayload")) {
        (Some(function_arn), Some(payload)) => {
            (Redelivery::Invocation { function_arn, payload: payload.to_string() }, Sender::Function)
        }
        _ => (Redelivery::Unknown, Sender::Unknown),
    }
}

/// Reads the failure from `shown`, the message without secrets. EventBridge writes the failure into
/// the attributes, Lambda into the body.
fn failure_info(sender: Sender, shown: &Value, redelivery: &Redelivery) -> FailureInfo {
    let found = |pointer| text(shown, pointer);
    if sender == Sender::Rule {
        return FailureInfo {
            code: found("/attributes/ERROR_CODE"),
            message: found("/attributes/ERROR_MESSAGE"),
            condition: found("/attributes/EXHAUSTED_RETRY_CONDITION"),
            attempts: found("/attributes/RETRY_ATTEMPTS").and_then(|count| count.parse().ok()),
        };
    }
    let records = if let Redelivery::Records { range, .. } = redelivery { Some(range.to_string()) } else { None };
    FailureInfo {
        code: found("/body/responsePayload/errorType").or_else(|| found("/body/responseContext/functionError")),
        message: found("/body/responsePayload/errorMessage").or(records),
        condition: found("/body/requestContext/condition"),
        attempts: shown.pointer("/body/requestContext/approximateInvokeCount").and_then(Value::as_u64),
    }
}

/// Returns order id and shop id of an event; for a failed execution, from the execution's input.
fn subject(event: &Value) -> (Option<String>, Option<String>) {
    let of = |event: &Value| (text(event, "/detail/orderId"), text(event, "/detail/eventId"));
    match of(event) {
        (None, None) => {
            let input = text(event, "/detail/input").and_then(|input| serde_json::from_str(&input).ok());
            input.as_ref().map_or((None, None), of)
        }
        found => found,
    }
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    Some(value.pointer(pointer)?.as_str()?.to_owned())
}

fn attributes(message: &Message) -> BTreeMap<String, String> {
    let attributes = message.message_attributes().into_iter().flatten();
    attributes.filter_map(|(name, value)| Some((name.clone(), value.string_value()?.to_owned()))).collect()
}

fn sent_at(message: &Message) -> Option<Timestamp> {
    let attributes = message.attributes()?;
    let millis = attributes.get(&MessageSystemAttributeName::SentTimestamp)?.parse().ok()?;
    Some(Timestamp::from_millis(millis))
}

#[cfg(test)]
#[path = "dead_letter_tests.rs"]
mod tests;
