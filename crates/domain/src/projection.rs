//! Applies events to orders. Any permutation and repetition of an order's events results in the
//! same order: an event carries everything that its status needs, a status has a rank, and a change
//! applies only if it raises the rank. One exception: `OrderFailed` carries neither number nor
//! drink. An order that failed takes them from `WaitingCompletion` if that event arrives later.

use crate::drink::DrinkOrder;
use crate::event::{About, OrderEvent};
use crate::order::{ClosedBy, HeldToken, OrderStatus, Step, StoredOrder};
use crate::timestamp::Timestamp;

/// Reason of an order whose workflow failed.
pub const FAILED: &str = "failed";

/// Change to a stored order, derived from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Common fields of the event, such as order, customer, shop and time.
    pub about: About,
    /// Kind of the change, with its values.
    pub kind: ChangeKind,
}

/// Kind of a [`Change`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// Stores a task token.
    Token(HeldToken),
    /// Moves the order to a status that is not final.
    Progress(Progress),
    /// Ends the order and releases its capacity.
    End(End),
}

/// Move to a status that is not final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Status after the change.
    pub status: OrderStatus,
    /// Deadline of the wait that begins.
    pub expires_at: Timestamp,
    /// Number and drink, once the customer chose.
    pub chosen: Option<Chosen>,
}

/// Number and drink of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Number that the barista calls out.
    pub order_number: u64,
    /// Drink that the customer chose.
    pub drink_order: DrinkOrder,
}

/// Values of a final status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// `Completed` or `Cancelled`.
    pub status: OrderStatus,
    /// Number and drink, if the customer had chosen.
    pub chosen: Option<Chosen>,
    /// Reason of the end, such as `completed` or `customerTimeOut`.
    pub reason: String,
    /// Role of the person or system that ended the order.
    pub closed_by: ClosedBy,
    /// Id of the person who ended the order; empty for the system.
    pub closed_by_user_id: String,
}

/// Effect of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// No effect: the order or its task token already has this rank or a higher one, a task token
    /// arrives after the order's end, or the change names another shop or customer.
    Nothing,
    /// The order has the new task token or the new status, or got its number and drink after its
    /// failure.
    Moved,
    /// The order ended, and its capacity is released.
    Ended,
}

impl Applied {
    /// Spelling in log lines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Moved => "moved",
            Self::Ended => "ended",
        }
    }
}

impl From<OrderEvent> for Change {
    fn from(event: OrderEvent) -> Self {
        match event {
            OrderEvent::TokenIssued(event) => {
                let rank = event.step.token_rank(event.attempt);
                let token = HeldToken { token: event.task_token, step: event.step, rank };
                Self { about: event.about, kind: ChangeKind::Token(token) }
            }
            OrderEvent::WorkflowStarted(event) => {
                let progress = Progress { status: OrderStatus::Created, expires_at: event.expires_at, chosen: None };
                Self { about: event.about, kind: ChangeKind::Progress(progress) }
            }
            OrderEvent::WaitingCompletion(event) => {
                let chosen = Chosen { order_number: event.order_number, drink_order: event.drink_order };
                let progress =
                    Progress { status: OrderStatus::Waiting, expires_at: event.expires_at, chosen: Some(chosen) };
                Self { about: event.about, kind: ChangeKind::Progress(progress) }
            }
            OrderEvent::OrderCompleted(event) => {
                let chosen = Chosen { order_number: event.order_number, drink_order: event.drink_order };
                let end = End {
                    status: OrderStatus::Completed,
                    chosen: Some(chosen),
                    reason: event.reason,
                    closed_by: event.closed_by,
                    closed_by_user_id: event.closed_by_user_id,
                };
                Self { about: event.about, kind: ChangeKind::End(end) }
            }
            OrderEvent::OrderCancelled(event) => {
                let end = End {
                    status: OrderStatus::Cancelled,
                    chosen: chosen(event.order_number, event.drink_order),
                    reason: event.reason,
                    closed_by: event.closed_by,
                    closed_by_user_id: event.closed_by_user_id,
                };
                Self { about: event.about, kind: ChangeKind::End(end) }
            }
            OrderEvent::OrderTimeOut(event) => {
                let reason = match event.cause {
                    Step::Customer => "customerTimeOut",
                    Step::Barista => "baristaTimeOut",
                };
                let chosen = chosen(event.order_number, event.drink_order);
                Self { about: event.about, kind: ChangeKind::End(ended_by_system(reason, chosen)) }
            }
            OrderEvent::OrderFailed(event) => {
                Self { about: event.about, kind: ChangeKind::End(ended_by_system(FAILED, None)) }
            }
        }
    }
}

fn chosen(order_number: Option<u64>, drink_order: Option<DrinkOrder>) -> Option<Chosen> {
    Some(Chosen { order_number: order_number?, drink_order: drink_order? })
}

fn ended_by_system(reason: &str, chosen: Option<Chosen>) -> End {
    End {
        status: OrderStatus::Cancelled,
        chosen,
        reason: reason.to_owned(),
        closed_by: ClosedBy::System,
        closed_by_user_id: String::new(),
    }
}

/// Returns true if `change` moves `stored` forward: the condition of the write. A change that names
/// another shop or customer than the order does not apply.
pub fn applies(stored: &StoredOrder, change: &Change) -> bool {
    let (status, about) = (stored.order.status, &change.about);
    if about.shop_id != stored.order.shop_id || about.user_id != stored.order.user_id {
        return false;
    }
    match &change.kind {
        ChangeKind::Token(token) => {
            !status.is_final() && stored.token.as_ref().is_none_or(|held| held.rank < token.rank)
        }
        ChangeKind::Progress(progress) => status.rank() < progress.status.rank() || adds_choice(stored, progress),
        ChangeKind::End(_) => !status.is_final(),
    }
}

/// Returns true if `stored` is final and has no number, and `progress`, from a late event, has
/// number and drink. Only `OrderFailed` ends an order in the queue without them, because the
/// sweeper does not always know them.
fn adds_choice(stored: &StoredOrder, progress: &Progress) -> bool {
    stored.order.status.is_final() && stored.order.order_number.is_none() && progress.chosen.is_some()
}

/// Applies `change` to `stored` if [`applies`] allows it.
pub fn apply(stored: &mut StoredOrder, change: &Change) -> Applied {
    if !applies(stored, change) {
        return Applied::Nothing;
    }
    let order = &mut stored.order;
    match &change.kind {
        ChangeKind::Token(token) => {
            stored.token = Some(token.clone());
            Applied::Moved
        }
        ChangeKind::Progress(progress) if order.status.is_final() => {
            choose(stored, progress.chosen.as_ref());
            Applied::Moved
        }
        ChangeKind::Progress(progress) => {
            order.status = progress.status;
            order.updated_at = change.about.at;
            order.expires_at = Some(progress.expires_at);
            choose(stored, progress.chosen.as_ref());
            Applied::Moved
        }
        ChangeKind::End(end) => {
            order.status = end.status;
            order.updated_at = change.about.at;
            order.expires_at = None;
            order.reason = Some(end.reason.clone());
            order.closed_by = Some(end.closed_by);
            stored.closed_by_user_id = Some(end.closed_by_user_id.clone());
            stored.token = None;
            choose(stored, end.chosen.as_ref());
            Applied::Ended
        }
    }
}

fn choose(stored: &mut StoredOrder, chosen: Option<&Chosen>) {
    if let Some(chosen) = chosen {
        stored.order.order_number = Some(chosen.order_number);
        stored.order.drink_order = Some(chosen.drink_order.clone());
    }
}

#[cfg(test)]
#[path = "projection_tests.rs"]
pub(crate) mod tests;

#[cfg(test)]
#[path = "projection_life_tests.rs"]
mod life_tests;
