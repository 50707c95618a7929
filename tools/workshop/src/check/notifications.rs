//! Module 6: a service that nobody had to be told about.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::{Detail, OrderCompleted, TokenIssued, WaitingCompletion};
use domain::order::OrderStatus;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

use super::{Checked, Finding, rules};
use crate::drive::{Driver, Started};
use client::error::Error;

const SERVICE: &str = "page 6, \"The service\"";
const RULE: &str = "page 6, \"Its own ears\"";
const TWICE: &str = "page 6, \"Said once\"";
const KEPT: &str = "page 6, \"What it cannot do\"";

const TABLE: &str = "NotificationsTable";
const FUNCTION: &str = "Notifications";
const PATIENCE: Duration = Duration::from_secs(12);
const PAUSE: Duration = Duration::from_millis(200);

/// Examines the service, then serves an order.
pub(super) async fn check(driver: &Driver<'_>) -> Checked {
    let mut found = Vec::new();
    for name in [FUNCTION, TABLE] {
        if driver.resources.id(name).is_none() {
            found.push(Finding::missing(format!("the stack has no resource {name}"), SERVICE));
            return Ok(found);
        }
    }
    found.push(Finding::right(format!("the stack has a function {FUNCTION} and a table {TABLE}")));
    let started = driver.execute(&Driver::somebody()).await?;
    for part in [Part::Rule, Part::Kept, Part::Told, Part::Once] {
        let finding = match part {
            Part::Rule => rule(driver).await?,
            Part::Kept => kept(driver).await?,
            Part::Told => told(driver, &started).await?,
            Part::Once => once(driver, &started).await?,
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
    Rule,
    Kept,
    Told,
    Once,
}

async fn rule(driver: &Driver<'_>) -> Result<Finding, Error> {
    let events = aws_sdk_eventbridge::Client::new(&driver.stack.aws);
    let function = driver.resources.required(FUNCTION)?;
    let listeners = rules::listeners(&events, &driver.stack.bus_name).await?;
    let ours: Vec<_> = listeners.iter().filter(|listener| listener.has_function(function)).collect();
    if ours.is_empty() {
        return Ok(Finding::missing(format!("no rule has {FUNCTION} as its target"), RULE));
    }
    for listener in &ours {
        if listener.matches(&events, TokenIssued::DETAIL_TYPE, true).await? {
            let what =
                format!("{} gives task tokens to {FUNCTION}: whoever has one decides about the order", listener.name());
            return Ok(Finding::wrong(what, RULE));
        }
    }
    for kind in [WaitingCompletion::DETAIL_TYPE, OrderCompleted::DETAIL_TYPE] {
        let mut hears = false;
        for listener in &ours {
            hears |= listener.matches(&events, kind, false).await?;
        }
        if !hears {
            return Ok(Finding::wrong(format!("{FUNCTION} does not hear {kind}"), RULE));
        }
    }
    Ok(Finding::right(format!("a rule of its own has {FUNCTION} hear what it needs, and no token")))
}

async fn kept(driver: &Driver<'_>) -> Result<Finding, Error> {
    let functions = aws_sdk_lambda::Client::new(&driver.stack.aws);
    let function = driver.resources.required(FUNCTION)?;
    let config =
        functions.get_function_event_invoke_config().function_name(function).qualifier("$LATEST").send().await.ok();
    let target = config.as_ref().and_then(|config| config.destination_config()?.on_failure()?.destination());
    Ok(match target {
        Some(_) => Finding::right(format!("what {FUNCTION} fails on is kept")),
        None => Finding::missing(format!("what {FUNCTION} fails on is gone: it has no OnFailure"), KEPT),
    })
}

/// What the table says to a customer about an order.
async fn notes(driver: &Driver<'_>, started: &Started) -> Result<Vec<Value>, Error> {
    let tables = aws_sdk_dynamodb::Client::new(&driver.stack.aws);
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

async fn told(driver: &Driver<'_>, started: &Started) -> Result<Finding, Error> {
    for (ready, moved) in [
        (driver.choose(started).await?, OrderStatus::Waiting),
        (driver.complete(started).await?, OrderStatus::Completed),
    ] {
        if let Some(why) = ready {
            return Ok(Finding::wrong(format!("the order to be told about did not get on: {why}"), "page 4"));
        }
        if let Err(why) = driver.order_is(started, moved).await?
            && moved == OrderStatus::Completed
        {
            return Ok(Finding::wrong(why, "page 4"));
        }
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        let count = notes(driver, started).await?.len();
        if count >= 2 {
            return Ok(Finding::right("a customer is told that the drink is being made, and that it is ready"));
        }
        if Instant::now() > deadline {
            let what = format!("an order was served, and {TABLE} has {count} of 2 texts about it");
            return Ok(Finding::wrong(what, SERVICE));
        }
        sleep(PAUSE).await;
    }
}

/// The same event twice is told once.
async fn once(driver: &Driver<'_>, started: &Started) -> Result<Finding, Error> {
    let Some(event) = driver.hears(OrderCompleted::DETAIL_TYPE, &started.order_id).await else {
        return Err(Error::TimedOut(format!("no {} came: presso workshop check 2", OrderCompleted::DETAIL_TYPE)));
    };
    let before = notes(driver, started).await?;
    if let Some(why) = driver.invoke(FUNCTION, &event.detail_type, &event.detail).await? {
        return Ok(Finding::wrong(format!("{FUNCTION} fails on an event that comes twice: {why}"), TWICE));
    }
    let after = notes(driver, started).await?;
    let texts: BTreeSet<String> = after.iter().map(ToString::to_string).collect();
    Ok(if after.len() == before.len() && texts.len() == after.len() {
        Finding::right("an event that comes twice is told once")
    } else {
        Finding::wrong(format!("an event that came twice was told {} times", after.len() - before.len() + 1), TWICE)
    })
}
