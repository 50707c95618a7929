//! Checks the solution of page 4: the projector, with events in order, late events, duplicates, and
//! events of other orders or customers.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::{Detail, OrderCancelled, OrderCompleted, TokenIssued, WorkflowStarted};
use domain::ids::OrderId;
use domain::order::OrderStatus;
use serde_json::{Value, json};

use super::{Checked, Finding, run_until_not_right};
use crate::driver::{Driver, Started};
use client::bus::BusEvent;
use client::error::Error;

const HANDLER: &str = "page 4, \"The handler\"";
const LATE: &str = "page 4, \"Late events\"";
const WRITES: &str = "page 4, \"Late events\" and \"Events of another order\"";
const DUPLICATE: &str = "page 4, \"Duplicate events\"";
const OTHERS: &str = "page 4, \"Events of another order\"";
const RULE: &str = "the rule ProjectionRule in workshop/bar/template.yaml";
const WORKFLOW: &str = "page 2: presso workshop check 2";

/// Serves an order, repeats some of its events, and sends events of other orders or customers.
pub(super) async fn check(driver: &Driver) -> Checked {
    let order = driver.start_execution(&Driver::random_user()).await?;
    run_until_not_right([
        Box::pin(events_move_an_order(driver, &order)),
        Box::pin(late_events(driver, &order)),
        Box::pin(order_completes(driver, &order)),
        Box::pin(duplicate_end(driver, &order)),
        Box::pin(events_of_another_order(driver)),
    ])
    .await
}

async fn events_move_an_order(driver: &Driver, started: &Started) -> Result<Finding, Error> {
    if let Err(why) = driver.wait_for_order(started).await? {
        return Ok(Finding::missing(format!("the workflow admits no order: {why}"), WORKFLOW));
    }
    if let Err(why) = driver.wait_for_status(started, OrderStatus::Created).await? {
        let event = event_of(driver, started, WorkflowStarted::DETAIL_TYPE).await?;
        if let Some(error) = driver.project(&event.detail_type, &event.detail).await? {
            return Ok(Finding::failing(format!("the projector fails on {}: {error}", event.detail_type), WRITES));
        }
        let updated = driver.wait_for_order(started).await?.is_ok_and(|order| order.status == OrderStatus::Created);
        return Ok(if updated {
            Finding::missing(
                format!("the projector updates an order, but its rule sends it no event in time: {why}"),
                RULE,
            )
        } else {
            Finding::missing(format!("the projector runs without an error, but it updates no order: {why}"), HANDLER)
        });
    }
    if let Some(why) = driver.submit(started).await? {
        return Ok(Finding::failing(format!("the customer could not choose a drink: {why}"), HANDLER));
    }
    Ok(match driver.wait_for_status(started, OrderStatus::Waiting).await? {
        Ok(_) => Finding::right("events move an order to its next status"),
        Err(why) => Finding::failing(format!("after the customer chose, {why}"), HANDLER),
    })
}

/// Waits for the order's event with this detail-type.
async fn event_of(driver: &Driver, started: &Started, detail_type: &str) -> Result<BusEvent, Error> {
    let event = driver.wait_for_event(detail_type, &started.order_id).await;
    event.ok_or_else(|| super::not_published(detail_type))
}

/// Repeats the events of the customer's step after the barista's step has begun.
async fn late_events(driver: &Driver, started: &Started) -> Result<Finding, Error> {
    for detail_type in [WorkflowStarted::DETAIL_TYPE, TokenIssued::DETAIL_TYPE] {
        let event = event_of(driver, started, detail_type).await?;
        if let Some(why) = driver.project(detail_type, &event.detail).await? {
            return Ok(Finding::failing(format!("the projector fails on a repeated {detail_type}: {why}"), LATE));
        }
    }
    Ok(match driver.wait_for_order(started).await? {
        Ok(order) if order.status == OrderStatus::Waiting => Finding::right("a late event does not change the status"),
        Ok(order) => {
            let status = order.status.as_str();
            Finding::failing(
                format!("a late {} moved an order from WAITING back to {status}", WorkflowStarted::DETAIL_TYPE),
                LATE,
            )
        }
        Err(why) => Finding::failing(why, LATE),
    })
}

async fn order_completes(driver: &Driver, started: &Started) -> Result<Finding, Error> {
    if let Some(why) = driver.complete(started).await? {
        let what = format!("after a late {} the barista cannot complete the order: {why}", TokenIssued::DETAIL_TYPE);
        return Ok(Finding::failing(what, LATE));
    }
    Ok(match driver.wait_for_status(started, OrderStatus::Completed).await? {
        Ok(_) => Finding::right("the barista completes the order"),
        Err(why) => Finding::failing(format!("after the barista completed the order, {why}"), HANDLER),
    })
}

async fn duplicate_end(driver: &Driver, started: &Started) -> Result<Finding, Error> {
    let end = event_of(driver, started, OrderCompleted::DETAIL_TYPE).await?;
    for _ in 0..2 {
        if let Some(why) = driver.project(&end.detail_type, &end.detail).await? {
            return Ok(Finding::failing(
                format!("the projector fails on a duplicate {}: {why}", OrderCompleted::DETAIL_TYPE),
                DUPLICATE,
            ));
        }
    }
    Ok(match in_flight(driver).await?.as_deref() {
        Some("0") => Finding::right("a duplicate end releases capacity once"),
        count => {
            let count = count.unwrap_or("no number of");
            let what =
                format!("after an end that was delivered three times, the shop counts {count} open orders, not 0");
            Finding::failing(what, DUPLICATE)
        }
    })
}

/// Reads the shop's count of open orders as text; `None` if the shop has no such item.
async fn in_flight(driver: &Driver) -> Result<Option<String>, Error> {
    let tables = aws_sdk_dynamodb::Client::new(&driver.venue.stack.aws);
    let key = HashMap::from([
        ("eventId".to_owned(), AttributeValue::S(driver.venue.shop_id.to_string())),
        ("item".to_owned(), AttributeValue::S("FLOOR".into())),
    ]);
    let get =
        tables.get_item().table_name(&driver.venue.stack.shop_table).set_key(Some(key)).consistent_read(true).send();
    let item = get.await.map_err(|error| Error::failed("the shop's count cannot be read", error))?.item;
    Ok(item.and_then(|item| item.get("inFlight")?.as_n().ok().cloned()))
}

/// Sends an event about an order that does not exist, then an event about an existing order with
/// another customer.
async fn events_of_another_order(driver: &Driver) -> Result<Finding, Error> {
    let user = Driver::random_user();
    let order_id = Driver::random_order_id()?;
    let detail: Value = json!({
        "orderId": order_id, "userId": user, "eventId": driver.venue.shop_id, "Message": "An event of an unknown order",
        "at": "2026-01-01T00:00:00.000Z", "expiresAt": "2026-01-01T00:05:00.000Z",
    });
    if let Some(why) = driver.project(WorkflowStarted::DETAIL_TYPE, &detail).await? {
        return Ok(Finding::failing(format!("the projector fails on an event about an unknown order: {why}"), OTHERS));
    }
    if !is_unknown(driver, &user, &order_id).await? {
        return Ok(Finding::failing("an event about an order that was never admitted created one", OTHERS));
    }
    let started = driver.start_execution(&user).await?;
    if let Err(why) = driver.wait_for_status(&started, OrderStatus::Created).await? {
        return Ok(Finding::failing(why, HANDLER));
    }
    let detail: Value = json!({
        "orderId": started.order_id, "userId": "mallory", "eventId": driver.venue.shop_id, "Message": "An event of another customer",
        "at": "2026-01-01T00:00:00.000Z", "reason": "mischief", "closedBy": "customer", "closedByUserId": "mallory",
    });
    if let Some(why) = driver.project(OrderCancelled::DETAIL_TYPE, &detail).await? {
        return Ok(Finding::failing(
            format!("the projector fails on an event that names another customer: {why}"),
            OTHERS,
        ));
    }
    let untouched = driver.wait_for_order(&started).await?.is_ok_and(|order| order.status == OrderStatus::Created);
    driver.stop_execution(&started.arn).await?;
    Ok(if untouched {
        Finding::right("an event with another customer or an unknown order does not change or create an order")
    } else {
        Finding::failing("an event that names another customer ended an order", OTHERS)
    })
}

async fn is_unknown(driver: &Driver, user: &str, order_id: &OrderId) -> Result<bool, Error> {
    match driver.venue.customer(user)?.order(order_id).await {
        Err(Error::Refused(problem)) => Ok(problem.code == "order_not_found"),
        Err(error) => Err(error),
        Ok(_) => Ok(false),
    }
}
