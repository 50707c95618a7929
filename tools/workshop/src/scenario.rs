//! An order whose tokens are answered by hand, where nothing keeps them yet: the bus, the customer and the barista are played.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_sfn::types::ExecutionStatus;
use domain::event::{Detail, OrderFinished, TokenIssued};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::drive::{Driver, Started};
use client::error::Error;
use client::stack::Stack;
use client::token::SigningKey;

/// How long nothing may happen before an order counts as stuck.
const PATIENCE: Duration = Duration::from_secs(8);
const PAUSE: Duration = Duration::from_millis(150);

/// What is played.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scenario {
    /// An order from scan to pick-up.
    #[default]
    Serve,
    /// The customer cancels instead of choosing.
    Cancel,
    /// The shop is closed.
    Closed,
    /// The same scan comes a second time.
    Twice,
    /// The code of the display is scanned, instead of an execution started.
    Scan,
}

/// Plays an order in the learner's stack, and says what happens: a word, and what it is about.
pub async fn run_scenario(
    stack: &Stack,
    key: &SigningKey,
    scenario: Scenario,
    say: impl Fn(&str, &str),
) -> Result<(), Error> {
    let driver = Driver::start(stack, key).await?;
    let played = play(&driver, scenario, &say).await;
    driver.leave().await?;
    played
}

async fn play(driver: &Driver<'_>, scenario: Scenario, say: &impl Fn(&str, &str)) -> Result<(), Error> {
    if scenario == Scenario::Closed {
        driver.admin.set_open(&driver.shop, false).await?;
    }
    let user = Driver::somebody();
    let started = if scenario == Scenario::Scan { driver.scan(&user).await? } else { driver.execute(&user).await? };
    say("started", &format!("the order {}", started.order_id));
    if scenario == Scenario::Twice {
        let again = driver.execute_in(&driver.stack.order_processor_arn, &user, &started.order_id).await?;
        let second = Started { arn: again, order_id: started.order_id.clone(), customer: started.customer.clone() };
        say("started", "the same order again");
        finish(driver, &second, say).await?;
    }
    let mut answered = HashSet::new();
    let (mut told, mut changed) = (0, Instant::now());
    loop {
        for event in driver.heard(&started.order_id).into_iter().skip(told) {
            (told, changed) = (told + 1, Instant::now());
            say("event", &event.detail_type);
            let step = event.detail.get("step").and_then(Value::as_str).unwrap_or_default().to_owned();
            let token = event.detail.get("TaskToken").and_then(Value::as_str).unwrap_or_default();
            if event.detail_type == TokenIssued::DETAIL_TYPE && answered.insert(step.clone()) {
                answer(driver, &step, token, scenario, say).await;
            }
        }
        let over = scenario != Scenario::Scan && driver.status(&started.arn).await? != ExecutionStatus::Running;
        let quiet = if over { Duration::from_millis(700) } else { PATIENCE };
        let ended = driver.heard(&started.order_id).iter().any(|event| event.detail_type == OrderFinished::DETAIL_TYPE);
        if scenario == Scenario::Scan && (ended || changed.elapsed() > quiet) {
            if !ended {
                say("silence", "nothing more is heard of it");
            }
            return Ok(());
        }
        if changed.elapsed() > quiet {
            return finish(driver, &started, say).await;
        }
        sleep(PAUSE).await;
    }
}

async fn answer(driver: &Driver<'_>, step: &str, token: &str, scenario: Scenario, say: &impl Fn(&str, &str)) {
    let (who, what, refused) = if step == "customer" && scenario == Scenario::Cancel {
        ("customer", "cancels", driver.cancel_by_hand(token).await)
    } else if step == "customer" {
        let latte = json!({"drinkOrder": {"drink": "Latte", "modifiers": ["Oat"], "icon": "latte"}});
        ("customer", "chooses a latte", driver.succeed(token, &latte).await)
    } else {
        ("barista", "hands over", driver.succeed(token, &json!({"closedByUserId": "bea"})).await)
    };
    match refused {
        None => say(who, what),
        Some(why) => say(who, &format!("{what}, in vain: {why}")),
    }
}

/// Says through which states an execution went, and how it ended.
async fn finish(driver: &Driver<'_>, started: &Started, say: &impl Fn(&str, &str)) -> Result<(), Error> {
    let states = driver.states(&started.arn).await?;
    if let Some((status, why)) = driver.ends(&started.arn, Duration::from_secs(3)).await? {
        say("states", &driver.states(&started.arn).await?.join(" → "));
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        say("ended", &format!("{}{why}", status.as_str()));
    } else {
        say("states", &states.join(" → "));
        say("waits", &format!("in {}", states.last().map_or("no state", String::as_str)));
        driver.stop(&started.arn).await?;
    }
    Ok(())
}
