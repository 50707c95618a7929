//! What a dead letter says, and what is to be done with it.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use domain::timestamp::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::redact::{redacted, redacted_text};
use super::stream::Range;

/// Who put a letter into its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Sender {
    /// EventBridge, which could not hand an event to a rule's target.
    Rule,
    /// Lambda, whose function failed on an event.
    Function,
    /// Lambda, whose function failed on records of a stream.
    Stream,
    /// Somebody else.
    Unknown,
}

/// Why a letter is one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trouble {
    /// The error's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The error's text, without secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What ended the tries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// How often it was tried, or tried again, as its sender counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u64>,
}

/// A dead letter as anybody may see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    /// The queue that it lies in, by its name in the template.
    pub queue: String,
    /// Its id in the queue.
    pub message_id: String,
    /// When it got there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// How long it has been there.
    pub age_seconds: u64,
    /// Who put it there.
    pub sender: Sender,
    /// The target that failed: by its name in the template where it is a part of the stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The event's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail_type: Option<String>,
    /// The order that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The shop that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// What went wrong.
    pub error: Trouble,
    /// All of it, without secrets.
    pub body: Value,
}

/// What is to be sent where. It may hold secrets, so it cannot be printed.
pub(super) enum Errand {
    /// An event, to a rule's target.
    Event { target_arn: String, payload: String, bus_id: Option<String> },
    /// An event, to the function that failed on it.
    Invocation { function_arn: String, payload: String },
    /// Records of a stream, to the function that failed on them.
    Records { function_arn: Option<String>, range: Range },
    /// Nobody knows.
    Unknown,
}

impl Errand {
    /// The target that failed.
    pub(super) fn target_arn(&self) -> Option<&str> {
        match self {
            Self::Event { target_arn: arn, .. } | Self::Invocation { function_arn: arn, .. } => Some(arn),
            Self::Records { function_arn, .. } => function_arn.as_deref(),
            Self::Unknown => None,
        }
    }
}

/// Reads a message of the queue.
pub(super) fn read(queue: &str, message: &Message, now: Timestamp) -> (Letter, Errand) {
    let body = message.body().unwrap_or_default();
    let parsed = serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()));
    let attributes = attributes(message);
    let (errand, sender, error) = errand(body, &parsed, &attributes);
    let event = if sender == Sender::Function { &parsed["requestPayload"] } else { &parsed };
    let (order_id, event_id) = about(event);
    let sent_at = sent_at(message);
    let letter = Letter {
        queue: queue.to_owned(),
        message_id: message.message_id().unwrap_or_default().to_owned(),
        sent_at,
        age_seconds: sent_at.map_or(Duration::ZERO, |sent_at| now.since(sent_at)).as_secs(),
        sender,
        target: errand.target_arn().map(str::to_owned),
        detail_type: text(event, "/detail-type"),
        order_id,
        event_id,
        error,
        body: redacted(&parsed),
    };
    (letter, errand)
}

fn errand(body: &str, parsed: &Value, attributes: &HashMap<&str, &str>) -> (Errand, Sender, Trouble) {
    if let Some(target_arn) = attributes.get("TARGET_ARN") {
        let target_arn = (*target_arn).to_owned();
        let event = Errand::Event { target_arn, payload: body.to_owned(), bus_id: text(parsed, "/id") };
        return (event, Sender::Rule, rules_trouble(attributes));
    }
    let function_arn = text(parsed, "/requestContext/functionArn");
    if let Some(range) = Range::read(&parsed["DDBStreamBatchInfo"]) {
        let mut error = functions_trouble(parsed);
        error.message.get_or_insert_with(|| range.to_string());
        return (Errand::Records { function_arn, range }, Sender::Stream, error);
    }
    match (function_arn, parsed.get("requestPayload")) {
        (Some(function_arn), Some(payload)) => {
            let payload = payload.to_string();
            (Errand::Invocation { function_arn, payload }, Sender::Function, functions_trouble(parsed))
        }
        _ => (Errand::Unknown, Sender::Unknown, Trouble::default()),
    }
}

/// EventBridge writes what went wrong into the message's attributes.
fn rules_trouble(attributes: &HashMap<&str, &str>) -> Trouble {
    let named = |name| attributes.get(name).map(|value| redacted_text(value));
    Trouble {
        code: named("ERROR_CODE"),
        message: named("ERROR_MESSAGE"),
        condition: named("EXHAUSTED_RETRY_CONDITION"),
        attempts: attributes.get("RETRY_ATTEMPTS").and_then(|count| count.parse().ok()),
    }
}

/// Lambda writes what went wrong into the message's body.
fn functions_trouble(parsed: &Value) -> Trouble {
    let shown = |pointer| text(parsed, pointer).map(|text| redacted_text(&text));
    Trouble {
        code: shown("/responsePayload/errorType").or_else(|| shown("/responseContext/functionError")),
        message: shown("/responsePayload/errorMessage"),
        condition: shown("/requestContext/condition"),
        attempts: parsed.pointer("/requestContext/approximateInvokeCount").and_then(Value::as_u64),
    }
}

/// The order and the shop of an event of the bar, or of one that tells of a workflow's end, whose input is an event of the bar.
fn about(event: &Value) -> (Option<String>, Option<String>) {
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

fn attributes(message: &Message) -> HashMap<&str, &str> {
    let attributes = message.message_attributes().into_iter().flatten();
    attributes.filter_map(|(name, value)| Some((name.as_str(), value.string_value()?))).collect()
}

fn sent_at(message: &Message) -> Option<Timestamp> {
    let attributes = message.attributes()?;
    let millis = attributes.get(&MessageSystemAttributeName::SentTimestamp)?.parse().ok()?;
    Some(Timestamp::from_millis(millis))
}

#[cfg(test)]
#[path = "letter_tests.rs"]
mod tests;
