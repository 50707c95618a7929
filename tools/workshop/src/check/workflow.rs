//! Checks the solution of page 2: the workflow of an order.

use std::time::Duration;

use aws_sdk_sfn::types::ExecutionStatus;
use domain::order::Step;
use serde_json::{Value, json};

use super::{Checked, Finding, run_until_not_right};
use crate::driver::{Driver, Started, TIMEOUT};
use client::error::Error;

const STATES: [&str; 5] = ["Admit", "AwaitCustomer", "AssignNumber", "AwaitBarista", "Finish"];
/// Time-out in seconds of a wait in the copy that a check runs.
const SHORT: u32 = 2;

const ADMISSION: &str = "page 2, \"Admission\"";
const CUSTOMER: &str = "page 2, \"The wait for the customer\"";
const NUMBER: &str = "page 2, \"The number\"";
const BARISTA: &str = "page 2, \"The wait for the barista\"";
const OUTCOME: &str = "page 2, \"The outcome\"";
const CANCELS: &str = "page 2, \"Cancels and time-outs\"";

/// Reads the states, then runs orders: completed, cancelled, refused, repeated and timed out.
pub(super) async fn check(driver: &Driver) -> Checked {
    let definition = driver.definition().await?;
    run_until_not_right([
        Box::pin(async { Ok(states(&definition)) }),
        Box::pin(completed(driver)),
        Box::pin(cancelled(driver)),
        Box::pin(closed(driver)),
        Box::pin(duplicate(driver)),
        Box::pin(timed_out(driver, &definition, "customer")),
        Box::pin(timed_out(driver, &definition, "barista")),
    ])
    .await
}

fn states(definition: &Value) -> Finding {
    match STATES.into_iter().find(|state| definition.pointer(&format!("/States/{state}")).is_none()) {
        Some(state) => Finding::missing(format!("there is no state {state}"), section_of(state)),
        None => Finding::right(format!("the states {} exist", STATES.join(", "))),
    }
}

fn section_of(state: &str) -> &'static str {
    match state {
        "Admit" => ADMISSION,
        "AwaitCustomer" => CUSTOMER,
        "AssignNumber" => NUMBER,
        "AwaitBarista" => BARISTA,
        _ => OUTCOME,
    }
}

/// Returns status and error of an execution that has ended too early, as the end of a sentence; an
/// empty text if the execution still runs after [`TIMEOUT`].
async fn early_end(driver: &Driver, started: &Started) -> Result<String, Error> {
    Ok(match driver.wait_for_end(&started.arn, TIMEOUT).await? {
        Some((status, why)) if why.is_empty() => format!("; its execution is {}", status.as_str()),
        Some((status, why)) => format!("; its execution is {}: {why}", status.as_str()),
        None => String::new(),
    })
}

/// Waits for the task token of a step. Returns a finding if none was issued.
async fn token(driver: &Driver, started: &Started, step: Step) -> Result<Result<String, Finding>, Error> {
    let section = if step == Step::Customer { CUSTOMER } else { BARISTA };
    if let Some(token) = driver.wait_for_token(&started.order_id, step).await {
        return Ok(Ok(token));
    }
    let ended = early_end(driver, started).await?;
    let who = step.as_str();
    Ok(Err(Finding::failing(
        format!("no OrderProcessor.TokenIssued was published for the {who}'s step{ended}"),
        section,
    )))
}

fn latte() -> Value {
    json!({"drinkOrder": {"drink": "Latte", "modifiers": ["Oat"], "icon": "latte"}})
}

/// Serves an order and checks each step. Resumes the workflow without the API, because before page
/// 4 the learner's projector stores no task tokens.
async fn completed(driver: &Driver) -> Result<Finding, Error> {
    let started = driver.start_execution(&Driver::random_user()).await?;
    if let Err(why) = driver.wait_for_order(&started).await? {
        let ended = early_end(driver, &started).await?;
        return Ok(Finding::failing(format!("no order was admitted: {why}{ended}"), ADMISSION));
    }
    let customers = match token(driver, &started, Step::Customer).await? {
        Ok(token) => token,
        Err(finding) => return Ok(finding),
    };
    if driver.wait_for_event("OrderProcessor.WorkflowStarted", &started.order_id).await.is_none() {
        return Ok(Finding::failing("no OrderProcessor.WorkflowStarted was published", CUSTOMER));
    }
    if let Some(why) = driver.succeed_by_token(&customers, &latte()).await {
        let ended = early_end(driver, &started).await?;
        return Ok(Finding::failing(format!("no state waits for the customer's choice: {why}{ended}"), CUSTOMER));
    }
    let Some(waiting) = driver.wait_for_event("OrderManager.WaitingCompletion", &started.order_id).await else {
        let ended = early_end(driver, &started).await?;
        let what = format!("no OrderManager.WaitingCompletion was published after the choice{ended}");
        let entered = driver.entered_states(&started.arn).await?;
        let waits = entered.iter().any(|state| state == "AwaitBarista");
        return Ok(Finding::failing(what, if waits { BARISTA } else { NUMBER }));
    };
    if waiting.detail.get("orderNumber").and_then(Value::as_u64).is_none() {
        return Ok(Finding::failing("OrderManager.WaitingCompletion has no orderNumber", NUMBER));
    }
    if waiting.detail.pointer("/drinkOrder/drink").is_none() {
        return Ok(Finding::failing(
            "OrderManager.WaitingCompletion does not name the chosen drink in drinkOrder",
            BARISTA,
        ));
    }
    let baristas = match token(driver, &started, Step::Barista).await? {
        Ok(token) => token,
        Err(finding) => return Ok(finding),
    };
    if let Some(why) = driver.succeed_by_token(&baristas, &json!({"closedByUserId": "bea"})).await {
        return Ok(Finding::failing(format!("no state waits for the barista: {why}"), BARISTA));
    }
    completion(driver, &started).await
}

async fn completion(driver: &Driver, started: &Started) -> Result<Finding, Error> {
    for detail_type in ["OrderManager.OrderCompleted", "OrderProcessor.orderFinished"] {
        if driver.wait_for_event(detail_type, &started.order_id).await.is_none() {
            let ended = early_end(driver, started).await?;
            return Ok(Finding::failing(format!("no {detail_type} was published at the completion{ended}"), OUTCOME));
        }
    }
    Ok(match driver.wait_for_end(&started.arn, TIMEOUT).await? {
        Some((ExecutionStatus::Succeeded, _)) => Finding::right("an order runs from scan to completion"),
        _ => Finding::failing(
            format!("the order is served, but its execution does not succeed{}", early_end(driver, started).await?),
            OUTCOME,
        ),
    })
}

async fn cancelled(driver: &Driver) -> Result<Finding, Error> {
    let started = driver.start_execution(&Driver::random_user()).await?;
    let token = match token(driver, &started, Step::Customer).await? {
        Ok(token) => token,
        Err(finding) => return Ok(finding),
    };
    if let Some(why) = driver.cancel_by_token(&token).await {
        return Ok(Finding::failing(format!("the customer could not cancel: {why}"), CANCELS));
    }
    if driver.wait_for_event("OrderManager.OrderCancelled", &started.order_id).await.is_none() {
        let ended = early_end(driver, &started).await?;
        return Ok(Finding::failing(format!("a cancel publishes no OrderManager.OrderCancelled{ended}"), CANCELS));
    }
    Ok(match driver.wait_for_end(&started.arn, TIMEOUT).await? {
        Some((ExecutionStatus::Succeeded, _)) => Finding::right("a customer can cancel instead of choosing"),
        _ => Finding::failing(
            format!(
                "the cancel is published, but its execution does not succeed{}",
                early_end(driver, &started).await?
            ),
            CANCELS,
        ),
    })
}

async fn closed(driver: &Driver) -> Result<Finding, Error> {
    driver.venue.admin.set_open(&driver.venue.shop_id, false).await?;
    let started = driver.start_execution(&Driver::random_user()).await?;
    let published = driver.wait_for_event("OrderProcessor.ShopUnavailable", &started.order_id).await;
    driver.venue.admin.set_open(&driver.venue.shop_id, true).await?;
    let reason = published.as_ref().and_then(|event| event.detail.get("reason")).and_then(Value::as_str);
    Ok(match reason {
        Some("closed") => Finding::right("a closed shop refuses the order and publishes the reason"),
        Some(other) => {
            Finding::failing(format!("a closed shop is published with the reason {other:?}, not \"closed\""), ADMISSION)
        }
        None => {
            let ended = early_end(driver, &started).await?;
            Finding::failing(format!("a closed shop publishes no OrderProcessor.ShopUnavailable{ended}"), ADMISSION)
        }
    })
}

async fn duplicate(driver: &Driver) -> Result<Finding, Error> {
    let user = Driver::random_user();
    let first = driver.start_execution(&user).await?;
    let token = match token(driver, &first, Step::Customer).await? {
        Ok(token) => token,
        Err(finding) => return Ok(finding),
    };
    driver.wait_for_event("OrderProcessor.WorkflowStarted", &first.order_id).await;
    let before = driver.events_of(&first.order_id).len();
    let again = driver.start_execution_of(&driver.venue.stack.order_processor_arn, &user, &first.order_id).await?;
    let ended = driver.wait_for_end(&again, TIMEOUT).await?;
    let published = driver.events_of(&first.order_id).len() - before;
    driver.cancel_by_token(&token).await;
    Ok(match ended {
        Some((ExecutionStatus::Succeeded, _)) if published == 0 => {
            Finding::right("two executions of one scan make one order, and the second publishes nothing")
        }
        Some((ExecutionStatus::Succeeded, _)) => {
            Finding::failing(format!("a second execution of the same order published {published} events"), ADMISSION)
        }
        Some((status, why)) => {
            Finding::failing(format!("a second execution of the same order is {}: {why}", status.as_str()), ADMISSION)
        }
        None => Finding::failing("a second execution of the same order does not end", ADMISSION),
    })
}

/// Runs a copy of the workflow in which the wait for `who`, `customer` or `barista`, times out
/// after [`SHORT`] seconds instead of minutes.
async fn timed_out(driver: &Driver, definition: &Value, who: &str) -> Result<Finding, Error> {
    let (state, section) = if who == "customer" { ("AwaitCustomer", CUSTOMER) } else { ("AwaitBarista", BARISTA) };
    let Some(wait) = definition.pointer(&format!("/States/{state}/TimeoutSeconds")).and_then(Value::as_u64) else {
        return Ok(Finding::missing(format!("{state} has no TimeoutSeconds, so it could wait for a year"), section));
    };
    let mut copy = definition.clone();
    if let Some(seconds) = copy.pointer_mut(&format!("/States/{state}/TimeoutSeconds")) {
        *seconds = json!(SHORT);
    }
    let machine = driver.create_workflow(&copy).await?;
    let outcome = time_out_of(driver, &machine, who).await;
    driver.workflows.delete_state_machine().state_machine_arn(&machine).send().await.ok();
    Ok(match outcome? {
        Ok(()) => Finding::right(format!("the wait for the {who} times out after {wait} s")),
        Err(why) => Finding::failing(why, CANCELS),
    })
}

async fn time_out_of(driver: &Driver, machine: &str, who: &str) -> Result<Result<(), String>, Error> {
    let user = Driver::random_user();
    let order_id = Driver::random_order_id()?;
    let arn = driver.start_execution_of(machine, &user, &order_id).await?;
    let started = Started { arn, order_id, customer: driver.venue.customer(&user)? };
    if who == "barista" {
        match driver.wait_for_token(&started.order_id, Step::Customer).await {
            Some(token) => drop(driver.succeed_by_token(&token, &latte()).await),
            None => return Ok(Err("the customer's step issued no task token in a copy with a short wait".into())),
        }
    }
    tokio::time::sleep(Duration::from_secs(u64::from(SHORT))).await;
    let published = driver.wait_for_event("OrderProcessor.OrderTimeOut", &started.order_id).await;
    let cause = published.as_ref().and_then(|event| event.detail.get("cause")).and_then(Value::as_str);
    Ok(match cause {
        Some(cause) if cause == who => Ok(()),
        Some(cause) => Err(format!("the time-out of the {who} is published with the cause {cause:?}")),
        None => {
            let ended = early_end(driver, &started).await?;
            Err(format!("a time-out of the {who} publishes no OrderProcessor.OrderTimeOut{ended}"))
        }
    })
}
