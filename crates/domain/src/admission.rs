//! Rules of admission: the conditions under which an order takes capacity, and the records of
//! orders that were admitted or refused.

use serde::{Deserialize, Serialize};

use crate::order::{ClosedBy, Order, OrderStatus, STARTS_WITHIN, StoredOrder};
use crate::shop::ShopState;
use crate::timestamp::Timestamp;
use crate::workflow::AdmissionRequest;

/// Reason for which an order is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// The shop is closed or was never opened.
    Closed,
    /// The customer has `maxOrdersPerUser` open orders already.
    CustomerLimit,
    /// The shop has `maxOrdersInQueue` open orders already.
    Full,
}

impl Refusal {
    /// All refusals, in order of precedence.
    pub const ALL: [Self; 3] = [Self::Closed, Self::CustomerLimit, Self::Full];

    /// Returns the refusal that `order` records, or `None` if admission did not refuse it.
    pub fn of(order: &Order) -> Option<Self> {
        if order.status != OrderStatus::Cancelled || order.closed_by != Some(ClosedBy::System) {
            return None;
        }
        Self::ALL.into_iter().find(|refusal| order.reason.as_deref() == Some(refusal.as_str()))
    }

    /// Spelling in tables and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::CustomerLimit => "customerLimit",
            Self::Full => "full",
        }
    }

    /// Name of the error with which admission answers the workflow.
    pub const fn error_type(self) -> &'static str {
        match self {
            Self::Closed => "ShopClosed",
            Self::CustomerLimit => "CustomerLimit",
            Self::Full => "ShopFull",
        }
    }
}

/// Name of the error with which admission answers [`AdmissionOutcome::Duplicate`].
pub const DUPLICATE: &str = "Duplicate";

/// Conditions of the admission transaction that did not hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools, reason = "four conditions of one transaction, each of which may fail")]
pub struct FailedConditions {
    /// The table already holds an order with this id.
    pub order_exists: bool,
    /// The shop is not open.
    pub shop_closed: bool,
    /// The customer has no capacity left.
    pub customer_limit: bool,
    /// The shop has no capacity left.
    pub shop_full: bool,
}

/// Obstacle that decides what happens to an order which was not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The order exists already: see [`repeat_outcome`].
    OrderExists,
    /// The order is refused, for this reason.
    Refused(Refusal),
}

/// State of a shop and counts of open orders that admission checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct AdmissionCounts {
    /// True if the shop takes orders.
    pub open: bool,
    /// Number of open orders in the shop.
    pub in_flight: u32,
    /// Number of the customer's open orders in the shop.
    pub open_orders: u32,
}

impl FailedConditions {
    /// Evaluates the conditions of the transaction.
    pub const fn evaluate(order_exists: bool, counts: AdmissionCounts, state: &ShopState) -> Self {
        Self {
            order_exists,
            shop_closed: !counts.open,
            customer_limit: counts.open_orders >= state.max_orders_per_user,
            shop_full: counts.in_flight >= state.max_orders_in_queue,
        }
    }

    /// Returns the failed condition that takes precedence: an existing order, then a closed shop,
    /// the customer's limit, a full shop. `None` means that the order is admitted.
    pub const fn obstacle(self) -> Option<Obstacle> {
        if self.order_exists {
            Some(Obstacle::OrderExists)
        } else if self.shop_closed {
            Some(Obstacle::Refused(Refusal::Closed))
        } else if self.customer_limit {
            Some(Obstacle::Refused(Refusal::CustomerLimit))
        } else if self.shop_full {
            Some(Obstacle::Refused(Refusal::Full))
        } else {
            None
        }
    }
}

/// Outcome of an admission request for an order that exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AdmissionOutcome {
    /// This execution admitted the order earlier.
    Admitted,
    /// This execution recorded this refusal earlier.
    Refused(Refusal),
    /// The order belongs to another execution, or has ended since.
    Duplicate,
}

/// Decides a repeated admission request. The execution that owns the order gets the first answer
/// again, unless the order has ended since.
pub fn repeat_outcome(existing: &StoredOrder, execution_arn: &str) -> AdmissionOutcome {
    if existing.execution_arn != execution_arn {
        return AdmissionOutcome::Duplicate;
    }
    if !existing.order.status.is_final() {
        return AdmissionOutcome::Admitted;
    }
    Refusal::of(&existing.order).map_or(AdmissionOutcome::Duplicate, AdmissionOutcome::Refused)
}

/// Creates the record of an order that admission accepts: `ADMITTED`, with a deadline by which its
/// workflow must have published its first event.
pub fn admitted(request: &AdmissionRequest, now: Timestamp) -> StoredOrder {
    let order = Order {
        order_id: request.order_id.clone(),
        shop_id: request.shop_id.clone(),
        user_id: request.user_id.clone(),
        status: OrderStatus::Admitted,
        order_number: None,
        drink_order: None,
        barista_user_id: None,
        claimed_at: None,
        claim_version: 0,
        created_at: now,
        updated_at: now,
        expires_at: Some(now.plus(STARTS_WITHIN)),
        reason: None,
        closed_by: None,
        called_at: None,
    };
    StoredOrder {
        order,
        execution_arn: request.execution_arn.clone(),
        token: None,
        closed_by_user_id: None,
        previous_barista_user_id: None,
        released_at: None,
    }
}

/// Creates the record of an order that is not admitted, for this `reason`: `CANCELLED`, without a
/// deadline, holding no capacity.
pub fn not_admitted(request: &AdmissionRequest, reason: &str, now: Timestamp) -> StoredOrder {
    let mut stored = admitted(request, now);
    stored.order.status = OrderStatus::Cancelled;
    stored.order.expires_at = None;
    stored.order.reason = Some(reason.to_owned());
    stored.order.closed_by = Some(ClosedBy::System);
    stored.closed_by_user_id = Some(String::new());
    stored
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::tests::stored;

    #[test]
    fn the_precedence_is_existing_order_closed_limit_full() {
        let mut failed =
            FailedConditions { order_exists: true, shop_closed: true, customer_limit: true, shop_full: true };
        assert_eq!(failed.obstacle(), Some(Obstacle::OrderExists));
        failed.order_exists = false;
        assert_eq!(failed.obstacle(), Some(Obstacle::Refused(Refusal::Closed)));
        failed.shop_closed = false;
        assert_eq!(failed.obstacle(), Some(Obstacle::Refused(Refusal::CustomerLimit)));
        failed.customer_limit = false;
        assert_eq!(failed.obstacle(), Some(Obstacle::Refused(Refusal::Full)));
        failed.shop_full = false;
        assert_eq!(failed.obstacle(), None);
    }

    #[test]
    fn only_the_owning_execution_gets_the_first_answer_again() {
        let mut order = stored(OrderStatus::Waiting);
        assert_eq!(repeat_outcome(&order, "execution"), AdmissionOutcome::Admitted);
        assert_eq!(repeat_outcome(&order, "another"), AdmissionOutcome::Duplicate);
        order.order.status = OrderStatus::Cancelled;
        order.order.closed_by = Some(ClosedBy::System);
        order.order.reason = Some("full".into());
        assert_eq!(repeat_outcome(&order, "execution"), AdmissionOutcome::Refused(Refusal::Full));
        order.order.closed_by = Some(ClosedBy::Customer);
        assert_eq!(repeat_outcome(&order, "execution"), AdmissionOutcome::Duplicate);
        order.order.closed_by = Some(ClosedBy::System);
        order.order.reason = Some(crate::projection::FAILED.into());
        assert_eq!(repeat_outcome(&order, "execution"), AdmissionOutcome::Duplicate);
    }
}
