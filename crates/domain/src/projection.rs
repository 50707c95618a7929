//! What an event makes of an order. Any shuffle and duplication of an order's events ends in the same order:
//! an event carries all that its status needs, a status has a rank, and only a higher rank applies. A failure alone does not know the
//! number and the drink; an order that failed takes them from the event that told them, should that come late.

use crate::drink::DrinkOrder;
use crate::event::{About, OrderEvent};
use crate::order::{ClosedBy, HeldToken, OrderStatus, Step, StoredOrder};
use crate::timestamp::Timestamp;

/// The reason of an order whose workflow broke.
pub const FAILED: &str = "failed";

/// A change to a stored order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The event's common part: which order, and when.
    pub about: About,
    /// What changes.
    pub kind: ChangeKind,
}

/// What changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// The order may hold a token.
    Token(HeldToken),
    /// The order may move on.
    Progress(Progress),
    /// The order may end, which gives its places back.
    End(End),
}

/// A status that is not final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The status.
    pub status: OrderStatus,
    /// When its wait ends.
    pub expires_at: Timestamp,
    /// The number and the drink, once chosen.
    pub chosen: Option<Chosen>,
}

/// The number and the drink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The number that is called out.
    pub order_number: u64,
    /// The drink.
    pub drink_order: DrinkOrder,
}

/// How an order ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// `Completed` or `Cancelled`.
    pub status: OrderStatus,
    /// The number and the drink, if they were chosen.
    pub chosen: Option<Chosen>,
    /// Why.
    pub reason: String,
    /// Who.
    pub closed_by: ClosedBy,
    /// Who, by id; empty for the system.
    pub closed_by_user_id: String,
}

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Nothing: the order is as far or farther.
    Nothing,
    /// It holds the token, moved on, or learned its number and its drink after it had failed.
    Moved,
    /// It ended: its places go back.
    Ended,
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

/// Whether `change` moves `stored` forward: the condition under which it is written. What names another shop or customer than the
/// order's own is not about it.
pub fn applies(stored: &StoredOrder, change: &Change) -> bool {
    let (status, about) = (stored.order.status, &change.about);
    if about.shop_id != stored.order.shop_id || about.user_id != stored.order.user_id {
        return false;
    }
    match &change.kind {
        ChangeKind::Token(token) => {
            !status.is_final() && stored.token.as_ref().is_none_or(|held| held.rank < token.rank)
        }
        ChangeKind::Progress(progress) => status.rank() < progress.status.rank() || completes(stored, progress),
        ChangeKind::End(_) => !status.is_final(),
    }
}

/// Whether an order that has ended without its number and its drink learns them late. Only a failure ends an order so: it is told
/// by the sweeper, which may not know them.
fn completes(stored: &StoredOrder, progress: &Progress) -> bool {
    stored.order.status.is_final() && stored.order.order_number.is_none() && progress.chosen.is_some()
}

/// Writes `change` to `stored` if it applies.
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
