//! Module 3: who hears what.

use aws_sdk_eventbridge::types::{Rule, Target};
use domain::event::SOURCE;
use domain::order::OrderStatus;
use serde_json::{Value, json};

use super::drive::{Driver, Started};
use super::{Checked, Finding};
use crate::error::Error;

const EVERYTHING: &str = "page 3, \"A rule that catches everything\"";
const STARTING: &str = "page 3, \"Starting the workflow\"";
const TOKENS: &str = "page 3, \"What nobody may hear\"";

/// A rule of the learner's bus, and where it sends what it matches.
struct Listener {
    rule: Rule,
    targets: Vec<Target>,
}

/// Examines the rules, then scans.
pub(super) async fn check(driver: &Driver) -> Checked {
    let events = aws_sdk_eventbridge::Client::new(&driver.stack.aws);
    let listeners = listeners(&events, &driver.stack.bus_name).await?;
    let mut found = Vec::new();
    for part in [Part::Everything, Part::Starting, Part::Tokens, Part::Scan] {
        let finding = match part {
            Part::Everything => everything(&events, &listeners).await?,
            Part::Starting => starting(driver, &listeners),
            Part::Tokens => tokens(&events, &listeners).await?,
            Part::Scan => scan(driver).await?,
        };
        let right = finding.look.is_none();
        found.push(finding);
        if !right {
            break;
        }
    }
    Ok(found)
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Everything,
    Starting,
    Tokens,
    Scan,
}

async fn listeners(events: &aws_sdk_eventbridge::Client, bus: &str) -> Result<Vec<Listener>, Error> {
    let failed = |error: crate::error::Cause| Error::failed("the rules of the bus cannot be read", error);
    let rules = events.list_rules().event_bus_name(bus).send().await.map_err(|error| failed(error.into()))?;
    let mut listeners = Vec::new();
    for rule in rules.rules.unwrap_or_default() {
        let name = rule.name().unwrap_or_default();
        if name.starts_with(crate::bus::PREFIX) {
            continue;
        }
        let targets = events.list_targets_by_rule().event_bus_name(bus).rule(name).send().await;
        let targets = targets.map_err(|error| failed(error.into()))?.targets.unwrap_or_default();
        listeners.push(Listener { rule, targets });
    }
    Ok(listeners)
}

/// Whether a rule would match an event of the bar of this kind, with or without a token.
async fn matches(events: &aws_sdk_eventbridge::Client, rule: &Rule, kind: &str, token: bool) -> Result<bool, Error> {
    let mut detail = json!({"orderId": "o", "userId": "u", "eventId": "e"});
    if token && let Some(detail) = detail.as_object_mut() {
        detail.insert("TaskToken".into(), json!("t"));
    }
    let event = json!({
        "id": "1", "account": "000000000000", "region": "us-east-1", "time": "2026-01-01T00:00:00Z", "resources": [],
        "source": SOURCE, "detail-type": kind, "detail": detail,
    });
    let pattern = rule.event_pattern().unwrap_or("{\"source\": [\"nothing\"]}");
    let test = events.test_event_pattern().event_pattern(pattern).event(event.to_string()).send().await;
    Ok(test.map_err(|error| Error::failed("a pattern cannot be tried", error))?.result())
}

/// A rule that matches what nobody has thought of yet, into a queue.
async fn everything(events: &aws_sdk_eventbridge::Client, listeners: &[Listener]) -> Result<Finding, Error> {
    for listener in listeners {
        if matches(events, &listener.rule, "Somebody.SomethingNew", false).await? {
            let queue = listener.targets.iter().any(|target| target.arn().contains(":sqs:"));
            let name = listener.rule.name().unwrap_or_default();
            return Ok(if queue {
                Finding::right(format!("{name} catches everything, into a queue"))
            } else {
                Finding::wrong(format!("{name} catches everything, and has no queue as its target"), EVERYTHING)
            });
        }
    }
    Ok(Finding::missing("no rule catches an event of the bar that nobody has thought of yet", EVERYTHING))
}

/// A rule that starts the workflow.
fn starting(driver: &Driver, listeners: &[Listener]) -> Finding {
    let mut starts =
        listeners.iter().flat_map(|listener| listener.targets.iter().map(move |target| (listener, target)));
    let Some((listener, target)) = starts.find(|(_, target)| target.arn() == driver.stack.order_processor_arn) else {
        return Finding::missing("no rule has the workflow as its target", STARTING);
    };
    let name = listener.rule.name().unwrap_or_default();
    let pattern: Value = serde_json::from_str(listener.rule.event_pattern().unwrap_or_default()).unwrap_or_default();
    let kinds = pattern.get("detail-type").and_then(Value::as_array).cloned().unwrap_or_default();
    if kinds != [json!("Validator.NewOrder")] {
        let kinds = json!(kinds);
        return Finding::wrong(
            format!("{name} starts the workflow for {kinds}, not for [\"Validator.NewOrder\"]"),
            STARTING,
        );
    }
    if target.role_arn().is_none() {
        return Finding::missing(format!("{name} has no role with which to start the workflow"), STARTING);
    }
    if target.dead_letter_config().is_none() {
        return Finding::missing(
            format!("what {name} cannot deliver is forgotten: its target has no DeadLetterConfig"),
            STARTING,
        );
    }
    Finding::right(format!("{name} starts the workflow, with a role, and keeps what it cannot deliver"))
}

/// Nobody but the projector hears a token.
async fn tokens(events: &aws_sdk_eventbridge::Client, listeners: &[Listener]) -> Result<Finding, Error> {
    for listener in listeners {
        let projector =
            listener.rule.event_pattern().is_some_and(|pattern| pattern.contains("OrderProcessor.TokenIssued"));
        for kind in ["Validator.NewOrder", "OrderProcessor.TokenIssued"] {
            if !projector && matches(events, &listener.rule, kind, true).await? {
                let name = listener.rule.name().unwrap_or_default();
                return Ok(Finding::wrong(
                    format!("{name} hears the task tokens of orders: whoever has one decides about the order"),
                    TOKENS,
                ));
            }
        }
    }
    Ok(Finding::right("no rule but the projector's hears a task token"))
}

/// A scan becomes an order.
async fn scan(driver: &Driver) -> Result<Finding, Error> {
    let code = driver.admin.qr_code(&driver.shop).await?.code;
    let customer = driver.customer("learner-7")?;
    let order_id = customer.scan(&driver.shop, &code).await?.order_id;
    let started = Started { arn: String::new(), order_id, customer };
    if let Err(why) = driver.order_is(&started, OrderStatus::Created).await? {
        return Ok(Finding::wrong(format!("a scan was taken, and {why}"), STARTING));
    }
    driver.cancel(&started).await?;
    Ok(Finding::right("a scan starts the workflow of its order"))
}
