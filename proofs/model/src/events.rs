//! Events of the model, and their conversion into domain events. They are compact, because millions
//! of states hold copies.

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    Customer,
    Barista(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Choice {
    pub number: u64,
    pub drink: u8,
}

/// Event about an order. `Unavailable` stands for `ShopUnavailable`, `Finished` for
/// `orderFinished`. Each other variant stands for a variant of `OrderEvent` with a longer name (see
/// [`order_event`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PublishedEvent {
    Started,
    Token(Token),
    Waiting(Choice),
    Completed { choice: Choice, barista: u8 },
    Cancelled { choice: Option<Choice>, by: Actor },
    TimedOut { step: Step, choice: Option<Choice> },
    Failed,
    Unavailable(Refusal),
    Finished(Outcome),
}

/// A task token, identified by run, step and attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    pub run: u8,
    pub step: Step,
    pub attempt: u8,
}

impl Token {
    pub fn secret(self) -> TaskToken {
        TaskToken::new(format!("{} {} {}", self.run, self.step.as_str(), self.attempt))
    }
}

/// Returns the time of an event, which stays the same when the event is published again. No rule of
/// the model compares the times of events.
fn at(event: PublishedEvent) -> Timestamp {
    Timestamp::from_millis(match event {
        PublishedEvent::Started | PublishedEvent::Token(Token { step: Step::Customer, .. }) => 10,
        PublishedEvent::Waiting(_) | PublishedEvent::Token(_) => 20,
        _ => 30,
    })
}

fn about(event: PublishedEvent, scan: Scan) -> About {
    About {
        order_id: scan.order_id(),
        user_id: scan.user_id(),
        shop_id: people::shop(),
        message: String::new(),
        at: at(event),
    }
}

const fn role(actor: Actor) -> ClosedBy {
    match actor {
        Actor::Customer => ClosedBy::Customer,
        Actor::Barista(_) => ClosedBy::Barista,
    }
}

pub fn person(actor: Actor, scan: Scan) -> UserId {
    match actor {
        Actor::Customer => scan.user_id(),
        Actor::Barista(barista) => people::barista(barista),
    }
}

fn number(choice: Option<Choice>) -> Option<u64> {
    choice.map(|choice| choice.number)
}

fn drink(choice: Option<Choice>) -> Option<DrinkOrder> {
    choice.map(|choice| people::drink(choice.drink))
}

/// Converts `event` into the domain's event. `None` for `Unavailable` and `Finished`, which the
/// projector does not consume.
pub fn order_event(event: PublishedEvent, scan: Scan) -> Option<OrderEvent> {
    let about = about(event, scan);
    let expires_at = Timestamp::from_millis(about.at.as_millis() + 300_000);
    Some(match event {
        PublishedEvent::Started => OrderEvent::WorkflowStarted(WorkflowStarted { about, expires_at }),
        PublishedEvent::Token(token) => OrderEvent::TokenIssued(TokenIssued {
            about,
            task_token: token.secret(),
            step: token.step,
            attempt: token.attempt.into(),
        }),
        PublishedEvent::Waiting(choice) => OrderEvent::WaitingCompletion(WaitingCompletion {
            about,
            order_number: choice.number,
            drink_order: people::drink(choice.drink),
            expires_at,
        }),
        PublishedEvent::Completed { choice, barista } => OrderEvent::OrderCompleted(OrderCompleted {
            about,
            order_number: choice.number,
            drink_order: people::drink(choice.drink),
            reason: "completed".into(),
            closed_by: ClosedBy::Barista,
            closed_by_user_id: people::barista(barista).to_string(),
        }),
        PublishedEvent::Cancelled { choice, by } => OrderEvent::OrderCancelled(OrderCancelled {
            about,
            order_number: number(choice),
            drink_order: drink(choice),
            reason: "cancelled".into(),
            closed_by: role(by),
            closed_by_user_id: person(by, scan).to_string(),
        }),
        PublishedEvent::TimedOut { step, choice } => OrderEvent::OrderTimeOut(OrderTimeOut {
            about,
            cause: step,
            order_number: number(choice),
            drink_order: drink(choice),
        }),
        PublishedEvent::Failed => OrderEvent::OrderFailed(OrderFailed { about, cause: "failed".into() }),
        PublishedEvent::Unavailable(_) | PublishedEvent::Finished(_) => return None,
    })
}

pub fn output_entry(event: PublishedEvent, scan: Scan) -> OutputEntry {
    fn entry<D: Detail>(detail: &D) -> OutputEntry {
        OutputEntry { detail_type: D::DETAIL_TYPE.to_owned(), detail: serde_json::to_value(detail).unwrap_or_default() }
    }
    match (event, order_event(event, scan)) {
        (PublishedEvent::Unavailable(reason), _) => entry(&ShopUnavailable { about: about(event, scan), reason }),
        (PublishedEvent::Finished(outcome), _) => entry(&OrderFinished { about: about(event, scan), outcome }),
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
