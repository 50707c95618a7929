//! Module 5: what becomes of an event that the projector fails on.

use std::time::Duration;

use domain::event::{Detail, WorkflowStarted};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{Checked, Finding};
use crate::drive::Driver;
use client::dead_letters::{self, Letter, Selection};
use client::error::Error;

const RETRIES: &str = "page 5, \"Tries and letters\"";
const MENDED: &str = "page 5, \"Mend and redrive\"";

/// The customer on whose events page 5 has the projector fail.
const ZOE: &str = "zoe";
const QUEUE: &str = "ProjectionDeadLetters";
/// Lambda tries again after one and two minutes on AWS, an emulator after as many seconds.
const PATIENCE: Duration = Duration::from_secs(270);
const PAUSE: Duration = Duration::from_millis(500);

/// Examines the settings, then has the projector fail.
pub(super) async fn check(driver: &Driver<'_>) -> Checked {
    let mut found = Vec::new();
    for part in [Part::Settings, Part::Mended, Part::Letters, Part::Fault] {
        let finding = match part {
            Part::Settings => settings(driver).await?,
            Part::Mended => mended(driver).await?,
            Part::Letters => no_letters(driver).await?,
            Part::Fault => fault(driver).await?,
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
    Settings,
    Mended,
    Letters,
    Fault,
}

async fn settings(driver: &Driver<'_>) -> Result<Finding, Error> {
    let functions = aws_sdk_lambda::Client::new(&driver.stack.aws);
    let function = driver.resources.required("OrderProjector")?;
    let config = functions.get_function_event_invoke_config().function_name(function).qualifier("$LATEST").send().await;
    let Ok(config) = config else {
        return Ok(Finding::missing(
            "the projector has no EventInvokeConfig: what it fails on three times is gone",
            RETRIES,
        ));
    };
    if config.maximum_retry_attempts() == Some(0) {
        return Ok(Finding::wrong("MaximumRetryAttempts is 0: a moment's trouble would cost an event", RETRIES));
    }
    let target = config.destination_config().and_then(|config| config.on_failure()?.destination());
    let Some(target) = target else {
        return Ok(Finding::missing("what the projector fails on goes nowhere: OnFailure is not set", RETRIES));
    };
    let queue = driver.resources.required(QUEUE)?.rsplit('/').next().unwrap_or_default();
    Ok(if target.rsplit(':').next() == Some(queue) {
        Finding::right(format!("what the projector fails on is tried again, and kept in {QUEUE}"))
    } else {
        Finding::wrong(format!("OnFailure names {target}, which is not {QUEUE}: nobody looks for it there"), RETRIES)
    })
}

/// The fault of the page is out of the code.
async fn mended(driver: &Driver<'_>) -> Result<Finding, Error> {
    let detail = json!({
        "orderId": Driver::order_id()?, "userId": ZOE, "eventId": driver.shop, "Message": "Of zoe",
        "at": "2026-01-01T00:00:00.000Z", "expiresAt": "2026-01-01T00:05:00.000Z",
    });
    Ok(match driver.project(WorkflowStarted::DETAIL_TYPE, &detail).await? {
        None => Finding::right("the projector takes zoe's events as everybody's"),
        Some(why) => Finding::wrong(format!("the projector still fails on zoe's events: {why}"), MENDED),
    })
}

async fn no_letters(driver: &Driver<'_>) -> Result<Finding, Error> {
    let selection = Selection { queue: Some(QUEUE.into()), ..Selection::default() };
    let letters = dead_letters::look(&driver.stack, &selection).await?.letters;
    Ok(match letters.first() {
        None => Finding::right(format!("no letter lies in {QUEUE}")),
        Some(letter) => {
            let about = letter.order_id.as_deref().unwrap_or("?");
            let what = format!("{} dead letters lie in {QUEUE}, one about the order {about}", letters.len());
            Finding::wrong(what, MENDED)
        }
    })
}

/// An event that nobody can read.
async fn fault(driver: &Driver<'_>) -> Result<Finding, Error> {
    let order_id = Driver::order_id()?;
    let detail = json!({"orderId": order_id, "eventId": driver.shop, "Message": "An event that nobody can read"});
    driver.project_later(WorkflowStarted::DETAIL_TYPE, &detail).await?;
    let selection = Selection { order: Some(order_id.to_string()), ..Selection::default() };
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(Letter { error, .. }) = dead_letters::look(&driver.stack, &selection).await?.letters.first() {
            let why = error.code.as_deref().unwrap_or("?").to_owned();
            dead_letters::throw_away(&driver.stack, &selection).await?;
            return Ok(Finding::right(format!("an event that nobody can read became a dead letter: {why}")));
        }
        if Instant::now() > deadline {
            return Ok(Finding::wrong("an event that nobody can read became no dead letter", RETRIES));
        }
        sleep(PAUSE).await;
    }
}
