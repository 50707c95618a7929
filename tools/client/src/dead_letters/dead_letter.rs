//! What a dead letter says, and what is to be done with it.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use domain::timestamp::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::redact::redacted;
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
    /// The shops that it is about: several, where it stands for several records of a stream.
    pub shops: Vec<String>,
    /// What went wrong.
    pub error: Trouble,
    /// All of it, without secrets.
    pub body: Value,
}

/// What is to be sent where. It may hold secrets, so it cannot be printed.
pub(super) enum Errand {
    /// An event, to a rule's target.
    Event { rule_arn: String, target_arn: String, payload: String, bus_id: Option<String> },
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
    let (errand, sender) = errand(body, &parsed, &attributes);
    // Together, so that a token of the event is found in the text of the error as well.
    let mut shown = redacted(&json!({ "body": parsed, "attributes": attributes }));
    let event = parsed.get("requestPayload").filter(|_| sender == Sender::Function).unwrap_or(&parsed);
    let (order_id, shop) = about(event);
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
        shops: shop.into_iter().collect(),
        error: trouble(sender, &shown, &errand),
        body: shown.get_mut("body").map(Value::take).unwrap_or_default(),
    };
    (letter, errand)
}

fn errand(body: &str, parsed: &Value, attributes: &BTreeMap<String, String>) -> (Errand, Sender) {
    if let Some(target_arn) = attributes.get("TARGET_ARN").cloned() {
        let rule_arn = attributes.get("RULE_ARN").cloned().unwrap_or_default();
        let (payload, bus_id) = (body.to_owned(), text(parsed, "/id"));
        return (Errand::Event { rule_arn, target_arn, payload, bus_id }, Sender::Rule);
    }
    let function_arn = text(parsed, "/requestContext/functionArn");
    if let Some(range) = parsed.get("DDBStreamBatchInfo").and_then(Range::read) {
        return (Errand::Records { function_arn, range }, Sender::Stream);
    }
    match (function_arn, parsed.get("requestPayload")) {
        (Some(function_arn), Some(payload)) => {
            (Errand::Invocation { function_arn, payload: payload.to_string() }, Sender::Function)
        }
        _ => (Errand::Unknown, Sender::Unknown),
    }
}

/// EventBridge writes what went wrong into the message's attributes, Lambda into its body.
fn trouble(sender: Sender, shown: &Value, errand: &Errand) -> Trouble {
    let found = |pointer| text(shown, pointer);
    if sender == Sender::Rule {
        return Trouble {
            code: found("/attributes/ERROR_CODE"),
            message: found("/attributes/ERROR_MESSAGE"),
            condition: found("/attributes/EXHAUSTED_RETRY_CONDITION"),
            attempts: found("/attributes/RETRY_ATTEMPTS").and_then(|count| count.parse().ok()),
        };
    }
    let records = if let Errand::Records { range, .. } = errand { Some(range.to_string()) } else { None };
    Trouble {
        code: found("/body/responsePayload/errorType").or_else(|| found("/body/responseContext/functionError")),
        message: found("/body/responsePayload/errorMessage").or(records),
        condition: found("/body/requestContext/condition"),
        attempts: shown.pointer("/body/requestContext/approximateInvokeCount").and_then(Value::as_u64),
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
