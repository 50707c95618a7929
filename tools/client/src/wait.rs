//! Waiting for an order, as a client that just scanned must: it asks again for some time before it gives up.

use std::future::Future;
use std::time::Duration;

use domain::ids::OrderId;
use domain::order::{Order, OrderStatus};
use tokio::time::{Instant, sleep};

use crate::api::Api;
use crate::error::Error;

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Asks for the order until `wanted` holds. An order that is not there yet, or an answer to try again, is waited on.
pub async fn order_until(
    api: &Api,
    order_id: &OrderId,
    deadline: Instant,
    wanted: impl Fn(&Order) -> bool,
) -> Result<Order, Error> {
    let mut pause = FIRST_PAUSE;
    let mut last = "not there yet".to_owned();
    loop {
        match api.order(order_id).await {
            Ok(order) if wanted(&order) => return Ok(order),
            Ok(order) => last = describe(&order),
            Err(Error::Refused(problem)) if problem.code == "order_not_found" => {}
            Err(Error::Refused(problem)) if problem.status >= 500 => last = problem.to_string(),
            Err(error) => return Err(error),
        }
        if Instant::now() + pause > deadline {
            return Err(Error::TimedOut(format!("the order {order_id} did not get on in time: it is {last}")));
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// Asks for the order until it has this status. An order that has ended otherwise is an error at once.
pub async fn order_is(api: &Api, order_id: &OrderId, status: OrderStatus, deadline: Instant) -> Result<Order, Error> {
    let order = order_until(api, order_id, deadline, |order| order.status == status || order.status.is_final()).await?;
    if order.status == status {
        return Ok(order);
    }
    let why = format!("the order {order_id} is {}, not {}", describe(&order), status.as_str());
    Err(Error::TimedOut(why))
}

/// Sends a command until the order is ready for it.
pub async fn when_ready<T, F>(deadline: Instant, mut command: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        match command().await {
            Err(Error::Refused(problem))
                if matches!(problem.code.as_str(), "not_ready" | "unavailable" | "order_not_found")
                    && Instant::now() + pause < deadline =>
            {
                sleep(pause).await;
                pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
            }
            answer => return answer,
        }
    }
}

fn describe(order: &Order) -> String {
    let reason = order.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{}{reason}", order.status.as_str())
}
