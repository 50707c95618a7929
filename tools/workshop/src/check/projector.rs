//! Module 4: the projector, with events that come once, late, twice and about nobody.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::{Detail, OrderCancelled, OrderCompleted, TokenIssued, WorkflowStarted};
use domain::ids::OrderId;
use domain::order::OrderStatus;
use serde_json::{Value, json};

use super::{Checked, Finding};
use crate::drive::{Driver, Started};
use client::bus::BusEvent;
use client::error::Error;

const HANDLER: &str = "page 4, \"The handler\"";
const LATE: &str = "page 4, \"Late\"";
const TWICE: &str = "page 4, \"Twice\"";
const OTHERS: &str = "page 4, \"Somebody else's\"";

/// Serves an order, and repeats its events.
pub(super) async fn check(driver: &Driver<'_>) -> Checked {
    let mut found = Vec::new();
    let started = driver.execute(&Driver::somebody()).await?;
    for part in [Part::Moves, Part::Late, Part::Served, Part::Twice, Part::Others] {
        let finding = match part {
            Part::Moves => moves(driver, &started).await?,
            Part::Late => late(driver, &started).await?,
            Part::Served => served(driver, &started).await?,
            Part::Twice => twice(driver, &started).await?,
            Part::Others => others(driver).await?,
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
    Moves,
    Late,
    Served,
    Twice,
    Others,
}

async fn moves(driver: &Driver<'_>, started: &Started) -> Result<Finding, Error> {
    if let Err(why) = driver.order_is_in(started).await? {
        return Ok(Finding::missing(format!("there is no order to move: {why}"), "page 2: presso workshop check 2"));
    }
    if let Err(why) = driver.order_is(started, OrderStatus::Created).await? {
        return Ok(Finding::missing(format!("the projector moves no order: {why}"), HANDLER));
    }
    if let Some(why) = driver.choose(started).await? {
        return Ok(Finding::wrong(format!("the customer could not choose: {why}"), HANDLER));
    }
    Ok(match driver.order_is(started, OrderStatus::Waiting).await? {
        Ok(_) => Finding::right("an order moves as its events tell"),
        Err(why) => Finding::wrong(format!("after the choice {why}"), HANDLER),
    })
}

/// What the bus has said of an order under this name.
async fn said(driver: &Driver<'_>, started: &Started, detail_type: &str) -> Result<BusEvent, Error> {
    let event = driver.hears(detail_type, &started.order_id).await;
    event.ok_or_else(|| Error::TimedOut(format!("no {detail_type} came: presso workshop check 2")))
}

/// The events of the customer's step come again, when the barista's has begun.
async fn late(driver: &Driver<'_>, started: &Started) -> Result<Finding, Error> {
    for detail_type in [WorkflowStarted::DETAIL_TYPE, TokenIssued::DETAIL_TYPE] {
        let event = said(driver, started, detail_type).await?;
        if let Some(why) = driver.project(detail_type, &event.detail).await? {
            return Ok(Finding::wrong(format!("the projector fails on a {detail_type} that comes again: {why}"), LATE));
        }
    }
    Ok(match driver.order_is_in(started).await? {
        Ok(order) if order.status == OrderStatus::Waiting => Finding::right("an event that comes late changes nothing"),
        Ok(order) => {
            let status = order.status.as_str();
            Finding::wrong(
                format!("a late {} took an order from WAITING back to {status}", WorkflowStarted::DETAIL_TYPE),
                LATE,
            )
        }
        Err(why) => Finding::wrong(why, LATE),
    })
}

async fn served(driver: &Driver<'_>, started: &Started) -> Result<Finding, Error> {
    if let Some(why) = driver.complete(started).await? {
        let what = format!("a late {} took the place of the barista's token: {why}", TokenIssued::DETAIL_TYPE);
        return Ok(Finding::wrong(what, LATE));
    }
    Ok(match driver.order_is(started, OrderStatus::Completed).await? {
        Ok(_) => Finding::right("the barista hands over, and the order ends"),
        Err(why) => Finding::wrong(format!("after the hand-over {why}"), HANDLER),
    })
}

async fn twice(driver: &Driver<'_>, started: &Started) -> Result<Finding, Error> {
    let end = said(driver, started, OrderCompleted::DETAIL_TYPE).await?;
    for _ in 0..2 {
        if let Some(why) = driver.project(&end.detail_type, &end.detail).await? {
            return Ok(Finding::wrong(format!("the projector fails on an end that comes twice: {why}"), TWICE));
        }
    }
    Ok(match in_flight(driver).await?.as_deref() {
        Some("0") | None => Finding::right("an end that comes twice gives the order's place back once"),
        Some(count) => {
            let what = format!(
                "an end that came three times gave the order's place back each time: the shop counts {count} orders"
            );
            Finding::wrong(what, TWICE)
        }
    })
}

/// How many orders the shop counts.
async fn in_flight(driver: &Driver<'_>) -> Result<Option<String>, Error> {
    let tables = aws_sdk_dynamodb::Client::new(&driver.stack.aws);
    let key = HashMap::from([
        ("eventId".to_owned(), AttributeValue::S(driver.shop.to_string())),
        ("item".to_owned(), AttributeValue::S("FLOOR".into())),
    ]);
    let get = tables.get_item().table_name(&driver.stack.shop_table).set_key(Some(key)).consistent_read(true).send();
    let item = get.await.map_err(|error| Error::failed("the shop's count cannot be read", error))?.item;
    Ok(item.and_then(|item| item.get("inFlight")?.as_n().ok().cloned()))
}

/// An event about an order that nobody let in, and one that names another customer than the order has.
async fn others(driver: &Driver<'_>) -> Result<Finding, Error> {
    let user = Driver::somebody();
    let order_id = Driver::order_id()?;
    let detail: Value = json!({
        "orderId": order_id, "userId": user, "eventId": driver.shop, "Message": "Of an order that nobody let in",
        "at": "2026-01-01T00:00:00.000Z", "expiresAt": "2026-01-01T00:05:00.000Z",
    });
    if let Some(why) = driver.project(WorkflowStarted::DETAIL_TYPE, &detail).await? {
        return Ok(Finding::wrong(format!("the projector fails on an event about an unknown order: {why}"), OTHERS));
    }
    if !is_unknown(driver, &user, &order_id).await? {
        return Ok(Finding::wrong("an event about an order that nobody let in made one", OTHERS));
    }
    let started = driver.execute(&user).await?;
    if let Err(why) = driver.order_is(&started, OrderStatus::Created).await? {
        return Ok(Finding::wrong(why, HANDLER));
    }
    let detail: Value = json!({
        "orderId": started.order_id, "userId": "mallory", "eventId": driver.shop, "Message": "Of somebody else",
        "at": "2026-01-01T00:00:00.000Z", "reason": "mischief", "closedBy": "customer", "closedByUserId": "mallory",
    });
    if let Some(why) = driver.project(OrderCancelled::DETAIL_TYPE, &detail).await? {
        return Ok(Finding::wrong(
            format!("the projector fails on an event about somebody else's order: {why}"),
            OTHERS,
        ));
    }
    let untouched = driver.order_is_in(&started).await?.is_ok_and(|order| order.status == OrderStatus::Created);
    driver.stop(&started.arn).await?;
    Ok(if untouched {
        Finding::right("an event about somebody else's order, or nobody's, changes nothing")
    } else {
        Finding::wrong("an event that names another customer ended somebody's order", OTHERS)
    })
}

async fn is_unknown(driver: &Driver<'_>, user: &str, order_id: &OrderId) -> Result<bool, Error> {
    match driver.customer(user)?.order(order_id).await {
        Err(Error::Refused(problem)) => Ok(problem.code == "order_not_found"),
        Err(error) => Err(error),
        Ok(_) => Ok(false),
    }
}
