//! Checks the solution of page 5: retries and dead-letter messages of the projector.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::{Detail, OrderFailed, WorkflowStarted};
use domain::ids::OrderId;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{Checked, Finding, run_until_not_right};
use crate::driver::Driver;
use client::dead_letters::{self, DeadLetter, Selection};
use client::error::Error;
use client::tables::Item;

const RETRIES: &str = "page 5, \"Retries and dead letters\"";
const FIXED: &str = "page 5, \"Fix and redrive\"";

/// The customer whose events the projector rejects while it has the defect of page 5.
const ZOE: &str = "zoe";
const USER: &str = "nobody";
const QUEUE: &str = "ProjectionDeadLetters";
/// Longer than the two retries take: on AWS they follow after one and after two minutes, on an
/// emulator after seconds.
const TIMEOUT: Duration = Duration::from_secs(270);
const PAUSE: Duration = Duration::from_millis(500);

/// Reads the retry settings of the projector, requires that its defect is fixed and its dead-letter
/// queue empty, then sends it an event that it cannot write.
pub(super) async fn check(driver: &Driver) -> Checked {
    run_until_not_right([
        Box::pin(settings(driver)),
        Box::pin(fixed(driver)),
        Box::pin(queue_is_empty(driver)),
        Box::pin(unwritable_event(driver)),
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
        return Ok(Finding::failing("MaximumRetryAttempts is 0: one transient error loses an event", RETRIES));
    }
    let target = config.destination_config().and_then(|config| config.on_failure()?.destination());
    let Some(target) = target else {
        return Ok(Finding::missing("OnFailure is not set: an event that fails three times is lost", RETRIES));
    };
    let queue = driver.resources.required(QUEUE)?.rsplit('/').next().unwrap_or_default();
    Ok(if target.rsplit(':').next() == Some(queue) {
        Finding::right(format!("the projector's events are retried, and those that fail are kept in {QUEUE}"))
    } else {
        Finding::failing(format!("OnFailure is {target}, not {QUEUE}"), RETRIES)
    })
}

/// Checks that the reader has removed the defect that page 5 adds.
async fn fixed(driver: &Driver) -> Result<Finding, Error> {
    let detail = json!({
        "orderId": Driver::random_order_id()?, "userId": ZOE, "eventId": driver.venue.shop_id, "Message": "An event of zoe",
        "at": "2026-01-01T00:00:00.000Z", "expiresAt": "2026-01-01T00:05:00.000Z",
    });
    Ok(match driver.project(WorkflowStarted::DETAIL_TYPE, &detail).await? {
        None => Finding::right("the projector handles zoe's events like any other"),
        Some(why) => Finding::failing(format!("the projector still fails on zoe's events: {why}"), FIXED),
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
            Finding::failing(what, FIXED)
        }
    })
}

/// Checks that an event that the projector cannot write becomes a dead-letter message.
async fn unwritable_event(driver: &Driver) -> Result<Finding, Error> {
    let order_id = Driver::random_order_id()?;
    let tables = BrokenTables::write(driver, &order_id).await?;
    let found = dead_letter_about(driver, &order_id).await;
    tables.remove().await?;
    found
}

async fn dead_letter_about(driver: &Driver, order_id: &OrderId) -> Result<Finding, Error> {
    let detail = json!({
        "orderId": order_id, "userId": USER, "eventId": order_id, "Message": "An event that cannot be written",
        "at": "2026-01-01T00:00:00.000Z", "cause": "workshop",
    });
    driver.project_async(OrderFailed::DETAIL_TYPE, &detail).await?;
    let selection = Selection { order: Some(order_id.to_string()), ..Selection::default() };
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if let Some(DeadLetter { error, .. }) =
            dead_letters::look(&driver.venue.stack, &selection).await?.messages.first()
        {
            let code = error.code.as_deref().unwrap_or("?").to_owned();
            dead_letters::delete(&driver.venue.stack, &selection).await?;
            return Ok(Finding::right(format!("an event that cannot be written became a dead-letter message: {code}")));
        }
        if Instant::now() > deadline {
            return Ok(Finding::failing(
                "an event that cannot be written did not become a dead-letter message",
                RETRIES,
            ));
        }
        sleep(PAUSE).await;
    }
}

/// Items of an open order and of its shop, which has the same id. The shop's count of open orders
/// is not a number, so that the order cannot end.
struct BrokenTables {
    client: aws_sdk_dynamodb::Client,
    /// Table and key of each item.
    keys: [(String, Item); 2],
}

fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

impl BrokenTables {
    async fn write(driver: &Driver, order_id: &OrderId) -> Result<Self, Error> {
        let (stack, id) = (&driver.venue.stack, order_id.as_str());
        let (order, shop) = (item([("orderId", text(id))]), item([("eventId", text(id)), ("item", text("FLOOR"))]));
        let open = item([("eventId", text(id)), ("userId", text(USER)), ("statusRank", AttributeValue::N("0".into()))]);
        let broken = item([("inFlight", text("no number"))]);
        let client = aws_sdk_dynamodb::Client::new(&stack.aws);
        let keys = [(stack.orders_table.clone(), order), (stack.shop_table.clone(), shop)];
        for ((table, key), attributes) in keys.iter().zip([open, broken]) {
            let put =
                client.put_item().table_name(table).set_item(Some(key.clone().into_iter().chain(attributes).collect()));
            put.send().await.map_err(|error| Error::failed("an item cannot be written", error))?;
        }
        Ok(Self { client, keys })
    }

    async fn remove(self) -> Result<(), Error> {
        for (table, key) in self.keys {
            let delete = self.client.delete_item().table_name(table).set_key(Some(key)).send().await;
            delete.map_err(|error| Error::failed("an item cannot be deleted", error))?;
        }
        Ok(())
    }
}
