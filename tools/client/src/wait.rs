//! Polls and retries until a deadline. A new order is processed asynchronously, so a client must
//! repeat its requests for some time.

use std::future::Future;
use std::time::Duration;

use domain::ids::OrderId;
use domain::order::{Order, OrderStatus};
use tokio::time::{Instant, sleep};

use crate::api::Api;
use crate::error::Error;

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Polls the order until `wanted` holds. A missing order and a 5xx answer count as "not yet".
pub async fn order_until(
    api: &Api,
    order_id: &OrderId,
    deadline: Instant,
    wanted: impl Fn(&Order) -> bool,
) -> Result<Order, Error> {
    let mut pause = FIRST_PAUSE;
    let mut last = "not found".to_owned();
    loop {
        match api.order(order_id).await {
            Ok(order) if wanted(&order) => return Ok(order),
            Ok(order) => last = describe(&order),
            Err(Error::Refused(problem)) if problem.code == "order_not_found" => {}
            Err(Error::Refused(problem)) if problem.status >= 500 => last = problem.to_string(),
            Err(error) => return Err(error),
        }
        if Instant::now() + pause > deadline {
            return Err(Error::TimedOut(format!("the order {order_id} made no progress in time; it is {last}")));
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// Polls the order until it has this status. Fails at once if the order ends with another status.
pub async fn order_is(api: &Api, order_id: &OrderId, status: OrderStatus, deadline: Instant) -> Result<Order, Error> {
    let order = order_until(api, order_id, deadline, |order| order.status == status || order.status.is_final()).await?;
    if order.status == status {
        return Ok(order);
    }
    let why = format!("the order {order_id} is {}, not {}", describe(&order), status.as_str());
    Err(Error::Unexpected(why))
}

/// Sends a command, and retries it until the order is ready for it.
pub async fn when_ready<T, F>(deadline: Instant, command: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    retry(deadline, is_early, command).await
}

/// Sends a request, and retries it until `deadline` after errors that `is_retryable` accepts.
pub async fn retry<T, F>(
    deadline: Instant,
    is_retryable: impl Fn(&Error) -> bool,
    mut request: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        match request().await {
            Err(error) if is_retryable(&error) && Instant::now() + pause < deadline => {
                sleep(pause).await;
                pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
            }
            answer => return answer,
        }
    }
}

/// Returns true if the order is not ready for the command yet, or the API is too busy.
pub fn is_early(error: &Error) -> bool {
    let codes = ["not_ready", "unavailable", "order_not_found"];
    error.problem().is_some_and(|problem| codes.contains(&problem.code.as_str()))
}

/// Returns true if the same request may succeed later: after no answer, an answer that is not a
/// problem, a 5xx, or throttling.
pub fn is_transient(error: &Error) -> bool {
    match error {
        Error::Unreachable { .. } | Error::ForeignAnswer(_) | Error::Failed { .. } => true,
        Error::Refused(problem) => problem.status >= 500 || matches!(problem.code.as_str(), "not_ready" | "throttled"),
        _ => false,
    }
}

fn describe(order: &Order) -> String {
    let reason = order.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{}{reason}", order.status.as_str())
}
