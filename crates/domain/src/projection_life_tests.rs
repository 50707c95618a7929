//! Generates histories of orders and checks that any delivery of their events ends in the same
//! orders.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::tests::{drink, stored};
use super::*;
use crate::event::{
    OrderCancelled, OrderCompleted, OrderFailed, OrderTimeOut, TokenIssued, WaitingCompletion, WorkflowStarted,
};
use crate::order::TaskToken;
use crate::testing::cases;

/// End of an order's wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// The customer chose the drink, or the barista completed it.
    Done,
    Cancelled(ClosedBy),
    TimedOut,
    /// The workflow failed; the sweeper ended the order.
    Failed,
    /// The order is still waiting.
    StillWaiting,
}

/// A wait of the workflow. `broken_attempts` has two values for each failed attempt: true if the
/// attempt announced the wait, and true if it issued a task token. The last attempt does both.
#[derive(Debug, Clone)]
struct Wait {
    broken_attempts: Vec<(bool, bool)>,
    exit: Exit,
}

#[derive(Debug, Clone)]
struct Life {
    customer: Wait,
    barista: Wait,
    /// Number of times that the sweeper published the recorded outcome again.
    swept: usize,
}

fn wait() -> impl Strategy<Value = Wait> {
    let exit = prop_oneof![
        4 => Just(Exit::Done),
        1 => Just(Exit::Cancelled(ClosedBy::Customer)),
        1 => Just(Exit::Cancelled(ClosedBy::Barista)),
        1 => Just(Exit::TimedOut),
        1 => Just(Exit::Failed),
        1 => Just(Exit::StillWaiting),
    ];
    let broken_attempts = proptest::collection::vec(any::<(bool, bool)>(), 0..4);
    (broken_attempts, exit).prop_map(|(broken_attempts, exit)| Wait { broken_attempts, exit })
}

fn life() -> impl Strategy<Value = Life> {
    (wait(), wait(), 0..3_usize).prop_map(|(customer, barista, swept)| Life { customer, barista, swept })
}

/// An order and the events about it, in the sequence of publication.
#[derive(Debug, Clone)]
struct History {
    order: StoredOrder,
    events: Vec<OrderEvent>,
    ends: bool,
    /// The task token that the order holds at the end: the last one issued, unless the order has
    /// ended.
    token: Option<String>,
}

struct Publisher {
    about: About,
    events: Vec<OrderEvent>,
}

impl Publisher {
    fn at(&self, secs: i64) -> About {
        About { at: Timestamp::from_millis(secs * 1_000), ..self.about.clone() }
    }

    /// Publishes the events of each attempt of a wait. The events of two attempts differ in the
    /// attempt and the task token only.
    fn wait(&mut self, wait: &Wait, step: Step, announcement: &OrderEvent, secs: i64) {
        let attempts = wait.broken_attempts.iter().copied().chain([(true, true)]);
        for (attempt, (announced, issued)) in (0..).zip(attempts) {
            if announced {
                self.events.push(announcement.clone());
            }
            if issued {
                let task_token = TaskToken::new(format!("{} {} {attempt}", self.about.order_id, step.as_str()));
                self.events.push(OrderEvent::TokenIssued(TokenIssued {
                    about: self.at(secs),
                    task_token,
                    step,
                    attempt,
                }));
            }
        }
    }

    /// Publishes the event of an exit that ends the order. Returns true for [`Exit::Done`]: then
    /// the caller publishes the next event.
    fn exit(&mut self, exit: Exit, step: Step, number: Option<u64>, secs: i64) -> bool {
        let (about, drink_order) = (self.at(secs), number.map(|_| drink()));
        let event = match exit {
            Exit::StillWaiting => return false,
            Exit::Done => return true,
            Exit::Cancelled(closed_by) => OrderEvent::OrderCancelled(OrderCancelled {
                about,
                order_number: number,
                drink_order,
                reason: "too late".into(),
                closed_by,
                closed_by_user_id: "anna".into(),
            }),
            Exit::TimedOut => {
                OrderEvent::OrderTimeOut(OrderTimeOut { about, cause: step, order_number: number, drink_order })
            }
            Exit::Failed => OrderEvent::OrderFailed(OrderFailed { about, cause: "broken".into() }),
        };
        self.events.push(event);
        false
    }
}

fn history(life: &Life, order_id: &str, shop_id: &str, user_id: &str) -> History {
    let mut order = stored(OrderStatus::Admitted);
    order.order.order_id = order_id.parse().unwrap();
    order.order.shop_id = shop_id.parse().unwrap();
    order.order.user_id = user_id.parse().unwrap();
    let about = About {
        order_id: order.order.order_id.clone(),
        user_id: order.order.user_id.clone(),
        shop_id: order.order.shop_id.clone(),
        message: String::new(),
        at: Timestamp::from_millis(0),
    };
    let number = 7;
    let mut publisher = Publisher { about, events: Vec::new() };
    let expires_at = |secs: i64| Timestamp::from_millis(secs * 1_000);
    let started = OrderEvent::WorkflowStarted(WorkflowStarted { about: publisher.at(10), expires_at: expires_at(310) });
    publisher.wait(&life.customer, Step::Customer, &started, 10);
    if publisher.exit(life.customer.exit, Step::Customer, None, 20) {
        let waiting = OrderEvent::WaitingCompletion(WaitingCompletion {
            about: publisher.at(30),
            order_number: number,
            drink_order: drink(),
            expires_at: expires_at(930),
        });
        publisher.wait(&life.barista, Step::Barista, &waiting, 30);
        if publisher.exit(life.barista.exit, Step::Barista, Some(number), 40) {
            publisher.events.push(OrderEvent::OrderCompleted(OrderCompleted {
                about: publisher.at(40),
                order_number: number,
                drink_order: drink(),
                reason: "completed".into(),
                closed_by: ClosedBy::Barista,
                closed_by_user_id: "anna".into(),
            }));
        }
    }
    let mut events = publisher.events;
    let last = events.last().cloned().filter(|event| matches!(Change::from(event.clone()).kind, ChangeKind::End(_)));
    let ends = last.is_some();
    events.extend(last.into_iter().flat_map(|end| vec![end; life.swept]));
    let issued = events.iter().rev().find_map(|event| match event {
        OrderEvent::TokenIssued(issued) => Some(issued.task_token.reveal().to_owned()),
        _ => None,
    });
    History { order, events, ends, token: issued.filter(|_| !ends) }
}

/// Three orders: the first two of one customer in one shop, the third in another shop.
fn histories(lives: &[Life; 3]) -> Vec<History> {
    let whose = [("one", "ABC", "anna"), ("two", "ABC", "anna"), ("three", "XYZ", "bert")];
    lives.iter().zip(whose).map(|(life, (order, shop, user))| history(life, order, shop, user)).collect()
}

type Table = BTreeMap<crate::ids::OrderId, StoredOrder>;

fn admitted(histories: &[History]) -> Table {
    histories.iter().map(|history| (history.order.order.order_id.clone(), history.order.clone())).collect()
}

/// Delivers the events in this sequence. Returns the table, and the number of events that ended an
/// order.
fn delivered<'a>(histories: &[History], events: impl IntoIterator<Item = &'a Change>) -> (Table, usize) {
    let mut table = admitted(histories);
    let mut ended = 0;
    for change in events {
        let Some(stored) = table.get_mut(&change.about.order_id) else { continue };
        ended += usize::from(apply(stored, change) == Applied::Ended);
    }
    (table, ended)
}

/// Each event one to three times, and forged events that name another shop, customer or order, all
/// shuffled.
fn any_delivery() -> impl Strategy<Value = (Vec<History>, Vec<Change>)> {
    let lives = [life(), life(), life()];
    lives.prop_flat_map(|lives| {
        let histories = histories(&lives);
        let events: Vec<Change> =
            histories.iter().flat_map(|history| &history.events).cloned().map(Change::from).collect();
        let more = proptest::collection::vec((0..3_usize, 0..8_usize), events.len());
        let delivery = more.prop_flat_map(move |more| {
            let mut delivered = Vec::new();
            for (event, (again, forged)) in events.iter().zip(more) {
                delivered.extend(vec![event.clone(); again + 1]);
                delivered.extend(forge(event, forged));
            }
            Just(delivered).prop_shuffle()
        });
        (Just(histories), delivery)
    })
}

/// A copy of the event with other values. It names another shop if `whose` is 0, another customer
/// if `whose` is 1, and another order if `whose` is 2. `None` if `whose` is larger.
fn forge(event: &Change, whose: usize) -> Option<Change> {
    let mut forged = event.clone();
    forged.about.at = Timestamp::from_millis(5_000);
    match &mut forged.kind {
        ChangeKind::Token(held) => {
            *held = HeldToken { token: TaskToken::new("forged".into()), rank: held.rank + 1, ..held.clone() };
        }
        ChangeKind::Progress(progress) => progress.expires_at = forged.about.at,
        ChangeKind::End(end) => end.reason = "forged".into(),
    }
    match whose {
        0 => forged.about.shop_id = "elsewhere".parse().unwrap(),
        1 => forged.about.user_id = "mallory".parse().unwrap(),
        2 => forged.about.order_id = "nowhere".parse().unwrap(),
        _ => return None,
    }
    Some(forged)
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn any_permutation_and_repetition_of_any_histories_ends_in_the_same_orders((histories, delivery) in any_delivery()) {
        let straight: Vec<Change> = histories.iter().flat_map(|history| &history.events).cloned().map(Change::from).collect();
        let (expected, _) = delivered(&histories, &straight);
        let (found, ended) = delivered(&histories, &delivery);
        for history in &histories {
            let (expected, found) = (&expected[&history.order.order.order_id], &found[&history.order.order.order_id]);
            prop_assert_eq!(found.token.as_ref().map(|held| held.token.reveal()), history.token.as_deref());
            prop_assert_eq!(found, expected);
            prop_assert_eq!(found.order.status.is_final(), history.ends);
        }
        prop_assert_eq!(ended, histories.iter().filter(|history| history.ends).count(), "each order that ends releases its capacity once");
    }

    /// Delivers the events one by one. No order may return to an earlier status, end twice or lose
    /// its number.
    #[test]
    fn an_order_never_moves_back((histories, delivery) in any_delivery()) {
        let mut table = admitted(&histories);
        for change in &delivery {
            let Some(stored) = table.get_mut(&change.about.order_id) else { continue };
            let before = stored.clone();
            apply(stored, change);
            prop_assert!(stored.order.status.rank() >= before.order.status.rank());
            if before.order.status.is_final() {
                let ending = |stored: &StoredOrder| {
                    let order = &stored.order;
                    (order.status, order.updated_at, order.reason.clone(), order.closed_by, stored.token.clone())
                };
                prop_assert_eq!(ending(stored), ending(&before), "an order ends once");
            }
            prop_assert!(before.order.order_number.is_none_or(|number| stored.order.order_number == Some(number)));
        }
    }
}

#[test]
fn an_order_whose_failure_arrives_before_its_choice_still_gets_number_and_drink() {
    let done = Wait { broken_attempts: vec![], exit: Exit::Done };
    let broken = Wait { broken_attempts: vec![], exit: Exit::Failed };
    let history = history(&Life { customer: done, barista: broken, swept: 0 }, "one", "ABC", "anna");
    let mut order = history.order;
    for event in history.events.into_iter().rev() {
        apply(&mut order, &event.into());
    }
    assert_eq!((order.order.status, order.order.reason.as_deref()), (OrderStatus::Cancelled, Some(FAILED)));
    assert_eq!((order.order.order_number, order.order.drink_order), (Some(7), Some(drink())));
    assert_eq!((order.order.updated_at, order.order.expires_at), (Timestamp::from_millis(40_000), None));
}
