//! Rules of the commands submit, complete and cancel. An allowed command spends the task token,
//! which works only once. Applied to an order that was read later, the same functions show whether
//! a command has taken effect.

use crate::call::CALL_WINDOW;
use crate::caller::Caller;
use crate::claim::{self, Claim, ClaimAction, ClaimChange, ClaimDecision};
use crate::drink::DrinkOrder;
use crate::ids::UserId;
use crate::order::{ClosedBy, HeldToken, Order, OrderStatus, Step, StoredOrder, TaskToken};
use crate::timestamp::Timestamp;

/// Decision about a command, based on one reading of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandDecision {
    /// Resume the workflow with this task token.
    Resume(TaskToken),
    /// Claim the order, then decide again. The command will spend this task token.
    ClaimFirst(ClaimChange, TaskToken),
    /// The order shows that the same command of this caller has taken effect: repeat the first
    /// answer.
    Done,
    /// The order does not allow the command.
    Conflict(Conflict),
}

/// Reason why an order does not allow a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The order's status does not allow the command.
    #[error("the order is {}", .0.as_str())]
    WrongStatus(OrderStatus),
    /// The task token is not stored yet; the command is expected to be possible soon.
    #[error("the order is not ready for this command yet; retry in a second")]
    NotReady,
    /// The order is not in the queue, so baristas cannot claim or complete it. Its customer has not
    /// chosen a drink, or the projection does not show the choice yet.
    #[error("the order is not in the queue yet: its customer has not chosen a drink, or chose it just now")]
    NotQueued,
    /// Another barista holds the claim.
    #[error("{} claimed this order{}; action=make&from={} takes it over", holder(.0), since(.0), .0.claim_version)]
    ClaimedByAnother(Claim),
    /// A takeover names another version than that of the current claim.
    #[error("the claim has changed to version {} since it was read; read the order again", .0.claim_version)]
    ClaimChanged(Claim),
    /// The time in which a completed order can be called has passed.
    #[error("the order was completed more than {} minutes ago", CALL_WINDOW.as_secs() / 60)]
    TooLateToCall,
}

fn holder(claim: &Claim) -> &str {
    claim.barista_user_id.as_ref().map_or("another barista", UserId::as_str)
}

fn since(claim: &Claim) -> String {
    claim.claimed_at.map(|at| format!(" at {at}")).unwrap_or_default()
}

/// Next step of a command, given the decision and the task token that was found spent, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// Spend this task token.
    Spend(TaskToken),
    /// Change the claim, then decide again.
    Claim(ClaimChange),
    /// Repeat the first answer.
    Answer,
    /// Refuse the command.
    Refuse(Conflict),
    /// Read the order again: the projection does not show yet which command spent the task token.
    ReadAgain,
}

/// Returns the step that follows `decision`. `spent` is the task token that this command tried and
/// found spent; `None` if it has tried none.
pub fn next_step(decision: CommandDecision, spent: Option<&TaskToken>) -> NextStep {
    match decision {
        CommandDecision::Done => NextStep::Answer,
        CommandDecision::Conflict(Conflict::NotReady | Conflict::NotQueued) if spent.is_some() => NextStep::ReadAgain,
        CommandDecision::Conflict(reason) => NextStep::Refuse(reason),
        CommandDecision::Resume(token) | CommandDecision::ClaimFirst(_, token) if spent == Some(&token) => {
            NextStep::ReadAgain
        }
        CommandDecision::Resume(token) => NextStep::Spend(token),
        CommandDecision::ClaimFirst(change, _) => NextStep::Claim(change),
    }
}

/// Decides whether the customer can choose `drink`.
pub fn submit(stored: &StoredOrder, drink: &DrinkOrder) -> CommandDecision {
    match stored.order.status {
        OrderStatus::Admitted | OrderStatus::Created => resume(stored, Step::Customer),
        OrderStatus::Waiting | OrderStatus::Completed if stored.order.drink_order.as_ref() == Some(drink) => {
            CommandDecision::Done
        }
        status => CommandDecision::Conflict(Conflict::WrongStatus(status)),
    }
}

/// Decides whether `barista` can complete the order: the holder of the claim can. An unclaimed
/// order is claimed first.
pub fn complete(stored: &StoredOrder, barista: &Caller, now: Timestamp) -> CommandDecision {
    match stored.order.status {
        OrderStatus::Admitted | OrderStatus::Created => CommandDecision::Conflict(Conflict::NotQueued),
        OrderStatus::Waiting => as_holder(stored, barista, now),
        OrderStatus::Completed if closed_by(stored, ClosedBy::Barista, &barista.user_id) => CommandDecision::Done,
        status => CommandDecision::Conflict(Conflict::WrongStatus(status)),
    }
}

/// Decides whether `caller` can cancel the order. In the queue, a barista needs the claim, as for
/// completing the order. An admin can also cancel while another barista holds the claim. The
/// customer of the order needs no claim.
pub fn cancel(stored: &StoredOrder, caller: &Caller, now: Timestamp) -> CommandDecision {
    let role = cancels_as(stored, caller);
    match stored.order.status {
        OrderStatus::Admitted | OrderStatus::Created => match &stored.token {
            // The workflow waits for a barista, but the projection does not show it yet. Once it
            // does, the claim decides.
            Some(HeldToken { step: Step::Barista, .. }) if role != ClosedBy::Customer => {
                CommandDecision::Conflict(Conflict::NotReady)
            }
            Some(held) => CommandDecision::Resume(held.token.clone()),
            None => CommandDecision::Conflict(Conflict::NotReady),
        },
        OrderStatus::Waiting if role == ClosedBy::Customer => resume(stored, Step::Barista),
        OrderStatus::Waiting => match as_holder(stored, caller, now) {
            CommandDecision::Conflict(Conflict::ClaimedByAnother(_)) if caller.is_admin() => {
                resume(stored, Step::Barista)
            }
            decision => decision,
        },
        OrderStatus::Cancelled if closed_by(stored, role, &caller.user_id) => CommandDecision::Done,
        status => CommandDecision::Conflict(Conflict::WrongStatus(status)),
    }
}

/// Returns the role in which `caller` cancels: the owner of the order always counts as customer,
/// even with a staff role.
pub fn cancels_as(stored: &StoredOrder, caller: &Caller) -> ClosedBy {
    if stored.order.user_id == caller.user_id { ClosedBy::Customer } else { ClosedBy::Barista }
}

/// Returns true if `caller` may learn that the order exists.
pub fn may_see(stored: &StoredOrder, caller: &Caller) -> bool {
    stored.order.user_id == caller.user_id || caller.is_barista()
}

/// Returns the order as `caller` may see it: the time of the claim is for staff alone.
#[must_use]
pub fn as_seen_by(order: Order, caller: &Caller) -> Order {
    if caller.is_barista() { order } else { Order { claimed_at: None, ..order } }
}

/// Decides about a command that requires the claim of a waiting order.
fn as_holder(stored: &StoredOrder, barista: &Caller, now: Timestamp) -> CommandDecision {
    match (claim::decide(&stored.order, ClaimAction::Make, barista, now), resume(stored, Step::Barista)) {
        (Err(conflict), _) => CommandDecision::Conflict(conflict),
        (Ok(ClaimDecision::Change(change)), CommandDecision::Resume(token)) => {
            CommandDecision::ClaimFirst(change, token)
        }
        (Ok(ClaimDecision::Change(_) | ClaimDecision::Repeat), resume) => resume,
    }
}

fn resume(stored: &StoredOrder, step: Step) -> CommandDecision {
    match &stored.token {
        Some(held) if held.step == step => CommandDecision::Resume(held.token.clone()),
        _ => CommandDecision::Conflict(Conflict::NotReady),
    }
}

fn closed_by(stored: &StoredOrder, role: ClosedBy, user_id: &UserId) -> bool {
    stored.order.closed_by == Some(role) && stored.closed_by_user_id.as_deref() == Some(user_id.as_str())
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
