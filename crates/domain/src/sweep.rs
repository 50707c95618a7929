//! Rules of the sweeper: how an order is ended when its workflow cannot end it.

use std::time::Duration;

use crate::admission;
use crate::event::{About, OrderEvent, OrderFailed};
use crate::ids::{OrderId, ShopId, UserId};
use crate::order::{Order, StoredOrder};
use crate::projection::{Change, ChangeKind, FAILED};
use crate::timestamp::Timestamp;
use crate::workflow::{AdmissionRequest, Execution, ExecutionOutput, OutputEntry};

/// Time from the deadline of an order until the order is overdue. In this time the workflow may
/// still end the order.
pub const GRACE: Duration = Duration::from_secs(30);

/// Maximum age of a running execution. The state machine's own time-out is 40 minutes.
pub const LONGEST_RUN: Duration = Duration::from_mins(41);

/// Age up to which the sweeper lists failed executions. If the event of a failure is lost and the
/// order was never admitted, only this list shows the failure.
pub const LOOKBACK: Duration = Duration::from_hours(2);

const LONGEST_CAUSE: usize = 500;

/// Action of the sweeper on one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SweepAction {
    /// Do nothing: the order has ended, or its execution is running and not too old.
    Leave,
    /// Stop the execution, which is older than every time-out, and check again.
    Stop,
    /// Publish the outcome that the workflow recorded, unchanged.
    Publish(Vec<OutputEntry>),
    /// Publish that the workflow failed before it recorded an outcome.
    Fail(OrderFailed),
}

/// Returns true if the order's deadline and grace period have passed at `now`.
pub fn is_overdue(stored: &StoredOrder, now: Timestamp) -> bool {
    stored.order.expires_at.is_some_and(|expires_at| expires_at.plus(GRACE) < now)
}

/// Creates the record of an order that was requested but never admitted: failed, with a deadline
/// that has passed, so that it awaits announcement. The record serves as an outbox entry.
pub fn failure_record(request: &AdmissionRequest, at: Timestamp) -> StoredOrder {
    let mut stored = admission::not_admitted(request, FAILED, at);
    stored.order.expires_at = Some(at);
    stored
}

/// Returns true if `stored` is a failure record whose `OrderFailed` is possibly not published yet.
pub fn awaits_announcement(stored: &StoredOrder) -> bool {
    stored.order.status.is_final() && stored.order.expires_at.is_some()
}

/// Marks a failure record as published. Changes no other order.
pub fn mark_announced(stored: &mut StoredOrder) {
    if awaits_announcement(stored) {
        stored.order.expires_at = None;
    }
}

/// Decides what to do about an order whose execution is in the state `execution` at `now`. A
/// repeated decision about the same order and state returns the same events.
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
        // Some consumers may have received the outcome already. All others must receive the same.
        Execution::Failed { at, cause, outcome } => {
            match outcome.as_deref().map(|outcome| recorded_outcome(stored, outcome)) {
                Some(Ok(entries)) => SweepAction::Publish(entries),
                Some(Err(_)) | None => SweepAction::Fail(workflow_failed(stored, *at, cause)),
            }
        }
    }
}

/// Returns the events that `output` records. The error says why `output` does not end the order.
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

/// Creates the event of a failed workflow. Its time is `at`, that of the failure. If `at` is
/// unknown, the time is the order's deadline, or that of the last change of status without a
/// deadline. So each sweep publishes the same event.
fn workflow_failed(stored: &StoredOrder, at: Option<Timestamp>, cause: &str) -> OrderFailed {
    let Order { order_id, user_id, shop_id, .. } = &stored.order;
    let at = at.or(stored.order.expires_at).unwrap_or(stored.order.updated_at);
    order_failed(order_id.clone(), user_id.clone(), shop_id.clone(), at, cause)
}

/// Creates the event of a [`failure_record`]: for one record, always the same event.
pub fn failure_announcement(record: &StoredOrder) -> OrderFailed {
    workflow_failed(record, Some(record.order.updated_at), "the workflow failed before the order was admitted")
}

fn order_failed(order_id: OrderId, user_id: UserId, shop_id: ShopId, at: Timestamp, cause: &str) -> OrderFailed {
    let about = About { order_id, user_id, shop_id, message: "The workflow of the order failed".to_owned(), at };
    OrderFailed { about, cause: cause.chars().take(LONGEST_CAUSE).collect() }
}

#[cfg(test)]
#[path = "sweep_tests.rs"]
mod tests;
