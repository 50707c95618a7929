//! Checks the solution of page 3: the rules of the bus.

use domain::order::Step;
use serde_json::{Value, json};

use super::rules::{self, Listener};
use super::{Checked, Finding, permissions, run_until_not_right};
use crate::driver::Driver;
use crate::lint::Node;
use client::error::Error;

const CATCH_ALL: &str = "page 3, \"A catch-all rule\"";
const STARTING: &str = "page 3, \"Starting the workflow\"";
const TOKENS: &str = "page 3, \"Task tokens stay private\"";

/// Reads the rules and their permissions, then scans a code.
pub(super) async fn check(driver: &Driver, template: &Node) -> Checked {
    let events = aws_sdk_eventbridge::Client::new(&driver.venue.stack.aws);
    let listeners = rules::listeners(&events, &driver.venue.stack.bus_name).await?;
    run_until_not_right([
        Box::pin(catch_all(&events, &listeners)),
        Box::pin(async { Ok(queues_accept(template)) }),
        Box::pin(async { Ok(starting(driver, &listeners)) }),
        Box::pin(async { Ok(starting_is_allowed(template)) }),
        Box::pin(tokens(&events, &listeners, driver)),
        Box::pin(scan(driver)),
    ])
    .await
}

/// Checks that a rule matches an event with an unknown detail-type, and has an SQS queue as a
/// target.
async fn catch_all(events: &aws_sdk_eventbridge::Client, listeners: &[Listener]) -> Result<Finding, Error> {
    for listener in listeners {
        if listener.matches(events, "Unknown.NewType", false).await? {
            let queue = listener.targets.iter().any(|target| target.arn().contains(":sqs:"));
            let name = listener.name();
            return Ok(if queue {
                Finding::right(format!("{name} matches every event and sends it to a queue"))
            } else {
                Finding::failing(format!("{name} matches every event, but none of its targets is a queue"), CATCH_ALL)
            });
        }
    }
    Ok(Finding::missing("no rule matches an event of the bar with a new detail-type", CATCH_ALL))
}

/// Checks that for each rule with a queue as its target a policy lets the rule send to the queue.
fn queues_accept(template: &Node) -> Finding {
    let queues = permissions::queues_of_rules(template);
    match queues.iter().find(|(rule, queue)| !permissions::may_send(template, rule, queue)) {
        None => Finding::right("the queue accepts the messages of its rule"),
        Some((rule, queue)) => Finding::missing(
            format!("no queue policy lets {rule} send to {queue}: on AWS the queue would stay empty"),
            CATCH_ALL,
        ),
    }
}

/// Checks what no emulator enforces: the rule may start the workflow, and send to the dead-letter
/// queue of its target.
fn starting_is_allowed(template: &Node) -> Finding {
    for target in permissions::rules_with_target(template, "OrderProcessor") {
        let rule = target.rule;
        let assumed = target.reference(&["RoleArn"]).unwrap_or_default();
        if !permissions::events_may_assume(template, &assumed) {
            let what = format!("EventBridge may not assume {assumed}: on AWS {rule} would start nothing");
            return Finding::missing(what, STARTING);
        }
        if !permissions::role_may(template, &assumed, "states:StartExecution", "OrderProcessor") {
            let what = format!(
                "{assumed} does not allow states:StartExecution on OrderProcessor: on AWS {rule} would start nothing"
            );
            return Finding::missing(what, STARTING);
        }
        let queue = target.reference(&["DeadLetterConfig", "Arn"]).unwrap_or_default();
        if !permissions::may_send(template, rule, &queue) {
            let what = format!(
                "no queue policy lets {rule} send to {queue}: on AWS an event that cannot be delivered would be lost"
            );
            return Finding::missing(what, STARTING);
        }
    }
    Finding::right("AWS would let the rule start the workflow and keep what it cannot deliver")
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
        return Finding::failing(
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
async fn tokens(
    events: &aws_sdk_eventbridge::Client,
    listeners: &[Listener],
    driver: &Driver,
) -> Result<Finding, Error> {
    let projector = driver.resources.required("OrderProjector")?;
    for listener in listeners {
        for kind in ["Validator.NewOrder", "OrderProcessor.TokenIssued"] {
            if !listener.has_function(projector) && listener.matches(events, kind, true).await? {
                let name = listener.name();
                return Ok(Finding::failing(
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
        return Ok(Finding::failing(format!("a scan was accepted, but {why}"), STARTING));
    }
    if let Some(token) = driver.wait_for_token(&started.order_id, Step::Customer).await {
        driver.cancel_by_token(&token).await;
    }
    Ok(Finding::right("a scan starts the workflow of its order"))
}
