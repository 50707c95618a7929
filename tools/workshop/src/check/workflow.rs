//! Module 2: the workflow of an order.

use std::time::Duration;

use aws_sdk_sfn::types::ExecutionStatus;
use domain::order::Step;
use serde_json::{Value, json};

use super::{Checked, Finding};
use crate::drive::{Driver, PATIENCE, Started};
use client::error::Error;

const STATES: [&str; 5] = ["Admit", "AwaitCustomer", "AssignNumber", "AwaitBarista", "Finish"];
const SHORT: u32 = 2;

const ADMISSION: &str = "page 2, \"Admission\"";
const CUSTOMER: &str = "page 2, \"The wait for the customer\"";
const NUMBER: &str = "page 2, \"The number\"";
const BARISTA: &str = "page 2, \"The wait for the barista\"";
const END: &str = "page 2, \"The end\"";
const LEAVING: &str = "page 2, \"Cancels and time-outs\"";

/// Examines the workflow, an order at a time.
pub(super) async fn check(driver: &Driver<'_>) -> Checked {
    let definition = driver.definition().await?;
    let mut found = Vec::new();
    for state in STATES {
        if definition.pointer(&format!("/States/{state}")).is_none() {
            found.push(Finding::missing(format!("there is no state {state}"), section_of(state)));
            return Ok(found);
        }
    }
    found.push(Finding::right(format!("the states {} are there", STATES.join(", "))));
    for part in
        [Part::Completed, Part::Cancelled, Part::Closed, Part::Duplicate, Part::CustomerTimeOut, Part::BaristaTimeOut]
    {
        let finding = match part {
            Part::Completed => completed(driver).await?,
            Part::Cancelled => cancelled(driver).await?,
            Part::Closed => closed(driver).await?,
            Part::Duplicate => duplicate(driver).await?,
            Part::CustomerTimeOut => timed_out(driver, &definition, "customer").await?,
            Part::BaristaTimeOut => timed_out(driver, &definition, "barista").await?,
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
    Completed,
    Cancelled,
    Closed,
    Duplicate,
    CustomerTimeOut,
    BaristaTimeOut,
}

fn section_of(state: &str) -> &'static str {
    match state {
        "Admit" => ADMISSION,
        "AwaitCustomer" => CUSTOMER,
        "AssignNumber" => NUMBER,
        "AwaitBarista" => BARISTA,
        _ => END,
    }
}

/// What ended an execution that should still run, if it has ended.
async fn broken(driver: &Driver<'_>, started: &Started) -> Result<String, Error> {
    Ok(match driver.ends(&started.arn, PATIENCE).await? {
        Some((status, why)) if why.is_empty() => format!("; its execution is {}", status.as_str()),
        Some((status, why)) => format!("; its execution is {}: {why}", status.as_str()),
        None => String::new(),
    })
}

/// The token that a wait issues, or what is the matter.
async fn token(driver: &Driver<'_>, started: &Started, step: Step) -> Result<Result<String, Finding>, Error> {
    let section = if step == Step::Customer { CUSTOMER } else { BARISTA };
    if let Some(token) = driver.token(&started.order_id, step).await {
        return Ok(Ok(token));
    }
    let broken = broken(driver, started).await?;
    let who = step.as_str();
    Ok(Err(Finding::wrong(
        format!("no OrderProcessor.TokenIssued came with the token of the {who}'s step{broken}"),
        section,
    )))
}

fn latte() -> Value {
    json!({"drinkOrder": {"drink": "Latte", "modifiers": ["Oat"], "icon": "latte"}})
}

/// An order that goes through: each step is looked at. Tokens are answered by hand, for nobody keeps them yet.
async fn completed(driver: &Driver<'_>) -> Result<Finding, Error> {
    let started = driver.execute(&Driver::somebody()).await?;
    if let Err(why) = driver.order_is_in(&started).await? {
        let broken = broken(driver, &started).await?;
        return Ok(Finding::wrong(format!("admission put no order: {why}{broken}"), ADMISSION));
    }
    let customers = match token(driver, &started, Step::Customer).await? {
        Ok(token) => token,
        Err(finding) => return Ok(finding),
    };
    if driver.hears("OrderProcessor.WorkflowStarted", &started.order_id).await.is_none() {
        return Ok(Finding::wrong("no OrderProcessor.WorkflowStarted says that the customer may choose", CUSTOMER));
    }
    if let Some(why) = driver.succeed(&customers, &latte()).await {
        let broken = broken(driver, &started).await?;
        return Ok(Finding::wrong(format!("nothing waits for the customer's choice: {why}{broken}"), CUSTOMER));
    }
    let Some(waiting) = driver.hears("OrderManager.WaitingCompletion", &started.order_id).await else {
        let broken = broken(driver, &started).await?;
        let what = format!("after the choice no OrderManager.WaitingCompletion came{broken}");
        return Ok(Finding::wrong(what, if broken.contains("AssignNumber") { NUMBER } else { BARISTA }));
    };
    if waiting.detail.get("orderNumber").and_then(Value::as_u64).is_none() {
        return Ok(Finding::wrong("the order waits without a number", NUMBER));
    }
    if waiting.detail.pointer("/drinkOrder/drink").is_none() {
        return Ok(Finding::wrong(
            "the barista is not told which drink: drinkOrder is not that of the choice",
            BARISTA,
        ));
    }
    let baristas = match token(driver, &started, Step::Barista).await? {
        Ok(token) => token,
        Err(finding) => return Ok(finding),
    };
    if let Some(why) = driver.succeed(&baristas, &json!({"closedByUserId": "bea"})).await {
        return Ok(Finding::wrong(format!("nothing waits for the barista: {why}"), BARISTA));
    }
    handed_over(driver, &started).await
}

async fn handed_over(driver: &Driver<'_>, started: &Started) -> Result<Finding, Error> {
    for detail_type in ["OrderManager.OrderCompleted", "OrderProcessor.orderFinished"] {
        if driver.hears(detail_type, &started.order_id).await.is_none() {
            let broken = broken(driver, started).await?;
            return Ok(Finding::wrong(format!("no {detail_type} came with the hand-over{broken}"), END));
        }
    }
    Ok(match driver.ends(&started.arn, PATIENCE).await? {
        Some((ExecutionStatus::Succeeded, _)) => Finding::right("an order goes from scan to pick-up"),
        _ => Finding::wrong(format!("the order is served{}", broken(driver, started).await?), END),
    })
}

async fn cancelled(driver: &Driver<'_>) -> Result<Finding, Error> {
    let started = driver.execute(&Driver::somebody()).await?;
    let token = match token(driver, &started, Step::Customer).await? {
        Ok(token) => token,
        Err(finding) => return Ok(finding),
    };
    if let Some(why) = driver.cancel_by_hand(&token).await {
        return Ok(Finding::wrong(format!("the customer could not cancel: {why}"), LEAVING));
    }
    if driver.hears("OrderManager.OrderCancelled", &started.order_id).await.is_none() {
        let broken = broken(driver, &started).await?;
        return Ok(Finding::wrong(format!("a cancel is not told by OrderManager.OrderCancelled{broken}"), LEAVING));
    }
    Ok(match driver.ends(&started.arn, PATIENCE).await? {
        Some((ExecutionStatus::Succeeded, _)) => Finding::right("a customer cancels while choosing"),
        _ => Finding::wrong(format!("the cancel is told{}", broken(driver, &started).await?), LEAVING),
    })
}

async fn closed(driver: &Driver<'_>) -> Result<Finding, Error> {
    driver.admin.set_open(&driver.shop, false).await?;
    let started = driver.execute(&Driver::somebody()).await?;
    let heard = driver.hears("OrderProcessor.ShopUnavailable", &started.order_id).await;
    driver.admin.set_open(&driver.shop, true).await?;
    let reason = heard.as_ref().and_then(|event| event.detail.get("reason")).and_then(Value::as_str);
    Ok(match reason {
        Some("closed") => Finding::right("a closed shop lets nobody in, and says so"),
        Some(other) => Finding::wrong(format!("a closed shop is told as {other:?}, not \"closed\""), ADMISSION),
        None => {
            let broken = broken(driver, &started).await?;
            Finding::wrong(format!("a closed shop is not told by OrderProcessor.ShopUnavailable{broken}"), ADMISSION)
        }
    })
}

async fn duplicate(driver: &Driver<'_>) -> Result<Finding, Error> {
    let user = Driver::somebody();
    let first = driver.execute(&user).await?;
    let token = match token(driver, &first, Step::Customer).await? {
        Ok(token) => token,
        Err(finding) => return Ok(finding),
    };
    driver.hears("OrderProcessor.WorkflowStarted", &first.order_id).await;
    let before = driver.heard(&first.order_id).len();
    let again = driver.execute_in(&driver.stack.order_processor_arn, &user, &first.order_id).await?;
    let ended = driver.ends(&again, PATIENCE).await?;
    let said = driver.heard(&first.order_id).len() - before;
    driver.cancel_by_hand(&token).await;
    Ok(match ended {
        Some((ExecutionStatus::Succeeded, _)) if said == 0 => {
            Finding::right("the same scan twice is one order, and the second execution says nothing")
        }
        Some((ExecutionStatus::Succeeded, _)) => {
            Finding::wrong(format!("a second execution of the same order published {said} events"), ADMISSION)
        }
        Some((status, why)) => {
            Finding::wrong(format!("a second execution of the same order is {}: {why}", status.as_str()), ADMISSION)
        }
        None => Finding::wrong("a second execution of the same order does not end", ADMISSION),
    })
}

/// A copy of the workflow with one short wait, for nobody has five minutes.
async fn timed_out(driver: &Driver<'_>, definition: &Value, who: &str) -> Result<Finding, Error> {
    let (state, section) = if who == "customer" { ("AwaitCustomer", CUSTOMER) } else { ("AwaitBarista", BARISTA) };
    let Some(wait) = definition.pointer(&format!("/States/{state}/TimeoutSeconds")).and_then(Value::as_u64) else {
        return Ok(Finding::missing(format!("{state} has no TimeoutSeconds: it would wait for ever"), section));
    };
    let mut copy = definition.clone();
    if let Some(seconds) = copy.pointer_mut(&format!("/States/{state}/TimeoutSeconds")) {
        *seconds = json!(SHORT);
    }
    let machine = driver.machine(&copy).await?;
    let told = time_out_of(driver, &machine, who).await;
    driver.workflows.delete_state_machine().state_machine_arn(&machine).send().await.ok();
    Ok(match told? {
        Ok(()) => Finding::right(format!("the time of the {who} is up after {wait} s")),
        Err(why) => Finding::wrong(why, LEAVING),
    })
}

async fn time_out_of(driver: &Driver<'_>, machine: &str, who: &str) -> Result<Result<(), String>, Error> {
    let user = Driver::somebody();
    let order_id = Driver::order_id()?;
    let arn = driver.execute_in(machine, &user, &order_id).await?;
    let started = Started { arn, order_id, customer: driver.customer(&user)? };
    if who == "barista" {
        match driver.token(&started.order_id, Step::Customer).await {
            Some(token) => drop(driver.succeed(&token, &latte()).await),
            None => return Ok(Err("the customer's step issued no token in a copy with a short wait".into())),
        }
    }
    tokio::time::sleep(Duration::from_secs(u64::from(SHORT))).await;
    let heard = driver.hears("OrderProcessor.OrderTimeOut", &started.order_id).await;
    let cause = heard.as_ref().and_then(|event| event.detail.get("cause")).and_then(Value::as_str);
    Ok(match cause {
        Some(cause) if cause == who => Ok(()),
        Some(cause) => Err(format!("the time-out of the {who} is told with the cause {cause:?}")),
        None => {
            let broken = broken(driver, &started).await?;
            Err(format!("nobody hears OrderProcessor.OrderTimeOut when the time of the {who} is up{broken}"))
        }
    })
}
