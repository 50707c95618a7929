//! Polls and retries until a deadline. The bar processes a new order asynchronously, so a client
//! repeats its requests until the order is ready for them.

use std::future::Future;
use std::time::Duration;

use domain::ids::OrderId;
use domain::order::{Order, OrderStatus};
use tokio::time::{Instant, sleep};

use crate::api::Api;
use crate::error::Error;

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Polls the order until `wanted` returns true for it. A missing order and a problem of status 5xx
/// count as "not yet".
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
            return Err(timed_out(order_id, &last));
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

/// Sends a command, and retries it until `deadline` after errors that [`is_early`] accepts.
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

/// Returns true if a command came too early, because the order is not stored or not ready yet.
/// Also returns true if a service is temporarily unavailable.
pub fn is_early(error: &Error) -> bool {
    let codes = ["not_ready", "unavailable", "order_not_found"];
    error.problem().is_some_and(|problem| codes.contains(&problem.code.as_str()))
}

/// Returns true if the same request may succeed later: there was no answer, the answer was foreign
/// or unreadable, or the problem has a status of 5xx or the code `throttled` or `not_ready`.
pub fn is_transient(error: &Error) -> bool {
    match error {
        Error::Unreachable { .. } | Error::ForeignAnswer(_) | Error::Failed { .. } => true,
        Error::Refused(problem) => problem.status >= 500 || matches!(problem.code.as_str(), "not_ready" | "throttled"),
        _ => false,
    }
}

fn timed_out(order_id: &OrderId, last: &str) -> Error {
    let why = format!("the order {order_id} did not reach the expected state in time; the last answer was: {last}");
    Error::TimedOut(why)
}

fn describe(order: &Order) -> String {
    let reason = order.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{}{reason}", order.status.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;

    fn refused(status: u16, code: &str) -> Error {
        let problem = serde_json::json!({"status": status, "code": code, "title": ""});
        serde_json::from_value::<Problem>(problem).unwrap().into()
    }

    #[test]
    fn the_error_of_a_time_out_contains_the_last_answer() {
        let order_id: OrderId = "abc".parse().unwrap();
        for last in ["not found", "CREATED", "503 unavailable: wait"] {
            let expected =
                format!("the order abc did not reach the expected state in time; the last answer was: {last}");
            assert_eq!(timed_out(&order_id, last).to_string(), expected);
        }
    }

    #[test]
    fn a_command_is_early_if_the_order_is_not_stored_or_not_ready_or_a_service_is_unavailable() {
        for (status, code) in [(404, "order_not_found"), (409, "not_ready"), (503, "unavailable")] {
            assert!(is_early(&refused(status, code)), "{code}");
        }
        assert!(!is_early(&refused(429, "throttled")) && !is_early(&Error::failed("a step failed", "x")));
    }

    #[test]
    fn an_unreadable_answer_a_5xx_throttling_and_an_order_that_is_not_ready_are_transient() {
        assert!(is_transient(&Error::failed("the answer cannot be read", "x")));
        for (status, code) in [(500, "internal"), (409, "not_ready"), (429, "throttled")] {
            assert!(is_transient(&refused(status, code)), "{code}");
        }
        assert!(!is_transient(&refused(409, "wrong_status")) && !is_transient(&Error::Usage("x".into())));
    }
}
