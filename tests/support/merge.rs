//! Merges messages into an order, as `docs/realtime.md` prescribes it for pages.

use serde_json::{Map, Value};

/// Members that a change of the claim replaces together.
const CLAIM: [&str; 3] = ["claimVersion", "baristaUserId", "claimedAt"];

/// Members that a message of a higher rank replaces, or removes if it lacks them.
const OF_STATUS: [&str; 5] = ["status", "updatedAt", "expiresAt", "reason", "closedBy"];

fn rank(order: &Map<String, Value>) -> u8 {
    match order.get("status").and_then(Value::as_str) {
        Some("CREATED") => 1,
        Some("WAITING") => 2,
        Some("COMPLETED" | "CANCELLED") => 3,
        _ => 0,
    }
}

fn version(order: &Map<String, Value>) -> u64 {
    order.get("claimVersion").and_then(Value::as_u64).unwrap_or_default()
}

fn called_at(order: &Map<String, Value>) -> &str {
    order.get("calledAt").and_then(Value::as_str).unwrap_or_default()
}

/// Merges the members of a message of the kind `order` into the order that a page shows.
pub fn merge(order: &mut Map<String, Value>, news: &Map<String, Value>) {
    if version(news) > version(order) {
        for name in CLAIM {
            replace(order, news, name);
        }
    }
    if called_at(news) > called_at(order) {
        replace(order, news, "calledAt");
    }
    let (known, found) = (rank(order), rank(news));
    if found < known {
        return;
    }
    if found > known {
        for name in OF_STATUS {
            replace(order, news, name);
        }
    }
    let others = news.iter().filter(|(name, _)| !CLAIM.contains(&name.as_str()) && *name != "calledAt");
    for (name, value) in others {
        if found > known || !order.contains_key(name) {
            order.insert(name.clone(), value.clone());
        }
    }
}

fn replace(order: &mut Map<String, Value>, news: &Map<String, Value>, name: &str) {
    order.remove(name);
    order.extend(news.get(name).map(|value| (name.to_owned(), value.clone())));
}
