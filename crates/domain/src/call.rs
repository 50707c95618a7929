//! Calls: a barista calls the customer of a completed order, up to [`CALL_WINDOW`] after its
//! completion.

use std::time::Duration;

use crate::command::Conflict;
use crate::event::{About, OrderCalled};
use crate::order::{Order, OrderStatus};
use crate::timestamp::Timestamp;

/// Time after the completion in which an order can be called.
pub const CALL_WINDOW: Duration = Duration::from_mins(10);

/// Minimum time between two calls of an order. A request within this time repeats the last call.
/// This time is longer than the second that `Retry-After` asks a client to wait before a retry.
pub const CALL_INTERVAL: Duration = Duration::from_secs(2);

/// Effect of a call that is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallDecision {
    /// Record a new call.
    Call,
    /// The order was called at this time, less than [`CALL_INTERVAL`] ago: publish that call again.
    Repeat(Timestamp),
}

/// Decides whether `order` can be called.
pub fn decide(order: &Order, now: Timestamp) -> Result<CallDecision, Conflict> {
    if order.status != OrderStatus::Completed {
        return Err(Conflict::WrongStatus(order.status));
    }
    match order.called_at {
        Some(called_at) if now < called_at.plus(CALL_INTERVAL) => Ok(CallDecision::Repeat(called_at)),
        _ if now > order.updated_at.plus(CALL_WINDOW) => Err(Conflict::TooLateToCall),
        _ => Ok(CallDecision::Call),
    }
}

/// Records a call if [`decide`] returns [`CallDecision::Call`], as the conditional update of the
/// table does. Returns true if the call was recorded.
pub fn apply(order: &mut Order, now: Timestamp) -> bool {
    let allowed = decide(order, now) == Ok(CallDecision::Call);
    if allowed {
        order.called_at = Some(now);
    }
    allowed
}

/// Returns the event of a call at `called_at`.
pub fn event(order: &Order, called_at: Timestamp) -> OrderCalled {
    OrderCalled {
        about: About {
            order_id: order.order_id.clone(),
            user_id: order.user_id.clone(),
            shop_id: order.shop_id.clone(),
            message: "A barista calls the customer: the order is ready".to_owned(),
            at: called_at,
        },
        order_number: order.order_number.unwrap_or_default(),
        called_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::tests::stored;

    const COMPLETED_AT: Timestamp = Timestamp::from_millis(1_000_000);

    fn completed() -> Order {
        Order { updated_at: COMPLETED_AT, ..stored(OrderStatus::Completed).order }
    }

    #[test]
    fn only_a_completed_order_is_called() {
        for status in [OrderStatus::Admitted, OrderStatus::Created, OrderStatus::Waiting, OrderStatus::Cancelled] {
            let mut order = Order { status, ..completed() };
            assert_eq!(decide(&order, COMPLETED_AT), Err(Conflict::WrongStatus(status)));
            assert!(!apply(&mut order, COMPLETED_AT));
        }
        assert_eq!(decide(&completed(), COMPLETED_AT), Ok(CallDecision::Call));
    }

    #[test]
    fn an_order_is_called_for_ten_minutes() {
        let last = COMPLETED_AT.plus(Duration::from_mins(10));
        let late = last.plus(Duration::from_millis(1));
        assert_eq!(decide(&completed(), last), Ok(CallDecision::Call));
        assert_eq!(decide(&completed(), late), Err(Conflict::TooLateToCall));
    }

    #[test]
    fn a_call_within_two_seconds_repeats_the_last_one_and_a_later_one_is_new() {
        let mut order = completed();
        let first = COMPLETED_AT.plus(Duration::from_mins(10));
        assert!(apply(&mut order, first));
        let soon = first.plus(Duration::from_millis(1_999));
        assert_eq!(decide(&order, soon), Ok(CallDecision::Repeat(first)), "also when the ten minutes have passed");
        assert!(!apply(&mut order, soon));
        order.updated_at = first;
        assert!(apply(&mut order, first.plus(CALL_INTERVAL)));
        assert_eq!(order.called_at, Some(first.plus(CALL_INTERVAL)));
    }

    #[test]
    fn the_event_has_the_time_of_the_call() {
        let event = event(&Order { order_number: Some(7), ..completed() }, COMPLETED_AT);
        assert_eq!((event.about.at, event.called_at, event.order_number), (COMPLETED_AT, COMPLETED_AT, 7));
    }
}
