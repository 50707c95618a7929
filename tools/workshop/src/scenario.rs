//! `presso workshop run`: runs one order in the learner's bar and prints its events. Plays
//! customer, barista and, without `--scan`, the rule that starts the workflow. Resumes the workflow
//! with the task tokens on the bus, because the learner's bar does not store them before page 4.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_sfn::types::ExecutionStatus;
use domain::event::{Detail, OrderFinished, TokenIssued};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::driver::{Driver, Started, with_driver};
use client::error::Error;
use client::{SigningKey, Stack};

/// An order counts as stuck if it has no new event for this long.
const TIMEOUT: Duration = Duration::from_secs(8);
const PAUSE: Duration = Duration::from_millis(150);

/// Variant of the order that `presso workshop run` runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scenario {
    /// An order from scan to pick-up.
    #[default]
    Serve,
    /// The customer cancels instead of choosing.
    Cancel,
    /// The shop is closed.
    Closed,
    /// A second execution starts for the same scan.
    Twice,
    /// A scan starts the execution, instead of a direct call.
    Scan,
}

/// End of the executions of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// None is known to have failed. The execution that a scan starts is not examined.
    Well,
    /// At least one failed.
    Failed,
}

/// Runs an order in the learner's stack, until it ends or `stop` does. Reports each step through
/// `say`, as a keyword and a text.
pub async fn run_scenario(
    stack: &Stack,
    key: &SigningKey,
    scenario: Scenario,
    say: impl Fn(&str, &str),
    stop: impl Future<Output = ()>,
) -> Result<Ended, Error> {
    with_driver(stack, key, stop, async |driver| run(driver, scenario, &say).await).await
}

async fn run(driver: &Driver, scenario: Scenario, say: &impl Fn(&str, &str)) -> Result<Ended, Error> {
    if scenario == Scenario::Closed {
        driver.venue.admin.set_open(&driver.venue.shop_id, false).await?;
    }
    let user = Driver::random_user();
    let started =
        if scenario == Scenario::Scan { driver.scan(&user).await? } else { driver.start_execution(&user).await? };
    say("started", &format!("the order {}", started.order_id));
    let mut earlier = Ended::Well;
    if scenario == Scenario::Twice {
        let again =
            driver.start_execution_of(&driver.venue.stack.order_processor_arn, &user, &started.order_id).await?;
        let second = Started { arn: again, order_id: started.order_id.clone(), customer: started.customer.clone() };
        say("started", "the same order again");
        earlier = finish(driver, &second, say).await?;
    }
    let mut answered = HashSet::new();
    let (mut seen, mut changed) = (0, Instant::now());
    loop {
        for event in driver.events_of(&started.order_id).into_iter().skip(seen) {
            (seen, changed) = (seen + 1, Instant::now());
            say("event", &event.detail_type);
            let step = event.detail.get("step").and_then(Value::as_str).unwrap_or_default().to_owned();
            let token = event.detail.get("TaskToken").and_then(Value::as_str).unwrap_or_default();
            if event.detail_type == TokenIssued::DETAIL_TYPE && answered.insert(step.clone()) {
                answer(driver, &step, token, scenario, say).await;
            }
        }
        let over =
            scenario != Scenario::Scan && driver.execution_status(&started.arn).await? != ExecutionStatus::Running;
        let quiet = if over { Duration::from_millis(700) } else { TIMEOUT };
        let ended =
            driver.events_of(&started.order_id).iter().any(|event| event.detail_type == OrderFinished::DETAIL_TYPE);
        if scenario == Scenario::Scan && (ended || changed.elapsed() > quiet) {
            if !ended {
                say("silence", "no further event about this order");
            }
            return Ok(Ended::Well);
        }
        if changed.elapsed() > quiet {
            let last = finish(driver, &started, say).await?;
            return Ok(if earlier == Ended::Failed { earlier } else { last });
        }
        sleep(PAUSE).await;
    }
}

async fn answer(driver: &Driver, step: &str, token: &str, scenario: Scenario, say: &impl Fn(&str, &str)) {
    let (who, what, refused) = if step == "customer" && scenario == Scenario::Cancel {
        ("customer", "cancels", driver.cancel_by_token(token).await)
    } else if step == "customer" {
        let latte = json!({"drinkOrder": {"drink": "Latte", "modifiers": ["Oat"], "icon": "latte"}});
        ("customer", "chooses a latte", driver.succeed_by_token(token, &latte).await)
    } else {
        ("barista", "completes the order", driver.succeed_by_token(token, &json!({"closedByUserId": "bea"})).await)
    };
    match refused {
        None => say(who, what),
        Some(why) => say(who, &format!("{what}: refused: {why}")),
    }
}

/// Reports the states that an execution has entered, then its end or the state in which it waits.
/// Stops an execution that waits.
async fn finish(driver: &Driver, started: &Started, say: &impl Fn(&str, &str)) -> Result<Ended, Error> {
    let states = driver.entered_states(&started.arn).await?;
    if let Some((status, why)) = driver.wait_for_end(&started.arn, Duration::from_secs(3)).await? {
        say("states", &driver.entered_states(&started.arn).await?.join(" → "));
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        say("ended", &format!("{}{why}", status.as_str()));
        return Ok(if status == ExecutionStatus::Succeeded { Ended::Well } else { Ended::Failed });
    }
    say("states", &states.join(" → "));
    say("waits", &format!("in {}", states.last().map_or("no state", String::as_str)));
    driver.stop_execution(&started.arn).await?;
    Ok(Ended::Well)
}
