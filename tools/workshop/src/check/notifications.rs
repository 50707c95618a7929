//! Checks the solution of page 6: the notifications service.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::{Detail, OrderCompleted, TokenIssued, WaitingCompletion};
use domain::order::OrderStatus;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

use super::{Checked, Finding, permissions, rules, run_until_not_right};
use crate::driver::{Driver, Started};
use crate::lint::Node;
use client::error::Error;

const SERVICE: &str = "page 6, \"The service\"";
const RULE: &str = "page 6, \"A rule for the service\"";
const IDEMPOTENT: &str = "page 6, \"Idempotent writes\"";
const RESOURCES: &str = "page 6, \"Function, table and permissions\"";
const PROJECTOR: &str = "page 4: presso workshop check 4";

const TABLE: &str = "NotificationsTable";
const FUNCTION: &str = "Notifications";
const TIMEOUT: Duration = Duration::from_secs(12);
const PAUSE: Duration = Duration::from_millis(200);

/// Reads the resources of the service and their permissions, then serves an order.
pub(super) async fn check(driver: &Driver, template: &Node) -> Checked {
    for name in [FUNCTION, TABLE] {
        if driver.resources.get(name).is_none() {
            return Ok(vec![Finding::missing(format!("the stack has no resource {name}"), SERVICE)]);
        }
    }
    let order = driver.start_execution(&Driver::random_user()).await?;
    run_until_not_right([
        Box::pin(async { Ok(Finding::right(format!("the stack has a function {FUNCTION} and a table {TABLE}"))) }),
        Box::pin(rule(driver)),
        Box::pin(async { Ok(is_allowed(template)) }),
        Box::pin(failures_are_kept(driver)),
        Box::pin(customer_is_notified(driver, &order)),
        Box::pin(duplicate_changes_nothing(driver, &order)),
    ])
    .await
}

async fn rule(driver: &Driver) -> Result<Finding, Error> {
    let events = aws_sdk_eventbridge::Client::new(&driver.venue.stack.aws);
    let function = driver.resources.required(FUNCTION)?;
    let listeners = rules::listeners(&events, &driver.venue.stack.bus_name).await?;
    let ours: Vec<_> = listeners.iter().filter(|listener| listener.has_function(function)).collect();
    if ours.is_empty() {
        return Ok(Finding::missing(format!("no rule has {FUNCTION} as its target"), RULE));
    }
    for listener in &ours {
        if listener.matches(&events, TokenIssued::DETAIL_TYPE, true).await? {
            let what =
                format!("{} sends task tokens to {FUNCTION}, which lets it decide about orders", listener.name());
            return Ok(Finding::failing(what, RULE));
        }
    }
    for kind in [WaitingCompletion::DETAIL_TYPE, OrderCompleted::DETAIL_TYPE] {
        let mut matched = false;
        for listener in &ours {
            matched |= listener.matches(&events, kind, false).await?;
        }
        if !matched {
            return Ok(Finding::failing(format!("no rule sends {kind} to {FUNCTION}"), RULE));
        }
    }
    Ok(Finding::right(format!("a rule sends {FUNCTION} the events it needs, and no task token")))
}

/// Checks what not every emulator enforces: the rule may invoke the function, and the function may
/// write to its table.
fn is_allowed(template: &Node) -> Finding {
    let mut wrong = Vec::new();
    for target in permissions::rules_with_target(template, FUNCTION) {
        let rule = target.rule;
        if !permissions::may_invoke(template, rule, FUNCTION) {
            let what = "no AWS::Lambda::Permission lets";
            wrong.push(format!("{what} {rule} invoke {FUNCTION}: on AWS it would never run"));
        }
    }
    let look = if wrong.is_empty() { RESOURCES } else { RULE };
    if !permissions::function_may(template, FUNCTION, "dynamodb:PutItem", TABLE) {
        let what = format!("the policies of {FUNCTION} do not allow dynamodb:PutItem on {TABLE}");
        wrong.push(format!("{what}: on AWS each of its writes would be refused"));
    }
    if wrong.is_empty() {
        return Finding::right("AWS would let the rule invoke the function, and the function write to its table");
    }
    Finding::missing(wrong.join("; "), look)
}

async fn failures_are_kept(driver: &Driver) -> Result<Finding, Error> {
    let functions = aws_sdk_lambda::Client::new(&driver.venue.stack.aws);
    let function = driver.resources.required(FUNCTION)?;
    let config =
        functions.get_function_event_invoke_config().function_name(function).qualifier("$LATEST").send().await.ok();
    let target = config.as_ref().and_then(|config| config.destination_config()?.on_failure()?.destination());
    Ok(match target {
        Some(_) => Finding::right(format!("events that {FUNCTION} fails on are kept")),
        None => {
            Finding::missing(format!("{FUNCTION} has no OnFailure: an event that fails three times is lost"), RESOURCES)
        }
    })
}

/// Reads the texts about an order from the table of the service.
async fn texts(driver: &Driver, started: &Started) -> Result<Vec<Value>, Error> {
    let tables = aws_sdk_dynamodb::Client::new(&driver.venue.stack.aws);
    let scan = tables
        .scan()
        .table_name(driver.resources.required(TABLE)?)
        .filter_expression("orderId = :orderId")
        .expression_attribute_values(":orderId", AttributeValue::S(started.order_id.to_string()))
        .into_paginator()
        .items()
        .send();
    let items = scan.try_collect().await.map_err(|error| Error::failed("the notifications cannot be read", error))?;
    let text = |value: &AttributeValue| value.as_s().cloned().unwrap_or_default();
    Ok(items.iter().map(|item| json!(item.get("text").map(text).unwrap_or_default())).collect())
}

async fn customer_is_notified(driver: &Driver, started: &Started) -> Result<Finding, Error> {
    for (refused, reached) in [
        (driver.submit(started).await?, OrderStatus::Waiting),
        (driver.complete(started).await?, OrderStatus::Completed),
    ] {
        if let Some(why) = refused {
            return Ok(Finding::failing(
                format!("the order that should cause texts did not progress: {why}"),
                PROJECTOR,
            ));
        }
        if let Err(why) = driver.wait_for_status(started, reached).await?
            && reached == OrderStatus::Completed
        {
            return Ok(Finding::failing(why, PROJECTOR));
        }
    }
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let count = texts(driver, started).await?.len();
        if count >= 2 {
            return Ok(Finding::right("a customer is notified that the drink is being made and that it is ready"));
        }
        if Instant::now() > deadline {
            let what = format!("an order was served, and {TABLE} has {count} of 2 texts about it");
            return Ok(Finding::failing(what, SERVICE));
        }
        sleep(PAUSE).await;
    }
}

async fn duplicate_changes_nothing(driver: &Driver, started: &Started) -> Result<Finding, Error> {
    let Some(event) = driver.wait_for_event(OrderCompleted::DETAIL_TYPE, &started.order_id).await else {
        return Err(super::not_published(OrderCompleted::DETAIL_TYPE));
    };
    let before = texts(driver, started).await?;
    if let Some(why) = driver.invoke(FUNCTION, &event.detail_type, &event.detail).await? {
        return Ok(Finding::failing(format!("{FUNCTION} fails on a duplicate event: {why}"), IDEMPOTENT));
    }
    let after = texts(driver, started).await?;
    let distinct: BTreeSet<String> = after.iter().map(ToString::to_string).collect();
    Ok(if after.len() != before.len() {
        let made = after.len().saturating_sub(before.len()) + 1;
        Finding::failing(format!("an event and its duplicate made {made} texts"), IDEMPOTENT)
    } else if distinct.len() < after.len() {
        Finding::failing("two texts about the order are equal", IDEMPOTENT)
    } else {
        Finding::right("a duplicate event adds no text")
    })
}
