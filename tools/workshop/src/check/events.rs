//! Module 3: who hears what.

use domain::order::Step;
use serde_json::{Value, json};

use super::rules::{self, Listener};
use super::{Checked, Finding};
use crate::drive::Driver;
use client::error::Error;

const EVERYTHING: &str = "page 3, \"A rule that catches everything\"";
const STARTING: &str = "page 3, \"Starting the workflow\"";
const TOKENS: &str = "page 3, \"What nobody may hear\"";

/// Examines the rules, then scans.
pub(super) async fn check(driver: &Driver<'_>) -> Checked {
    let events = aws_sdk_eventbridge::Client::new(&driver.stack.aws);
    let listeners = rules::listeners(&events, &driver.stack.bus_name).await?;
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

/// A rule that matches what nobody has thought of yet, into a queue.
async fn everything(events: &aws_sdk_eventbridge::Client, listeners: &[Listener]) -> Result<Finding, Error> {
    for listener in listeners {
        if listener.matches(events, "Somebody.SomethingNew", false).await? {
            let queue = listener.targets.iter().any(|target| target.arn().contains(":sqs:"));
            let name = listener.name();
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
fn starting(driver: &Driver<'_>, listeners: &[Listener]) -> Finding {
    let mut starts =
        listeners.iter().flat_map(|listener| listener.targets.iter().map(move |target| (listener, target)));
    let Some((listener, target)) = starts.find(|(_, target)| target.arn() == driver.stack.order_processor_arn) else {
        return Finding::missing("no rule has the workflow as its target", STARTING);
    };
    let name = listener.name();
    let kinds = listener.pattern().get("detail-type").and_then(Value::as_array).cloned().unwrap_or_default();
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
            if !projector && listener.matches(events, kind, true).await? {
                let name = listener.name();
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
async fn scan(driver: &Driver<'_>) -> Result<Finding, Error> {
    let started = driver.scan(&Driver::somebody()).await?;
    if let Err(why) = driver.order_is_in(&started).await? {
        return Ok(Finding::wrong(format!("a scan was taken, and {why}"), STARTING));
    }
    if let Some(token) = driver.token(&started.order_id, Step::Customer).await {
        driver.cancel_by_hand(&token).await;
    }
    Ok(Finding::right("a scan starts the workflow of its order"))
}
