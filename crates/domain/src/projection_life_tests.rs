//! Lives of orders, every way that one can go, and what any delivery of their events leaves.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::tests::{drink, stored};
use super::*;
use crate::event::{
    OrderCancelled, OrderCompleted, OrderFailed, OrderTimeOut, TokenIssued, WaitingCompletion, WorkflowStarted,
};
use crate::order::TaskToken;
use crate::testing::cases;

/// How an order goes on from a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaves {
    /// As it should: the drink is chosen, or handed over.
    Done,
    Cancelled(ClosedBy),
    TimedOut,
    /// The workflow broke; the sweeper ended the order.
    Failed,
    /// Not yet.
    Stays,
}

/// A wait: which of its two events each attempt published. The last one that the workflow got through published both.
#[derive(Debug, Clone)]
struct Wait {
    broken_attempts: Vec<(bool, bool)>,
    leaves: Leaves,
}

#[derive(Debug, Clone)]
struct Life {
    customer: Wait,
    barista: Wait,
    /// How often the sweeper published the recorded outcome once more.
    swept: usize,
}

fn wait() -> impl Strategy<Value = Wait> {
    let leaves = prop_oneof![
        4 => Just(Leaves::Done),
        1 => Just(Leaves::Cancelled(ClosedBy::Customer)),
        1 => Just(Leaves::Cancelled(ClosedBy::Barista)),
        1 => Just(Leaves::TimedOut),
        1 => Just(Leaves::Failed),
        1 => Just(Leaves::Stays),
    ];
    let broken_attempts = proptest::collection::vec(any::<(bool, bool)>(), 0..4);
    (broken_attempts, leaves).prop_map(|(broken_attempts, leaves)| Wait { broken_attempts, leaves })
}

fn life() -> impl Strategy<Value = Life> {
    (wait(), wait(), 0..3_usize).prop_map(|(customer, barista, swept)| Life { customer, barista, swept })
}

/// An order and everything that was published about it, in the order in which that happened.
#[derive(Debug, Clone)]
struct Told {
    order: StoredOrder,
    events: Vec<OrderEvent>,
    ends: bool,
    /// The token that it holds in the end: the last one that was issued, unless it has ended.
    token: Option<String>,
}

struct Teller {
    about: About,
    events: Vec<OrderEvent>,
}

impl Teller {
    fn at(&self, secs: i64) -> About {
        About { at: Timestamp::from_millis(secs * 1_000), ..self.about.clone() }
    }

    /// Every attempt of a wait says the same but for its token.
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

    /// Whether the order goes on to the next step.
    fn leave(&mut self, leaves: Leaves, step: Step, number: Option<u64>, secs: i64) -> bool {
        let (about, drink_order) = (self.at(secs), number.map(|_| drink()));
        let event = match leaves {
            Leaves::Stays => return false,
            Leaves::Done => return true,
            Leaves::Cancelled(closed_by) => OrderEvent::OrderCancelled(OrderCancelled {
                about,
                order_number: number,
                drink_order,
                reason: "too late".into(),
                closed_by,
                closed_by_user_id: "somebody".into(),
            }),
            Leaves::TimedOut => {
                OrderEvent::OrderTimeOut(OrderTimeOut { about, cause: step, order_number: number, drink_order })
            }
            Leaves::Failed => OrderEvent::OrderFailed(OrderFailed { about, cause: "broken".into() }),
        };
        self.events.push(event);
        false
    }
}

fn told(life: &Life, order_id: &str, shop_id: &str, user_id: &str) -> Told {
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
    let mut teller = Teller { about, events: Vec::new() };
    let expires_at = |secs: i64| Timestamp::from_millis(secs * 1_000);
    let started = OrderEvent::WorkflowStarted(WorkflowStarted { about: teller.at(10), expires_at: expires_at(310) });
    teller.wait(&life.customer, Step::Customer, &started, 10);
    if teller.leave(life.customer.leaves, Step::Customer, None, 20) {
        let waiting = OrderEvent::WaitingCompletion(WaitingCompletion {
            about: teller.at(30),
            order_number: number,
            drink_order: drink(),
            expires_at: expires_at(930),
        });
        teller.wait(&life.barista, Step::Barista, &waiting, 30);
        if teller.leave(life.barista.leaves, Step::Barista, Some(number), 40) {
            teller.events.push(OrderEvent::OrderCompleted(OrderCompleted {
                about: teller.at(40),
                order_number: number,
                drink_order: drink(),
                reason: "completed".into(),
                closed_by: ClosedBy::Barista,
                closed_by_user_id: "anna".into(),
            }));
        }
    }
    let mut events = teller.events;
    let last = events.last().cloned().filter(|event| matches!(Change::from(event.clone()).kind, ChangeKind::End(_)));
    let ends = last.is_some();
    events.extend(last.into_iter().flat_map(|end| vec![end; life.swept]));
    let issued = events.iter().rev().find_map(|event| match event {
        OrderEvent::TokenIssued(issued) => Some(issued.task_token.reveal().to_owned()),
        _ => None,
    });
    Told { order, events, ends, token: issued.filter(|_| !ends) }
}

/// Three orders, the first two of one customer in one shop, the last in another.
fn bar(lives: &[Life; 3]) -> Vec<Told> {
    let whose = [("one", "ABC", "anna"), ("two", "ABC", "anna"), ("three", "XYZ", "bert")];
    lives.iter().zip(whose).map(|(life, (order, shop, user))| told(life, order, shop, user)).collect()
}

type Table = BTreeMap<crate::ids::OrderId, StoredOrder>;

fn admitted(bar: &[Told]) -> Table {
    bar.iter().map(|told| (told.order.order.order_id.clone(), told.order.clone())).collect()
}

/// What is left when these events are delivered so, and how many of them ended an order.
fn delivered<'a>(bar: &[Told], events: impl IntoIterator<Item = &'a Change>) -> (Table, usize) {
    let mut table = admitted(bar);
    let mut ended = 0;
    for change in events {
        let Some(stored) = table.get_mut(&change.about.order_id) else { continue };
        ended += usize::from(apply(stored, change) == Applied::Ended);
    }
    (table, ended)
}

/// Every event, up to three times, and for each some that name a stranger's shop or customer, or an order that is not there.
fn any_delivery() -> impl Strategy<Value = (Vec<Told>, Vec<Change>)> {
    let lives = [life(), life(), life()];
    lives.prop_flat_map(|lives| {
        let bar = bar(&lives);
        let events: Vec<Change> = bar.iter().flat_map(|told| &told.events).cloned().map(Change::from).collect();
        let more = proptest::collection::vec((0..3_usize, 0..8_usize), events.len());
        let delivery = more.prop_flat_map(move |more| {
            let mut delivered = Vec::new();
            for (event, (again, forged)) in events.iter().zip(more) {
                delivered.extend(vec![event.clone(); again + 1]);
                delivered.extend(forgery(event, forged));
            }
            Just(delivered).prop_shuffle()
        });
        (Just(bar), delivery)
    })
}

/// What somebody makes of an event who does not get right whose order it is about.
fn forgery(event: &Change, whose: usize) -> Option<Change> {
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
    fn any_shuffle_and_duplication_of_any_lives_leaves_the_same_orders((bar, delivery) in any_delivery()) {
        let straight: Vec<Change> = bar.iter().flat_map(|told| &told.events).cloned().map(Change::from).collect();
        let (expected, _) = delivered(&bar, &straight);
        let (found, ended) = delivered(&bar, &delivery);
        for told in &bar {
            let (expected, found) = (&expected[&told.order.order.order_id], &found[&told.order.order.order_id]);
            prop_assert_eq!(found.token.as_ref().map(|held| held.token.reveal()), told.token.as_deref());
            prop_assert_eq!(found, expected);
            prop_assert_eq!(found.order.status.is_final(), told.ends);
        }
        prop_assert_eq!(ended, bar.iter().filter(|told| told.ends).count(), "each order that ends gives its places back once");
    }

    /// A delivery that was not complete yet never shows what the complete one takes back.
    #[test]
    fn an_order_only_ever_moves_forward((bar, delivery) in any_delivery()) {
        let mut table = admitted(&bar);
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
fn a_failure_that_is_heard_before_the_choice_keeps_the_number_and_the_drink_all_the_same() {
    let done = Wait { broken_attempts: vec![], leaves: Leaves::Done };
    let broken = Wait { broken_attempts: vec![], leaves: Leaves::Failed };
    let told = told(&Life { customer: done, barista: broken, swept: 0 }, "one", "ABC", "anna");
    let mut order = told.order;
    for event in told.events.into_iter().rev() {
        apply(&mut order, &event.into());
    }
    assert_eq!((order.order.status, order.order.reason.as_deref()), (OrderStatus::Cancelled, Some(FAILED)));
    assert_eq!((order.order.order_number, order.order.drink_order), (Some(7), Some(drink())));
    assert_eq!((order.order.updated_at, order.order.expires_at), (Timestamp::from_millis(40_000), None));
}
