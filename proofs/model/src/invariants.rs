//! What is promised of every state, and what must be reachable for the promises to mean anything.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use domain::event::Outcome;
use domain::order::{ClosedBy, OrderStatus, Step, StoredOrder};
use domain::projection::{self, Change, ChangeKind, FAILED};
use stateright::Property;

use crate::bar::Bar;
use crate::people::Scan;
use crate::told::{self, Told, Who};
use crate::world::{Slot, What, World};

/// Whether something holds in a state.
pub type Check = fn(&Bar, &World) -> bool;

/// What should be met in some state, and what of it has not been yet.
#[derive(Debug)]
pub struct ToBeMet {
    open: AtomicUsize,
    checks: Mutex<Vec<(&'static str, Check)>>,
}

impl ToBeMet {
    pub(crate) fn new() -> Self {
        Self { open: AtomicUsize::new(SOMETIMES.len()), checks: Mutex::new(SOMETIMES.to_vec()) }
    }

    pub(crate) fn look(&self, bar: &Bar, world: &World) {
        if self.open.load(Ordering::Relaxed) > 0 {
            let mut checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner);
            checks.retain(|(_, met)| !met(bar, world));
            self.open.store(checks.len(), Ordering::Relaxed);
        }
    }

    pub(crate) fn never(&self) -> Vec<&'static str> {
        self.checks.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(name, _)| *name).collect()
    }
}

const ALWAYS: [(&str, Check); 9] = [
    ("an order has one outcome at most, and all that was told agrees with the table", one_outcome),
    ("the shop counts the orders that hold a place, and never more than it has room for", places_are_counted),
    ("a customer's open orders are counted, and are never more than the limit", customers_are_counted),
    ("a number is given to one order only", numbers_are_unique),
    ("an order never goes back: once it has its number it waits or has ended", orders_go_forward),
    ("no more orders come of a code than it is good for", no_more_than_tokens),
    ("a command that was acknowledged is what came of the order, unless its workflow broke", acknowledged_commands),
    ("in the end nothing is open, and nothing is counted", settled),
    ("in the end an acknowledged scan is an order or a recorded refusal, and a failure was told", acknowledged_scans),
];

const SOMETIMES: [(&str, Check); 17] = [
    ("an order is completed", |_, world| any(world, |slot| told(slot, |told| matches!(told, Told::Completed { .. })))),
    ("a customer cancels while choosing", |_, world| any(world, |slot| cancelled(slot, Who::Customer, false))),
    ("a customer cancels while waiting", |_, world| any(world, |slot| cancelled(slot, Who::Customer, true))),
    ("a barista cancels", |_, world| any(world, |slot| cancelled(slot, Who::Barista(0), true))),
    ("the customer's time is up", |_, world| any(world, |slot| timed_out(slot, Step::Customer))),
    ("the barista's time is up", |_, world| any(world, |slot| timed_out(slot, Step::Barista))),
    ("a workflow breaks, and its order is ended as failed", |_, world| any(world, |slot| failed(slot, true))),
    ("an order that was never let in is recorded as failed", |_, world| any(world, |slot| failed(slot, false))),
    ("an acknowledged scan has no order yet", |_, world| any(world, |slot| slot.acknowledged && slot.stored.is_none())),
    ("a duplicate is started", |_, world| world.runs.iter().filter(|run| run.slot == 0).count() > 1),
    ("a retried wait issues a second token", |_, world| {
        any(world, |slot| told(slot, |told| matches!(told, Told::Token(token) if token.attempt > 0)))
    }),
    ("an order ends before its way to the end was heard", |_, world| {
        any(world, |slot| {
            slot.is_final() && told(slot, |told| matches!(told, Told::Waiting(_))) && slot.stored.is_some()
        })
    }),
    ("a command finds its token spent", |_, world| world.commands.iter().any(|command| command.spent)),
    ("a command is answered though its reply was lost", |_, world| {
        world.commands.is_empty() && any(world, |slot| slot.is_final() && slot.heard.len() > 1)
    }),
    ("an order is refused because the shop is full", |_, world| any(world, |slot| refused(slot, "full"))),
    ("an order is refused because of the customer's limit", |_, world| {
        any(world, |slot| refused(slot, "customerLimit"))
    }),
    ("an order is refused because the shop has closed", |_, world| any(world, |slot| refused(slot, "closed"))),
];

pub(crate) fn properties() -> Vec<Property<Bar>> {
    ALWAYS.iter().map(|(name, check)| Property::always(name, *check)).collect()
}

/// The promises, by name.
pub fn promises() -> impl Iterator<Item = &'static str> {
    ALWAYS.iter().map(|(name, _)| *name)
}

fn any(world: &World, holds: impl Fn(&Slot) -> bool) -> bool {
    world.slots.iter().any(holds)
}

fn told(slot: &Slot, wanted: impl Fn(Told) -> bool) -> bool {
    slot.ever_told().any(wanted)
}

fn cancelled(slot: &Slot, who: Who, chosen: bool) -> bool {
    let is = |told| matches!(told, Told::Cancelled { chosen: number, by } if by == who && number.is_some() == chosen);
    told(slot, is) && slot.is_final()
}

fn timed_out(slot: &Slot, step: Step) -> bool {
    told(slot, |told| matches!(told, Told::TimedOut { step: whose, .. } if whose == step)) && slot.is_final()
}

fn reason(slot: &Slot) -> Option<&str> {
    slot.stored.as_ref()?.order.reason.as_deref()
}

fn failed(slot: &Slot, was_told: bool) -> bool {
    reason(slot) == Some(FAILED) && told(slot, |told| told == Told::Started) == was_told
}

fn refused(slot: &Slot, why: &str) -> bool {
    reason(slot) == Some(why)
}

/// How an order ended, as somebody sees it. A failure does not say what was chosen.
#[derive(PartialEq, Eq)]
struct End {
    status: OrderStatus,
    reason: String,
    closed_by: Option<ClosedBy>,
    closed_by_user_id: String,
    chosen: Option<(Option<u64>, Option<String>)>,
}

fn as_told(told: Told, scan: Scan) -> Option<End> {
    if let Told::Unavailable(refusal) = told {
        return Some(by_system(refusal.as_str(), None));
    }
    let Change { kind: ChangeKind::End(end), .. } = Change::from(told::order_event(told, scan)?) else { return None };
    let projection::End { status, chosen, reason, closed_by, closed_by_user_id } = end;
    let chosen = (reason != FAILED).then(|| chosen.map(|c| (c.order_number, c.drink_order.drink)).unzip());
    Some(End { status, reason, closed_by: Some(closed_by), closed_by_user_id, chosen })
}

fn by_system(reason: &str, chosen: Option<(Option<u64>, Option<String>)>) -> End {
    End {
        status: OrderStatus::Cancelled,
        reason: reason.to_owned(),
        closed_by: Some(ClosedBy::System),
        closed_by_user_id: String::new(),
        chosen,
    }
}

fn as_stored(stored: &StoredOrder) -> End {
    let order = &stored.order;
    End {
        status: order.status,
        reason: order.reason.clone().unwrap_or_default(),
        closed_by: order.closed_by,
        closed_by_user_id: stored.closed_by_user_id.clone().unwrap_or_default(),
        chosen: Some((order.order_number, order.drink_order.as_ref().map(|drink| drink.drink.clone()))),
    }
}

fn agree(one: &End, other: &End) -> bool {
    let chosen = one.chosen.is_none() || other.chosen.is_none() || one.chosen == other.chosen;
    let same = |end: &End| (end.status, end.reason.clone(), end.closed_by, end.closed_by_user_id.clone());
    chosen && same(one) == same(other)
}

fn outcome_of(told: Told) -> Option<Outcome> {
    match told {
        Told::Completed { .. } => Some(Outcome::Completed),
        Told::Cancelled { .. } => Some(Outcome::Cancelled),
        Told::TimedOut { .. } => Some(Outcome::TimedOut),
        Told::Unavailable(_) => Some(Outcome::Refused),
        _ => None,
    }
}

fn one_outcome(bar: &Bar, world: &World) -> bool {
    world.slots.iter().enumerate().all(|(number, slot)| {
        let mut ends: Vec<End> = slot.ever_told().filter_map(|told| as_told(told, bar.scan(number))).collect();
        ends.extend(slot.stored.as_deref().filter(|stored| stored.order.status.is_final()).map(as_stored));
        let finished: BTreeSet<Outcome> = slot
            .ever_told()
            .filter_map(|told| match told {
                Told::Finished(outcome) => Some(outcome),
                other => outcome_of(other),
            })
            .collect();
        let refused_tell = |end: &End| end.chosen.is_none();
        let first = ends.iter().find(|end| !refused_tell(end)).or_else(|| ends.first());
        finished.len() <= 1 && first.is_none_or(|first| ends.iter().all(|end| agree(first, end)))
    })
}

fn open(world: &World) -> impl Iterator<Item = usize> + '_ {
    world.slots.iter().enumerate().filter(|(_, slot)| slot.is_open()).map(|(number, _)| number)
}

fn places_are_counted(bar: &Bar, world: &World) -> bool {
    let holding = open(world).count();
    usize::try_from(world.in_flight) == Ok(holding) && holding <= bar.shape.room as usize
}

fn customers_are_counted(bar: &Bar, world: &World) -> bool {
    world.open_orders.iter().enumerate().all(|(customer, count)| {
        let holding = open(world).filter(|slot| usize::from(bar.scan(*slot).customer) == customer).count();
        usize::try_from(*count) == Ok(holding) && holding <= bar.shape.per_customer as usize
    })
}

fn numbers_are_unique(_: &Bar, world: &World) -> bool {
    let numbers: Vec<u64> = world.runs.iter().filter_map(|run| run.memory.number).collect();
    let stored = world.slots.iter().filter_map(|slot| slot.stored.as_ref()?.order.order_number);
    let stored: Vec<u64> = stored.collect();
    let unique = |numbers: &[u64]| numbers.iter().collect::<BTreeSet<_>>().len() == numbers.len();
    unique(&numbers) && unique(&stored)
}

fn orders_go_forward(_: &Bar, world: &World) -> bool {
    let stored = world.slots.iter().filter_map(|slot| slot.stored.as_ref());
    stored
        .filter(|stored| stored.order.order_number.is_some())
        .all(|stored| stored.order.status.rank() >= OrderStatus::Waiting.rank())
}

fn no_more_than_tokens(bar: &Bar, world: &World) -> bool {
    let windows: BTreeSet<u8> = bar.shape.scans.iter().map(|(_, window)| *window).collect();
    windows.into_iter().all(|window| {
        let of_window = bar.shape.scans.iter().zip(&world.slots).filter(|((_, other), _)| *other == window);
        let orders = of_window.filter(|(_, slot)| slot.asked || slot.stored.is_some()).count();
        orders <= bar.shape.tokens as usize
    })
}

fn acknowledged_commands(bar: &Bar, world: &World) -> bool {
    world.slots.iter().enumerate().all(|(number, slot)| {
        let broke = world.runs.iter().any(|run| run.slot == number && run.broke);
        slot.heard.iter().all(|(who, what)| {
            let mut ends = slot.ever_told().filter_map(|told| as_told(told, bar.scan(number)));
            let person = told::person(*who, bar.scan(number));
            ends.all(|end| match what {
                _ if broke && end.reason == FAILED => true,
                What::Complete => end.status == OrderStatus::Completed && end.closed_by_user_id == person.as_str(),
                What::Cancel => end.status == OrderStatus::Cancelled && end.closed_by_user_id == person.as_str(),
                What::Submit(drink) => {
                    let chosen = Some(crate::people::drink(*drink).drink);
                    end.chosen.is_some_and(|(_, drink)| drink == chosen)
                }
            })
        })
    })
}

fn settled(bar: &Bar, world: &World) -> bool {
    let nothing = world.in_flight == 0
        && world.open_orders.iter().all(|count| *count == 0)
        && world.slots.iter().all(|slot| !slot.is_open());
    nothing || !bar.is_at_rest(world)
}

fn acknowledged_scans(bar: &Bar, world: &World) -> bool {
    let told_if_failed = |slot: &Slot| reason(slot) != Some(FAILED) || told(slot, |told| told == Told::Failed);
    let kept = world.slots.iter().all(|slot| (!slot.acknowledged || slot.stored.is_some()) && told_if_failed(slot));
    kept || !bar.is_at_rest(world)
}
