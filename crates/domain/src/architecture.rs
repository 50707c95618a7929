//! The stack as deployed: its rules, their targets and the workflow, as `GET /architecture` returns
//! them; and the programs that publish, as shipped.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::counter;
use crate::detail::Detail;
use crate::event::{
    ConfigChanged, MakeOrder, NewOrder, OrderCalled, OrderCancelled, OrderCompleted, OrderFailed, OrderFinished,
    OrderTimeOut, ShopUnavailable, TokenIssued, WaitingCompletion, WorkflowStarted,
};

/// Program that publishes on the bus, as shipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Producer {
    /// Logical id in the template.
    pub name: &'static str,
    /// Detail-types of its events.
    pub detail_types: &'static [&'static str],
}

/// Function that publishes the orders of people at the counter.
const COUNTER: &str = "OrderManager";

/// Programs that publish. If several have one detail-type, the first of them in this list usually
/// publishes it.
pub const PRODUCERS: &[Producer] = &[
    Producer { name: "Validator", detail_types: &[NewOrder::DETAIL_TYPE] },
    Producer {
        name: "OrderProcessor",
        detail_types: &[
            WorkflowStarted::DETAIL_TYPE,
            TokenIssued::DETAIL_TYPE,
            WaitingCompletion::DETAIL_TYPE,
            OrderCompleted::DETAIL_TYPE,
            OrderCancelled::DETAIL_TYPE,
            OrderTimeOut::DETAIL_TYPE,
            ShopUnavailable::DETAIL_TYPE,
            OrderFinished::DETAIL_TYPE,
        ],
    },
    Producer {
        name: COUNTER,
        detail_types: &[NewOrder::DETAIL_TYPE, MakeOrder::DETAIL_TYPE, OrderCalled::DETAIL_TYPE],
    },
    Producer {
        name: "Sweeper",
        detail_types: &[
            OrderFailed::DETAIL_TYPE,
            OrderCompleted::DETAIL_TYPE,
            OrderCancelled::DETAIL_TYPE,
            OrderTimeOut::DETAIL_TYPE,
            OrderFinished::DETAIL_TYPE,
        ],
    },
    Producer { name: "ConfigChanged", detail_types: &[ConfigChanged::DETAIL_TYPE] },
];

/// Returns the program that usually publishes an event with this detail-type and the `userId` of
/// this detail. `None` for a detail-type that the stack does not publish.
pub fn producer(detail_type: &str, detail: &Value) -> Option<&'static str> {
    let user_id = detail.get("userId").and_then(Value::as_str).unwrap_or_default();
    if detail_type == NewOrder::DETAIL_TYPE && user_id.starts_with(counter::USER_PREFIX) {
        return Some(COUNTER);
    }
    PRODUCERS.iter().find(|producer| producer.detail_types.contains(&detail_type)).map(|producer| producer.name)
}

/// Answer of `GET /architecture`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Architecture {
    /// Name of the event bus.
    pub bus: String,
    /// Programs that publish on it.
    pub producers: &'static [Producer],
    /// Rules of the stack.
    pub rules: Vec<Rule>,
    /// Workflow of an order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<Workflow>,
}

/// Rule of the stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Short name.
    pub name: String,
    /// Description for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// True if the rule is enabled.
    pub enabled: bool,
    /// Name of the bus that the rule belongs to.
    pub bus: String,
    /// Pattern of the events that match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_pattern: Option<Value>,
    /// Schedule expression, if the rule has a schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Targets of matching events.
    pub targets: Vec<Target>,
}

/// Target of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Short name.
    pub name: String,
    /// Kind of the resource.
    pub kind: TargetKind,
}

/// Kind of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// Lambda function.
    Function,
    /// State machine of Step Functions.
    Workflow,
    /// SQS queue.
    Queue,
    /// Another resource.
    Other,
}

/// Workflow with its definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    /// Short name.
    pub name: String,
    /// Definition in Amazon States Language.
    pub definition: Value,
}

impl Target {
    /// Derives name and kind of a target from its ARN. `stack` is the name of the bar's stack.
    pub fn of_arn(arn: &str, stack: &str) -> Self {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, resource) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
        let (kind, name) = match service {
            "lambda" => (TargetKind::Function, resource.split(':').nth(1)),
            "states" => (TargetKind::Workflow, resource.split(':').nth(1)),
            "sqs" => (TargetKind::Queue, Some(resource)),
            _ => (TargetKind::Other, Some(resource)),
        };
        Self { name: short_name(name.unwrap_or(resource), stack), kind }
    }
}

/// Returns the name of a resource without the prefix `stack` and the suffix that CloudFormation
/// adds: for a generated name, the logical id in the template. A name without the prefix stays
/// unchanged.
pub fn short_name(name: &str, stack: &str) -> String {
    let Some(own) = name.strip_prefix(stack).and_then(|rest| rest.strip_prefix('-')) else {
        return name.to_owned();
    };
    let is_suffix =
        |text: &str| text.len() >= 6 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    match own.rsplit_once('-') {
        Some((id, suffix)) if is_suffix(suffix) => id.to_owned(),
        _ => own.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::DETAIL_TYPES;

    #[test]
    fn a_name_loses_the_prefix_of_its_stack_and_the_generated_suffix() {
        for (name, expected) in [
            ("bar-ProjectionRule-1A2B3C4D5E6F", "ProjectionRule"),
            ("bar-ProjectionRule", "ProjectionRule"),
            ("bar-dev-Mine-1A2B3C4D5E6F", "dev-Mine"),
            ("extension-Rule-1A2B3C4D5E6F", "extension-Rule-1A2B3C4D5E6F"),
            ("barista-Rule", "barista-Rule"),
        ] {
            assert_eq!(short_name(name, "bar"), expected);
        }
    }

    #[test]
    fn an_arn_gives_the_name_and_the_kind_of_a_target() {
        for (arn, name, kind) in [
            ("arn:aws:lambda:eu-west-1:1:function:bar-Sweeper-1A2B3C4D5E6F", "Sweeper", TargetKind::Function),
            ("arn:aws:states:eu-west-1:1:stateMachine:bar-OrderProcessor", "OrderProcessor", TargetKind::Workflow),
            ("arn:aws:sqs:eu-west-1:1:mine", "mine", TargetKind::Queue),
            ("arn:aws:logs:eu-west-1:1:log-group:/mine", "log-group:/mine", TargetKind::Other),
            ("nonsense", "", TargetKind::Other),
        ] {
            assert_eq!(Target::of_arn(arn, "bar"), Target { name: name.to_owned(), kind }, "{arn}");
        }
    }

    #[test]
    fn each_detail_type_has_a_producer() {
        for detail_type in DETAIL_TYPES {
            assert!(producer(detail_type, &json!({})).is_some(), "{detail_type}");
        }
        assert_eq!(producer(NewOrder::DETAIL_TYPE, &json!({"userId": "counter-abc"})), Some("OrderManager"));
        assert_eq!(producer("Extension.Rated", &json!({})), None);
    }
}
