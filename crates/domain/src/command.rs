//! What a command may do to an order. The task token is the lock: a command checks, then spends the token once.
//! Asked again of a later reading of the order, the same functions tell whether a command has had its effect.

use crate::caller::Caller;
use crate::drink::DrinkOrder;
use crate::ids::UserId;
use crate::order::{ClosedBy, OrderStatus, Step, StoredOrder, TaskToken};

/// What is to be done with a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandDecision {
    /// Resume the workflow with this token.
    Resume(TaskToken),
    /// The order shows that this caller's same command has had its effect: answer as the first time.
    Done,
    /// The order shows that it cannot be.
    Conflict(Conflict),
}

/// Why a command cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The order's status does not allow it.
    #[error("the order is {}", .0.as_str())]
    WrongStatus(OrderStatus),
    /// The order is on its way to where the command is possible.
    #[error("the order is not ready for this yet; ask again in a second")]
    NotReady,
    /// Somebody else is making it.
    #[error("another barista has taken this order on")]
    ClaimedByAnother,
}

/// What to do about a verdict, once it is known which token, if any, turned out to be spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// Spend this token.
    Spend(TaskToken),
    /// Answer as the first time.
    Answer,
    /// Refuse.
    Refuse(Conflict),
    /// Read the order again: the projection has not told yet who spent the token.
    ReadAgain,
}

/// The step from `verdict` on, where `spent` is a token that this command has tried in vain.
pub fn next_step(verdict: CommandDecision, spent: Option<&TaskToken>) -> NextStep {
    match verdict {
        CommandDecision::Done => NextStep::Answer,
        CommandDecision::Conflict(Conflict::NotReady) if spent.is_some() => NextStep::ReadAgain,
        CommandDecision::Conflict(reason) => NextStep::Refuse(reason),
        CommandDecision::Resume(token) if spent == Some(&token) => NextStep::ReadAgain,
        CommandDecision::Resume(token) => NextStep::Spend(token),
    }
}

/// The customer chooses `drink`.
pub fn submit(stored: &StoredOrder, drink: &DrinkOrder) -> CommandDecision {
    match stored.order.status {
        OrderStatus::Admitted | OrderStatus::Created => resume(stored, Step::Customer),
        OrderStatus::Waiting | OrderStatus::Completed if stored.order.drink_order.as_ref() == Some(drink) => {
            CommandDecision::Done
        }
        status => CommandDecision::Conflict(Conflict::WrongStatus(status)),
    }
}

/// `barista`, who holds the claim, hands the drink over.
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

/// `caller` cancels, as customer or as barista.
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

/// The part in which `caller` cancels: one's own order as its customer, whatever else one is.
pub fn cancels_as(stored: &StoredOrder, caller: &Caller) -> ClosedBy {
    if stored.order.user_id == caller.user_id { ClosedBy::Customer } else { ClosedBy::Barista }
}

/// Whether `caller` may know that the order exists.
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
