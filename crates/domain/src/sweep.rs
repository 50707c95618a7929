//! What becomes of an order whose time is up: the rule by which the sweeper ends what a workflow cannot.

use std::time::Duration;

use crate::admission;
use crate::event::{About, OrderEvent, OrderFailed};
use crate::ids::{OrderId, ShopId, UserId};
use crate::order::{Order, StoredOrder};
use crate::projection::{Change, ChangeKind, FAILED};
use crate::timestamp::Timestamp;
use crate::workflow::{AdmissionRequest, Execution, ExecutionOutput, OutputEntry};

/// How long after its deadline an order is left to its workflow.
pub const GRACE: Duration = Duration::from_secs(30);

/// Longer than any execution: the state machine's own time-out is 40 minutes.
pub const LONGEST_RUN: Duration = Duration::from_mins(41);

/// How far back executions that broke are looked at: one whose order was never let in is found in no table.
pub const LOOKBACK: Duration = Duration::from_hours(2);

const LONGEST_CAUSE: usize = 500;

/// What is to be done about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SweepAction {
    /// Nothing: it has ended, or its workflow goes on.
    Leave,
    /// Stop its execution, which runs past every time-out, and look again.
    Stop,
    /// Publish what its workflow decided, exactly.
    Publish(Vec<OutputEntry>),
    /// Publish that its workflow broke before it decided anything.
    Fail(OrderFailed),
}

/// Whether an order should have moved on at `now`, its grace included.
pub fn is_overdue(stored: &StoredOrder, now: Timestamp) -> bool {
    stored.order.expires_at.is_some_and(|expires_at| expires_at.plus(GRACE) < now)
}

/// The record of an order that was asked for and never let in. Its deadline is over: the sweeper has yet to tell of it.
pub fn failure_record(request: &AdmissionRequest, at: Timestamp) -> StoredOrder {
    let mut stored = admission::not_admitted(request, FAILED, at);
    stored.order.expires_at = Some(at);
    stored
}

/// Whether `stored` is such a record, not told of yet.
pub fn awaits_announcement(stored: &StoredOrder) -> bool {
    stored.order.status.is_final() && stored.order.expires_at.is_some()
}

/// Writes to such a record that it was told of. An order that is open, or has no deadline, stays as it is.
pub fn mark_announced(stored: &mut StoredOrder) {
    if awaits_announcement(stored) {
        stored.order.expires_at = None;
    }
}

/// What is to be done about an order whose execution looks like this at `now`. However often it is asked, the events are the same.
pub fn decide(stored: &StoredOrder, execution: &Execution, now: Timestamp) -> SweepAction {
    if stored.order.status.is_final() {
        return SweepAction::Leave;
    }
    match execution {
        Execution::Running { since } if now.since(*since) <= LONGEST_RUN => SweepAction::Leave,
        Execution::Running { .. } => SweepAction::Stop,
        Execution::Succeeded { output } => match recorded_outcome(stored, output) {
            Ok(entries) => SweepAction::Publish(entries),
            Err(cause) => SweepAction::Fail(workflow_failed(stored, None, &cause)),
        },
        // Some listeners may have heard the outcome already: the others must hear the same.
        Execution::Broken { at, cause, outcome } => {
            match outcome.as_deref().map(|outcome| recorded_outcome(stored, outcome)) {
                Some(Ok(entries)) => SweepAction::Publish(entries),
                Some(Err(_)) | None => SweepAction::Fail(workflow_failed(stored, *at, cause)),
            }
        }
    }
}

/// The events that `output` records, if one of them ends the order; otherwise what is wrong with it.
fn recorded_outcome(stored: &StoredOrder, output: &str) -> Result<Vec<OutputEntry>, String> {
    let ExecutionOutput { entries } =
        serde_json::from_str(output).map_err(|error| format!("the workflow's output cannot be read: {error}"))?;
    if entries.iter().any(|entry| ends_order(stored, entry)) {
        Ok(entries)
    } else {
        Err("the workflow ended without an outcome for this order".to_owned())
    }
}

fn ends_order(stored: &StoredOrder, entry: &OutputEntry) -> bool {
    OrderEvent::parse(&entry.detail_type, entry.detail.clone())
        .map(Change::from)
        .is_ok_and(|change| change.about.order_id == stored.order.order_id && matches!(change.kind, ChangeKind::End(_)))
}

/// At the time the execution broke. Where that is not known, at the order's deadline: the same on each run.
fn workflow_failed(stored: &StoredOrder, at: Option<Timestamp>, cause: &str) -> OrderFailed {
    let Order { order_id, user_id, shop_id, .. } = &stored.order;
    let at = at.or(stored.order.expires_at).unwrap_or(stored.order.updated_at);
    order_failed(order_id.clone(), user_id.clone(), shop_id.clone(), at, cause)
}

/// What is told of a [`failure_record`], the same however often.
pub fn failure_announcement(record: &StoredOrder) -> OrderFailed {
    workflow_failed(record, Some(record.order.updated_at), "the workflow broke before the order was let in")
}

fn order_failed(order_id: OrderId, user_id: UserId, shop_id: ShopId, at: Timestamp, cause: &str) -> OrderFailed {
    let about = About { order_id, user_id, shop_id, message: "The order's workflow broke".to_owned(), at };
    OrderFailed { about, cause: cause.chars().take(LONGEST_CAUSE).collect() }
}

#[cfg(test)]
#[path = "sweep_tests.rs"]
mod tests;
