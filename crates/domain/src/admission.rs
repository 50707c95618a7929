//! Who gets into the bar.

use serde::{Deserialize, Serialize};

use crate::order::{ClosedBy, Order, OrderStatus, STARTS_WITHIN, StoredOrder};
use crate::shop::ShopSettings;
use crate::timestamp::Timestamp;
use crate::workflow::AdmissionRequest;

/// Why an order is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// The shop is closed, or was never opened.
    Closed,
    /// The customer has as many open orders as one may have.
    CustomerLimit,
    /// The shop has as many open orders as it takes.
    Full,
}

impl Refusal {
    /// Every refusal, in the order of precedence.
    pub const ALL: [Self; 3] = [Self::Closed, Self::CustomerLimit, Self::Full];

    /// The refusal that `order` records, if admission refused it.
    pub fn of(order: &Order) -> Option<Self> {
        if order.status != OrderStatus::Cancelled || order.closed_by != Some(ClosedBy::System) {
            return None;
        }
        Self::ALL.into_iter().find(|refusal| order.reason.as_deref() == Some(refusal.as_str()))
    }

    /// The word that tables and events use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::CustomerLimit => "customerLimit",
            Self::Full => "full",
        }
    }
}

/// Which conditions of the admission did not hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools, reason = "four conditions of one transaction, each of which may fail")]
pub struct FailedConditions {
    /// The order is there already.
    pub order_exists: bool,
    /// The shop is not open.
    pub shop_closed: bool,
    /// The customer has no place left.
    pub customer_limit: bool,
    /// The shop has no place left.
    pub shop_full: bool,
}

/// What stands in the way of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The order is there already: see [`repeat_outcome`].
    OrderExists,
    /// It is not let in.
    Refused(Refusal),
}

/// The counts that admission looks at, and adds to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct AdmissionCounts {
    /// Whether the shop is open.
    pub open: bool,
    /// Orders in the bar.
    pub in_flight: u32,
    /// Open orders of the customer.
    pub open_orders: u32,
}

impl FailedConditions {
    /// The conditions that do not hold: what the transaction checks.
    pub const fn evaluate(order_exists: bool, counts: AdmissionCounts, settings: &ShopSettings) -> Self {
        Self {
            order_exists,
            shop_closed: !counts.open,
            customer_limit: counts.open_orders >= settings.max_orders_per_user,
            shop_full: counts.in_flight >= settings.max_orders_in_queue,
        }
    }

    /// The obstacle that counts: an existing order before a closed shop, before the customer's limit, before a full shop.
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

/// What admission says of an order that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AdmissionOutcome {
    /// This execution let it in earlier.
    Admitted,
    /// This execution refused it earlier.
    Refused(Refusal),
    /// It belongs to another execution.
    Duplicate,
}

/// The answer to an execution that asks for an order that exists: as the first time to its owner, unless the order has ended since.
pub fn repeat_outcome(existing: &StoredOrder, execution_arn: &str) -> AdmissionOutcome {
    if existing.execution_arn != execution_arn {
        return AdmissionOutcome::Duplicate;
    }
    if !existing.order.status.is_final() {
        return AdmissionOutcome::Admitted;
    }
    Refusal::of(&existing.order).map_or(AdmissionOutcome::Duplicate, AdmissionOutcome::Refused)
}

/// The order that is let in.
pub fn admitted(request: &AdmissionRequest, now: Timestamp) -> StoredOrder {
    let order = Order {
        order_id: request.order_id.clone(),
        shop_id: request.shop_id.clone(),
        user_id: request.user_id.clone(),
        status: OrderStatus::Admitted,
        order_number: None,
        drink_order: None,
        barista_user_id: None,
        claim_version: 0,
        created_at: now,
        updated_at: now,
        expires_at: Some(now.plus(STARTS_WITHIN)),
        reason: None,
        closed_by: None,
    };
    StoredOrder { order, execution_arn: request.execution_arn.clone(), token: None, closed_by_user_id: None }
}

/// The record of one that is not, for this `reason`: it holds nothing.
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
    fn the_precedence_is_duplicate_closed_limit_full() {
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
    fn the_owner_hears_the_first_answer_again_and_nobody_else_does() {
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
