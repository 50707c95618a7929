//! Checks the claims of orders: published claims agree with each other and with the table, and the
//! baristas who closed orders have held their claims.

use std::collections::{BTreeMap, BTreeSet};

use domain::event::{Detail, MakeOrder};
use domain::ids::{OrderId, UserId};
use domain::order::ClosedBy;

use crate::facts::{Facts, StoredOrder};
use crate::verify::Violation;

/// The admin of the run, who may cancel an order without holding its claim.
const ADMIN: &str = "admin";

type Published = BTreeMap<OrderId, BTreeMap<u64, Vec<MakeOrder>>>;

pub fn violations(facts: &Facts) -> Vec<Violation> {
    let published = published(facts);
    let mut found = Vec::new();
    for (order_id, versions) in &published {
        let differing = versions.iter().filter(|(_, events)| events.iter().any(|event| Some(event) != events.first()));
        found.extend(differing.map(|(version, events)| Violation {
            rule: "events about the same version of a claim are equal",
            about: format!("{order_id} {version}: {events:?}"),
        }));
    }
    for (order_id, stored) in &facts.orders {
        let versions = published.get(order_id);
        if let Some(about) = disagreement(stored, versions) {
            let rule = "events and table agree about a claim";
            found.push(Violation { rule, about: format!("{order_id}: {about}") });
        }
        let holders = holders(stored, versions);
        if let Some(closer) = closer(stored).filter(|closer| !holders.contains(*closer)) {
            let rule = "a barista who closes an order in the queue has held its claim";
            found.push(Violation { rule, about: format!("{order_id}: {closer}, but {holders:?} held the claim") });
        }
    }
    found
}

fn published(facts: &Facts) -> Published {
    let mut published = Published::new();
    for event in facts.events.iter().filter(|event| event.detail_type == MakeOrder::DETAIL_TYPE) {
        if let Ok(event) = serde_json::from_value::<MakeOrder>(event.detail.clone()) {
            let versions = published.entry(event.about.order_id.clone()).or_default();
            versions.entry(event.claim_version).or_default().push(event);
        }
    }
    published
}

/// Describes how the newest published claim differs from the order's claim; `None` if it is equal
/// or has an older version, or if no claim was published.
fn disagreement(stored: &StoredOrder, versions: Option<&BTreeMap<u64, Vec<MakeOrder>>>) -> Option<String> {
    let order = &stored.order;
    let (version, events) = versions?.last_key_value()?;
    let (event, holder) = (events.first()?, order.barista_user_id.as_ref().map(UserId::as_str).unwrap_or_default());
    let agrees = *version < order.claim_version
        || (*version == order.claim_version && event.barista_user_id == holder && event.claimed_at == order.claimed_at);
    (!agrees).then(|| format!("version {} is held by {holder:?}, and {event:?} was published", order.claim_version))
}

/// Returns the known holders of the claim, from events and from the table. A command that completes
/// or cancels an unclaimed order claims it first, and may fail to publish this claim.
fn holders<'a>(stored: &'a StoredOrder, versions: Option<&'a BTreeMap<u64, Vec<MakeOrder>>>) -> BTreeSet<&'a str> {
    let events = versions.into_iter().flatten().flat_map(|(_, events)| events);
    let published = events.flat_map(|event| {
        [event.barista_user_id.as_str(), event.previous_barista_user_id.as_deref().unwrap_or_default()]
    });
    let in_table =
        [stored.order.barista_user_id.as_ref().map(UserId::as_str), stored.previous_barista_user_id.as_deref()];
    published.chain(in_table.into_iter().flatten()).filter(|holder| !holder.is_empty()).collect()
}

/// Returns the barista who ended an order that was in the queue; `None` if nobody or the admin did.
fn closer(stored: &StoredOrder) -> Option<&str> {
    let in_queue = stored.order.order_number.is_some() && stored.order.closed_by == Some(ClosedBy::Barista);
    stored.closed_by_user_id.as_deref().filter(|closer| in_queue && *closer != ADMIN)
}
