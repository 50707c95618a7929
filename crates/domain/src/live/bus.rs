//! Events as the topic `bus` shows them to admins.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::event::{UnreadableEvent, allow_listed_detail};
use crate::ids::ShopId;
use crate::timestamp::Timestamp;

/// Fields that every event about an order has. Of an unknown detail-type these alone are shown.
const COMMON: [&str; 5] = ["orderId", "userId", "eventId", "Message", "at"];

/// Parts of a shop's settings that the topic `bus` leaves out: with them, a message could be larger
/// than a socket accepts.
const LARGE: [&str; 4] = ["menu", "links", "logo", "colours"];

/// Event in the shape that EventBridge delivers, without account, region and resources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BusEvent {
    /// Id that EventBridge gave the event.
    #[serde(default)]
    pub id: String,
    /// Source of the event.
    #[serde(default)]
    pub source: String,
    /// Name of the event on the bus.
    #[serde(rename = "detail-type")]
    pub detail_type: String,
    /// Time at which EventBridge received the event, as EventBridge writes it.
    #[serde(default)]
    pub time: String,
    /// Detail of the event.
    pub detail: Value,
}

/// Returns true if a value has a member named `TaskToken`, at any depth and in upper, lower or
/// mixed case.
pub(super) fn has_token(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.eq_ignore_ascii_case("TaskToken") || has_token(value))
        }
        Value::Array(values) => values.iter().any(has_token),
        _ => false,
    }
}

/// Returns the shop and the time of an event. `None` if one of them is missing or malformed.
pub(super) fn shop_and_time(detail: &Value) -> Option<(ShopId, Timestamp)> {
    let text = |name| detail.get(name).and_then(Value::as_str);
    Some((text("eventId")?.parse().ok()?, text("at")?.parse().ok()?))
}

/// Returns the event with the fields that its detail-type defines, without `LARGE`. An event of an
/// unknown detail-type keeps `COMMON` alone.
pub(super) fn allow_listed(event: &BusEvent) -> Result<BusEvent, UnreadableEvent> {
    let detail = match allow_listed_detail(&event.detail_type, &event.detail)? {
        Some(mut detail) => {
            if let Some(Value::Object(image)) = detail.get_mut("NewImage") {
                image.retain(|name, _| !LARGE.contains(&name.as_str()));
            }
            detail
        }
        None => common(&event.detail),
    };
    Ok(BusEvent { detail, ..event.clone() })
}

fn common(detail: &Value) -> Value {
    let texts = COMMON.iter().filter_map(|name| {
        let text = detail.get(name).filter(|value| value.is_string())?;
        Some(((*name).to_owned(), text.clone()))
    });
    Value::Object(texts.collect::<Map<_, _>>())
}
