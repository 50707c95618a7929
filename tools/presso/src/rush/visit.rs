//! One customer's visit, from the scan to its end.

use std::future::Future;
use std::time::Duration;

use client::api::Api;
use client::{Error, wait};
use domain::drink::DrinkRequest;
use domain::ids::OrderId;
use domain::order::OrderStatus;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::Rush;
use super::report::Step;
use crate::cli::RushArgs;
use crate::ending;

const PAUSE: Duration = Duration::from_millis(300);

/// A number with no divisor in common with a hundred: the few who cancel or leave are spread among the many.
const STRIDE: u32 = 37;

/// When somebody changes their mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Before the drink is chosen.
    Choosing,
    /// While it is made.
    Waiting,
}

/// What a customer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Stays until the drink is handed over.
    Stays,
    /// Cancels.
    Cancels(Moment),
    /// Walks away and says nothing.
    Leaves(Moment),
}

impl Manner {
    /// What the customer of this number does.
    pub(super) const fn of(number: u32, args: &RushArgs) -> Self {
        let place = number.wrapping_mul(STRIDE) % 100;
        let moment = if number.is_multiple_of(2) { Moment::Choosing } else { Moment::Waiting };
        if place < args.cancel {
            Self::Cancels(moment)
        } else if place < args.cancel.saturating_add(args.leave) {
            Self::Leaves(moment)
        } else {
            Self::Stays
        }
    }
}

/// Somebody in the crowd.
pub(super) struct Customer {
    pub(super) api: Api,
    pub(super) name: String,
    pub(super) wish: DrinkRequest,
    pub(super) manner: Manner,
}

/// What the bar has promised to a customer: what it answered well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Visit {
    user_id: String,
    /// The drink that was taken.
    submitted: Option<String>,
    completed: bool,
    cancelled: bool,
}

pub(super) async fn visit(rush: &Rush, customer: &Customer) -> Result<(), Error> {
    let deadline = Instant::now() + rush.patience;
    let arrived = Instant::now();
    let order_id = scan(rush, customer, deadline).await?;
    let new = Visit { user_id: customer.name.clone(), submitted: None, completed: false, cancelled: false };
    rush.report.lock().await.visits.insert(order_id.clone(), new);
    let visited = rush.ending.or_give_up(stay(rush, customer, &order_id, deadline)).await;
    match visited {
        Ok(()) if customer.manner == Manner::Stays => rush.report.lock().await.record(Step::Whole, arrived.elapsed()),
        Err(Error::Interrupted(_)) => {
            let cancelled = ending::cancel(&customer.api, &order_id).await;
            let mut report = rush.report.lock().await;
            let count = if cancelled.is_ok() { &mut report.called_off } else { &mut report.left_open };
            *count += 1;
        }
        Ok(()) | Err(_) => {}
    }
    visited
}

/// The scan of what the display shows, by then perhaps another code.
async fn scan(rush: &Rush, customer: &Customer, deadline: Instant) -> Result<OrderId, Error> {
    let mut attempt = 1;
    loop {
        let code = patiently(rush.attempts, deadline, || rush.display.qr_code(&rush.shop_id));
        let code = rush.ending.or_give_up(code).await?.code;
        let scan = rush.ending.or_soon(customer.api.scan(&rush.shop_id, &code));
        match timed(rush, Step::Scan, scan).await {
            Ok(scan) => return Ok(scan.order_id),
            Err(error)
                if attempt < rush.attempts && (passes(&error) || is_over(&error)) && Instant::now() < deadline =>
            {
                attempt += 1;
                sleep(PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// A customer's way after the scan, with the time that each step took.
async fn stay(rush: &Rush, customer: &Customer, order_id: &OrderId, deadline: Instant) -> Result<(), Error> {
    let api = &customer.api;
    let until = |status| patiently(rush.attempts, deadline, move || wait::order_is(api, order_id, status, deadline));
    timed(rush, Step::Admitted, until(OrderStatus::Created)).await?;
    match customer.manner {
        Manner::Leaves(Moment::Choosing) => return Ok(()),
        Manner::Cancels(Moment::Choosing) => return cancel(rush, customer, order_id, deadline).await,
        _ => {}
    }
    let submit =
        patiently(rush.attempts, deadline, || wait::when_ready(deadline, || api.submit(order_id, &customer.wish)));
    timed(rush, Step::Submit, submit).await?;
    note(rush, order_id, |visit| visit.submitted = Some(customer.wish.drink.clone())).await;
    timed(rush, Step::Queued, until(OrderStatus::Waiting)).await?;
    match customer.manner {
        Manner::Leaves(_) => return Ok(()),
        Manner::Cancels(_) => return cancel(rush, customer, order_id, deadline).await,
        Manner::Stays => {}
    }
    let complete =
        patiently(rush.attempts, deadline, || wait::when_ready(deadline, || rush.barista.complete(order_id)));
    timed(rush, Step::Complete, complete).await?;
    note(rush, order_id, |visit| visit.completed = true).await;
    timed(rush, Step::Completed, until(OrderStatus::Completed)).await?;
    Ok(())
}

async fn cancel(rush: &Rush, customer: &Customer, order_id: &OrderId, deadline: Instant) -> Result<(), Error> {
    let api = &customer.api;
    patiently(rush.attempts, deadline, || wait::when_ready(deadline, || api.cancel(order_id, "changed my mind")))
        .await?;
    note(rush, order_id, |visit| visit.cancelled = true).await;
    let ended = patiently(rush.attempts, deadline, || wait::order_is(api, order_id, OrderStatus::Cancelled, deadline));
    ended.await.map(|_| ())
}

async fn note(rush: &Rush, order_id: &OrderId, promised: impl FnOnce(&mut Visit)) {
    if let Some(visit) = rush.report.lock().await.visits.get_mut(order_id) {
        promised(visit);
    }
}

async fn timed<T>(rush: &Rush, step: Step, doing: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let begin = Instant::now();
    let done = doing.await?;
    rush.report.lock().await.record(step, begin.elapsed());
    Ok(done)
}

/// Sends a request again while it gets no answer, or one that may be another next time.
pub(super) async fn patiently<T, F>(
    attempts: u32,
    deadline: Instant,
    mut request: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut attempt = 1;
    loop {
        match request().await {
            Err(error) if attempt < attempts && passes(&error) && Instant::now() + PAUSE < deadline => {
                attempt += 1;
                sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}

/// Whether the same request may be answered better next time: no answer, an answer that is no problem of the bar's, or one which
/// says so.
fn passes(error: &Error) -> bool {
    match error {
        Error::Unreachable { .. } | Error::Failed { .. } => true,
        Error::Refused(problem) => problem.status >= 500 || matches!(problem.code.as_str(), "not_ready" | "throttled"),
        _ => false,
    }
}

/// Whether the code's window has passed between the look at the display and the scan.
fn is_over(error: &Error) -> bool {
    error.problem().is_some_and(|problem| problem.code == "invalid_code")
}

#[cfg(test)]
mod tests {
    use super::*;
    use client::api::Problem;

    fn args(cancel: u32, leave: u32) -> RushArgs {
        RushArgs { orders: 1, concurrency: 1, raise_limits: false, cancel, leave, attempts: 1, patience: 1 }
    }

    #[test]
    fn as_many_cancel_and_leave_as_were_asked_for() {
        let manners: Vec<Manner> = (0..1_000).map(|number| Manner::of(number, &args(20, 10))).collect();
        let count = |wanted| manners.iter().filter(|manner| **manner == wanted).count();
        for moment in [Moment::Choosing, Moment::Waiting] {
            assert_eq!((count(Manner::Cancels(moment)), count(Manner::Leaves(moment))), (100, 50));
        }
        assert!((0..1_000).all(|number| Manner::of(number, &args(0, 0)) == Manner::Stays));
    }

    #[test]
    fn a_refusal_for_good_is_not_tried_again() {
        let problem = |status: u16, code: &str| {
            let text = serde_json::json!({"status": status, "code": code, "title": "t"});
            Error::from(serde_json::from_value::<Problem>(text).unwrap())
        };
        assert!(passes(&problem(503, "unavailable")) && passes(&problem(409, "not_ready")));
        assert!(!passes(&problem(409, "wrong_status")) && !passes(&problem(429, "no_tokens")));
        assert!(passes(&Error::failed("an answer 502 that is no problem", "x")));
        assert!(is_over(&problem(400, "invalid_code")));
    }
}
