//! Checks the rules that tables, events, queues and executions must fulfil after redrive and sweep.

use std::collections::{BTreeMap, BTreeSet};

use client::bus::BusEvent;
use domain::admission::Refusal;
use domain::event::{ConfigChanged, Detail, NewOrder, OrderEvent, ShopUnavailable};
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use domain::projection::{Change, ChangeKind, Chosen};
use serde::Serialize;
use serde_json::Value;

use crate::claims;
use crate::facts::{Facts, StoredOrder};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    pub rule: &'static str,
    pub about: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Outcome {
    status: &'static str,
    reason: String,
    closed_by: &'static str,
    closed_by_user_id: String,
    number: Option<u64>,
    drink: Option<String>,
}

#[derive(Debug, Default)]
struct Observed {
    outcomes: BTreeSet<Outcome>,
    refusals: BTreeSet<String>,
    numbers: BTreeSet<u64>,
    requested: bool,
}

pub fn violations(facts: &Facts) -> Vec<Violation> {
    let observed = observe(&facts.events);
    let mut found = missing_orders(facts, &observed);
    found.extend(wrong_orders(facts, &observed));
    found.extend(lost_commands(facts));
    found.extend(claims::violations(facts));
    let mut violated = |rule, about: String| found.push(Violation { rule, about });
    for about in shared_numbers(facts, &observed) {
        violated("a number is given to one order, and an order has one number", about);
    }
    for count in facts.counts.iter().filter(|count| count.value != 0) {
        violated("every count of open orders is 0", format!("{} is {}", count.name, count.value));
    }
    for (queue, count) in facts.dead_letters.iter().filter(|(_, count)| **count > 0) {
        violated("no dead-letter message is left", format!("{queue} has {count}"));
    }
    if facts.running > 0 {
        violated("no execution runs", format!("{} run", facts.running));
    }
    for about in unannounced_settings(facts) {
        violated("the newest settings are published", about);
    }
    found
}

fn missing_orders(facts: &Facts, observed: &BTreeMap<OrderId, Observed>) -> Vec<Violation> {
    let is_missing = |order_id: &&OrderId| !facts.orders.contains_key(order_id);
    let acknowledged = facts.accepted.keys().filter(is_missing);
    let acknowledged =
        acknowledged.map(|order_id| Violation { rule: "an acknowledged order is stored", about: order_id.to_string() });
    let requested = observed.iter().filter(|(order_id, observed)| observed.requested && is_missing(order_id));
    let requested = requested.filter(|(order_id, _)| !facts.accepted.contains_key(order_id));
    let requested = requested.map(|(order_id, observed)| Violation {
        rule: "a requested order is stored",
        about: format!("{order_id}: {observed:?}"),
    });
    acknowledged.chain(requested).collect()
}

fn wrong_orders(facts: &Facts, observed: &BTreeMap<OrderId, Observed>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut violated = |rule, about: String| found.push(Violation { rule, about });
    for (order_id, stored) in &facts.orders {
        let status = stored.order.status;
        if !status.is_final() {
            violated("every order is final", format!("{order_id} is {}", status.as_str()));
        }
        if stored.has_token && status.is_final() {
            violated("a final order has no task token", order_id.to_string());
        }
        for about in disagreements(stored, observed.get(order_id)) {
            violated("events and table agree", format!("{order_id}: {about}"));
        }
    }
    found
}

fn lost_commands(facts: &Facts) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut violated = |rule, about: String| found.push(Violation { rule, about });
    for (order_id, accepted) in &facts.accepted {
        let Some(StoredOrder { order, .. }) = facts.orders.get(order_id) else { continue };
        let closed = format!("{order_id} is {} ({:?})", order.status.as_str(), order.reason);
        if accepted.completed && order.status != OrderStatus::Completed {
            violated("an acknowledged completion is kept", closed.clone());
        }
        let drink = order.drink_order.as_ref().map(|chosen| &chosen.drink);
        if accepted.submitted.is_some() && drink.is_some() && accepted.submitted.as_ref() != drink {
            violated("an acknowledged drink is kept", format!("{order_id}: {accepted:?}, and {drink:?}"));
        }
        if accepted.cancelled && (order.status, order.closed_by) != (OrderStatus::Cancelled, Some(ClosedBy::Customer)) {
            violated("an acknowledged cancellation is kept", closed);
        }
    }
    found
}

/// Counts the refusals that are stored but were not published, because their workflow could not
/// publish them. The sweeper publishes no refusal: a refused order holds no capacity.
pub fn unannounced_refusals(facts: &Facts) -> usize {
    let observed = observe(&facts.events);
    let refused = facts.orders.iter().filter(|(_, stored)| Refusal::of(&stored.order).is_some());
    refused.filter(|(order_id, _)| observed.get(order_id).is_none_or(|one| one.refusals.is_empty())).count()
}

fn observe(events: &[BusEvent]) -> BTreeMap<OrderId, Observed> {
    let mut all: BTreeMap<OrderId, Observed> = BTreeMap::new();
    for event in events {
        let Some(order_id) = event.order_id().and_then(|id| id.parse::<OrderId>().ok()) else { continue };
        let observed = all.entry(order_id).or_default();
        if event.detail_type == NewOrder::DETAIL_TYPE {
            observed.requested = true;
        }
        if event.detail_type == ShopUnavailable::DETAIL_TYPE {
            observed.refusals.extend(event.detail.get("reason").and_then(Value::as_str).map(str::to_owned));
        }
        let Ok(change) = OrderEvent::parse(&event.detail_type, event.detail.clone()).map(Change::from) else {
            continue;
        };
        match change.kind {
            ChangeKind::End(end) => {
                observed.numbers.extend(end.chosen.as_ref().map(|chosen| chosen.order_number));
                observed.outcomes.insert(Outcome {
                    status: end.status.as_str(),
                    reason: end.reason,
                    closed_by: end.closed_by.as_str(),
                    closed_by_user_id: end.closed_by_user_id,
                    number: end.chosen.as_ref().map(|chosen| chosen.order_number),
                    drink: end.chosen.map(|Chosen { drink_order, .. }| drink_order.drink),
                });
            }
            ChangeKind::Progress(progress) => {
                observed.numbers.extend(progress.chosen.map(|chosen| chosen.order_number));
            }
            ChangeKind::Token(_) => {}
        }
    }
    all
}

fn disagreements(stored: &StoredOrder, observed: Option<&Observed>) -> Vec<String> {
    let nothing = Observed::default();
    let observed = observed.unwrap_or(&nothing);
    let order = &stored.order;
    if let Some(refusal) = Refusal::of(order) {
        let outcomes = observed.outcomes.iter().map(|outcome| format!("refused, and {outcome:?}"));
        let others = observed.refusals.iter().filter(|reason| *reason != refusal.as_str());
        return outcomes.chain(others.map(|other| format!("{}, and {other} is published", refusal.as_str()))).collect();
    }
    if !order.status.is_final() {
        return Vec::new();
    }
    let Some(outcome) = observed.outcomes.first().filter(|_| observed.outcomes.len() == 1) else {
        return vec![format!("{} outcomes: {:?}", observed.outcomes.len(), observed.outcomes)];
    };
    let drink = order.drink_order.as_ref().map(|drink| drink.drink.clone());
    let in_table = Outcome {
        status: order.status.as_str(),
        reason: order.reason.clone().unwrap_or_default(),
        closed_by: order.closed_by.map(ClosedBy::as_str).unwrap_or_default(),
        closed_by_user_id: stored.closed_by_user_id.clone().unwrap_or_default(),
        // An event that ends an order before the choice has neither number nor drink.
        number: outcome.number.and(order.order_number),
        drink: outcome.drink.as_ref().and(drink),
    };
    if in_table == *outcome { Vec::new() } else { vec![format!("events: {outcome:?}, table: {in_table:?}")] }
}

fn shared_numbers(facts: &Facts, observed: &BTreeMap<OrderId, Observed>) -> Vec<String> {
    let mut owners: BTreeMap<(&str, u64), BTreeSet<&OrderId>> = BTreeMap::new();
    let mut found = Vec::new();
    for (order_id, stored) in &facts.orders {
        let mut numbers: BTreeSet<u64> = observed.get(order_id).map(|one| one.numbers.clone()).unwrap_or_default();
        numbers.extend(stored.order.order_number);
        if numbers.len() > 1 {
            found.push(format!("{order_id} has {numbers:?}"));
        }
        for number in numbers {
            owners.entry((stored.order.shop_id.as_str(), number)).or_default().insert(order_id);
        }
    }
    let shared = owners.into_iter().filter(|(_, owners)| owners.len() > 1);
    found.extend(shared.map(|((shop, number), owners)| format!("#{number} of {shop}: {owners:?}")));
    found
}

fn unannounced_settings(facts: &Facts) -> Vec<String> {
    let mut announced: BTreeMap<&str, u64> = BTreeMap::new();
    for event in facts.events.iter().filter(|event| event.detail_type == ConfigChanged::DETAIL_TYPE) {
        let version = event.detail.pointer("/NewImage/version").and_then(Value::as_u64).unwrap_or_default();
        let newest = announced.entry(event.shop_id().unwrap_or_default()).or_default();
        *newest = version.max(*newest);
    }
    let versions = facts.versions.iter().map(|(shop, version)| (shop, *version, announced.get(shop.as_str()).copied()));
    let behind = versions.filter(|(_, version, announced)| announced.unwrap_or_default() < *version);
    behind
        .map(|(shop, version, announced)| {
            format!("{shop} has version {version}, and version {} is published", announced.unwrap_or_default())
        })
        .collect()
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
