//! Plays one customer of a rush, from the scan to the end of the order.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use client::wait::is_transient;
use client::{Api, Error, wait};
use domain::ids::{OrderId, ShopId};
use domain::order::OrderStatus;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::customer::{Behavior, Customer, Moment, Step, Visit};
use super::report::RushReport;
use crate::output::Progress;
use crate::shutdown::{self, Shutdown};

const PAUSE: Duration = Duration::from_millis(300);

/// The state that all customers of a rush share.
pub(super) struct Rush {
    pub(super) shop_id: ShopId,
    pub(super) display: Api,
    pub(super) barista: Api,
    pub(super) report: Mutex<RushReport>,
    pub(super) progress: Progress,
    /// The number of the next customer.
    pub(super) next: AtomicU32,
    pub(super) attempts: u32,
    pub(super) patience: Duration,
    pub(super) shutdown: Shutdown,
}

/// Serves one customer after the other until none is left or a shutdown is requested.
pub(super) async fn serve_customers(rush: Arc<Rush>, customers: Arc<Vec<Customer>>) {
    while !rush.shutdown.is_requested() {
        let number = rush.next.fetch_add(1, Ordering::Relaxed);
        let Some(customer) = customers.get(number as usize) else { return };
        let outcome = visit(&rush, customer).await;
        let mut report = rush.report.lock().await;
        match outcome {
            Ok(()) => report.ended(customer.behavior),
            Err(Error::Interrupted(_)) => return,
            Err(error) => report.refuse(&error),
        }
        rush.progress.inc(1);
        if report.refused() > 0 {
            rush.progress.set_message(format!("{} refused", report.refused()));
        }
    }
}

async fn visit(rush: &Rush, customer: &Customer) -> Result<(), Error> {
    let deadline = Instant::now() + rush.patience;
    let begin = Instant::now();
    let order_id = scan(rush, customer, deadline).await?;
    let new = Visit { user_id: customer.user.clone(), submitted: None, completed: false, cancelled: false };
    rush.report.lock().await.visits.insert(order_id.clone(), new);
    let outcome = rush.shutdown.race(order_steps(rush, customer, &order_id, deadline)).await;
    match outcome {
        Ok(()) if customer.behavior == Behavior::Stays => {
            rush.report.lock().await.record(Step::Whole, begin.elapsed());
        }
        Err(Error::Interrupted(_)) => {
            let cancelled = shutdown::cancel(&customer.api, &order_id, "interrupted").await;
            let mut report = rush.report.lock().await;
            let count = if cancelled.is_ok() { &mut report.cancelled_at_shutdown } else { &mut report.left_open };
            *count += 1;
        }
        Ok(()) | Err(_) => {}
    }
    outcome
}

/// Scans the code of the display. A retry reads the code again, because it may have changed.
async fn scan(rush: &Rush, customer: &Customer, deadline: Instant) -> Result<OrderId, Error> {
    let mut attempt = 1;
    loop {
        let code = retry(rush.attempts, deadline, || rush.display.qr_code(&rush.shop_id));
        let code = rush.shutdown.race(code).await?.code;
        let scan = rush.shutdown.finish_within_grace(customer.api.scan(&rush.shop_id, &code));
        match timed(rush, Step::Scan, scan).await {
            Ok(scan) => return Ok(scan.order_id),
            Err(error)
                if attempt < rush.attempts
                    && (is_transient(&error) || is_expired(&error))
                    && Instant::now() < deadline =>
            {
                attempt += 1;
                let pause = error.problem().and_then(|problem| problem.retry_after);
                sleep(pause.unwrap_or(PAUSE)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Plays the steps of an order after the scan, and times each step.
async fn order_steps(rush: &Rush, customer: &Customer, order_id: &OrderId, deadline: Instant) -> Result<(), Error> {
    let api = &customer.api;
    let until = |status| retry(rush.attempts, deadline, move || wait::order_is(api, order_id, status, deadline));
    timed(rush, Step::Admitted, until(OrderStatus::Created)).await?;
    match customer.behavior {
        Behavior::Leaves(Moment::Choosing) => return Ok(()),
        Behavior::Cancels(Moment::Choosing) => return cancel(rush, customer, order_id, deadline).await,
        _ => {}
    }
    let submit =
        retry(rush.attempts, deadline, || wait::when_ready(deadline, || api.submit(order_id, &customer.drink)));
    timed(rush, Step::Submit, submit).await?;
    note(rush, order_id, |visit| visit.submitted = Some(customer.drink.drink.to_string())).await;
    timed(rush, Step::Queued, until(OrderStatus::Waiting)).await?;
    match customer.behavior {
        Behavior::Leaves(_) => return Ok(()),
        Behavior::Cancels(_) => return cancel(rush, customer, order_id, deadline).await,
        Behavior::Stays => {}
    }
    let complete = retry(rush.attempts, deadline, || wait::when_ready(deadline, || rush.barista.complete(order_id)));
    timed(rush, Step::Complete, complete).await?;
    note(rush, order_id, |visit| visit.completed = true).await;
    timed(rush, Step::Completed, until(OrderStatus::Completed)).await?;
    Ok(())
}

async fn cancel(rush: &Rush, customer: &Customer, order_id: &OrderId, deadline: Instant) -> Result<(), Error> {
    let api = &customer.api;
    retry(rush.attempts, deadline, || wait::when_ready(deadline, || api.cancel(order_id, "changed my mind"))).await?;
    note(rush, order_id, |visit| visit.cancelled = true).await;
    let ended = retry(rush.attempts, deadline, || wait::order_is(api, order_id, OrderStatus::Cancelled, deadline));
    ended.await.map(|_| ())
}

async fn note(rush: &Rush, order_id: &OrderId, accepted: impl FnOnce(&mut Visit)) {
    if let Some(visit) = rush.report.lock().await.visits.get_mut(order_id) {
        accepted(visit);
    }
}

async fn timed<T>(rush: &Rush, step: Step, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let begin = Instant::now();
    let done = work.await?;
    rush.report.lock().await.record(step, begin.elapsed());
    Ok(done)
}

/// Sends a request up to `attempts` times, until `deadline`, while its error is transient.
pub(super) async fn retry<T, F>(attempts: u32, deadline: Instant, mut request: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut attempt = 1;
    loop {
        match request().await {
            Err(error) if attempt < attempts && is_transient(&error) && Instant::now() + PAUSE < deadline => {
                attempt += 1;
                sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}

/// Returns true if the API rejected the code. Its window may have ended before the scan.
fn is_expired(error: &Error) -> bool {
    error.problem().is_some_and(|problem| problem.code == "invalid_code")
}

#[cfg(test)]
mod tests {
    use super::*;
    use client::problem::Problem;

    #[test]
    fn errors_that_a_retry_may_resolve_are_transient_or_an_expired_code_and_other_refusals_are_neither() {
        let problem = |status: u16, code: &str| {
            let text = serde_json::json!({"status": status, "code": code, "title": "t"});
            Error::from(serde_json::from_value::<Problem>(text).unwrap())
        };
        assert!(is_transient(&problem(503, "unavailable")) && is_transient(&problem(409, "not_ready")));
        assert!(!is_transient(&problem(409, "wrong_status")) && !is_transient(&problem(429, "no_tokens")));
        assert!(is_transient(&Error::failed("the answer 502 is not a problem", "x")));
        assert!(is_expired(&problem(400, "invalid_code")));
    }
}
