//! What must hold once faults are over, letters are sent back and the sweeper has run.

use std::collections::{BTreeMap, BTreeSet};

use client::bus::BusEvent;
use domain::event::{ConfigChanged, Detail, NewOrder, OrderEvent, ShopUnavailable};
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use domain::projection::{Change, ChangeKind, Chosen};
use serde::Serialize;

use crate::facts::{Facts, Kept};

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// What must hold.
    pub rule: &'static str,
    /// What does not.
    pub about: String,
}

/// An outcome as an event tells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Outcome {
    status: &'static str,
    reason: String,
    closed_by: &'static str,
    closed_by_user_id: String,
    number: Option<u64>,
    drink: Option<String>,
}

/// What the bus said of one order.
#[derive(Debug, Default)]
struct Told {
    outcomes: BTreeSet<Outcome>,
    refusals: BTreeSet<String>,
    numbers: BTreeSet<u64>,
    asked: bool,
}

/// All that does not hold.
pub fn violations(facts: &Facts) -> Vec<Violation> {
    let told = told(&facts.events);
    let mut found = Vec::new();
    let mut violated = |rule, about: String| found.push(Violation { rule, about });
    for order_id in facts.promises.keys().filter(|order_id| !facts.orders.contains_key(order_id)) {
        violated("an acknowledged order is there", order_id.to_string());
    }
    for (order_id, told) in told.iter().filter(|(order_id, told)| told.asked && !facts.orders.contains_key(order_id)) {
        if !facts.promises.contains_key(order_id) {
            violated("an order that was asked for is there", format!("{order_id}: {told:?}"));
        }
    }
    for (order_id, kept) in &facts.orders {
        let status = kept.order.status.as_str();
        if !kept.order.status.is_final() {
            violated("every order is final", format!("{order_id} is {status}"));
        }
        if kept.holds_token && kept.order.status.is_final() {
            violated("no token outlives its order", order_id.to_string());
        }
        for about in disagreements(kept, told.get(order_id)) {
            violated("events and table agree", format!("{order_id}: {about}"));
        }
    }
    for (order_id, promise) in &facts.promises {
        let Some(kept) = facts.orders.get(order_id) else { continue };
        let closed = format!("{order_id} is {} ({:?})", kept.order.status.as_str(), kept.order.reason);
        if promise.completed && kept.order.status != OrderStatus::Completed {
            violated("a drink that was handed over is completed", closed.clone());
        }
        let drink = kept.order.drink_order.as_ref().map(|chosen| &chosen.drink);
        if promise.submitted.is_some() && drink.is_some() && promise.submitted.as_ref() != drink {
            violated("a drink that was taken is the order's", format!("{order_id}: {promise:?}, and {drink:?}"));
        }
        if promise.cancelled
            && (kept.order.status, kept.order.closed_by) != (OrderStatus::Cancelled, Some(ClosedBy::Customer))
        {
            violated("an order that its customer cancelled is cancelled", closed);
        }
    }
    for about in shared_numbers(facts, &told) {
        violated("a number is given to one order", about);
    }
    for count in facts.counts.iter().filter(|count| count.value != 0) {
        violated("nothing is counted any more", format!("{} counts {}", count.of, count.value));
    }
    for (queue, count) in facts.letters.iter().filter(|(_, count)| **count > 0) {
        violated("no letter is left", format!("{queue} holds {count}"));
    }
    if facts.running > 0 {
        violated("no execution runs", format!("{} do", facts.running));
    }
    for about in unannounced(facts) {
        violated("settings are announced", about);
    }
    found
}

/// Refused orders whose refusal nobody heard: their workflow could not tell, and nothing is left to be swept.
pub fn untold_refusals(facts: &Facts) -> usize {
    let told = told(&facts.events);
    let refused = facts.orders.iter().filter(|(_, kept)| is_refused(kept));
    refused.filter(|(order_id, _)| told.get(order_id).is_none_or(|told| told.refusals.is_empty())).count()
}

fn is_refused(kept: &Kept) -> bool {
    let reason = kept.order.reason.as_deref().unwrap_or_default();
    let by_system = kept.order.closed_by == Some(ClosedBy::System);
    kept.order.status == OrderStatus::Cancelled && by_system && matches!(reason, "closed" | "full" | "customerLimit")
}

fn told(events: &[BusEvent]) -> BTreeMap<OrderId, Told> {
    let mut told: BTreeMap<OrderId, Told> = BTreeMap::new();
    for event in events {
        let Some(order_id) = event.order_id().and_then(|id| id.parse::<OrderId>().ok()) else { continue };
        let of = told.entry(order_id).or_default();
        if event.detail_type == NewOrder::DETAIL_TYPE {
            of.asked = true;
        }
        if event.detail_type == ShopUnavailable::DETAIL_TYPE {
            of.refusals.extend(event.detail.get("reason").and_then(|reason| reason.as_str()).map(str::to_owned));
        }
        let Ok(change) = OrderEvent::parse(&event.detail_type, event.detail.clone()).map(Change::from) else {
            continue;
        };
        match change.kind {
            ChangeKind::End(end) => {
                of.numbers.extend(end.chosen.as_ref().map(|chosen| chosen.order_number));
                of.outcomes.insert(Outcome {
                    status: end.status.as_str(),
                    reason: end.reason,
                    closed_by: end.closed_by.as_str(),
                    closed_by_user_id: end.closed_by_user_id,
                    number: end.chosen.as_ref().map(|chosen| chosen.order_number),
                    drink: end.chosen.map(|Chosen { drink_order, .. }| drink_order.drink),
                });
            }
            ChangeKind::Progress(progress) => of.numbers.extend(progress.chosen.map(|chosen| chosen.order_number)),
            ChangeKind::Token(_) => {}
        }
    }
    told
}

/// Where the bus and the table tell different stories of an order.
fn disagreements(kept: &Kept, told: Option<&Told>) -> Vec<String> {
    let nothing = Told::default();
    let told = told.unwrap_or(&nothing);
    let order = &kept.order;
    if is_refused(kept) {
        let mut found: Vec<String> = told.outcomes.iter().map(|outcome| format!("refused, and {outcome:?}")).collect();
        let reason = order.reason.clone().unwrap_or_default();
        found.extend(
            told.refusals.iter().filter(|told| **told != reason).map(|told| format!("{reason}, and told {told}")),
        );
        return found;
    }
    if !order.status.is_final() {
        return Vec::new();
    }
    let Some(outcome) = told.outcomes.first().filter(|_| told.outcomes.len() == 1) else {
        return vec![format!("{} outcomes: {:?}", told.outcomes.len(), told.outcomes)];
    };
    let drink = order.drink_order.as_ref().map(|drink| drink.drink.clone());
    let in_table = Outcome {
        status: order.status.as_str(),
        reason: order.reason.clone().unwrap_or_default(),
        closed_by: order.closed_by.map(ClosedBy::as_str).unwrap_or_default(),
        closed_by_user_id: kept.closed_by_user_id.clone().unwrap_or_default(),
        // An event that ends an order before or without a number says nothing of one.
        number: outcome.number.and(order.order_number),
        drink: outcome.drink.as_ref().and(drink),
    };
    if in_table == *outcome { Vec::new() } else { vec![format!("the bus says {outcome:?}, the table {in_table:?}")] }
}

fn shared_numbers(facts: &Facts, told: &BTreeMap<OrderId, Told>) -> Vec<String> {
    let mut owners: BTreeMap<(&str, u64), BTreeSet<&OrderId>> = BTreeMap::new();
    let mut found = Vec::new();
    for (order_id, kept) in &facts.orders {
        let mut numbers: BTreeSet<u64> = told.get(order_id).map(|told| told.numbers.clone()).unwrap_or_default();
        numbers.extend(kept.order.order_number);
        if numbers.len() > 1 {
            found.push(format!("{order_id} has {numbers:?}"));
        }
        for number in numbers {
            owners.entry((kept.order.event_id.as_str(), number)).or_default().insert(order_id);
        }
    }
    let shared = owners.into_iter().filter(|(_, owners)| owners.len() > 1);
    found.extend(shared.map(|((shop, number), owners)| format!("#{number} of {shop}: {owners:?}")));
    found
}

fn unannounced(facts: &Facts) -> Vec<String> {
    let mut newest: BTreeMap<String, u64> = BTreeMap::new();
    for event in facts.events.iter().filter(|event| event.detail_type == ConfigChanged::DETAIL_TYPE) {
        let version = event.detail.pointer("/NewImage/version").and_then(serde_json::Value::as_u64).unwrap_or_default();
        let shop = newest.entry(event.event_id().unwrap_or_default().to_owned()).or_default();
        *shop = version.max(*shop);
    }
    let announced = |shop: &str| newest.get(shop).copied().unwrap_or_default();
    let behind = facts.versions.iter().filter(|(shop, version)| announced(shop.as_str()) < **version);
    behind
        .map(|(shop, version)| format!("{shop} has version {version}, and {} was announced", announced(shop.as_str())))
        .collect()
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
