//! Checks the solution of page 3: the rules of the bus.

use domain::order::Step;
use serde_json::{Value, json};

use super::rules::{self, Listener};
use super::{Checked, Finding, run_until_wrong};
use crate::driver::Driver;
use client::error::Error;

const CATCH_ALL: &str = "page 3, \"A catch-all rule\"";
const STARTING: &str = "page 3, \"Starting the workflow\"";
const TOKENS: &str = "page 3, \"Task tokens stay private\"";

/// Reads the rules, then scans a code.
pub(super) async fn check(driver: &Driver) -> Checked {
    let events = aws_sdk_eventbridge::Client::new(&driver.venue.stack.aws);
    let listeners = rules::listeners(&events, &driver.venue.stack.bus_name).await?;
    run_until_wrong([
        Box::pin(catch_all(&events, &listeners)),
        Box::pin(async { Ok(starting(driver, &listeners)) }),
        Box::pin(tokens(&events, &listeners)),
        Box::pin(scan(driver)),
    ])
    .await
}

/// Checks that one rule matches every detail-type and has an SQS queue as its target.
async fn catch_all(events: &aws_sdk_eventbridge::Client, listeners: &[Listener]) -> Result<Finding, Error> {
    for listener in listeners {
        if listener.matches(events, "Unknown.NewType", false).await? {
            let queue = listener.targets.iter().any(|target| target.arn().contains(":sqs:"));
            let name = listener.name();
            return Ok(if queue {
                Finding::right(format!("{name} matches every event and sends it to a queue"))
            } else {
                Finding::wrong(format!("{name} matches every event, but none of its targets is a queue"), CATCH_ALL)
            });
        }
    }
    Ok(Finding::missing("no rule matches an event of the bar with a new detail-type", CATCH_ALL))
}

/// Checks that one rule starts the workflow for a scan, with a role and a dead-letter queue.
fn starting(driver: &Driver, listeners: &[Listener]) -> Finding {
    let mut starts =
        listeners.iter().flat_map(|listener| listener.targets.iter().map(move |target| (listener, target)));
    let Some((listener, target)) = starts.find(|(_, target)| target.arn() == driver.venue.stack.order_processor_arn)
    else {
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
        return Finding::missing(format!("{name} has no role that may start the workflow"), STARTING);
    }
    if target.dead_letter_config().is_none() {
        return Finding::missing(
            format!("events that {name} cannot deliver are lost: its target has no DeadLetterConfig"),
            STARTING,
        );
    }
    Finding::right(format!("{name} starts the workflow, with a role and a dead-letter queue"))
}

/// Checks that only the rule of the projector matches events with a task token.
async fn tokens(events: &aws_sdk_eventbridge::Client, listeners: &[Listener]) -> Result<Finding, Error> {
    for listener in listeners {
        let projector =
            listener.rule.event_pattern().is_some_and(|pattern| pattern.contains("OrderProcessor.TokenIssued"));
        for kind in ["Validator.NewOrder", "OrderProcessor.TokenIssued"] {
            if !projector && listener.matches(events, kind, true).await? {
                let name = listener.name();
                return Ok(Finding::wrong(
                    format!("{name} matches events with a task token, which lets its holder decide about the order"),
                    TOKENS,
                ));
            }
        }
    }
    Ok(Finding::right("only the projector's rule matches events with a task token"))
}

/// Checks that a scan leads to an order.
async fn scan(driver: &Driver) -> Result<Finding, Error> {
    let started = driver.scan(&Driver::random_user()).await?;
    if let Err(why) = driver.wait_for_order(&started).await? {
        return Ok(Finding::wrong(format!("a scan was accepted, but {why}"), STARTING));
    }
    if let Some(token) = driver.wait_for_token(&started.order_id, Step::Customer).await {
        driver.cancel_by_token(&token).await;
    }
    Ok(Finding::right("a scan starts the workflow of its order"))
}
