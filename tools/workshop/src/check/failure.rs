//! Module 5: retries and dead letters of the projector.

use std::time::Duration;

use domain::event::{Detail, WorkflowStarted};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{Checked, Finding, run_until_wrong};
use crate::driver::Driver;
use client::dead_letters::{self, DeadLetter, Selection};
use client::error::Error;

const RETRIES: &str = "page 5, \"Retries and dead letters\"";
const FIXED: &str = "page 5, \"Fix and redrive\"";

/// The customer whose events the fault of page 5 rejects.
const ZOE: &str = "zoe";
const QUEUE: &str = "ProjectionDeadLetters";
/// AWS Lambda retries after one and two minutes, an emulator after as many seconds.
const PATIENCE: Duration = Duration::from_secs(270);
const PAUSE: Duration = Duration::from_millis(500);

/// Reads the settings, then sends the projector an event that it cannot parse.
pub(super) async fn check(driver: &Driver) -> Checked {
    run_until_wrong([
        Box::pin(settings(driver)),
        Box::pin(fixed(driver)),
        Box::pin(queue_is_empty(driver)),
        Box::pin(unreadable_event(driver)),
    ])
    .await
}

async fn settings(driver: &Driver) -> Result<Finding, Error> {
    let functions = aws_sdk_lambda::Client::new(&driver.venue.stack.aws);
    let function = driver.resources.required("OrderProjector")?;
    let config = functions.get_function_event_invoke_config().function_name(function).qualifier("$LATEST").send().await;
    let Ok(config) = config else {
        return Ok(Finding::missing(
            "the projector has no EventInvokeConfig: an event that fails three times is lost",
            RETRIES,
        ));
    };
    if config.maximum_retry_attempts() == Some(0) {
        return Ok(Finding::wrong("MaximumRetryAttempts is 0: one transient error loses an event", RETRIES));
    }
    let target = config.destination_config().and_then(|config| config.on_failure()?.destination());
    let Some(target) = target else {
        return Ok(Finding::missing("OnFailure is not set: an event that fails three times is lost", RETRIES));
    };
    let queue = driver.resources.required(QUEUE)?.rsplit('/').next().unwrap_or_default();
    Ok(if target.rsplit(':').next() == Some(queue) {
        Finding::right(format!("the projector's events are retried, and those that fail are kept in {QUEUE}"))
    } else {
        Finding::wrong(format!("OnFailure is {target}, not {QUEUE}"), RETRIES)
    })
}

/// The fault that page 5 injects is removed.
async fn fixed(driver: &Driver) -> Result<Finding, Error> {
    let detail = json!({
        "orderId": Driver::random_order_id()?, "userId": ZOE, "eventId": driver.venue.shop_id, "Message": "An event of zoe",
        "at": "2026-01-01T00:00:00.000Z", "expiresAt": "2026-01-01T00:05:00.000Z",
    });
    Ok(match driver.project(WorkflowStarted::DETAIL_TYPE, &detail).await? {
        None => Finding::right("the projector handles zoe's events like any other"),
        Some(why) => Finding::wrong(format!("the projector still fails on zoe's events: {why}"), FIXED),
    })
}

async fn queue_is_empty(driver: &Driver) -> Result<Finding, Error> {
    let selection = Selection { queue: Some(QUEUE.into()), ..Selection::default() };
    let messages = dead_letters::look(&driver.venue.stack, &selection).await?.messages;
    Ok(match messages.first() {
        None => Finding::right(format!("{QUEUE} is empty")),
        Some(message) => {
            let order_id = message.order_id.as_deref().unwrap_or("?");
            let what = format!("{QUEUE} holds {} dead-letter messages, one about the order {order_id}", messages.len());
            Finding::wrong(what, FIXED)
        }
    })
}

/// An event without its required fields becomes a dead-letter message.
async fn unreadable_event(driver: &Driver) -> Result<Finding, Error> {
    let order_id = Driver::random_order_id()?;
    let detail = json!({"orderId": order_id, "eventId": driver.venue.shop_id, "Message": "An unreadable event"});
    driver.project_async(WorkflowStarted::DETAIL_TYPE, &detail).await?;
    let selection = Selection { order: Some(order_id.to_string()), ..Selection::default() };
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(DeadLetter { error, .. }) =
            dead_letters::look(&driver.venue.stack, &selection).await?.messages.first()
        {
            let code = error.code.as_deref().unwrap_or("?").to_owned();
            dead_letters::delete(&driver.venue.stack, &selection).await?;
            return Ok(Finding::right(format!("an unreadable event became a dead-letter message: {code}")));
        }
        if Instant::now() > deadline {
            return Ok(Finding::wrong("an unreadable event did not become a dead-letter message", RETRIES));
        }
        sleep(PAUSE).await;
    }
}
