//! Rules of the commands submit, complete and cancel. An allowed command spends the task token,
//! which works only once. Applied to an order that was read later, the same functions show whether
//! a command has taken effect.

use crate::caller::Caller;
use crate::drink::DrinkOrder;
use crate::ids::UserId;
use crate::order::{ClosedBy, OrderStatus, Step, StoredOrder, TaskToken};

/// Decision about a command, based on one reading of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandDecision {
    /// Resume the workflow with this task token.
    Resume(TaskToken),
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
    /// Another barista holds the claim.
    #[error("another barista has claimed this order")]
    ClaimedByAnother,
}

/// Next step of a command, given the decision and the task token that was found spent, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// Spend this task token.
    Spend(TaskToken),
    /// Repeat the first answer.
    Answer,
    /// Refuse the command.
    Refuse(Conflict),
    /// Read the order again: the projection does not show yet which command spent the task token.
    ReadAgain,
}

/// Returns the step that follows `decision`. `spent` is the task token that this command tried and
/// found spent.
pub fn next_step(decision: CommandDecision, spent: Option<&TaskToken>) -> NextStep {
    match decision {
        CommandDecision::Done => NextStep::Answer,
        CommandDecision::Conflict(Conflict::NotReady) if spent.is_some() => NextStep::ReadAgain,
        CommandDecision::Conflict(reason) => NextStep::Refuse(reason),
        CommandDecision::Resume(token) if spent == Some(&token) => NextStep::ReadAgain,
        CommandDecision::Resume(token) => NextStep::Spend(token),
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

/// Decides whether `barista` can hand the drink over. Requires the claim.
pub fn complete(stored: &StoredOrder, barista: &UserId) -> CommandDecision {
    match stored.order.status {
        OrderStatus::Admitted | OrderStatus::Created => CommandDecision::Conflict(Conflict::NotReady),
        OrderStatus::Waiting if stored.order.barista_user_id.as_ref() != Some(barista) => {
            CommandDecision::Conflict(Conflict::ClaimedByAnother)
        }
        OrderStatus::Waiting => resume(stored, Step::Barista),
        OrderStatus::Completed if closed_by(stored, ClosedBy::Barista, barista) => CommandDecision::Done,
        status => CommandDecision::Conflict(Conflict::WrongStatus(status)),
    }
}

/// Decides whether `caller` can cancel the order.
pub fn cancel(stored: &StoredOrder, caller: &Caller) -> CommandDecision {
    match stored.order.status {
        OrderStatus::Admitted | OrderStatus::Created => match &stored.token {
            Some(held) => CommandDecision::Resume(held.token.clone()),
            None => CommandDecision::Conflict(Conflict::NotReady),
        },
        OrderStatus::Waiting => resume(stored, Step::Barista),
        OrderStatus::Cancelled if closed_by(stored, cancels_as(stored, caller), &caller.user_id) => {
            CommandDecision::Done
        }
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
