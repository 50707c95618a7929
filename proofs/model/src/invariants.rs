//! Invariants, which must hold in every state.

use std::collections::BTreeSet;

use domain::event::Outcome;
use domain::order::{ClosedBy, OrderStatus, StoredOrder};
use domain::projection::{self, Change, ChangeKind, FAILED};
use stateright::Property;

use crate::events::{self, Actor, PublishedEvent};
use crate::people::Scan;
use crate::shop_model::ShopModel;
use crate::world::{CommandKind, Slot, World};

pub type Check = fn(&ShopModel, &World) -> bool;

const INVARIANTS: [(&str, Check); 18] = [
    ("an order has at most one outcome", one_outcome),
    ("the ends of an order agree, in its events and in the table", ends_agree),
    ("the shop's count `inFlight` equals its number of open orders, within its capacity", capacity_is_counted),
    ("each customer's count `openOrders` equals their number of open orders, within the limit", customers_are_counted),
    ("each order number is assigned once", numbers_are_unique),
    ("the status of an order with a number is waiting or final", orders_go_forward),
    ("a code has at most `tokens` customers", codes_are_limited),
    ("only a customer with a place in the bucket of a code requests orders", orders_have_a_place),
    ("a place has at most one open order, one completed order, and three orders in all", attempts_are_limited),
    ("an accepted command decides the order's drink or end, unless its workflow failed", accepted_commands),
    ("a version of a claim has one holder", claims_have_one_holder),
    ("a claim is ended only by its holder, a takeover or an admin", claims_end_with_right),
    ("each version of a claim is taken over at most once", takeovers_happen_once),
    ("a barista who completed or cancelled an order in the queue has held its claim", closers_held_the_claim),
    ("the sweeper publishes a failure, or what a workflow decided", sweeper_decides_nothing),
    ("in the end no order is open and every count is 0", settled),
    ("in the end each acknowledged scan has a stored order", acknowledged_scans),
    ("in the end each failure is published", published_failures),
];

pub(crate) fn properties() -> Vec<Property<ShopModel>> {
    INVARIANTS.iter().map(|(name, check)| Property::always(name, *check)).collect()
}

pub fn names() -> impl Iterator<Item = &'static str> {
    INVARIANTS.iter().map(|(name, _)| *name)
}

pub(crate) fn any(world: &World, holds: impl Fn(&Slot) -> bool) -> bool {
    world.slots.iter().any(holds)
}

pub(crate) fn published(slot: &Slot, wanted: impl Fn(PublishedEvent) -> bool) -> bool {
    slot.ever_published().any(wanted)
}

pub(crate) fn reason(slot: &Slot) -> Option<&str> {
    slot.stored.as_ref()?.order.reason.as_deref()
}

/// End of an order, from an event or from the table. `chosen` is `None` for an event that does not
/// name the chosen drink: a failure or a refusal.
#[derive(PartialEq, Eq)]
struct End {
    status: OrderStatus,
    reason: String,
    closed_by: Option<ClosedBy>,
    closed_by_user_id: String,
    chosen: Option<(Option<u64>, Option<String>)>,
}

fn published_end(event: PublishedEvent, scan: Scan) -> Option<End> {
    if let PublishedEvent::Unavailable(refusal) = event {
        return Some(by_system(refusal.as_str(), None));
    }
    let Change { kind: ChangeKind::End(end), .. } = Change::from(events::order_event(event, scan)?) else {
        return None;
    };
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

fn stored_end(stored: &StoredOrder) -> End {
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

fn outcome(event: PublishedEvent) -> Option<Outcome> {
    match event {
        PublishedEvent::Completed { .. } => Some(Outcome::Completed),
        PublishedEvent::Cancelled { .. } => Some(Outcome::Cancelled),
        PublishedEvent::TimedOut { .. } => Some(Outcome::TimedOut),
        PublishedEvent::Unavailable(_) => Some(Outcome::Refused),
        _ => None,
    }
}

fn one_outcome(_: &ShopModel, world: &World) -> bool {
    world.slots.iter().all(|slot| {
        let outcomes = slot.ever_published().filter_map(|event| match event {
            PublishedEvent::Finished(outcome) => Some(outcome),
            other => outcome(other),
        });
        outcomes.collect::<BTreeSet<Outcome>>().len() <= 1
    })
}

fn ends_agree(model: &ShopModel, world: &World) -> bool {
    world.slots.iter().enumerate().all(|(number, slot)| {
        let mut ends: Vec<End> =
            slot.ever_published().filter_map(|event| published_end(event, model.scan(number))).collect();
        ends.extend(slot.stored.as_deref().filter(|stored| stored.order.status.is_final()).map(stored_end));
        let first = ends.iter().find(|end| end.chosen.is_some()).or_else(|| ends.first());
        first.is_none_or(|first| ends.iter().all(|end| agree(first, end)))
    })
}

fn open(world: &World) -> impl Iterator<Item = usize> + '_ {
    world.slots.iter().enumerate().filter(|(_, slot)| slot.is_open()).map(|(number, _)| number)
}

fn capacity_is_counted(model: &ShopModel, world: &World) -> bool {
    let holding = open(world).count();
    usize::try_from(world.in_flight) == Ok(holding) && holding <= model.shape.capacity as usize
}

fn customers_are_counted(model: &ShopModel, world: &World) -> bool {
    world.open_orders.iter().enumerate().all(|(customer, count)| {
        let holding = open(world).filter(|slot| usize::from(model.scan(*slot).customer) == customer).count();
        usize::try_from(*count) == Ok(holding) && holding <= model.shape.per_customer as usize
    })
}

fn numbers_are_unique(_: &ShopModel, world: &World) -> bool {
    let numbers: Vec<u64> = world.runs.iter().filter_map(|run| run.memory.number).collect();
    let stored = world.slots.iter().filter_map(|slot| slot.stored.as_ref()?.order.order_number);
    let stored: Vec<u64> = stored.collect();
    let unique = |numbers: &[u64]| numbers.iter().collect::<BTreeSet<_>>().len() == numbers.len();
    unique(&numbers) && unique(&stored)
}

fn orders_go_forward(_: &ShopModel, world: &World) -> bool {
    let stored = world.slots.iter().filter_map(|slot| slot.stored.as_ref());
    stored
        .filter(|stored| stored.order.order_number.is_some())
        .all(|stored| stored.order.status.rank() >= OrderStatus::Waiting.rank())
}

fn codes_are_limited(model: &ShopModel, world: &World) -> bool {
    let windows: BTreeSet<u8> = model.shape.scans.iter().map(|(_, window)| *window).collect();
    windows.into_iter().all(|window| {
        let scans = model.shape.scans.iter().zip(&world.places);
        let holders = scans.filter(|((_, of), place)| *of == window && place.is_some()).count();
        holders <= model.shape.tokens as usize
    })
}

fn orders_have_a_place(model: &ShopModel, world: &World) -> bool {
    world.slots.iter().enumerate().all(|(number, slot)| {
        let place = world.places.get(number / usize::from(model.shape.orders_per_place)).copied().flatten();
        !(slot.requested || slot.stored.is_some()) || place.is_some()
    })
}

fn attempts_are_limited(model: &ShopModel, world: &World) -> bool {
    world.slots.chunks(model.shape.orders_per_place.into()).all(|orders| {
        let count = |is: fn(&Slot) -> bool| orders.iter().filter(|slot| is(slot)).count();
        let completed = |slot: &Slot| slot.stored.as_ref().is_some_and(|s| s.order.status == OrderStatus::Completed);
        count(Slot::is_open) <= 1 && count(completed) <= 1 && count(|slot| slot.requested || slot.stored.is_some()) <= 3
    })
}

fn accepted_commands(model: &ShopModel, world: &World) -> bool {
    world.slots.iter().enumerate().all(|(number, slot)| {
        let failed = world.runs.iter().any(|run| run.slot == number && run.failed);
        slot.accepted.iter().all(|(actor, kind)| {
            let mut ends = slot.ever_published().filter_map(|event| published_end(event, model.scan(number)));
            let person = events::person(*actor, model.scan(number));
            ends.all(|end| match kind {
                _ if failed && end.reason == FAILED => true,
                CommandKind::Complete => {
                    end.status == OrderStatus::Completed && end.closed_by_user_id == person.as_str()
                }
                CommandKind::Cancel => end.status == OrderStatus::Cancelled && end.closed_by_user_id == person.as_str(),
                CommandKind::Submit(drink) => {
                    let chosen = Some(crate::people::drink(*drink).drink);
                    end.chosen.is_some_and(|(_, drink)| drink == chosen)
                }
            })
        })
    })
}

fn claims_have_one_holder(_: &ShopModel, world: &World) -> bool {
    world.slots.iter().all(|slot| {
        let versions: BTreeSet<u64> = slot.claims.holders.iter().map(|(version, _)| *version).collect();
        versions.len() == slot.claims.holders.len()
    })
}

fn claims_end_with_right(_: &ShopModel, world: &World) -> bool {
    !any(world, |slot| slot.claims.ended_without_right)
}

fn takeovers_happen_once(_: &ShopModel, world: &World) -> bool {
    let unique =
        |slot: &Slot| slot.claims.takeovers.iter().collect::<BTreeSet<_>>().len() == slot.claims.takeovers.len();
    world.slots.iter().all(unique)
}

fn closers_held_the_claim(model: &ShopModel, world: &World) -> bool {
    world.slots.iter().all(|slot| {
        slot.ever_published().all(|event| match event {
            PublishedEvent::Completed { barista, .. } => slot.has_held(barista),
            PublishedEvent::Cancelled { choice: Some(_), by: Actor::Barista(barista) } => {
                slot.has_held(barista) || model.is_admin(barista)
            }
            _ => true,
        })
    })
}

fn settled(model: &ShopModel, world: &World) -> bool {
    let nothing = world.in_flight == 0
        && world.open_orders.iter().all(|count| *count == 0)
        && world.slots.iter().all(|slot| !slot.is_open());
    nothing || !model.is_at_rest(world)
}

fn sweeper_decides_nothing(_: &ShopModel, world: &World) -> bool {
    !any(world, |slot| slot.published_undecided)
}

fn acknowledged_scans(model: &ShopModel, world: &World) -> bool {
    let lost = any(world, |slot| slot.acknowledged && slot.stored.is_none());
    !lost || !model.is_at_rest(world)
}

fn published_failures(model: &ShopModel, world: &World) -> bool {
    let is_published = |slot: &Slot| published(slot, |event| event == PublishedEvent::Failed);
    let silent = any(world, |slot| reason(slot) == Some(FAILED) && !is_published(slot));
    !silent || !model.is_at_rest(world)
}

#[cfg(test)]
#[path = "invariants_tests.rs"]
mod tests;
