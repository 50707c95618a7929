//! What was told on the bus, small enough to be part of millions of states, and the events of the domain that it stands for.

use domain::admission::Refusal;
use domain::drink::DrinkOrder;
use domain::event::{
    About, Detail, OrderCancelled, OrderCompleted, OrderEvent, OrderFailed, OrderFinished, OrderTimeOut, Outcome,
    ShopUnavailable, TokenIssued, WaitingCompletion, WorkflowStarted,
};
use domain::ids::UserId;
use domain::order::{ClosedBy, Step, TaskToken};
use domain::timestamp::Timestamp;
use domain::workflow::OutputEntry;

use crate::people::{self, Scan};

/// Who acts on an order, besides the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// Its customer.
    Customer,
    /// A barista.
    Barista(u8),
}

/// The number and the drink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chosen {
    /// The number.
    pub number: u64,
    /// The drink.
    pub drink: u8,
}

/// An event about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Told {
    /// `WorkflowStarted`.
    Started,
    /// `TokenIssued`.
    Token(Token),
    /// `WaitingCompletion`.
    Waiting(Chosen),
    /// `OrderCompleted`.
    Completed {
        /// Number and drink.
        chosen: Chosen,
        /// Who handed it over.
        barista: u8,
    },
    /// `OrderCancelled`.
    Cancelled {
        /// Number and drink, if they were chosen.
        chosen: Option<Chosen>,
        /// Who.
        by: Who,
    },
    /// `OrderTimeOut`.
    TimedOut {
        /// Whose time was up.
        step: Step,
        /// Number and drink, if they were chosen.
        chosen: Option<Chosen>,
    },
    /// `OrderFailed`.
    Failed,
    /// `ShopUnavailable`.
    Unavailable(Refusal),
    /// `orderFinished`.
    Finished(Outcome),
}

/// A task token: of which try of which wait of which execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    /// The execution.
    pub run: u8,
    /// The wait.
    pub step: Step,
    /// The try.
    pub attempt: u8,
}

impl Token {
    /// The secret.
    pub fn secret(self) -> TaskToken {
        TaskToken::new(format!("{} {} {}", self.run, self.step.as_str(), self.attempt))
    }
}

/// When each thing happens. No rule compares these; they only must be the same whenever the same thing is told.
fn at(told: Told) -> Timestamp {
    Timestamp::from_millis(match told {
        Told::Started | Told::Token(Token { step: Step::Customer, .. }) => 10,
        Told::Waiting(_) | Told::Token(_) => 20,
        _ => 30,
    })
}

fn about(told: Told, scan: Scan) -> About {
    About {
        order_id: scan.order_id(),
        user_id: scan.user_id(),
        event_id: people::shop(),
        message: String::new(),
        at: at(told),
    }
}

const fn role(who: Who) -> ClosedBy {
    match who {
        Who::Customer => ClosedBy::Customer,
        Who::Barista(_) => ClosedBy::Barista,
    }
}

/// The person behind `who`.
pub fn person(who: Who, scan: Scan) -> UserId {
    match who {
        Who::Customer => scan.user_id(),
        Who::Barista(barista) => people::barista(barista),
    }
}

fn number(chosen: Option<Chosen>) -> Option<u64> {
    chosen.map(|chosen| chosen.number)
}

fn drink(chosen: Option<Chosen>) -> Option<DrinkOrder> {
    chosen.map(|chosen| people::drink(chosen.drink))
}

/// The event that moves the order, if this one does.
pub fn order_event(told: Told, scan: Scan) -> Option<OrderEvent> {
    let about = about(told, scan);
    let expires_at = Timestamp::from_millis(about.at.as_millis() + 300_000);
    Some(match told {
        Told::Started => OrderEvent::WorkflowStarted(WorkflowStarted { about, expires_at }),
        Told::Token(token) => OrderEvent::TokenIssued(TokenIssued {
            about,
            task_token: token.secret(),
            step: token.step,
            attempt: token.attempt.into(),
        }),
        Told::Waiting(chosen) => OrderEvent::WaitingCompletion(WaitingCompletion {
            about,
            order_number: chosen.number,
            drink_order: people::drink(chosen.drink),
            expires_at,
        }),
        Told::Completed { chosen, barista } => OrderEvent::OrderCompleted(OrderCompleted {
            about,
            order_number: chosen.number,
            drink_order: people::drink(chosen.drink),
            reason: "completed".into(),
            closed_by: ClosedBy::Barista,
            closed_by_user_id: people::barista(barista).to_string(),
        }),
        Told::Cancelled { chosen, by } => OrderEvent::OrderCancelled(OrderCancelled {
            about,
            order_number: number(chosen),
            drink_order: drink(chosen),
            reason: "cancelled".into(),
            closed_by: role(by),
            closed_by_user_id: person(by, scan).to_string(),
        }),
        Told::TimedOut { step, chosen } => OrderEvent::OrderTimeOut(OrderTimeOut {
            about,
            cause: step,
            order_number: number(chosen),
            drink_order: drink(chosen),
        }),
        Told::Failed => OrderEvent::OrderFailed(OrderFailed { about, cause: "broken".into() }),
        Told::Unavailable(_) | Told::Finished(_) => return None,
    })
}

/// The event as an execution's output records it.
pub fn output_entry(told: Told, scan: Scan) -> OutputEntry {
    fn entry<D: Detail>(detail: &D) -> OutputEntry {
        OutputEntry { detail_type: D::DETAIL_TYPE.to_owned(), detail: serde_json::to_value(detail).unwrap_or_default() }
    }
    match (told, order_event(told, scan)) {
        (Told::Unavailable(reason), _) => entry(&ShopUnavailable { about: about(told, scan), reason }),
        (Told::Finished(outcome), _) => entry(&OrderFinished { about: about(told, scan), outcome }),
        (_, Some(OrderEvent::TokenIssued(event))) => entry(&event),
        (_, Some(OrderEvent::WorkflowStarted(event))) => entry(&event),
        (_, Some(OrderEvent::WaitingCompletion(event))) => entry(&event),
        (_, Some(OrderEvent::OrderCompleted(event))) => entry(&event),
        (_, Some(OrderEvent::OrderCancelled(event))) => entry(&event),
        (_, Some(OrderEvent::OrderTimeOut(event))) => entry(&event),
        (_, Some(OrderEvent::OrderFailed(event))) => entry(&event),
        (_, None) => OutputEntry { detail_type: String::new(), detail: serde_json::Value::Null },
    }
}
