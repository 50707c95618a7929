//! Notices an order of the learner's bar that makes no progress, and names the page to build or the
//! next command. No answer of the API says that a part of the bar is missing.

use std::cell::RefCell;
use std::time::Duration;

use client::Error;
use domain::event::{Detail, NewOrder, WaitingCompletion, WorkflowStarted};
use domain::ids::OrderId;
use tokio::time::{Instant, sleep_until};

/// Time without an event after which an order is stuck.
const PATIENCE: Duration = Duration::from_secs(12);

/// Events of one order so far.
pub(crate) struct Progress(RefCell<Seen>);

struct Seen {
    /// Time of the last event; before the first event, time of [`Progress::begin`].
    at: Instant,
    events: Vec<String>,
    stuck: bool,
}

impl Progress {
    pub(crate) fn begin() -> Self {
        Self(RefCell::new(Seen { at: Instant::now(), events: Vec::new(), stuck: false }))
    }

    pub(crate) fn record(&self, detail_type: &str) {
        let mut seen = self.0.borrow_mut();
        seen.at = Instant::now();
        seen.events.push(detail_type.to_owned());
    }

    /// Returns true if [`Progress::until_stuck`] has ended.
    pub(crate) fn is_stuck(&self) -> bool {
        self.0.borrow().stuck
    }

    /// Waits until no event has arrived for [`PATIENCE`], and returns an error with the next step.
    pub(crate) async fn until_stuck(&self, order_id: &OrderId) -> Error {
        loop {
            let deadline = self.0.borrow().at + PATIENCE;
            if Instant::now() >= deadline {
                let mut seen = self.0.borrow_mut();
                seen.stuck = true;
                return explain(order_id, &seen.events);
            }
            sleep_until(deadline).await;
        }
    }
}

fn explain(order_id: &OrderId, events: &[String]) -> Error {
    let seconds = PATIENCE.as_secs();
    let has = |detail_type: &str| events.iter().any(|event| event == detail_type);
    let (what, help) = if has(WaitingCompletion::DETAIL_TYPE) {
        ("the drink is chosen, but the order is not served", "run presso workshop check 4")
    } else if has(WorkflowStarted::DETAIL_TYPE) {
        ("the workflow has started, but the projector does not move the order", "build page 4: presso workshop check 4")
    } else if has(NewOrder::DETAIL_TYPE) {
        ("nothing has started a workflow for it", "build pages 2 and 3: presso workshop check 3")
    } else {
        ("the event of the scan was not published", "presso workshop logs --errors shows why")
    };
    let error = Error::TimedOut(format!("the order {order_id} has had no event for {seconds} s: {what}"));
    error.with_help(format!("this is your own bar; {help}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_order_without_new_events_is_reported_with_the_next_step() {
        let order_id: OrderId = "o1".parse().unwrap();
        for (events, page) in [
            (&[][..], "presso workshop logs"),
            (&[NewOrder::DETAIL_TYPE], "pages 2 and 3"),
            (&[NewOrder::DETAIL_TYPE, WorkflowStarted::DETAIL_TYPE], "page 4"),
        ] {
            let (begin, progress) = (Instant::now(), Progress::begin());
            for event in events {
                progress.record(event);
            }
            let error = progress.until_stuck(&order_id).await;
            assert!(progress.is_stuck());
            assert!(error.help().unwrap().contains(page) && begin.elapsed() < Duration::from_secs(15), "{error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_event_restarts_the_wait() {
        let order_id: OrderId = "o1".parse().unwrap();
        let (begin, progress) = (Instant::now(), Progress::begin());
        let later = async {
            sleep_until(begin + Duration::from_secs(10)).await;
            progress.record(NewOrder::DETAIL_TYPE);
        };
        tokio::join!(later, progress.until_stuck(&order_id));
        assert!(begin.elapsed() >= Duration::from_secs(22), "{:?}", begin.elapsed());
    }
}
