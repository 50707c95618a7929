//! Computes DynamoDB's request units from items, as AWS documents them; emulators report other
//! numbers. Also computes the billed chunks of an event. A transaction does not double the units of
//! an index, because DynamoDB writes indexes asynchronously.

use data_encoding::BASE64;
use serde_json::{Map, Value};

pub type Item = Map<String, Value>;

/// Assumed length of a task token of AWS, which makes an order larger than 1 KB.
pub const TOKEN_BYTES: usize = 750;

const TOKEN: &str = "taskToken";

const WRITE_UNIT: usize = 1_024;
const READ_UNIT: usize = 4_096;

#[allow(clippy::cast_precision_loss, reason = "an item has at most 400 KB")]
fn units(bytes: usize, unit: usize) -> f64 {
    bytes.div_ceil(unit).max(1) as f64
}

/// Computes the units of a write; `bytes` is the larger size of the item before and after. A
/// transaction doubles the units, because it prepares and commits.
pub fn write_units(bytes: usize, transaction: bool) -> f64 {
    units(bytes, WRITE_UNIT) * if transaction { 2.0 } else { 1.0 }
}

pub fn read_units(bytes: usize, consistent: bool) -> f64 {
    units(bytes, READ_UNIT) * if consistent { 1.0 } else { 0.5 }
}

/// Returns the number of billed chunks of 64 KB of an event.
pub fn event_chunks(bytes: usize) -> f64 {
    units(bytes, 64 * 1_024)
}

/// Returns the billed size of an item: names and values, with a task token of [`TOKEN_BYTES`].
///
/// An order that waits always counts as having a task token, because the event with the token may
/// arrive before or after the event that changes the status.
pub fn item_bytes(item: &Item) -> usize {
    let waits = matches!(
        item.get("status").and_then(|status| status.get("S")).and_then(Value::as_str),
        Some("CREATED" | "WAITING")
    );
    let others: usize =
        item.iter().filter(|(name, _)| *name != TOKEN).map(|(name, value)| name.len() + value_bytes(value)).sum();
    if waits || item.contains_key(TOKEN) { others + TOKEN.len() + TOKEN_BYTES } else { others }
}

/// Returns the size of an index entry. No task token is added, because no index projects it.
pub fn entry_bytes(entry: &Item) -> usize {
    entry.iter().map(|(name, value)| name.len() + value_bytes(value)).sum()
}

fn value_bytes(value: &Value) -> usize {
    let Some((kind, inner)) = value.as_object().and_then(|value| value.iter().next()) else { return 0 };
    let text = inner.as_str().unwrap_or_default();
    let each =
        |size: fn(&str) -> usize| inner.as_array().into_iter().flatten().filter_map(Value::as_str).map(size).sum();
    match kind.as_str() {
        "S" => text.len(),
        "N" => number_bytes(text),
        "B" => binary_bytes(text),
        "SS" => each(str::len),
        "NS" => each(number_bytes),
        "BS" => each(binary_bytes),
        // Three bytes for the list or map itself, one more for each member.
        "L" => 3 + inner.as_array().into_iter().flatten().map(|one| 1 + value_bytes(one)).sum::<usize>(),
        "M" => {
            3 + inner
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, one)| 1 + name.len() + value_bytes(one))
                .sum::<usize>()
        }
        _ => 1,
    }
}

fn number_bytes(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count().div_ceil(2) + 1
}

fn binary_bytes(text: &str) -> usize {
    BASE64.decode(text.as_bytes()).map_or(text.len(), |bytes| bytes.len())
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    /// Attributes of the key of the index, and of the key of the table. An item that lacks one of
    /// these attributes is not in the index.
    pub keys: Vec<String>,
    pub projected: Vec<String>,
}

impl Index {
    fn entry(&self, item: Option<&Item>) -> Option<Item> {
        let item = item?;
        if !self.keys.iter().all(|key| item.contains_key(key)) {
            return None;
        }
        let held = item.iter().filter(|(name, _)| self.keys.contains(name) || self.projected.contains(name));
        Some(held.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Computes the units of the index for an item that changes from `before` to `after`. A changed
    /// key deletes the old entry and writes a new one. An unchanged entry costs nothing.
    pub fn write_units(&self, before: Option<&Item>, after: Option<&Item>) -> f64 {
        match (self.entry(before), self.entry(after)) {
            (None, None) => 0.0,
            (Some(one), None) | (None, Some(one)) => write_units(entry_bytes(&one), false),
            (Some(before), Some(after)) if before == after => 0.0,
            (Some(before), Some(after)) => {
                if self.keys.iter().all(|key| before.get(key) == after.get(key)) {
                    write_units(entry_bytes(&before).max(entry_bytes(&after)), false)
                } else {
                    write_units(entry_bytes(&before), false) + write_units(entry_bytes(&after), false)
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "units are whole numbers and halves, which are exact")]
mod tests {
    use super::*;
    use serde_json::json;

    #[allow(clippy::needless_pass_by_value, reason = "json! makes values")]
    fn item(value: Value) -> Item {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn units_are_rounded_up_and_at_least_one() {
        assert_eq!([0, 1, 1_024, 1_025, 2_048].map(|bytes| write_units(bytes, false)), [1.0, 1.0, 1.0, 2.0, 2.0]);
        assert_eq!([0, 4_096, 4_097].map(|bytes| read_units(bytes, true)), [1.0, 1.0, 2.0]);
        assert_eq!([65_536, 65_537].map(event_chunks), [1.0, 2.0]);
    }

    #[test]
    fn a_transaction_doubles_the_rounded_units() {
        assert_eq!([100, 1_024, 1_025].map(|bytes| write_units(bytes, true)), [2.0, 2.0, 4.0]);
    }

    #[test]
    fn an_eventually_consistent_read_costs_half_after_rounding() {
        assert_eq!([0, 4_097].map(|bytes| read_units(bytes, false)), [0.5, 1.0]);
    }

    #[test]
    fn the_size_of_an_item_is_the_sum_of_its_names_and_values() {
        let plain = item(json!({"a": {"S": "xyz"}, "bc": {"N": "-12345"}, "d": {"BOOL": true}, "e": {"B": "AAAA"}}));
        assert_eq!(item_bytes(&plain), (1 + 3) + (2 + 4) + (1 + 1) + (1 + 3));
        let nested =
            item(json!({"l": {"L": [{"S": "ab"}, {"M": {"k": {"NULL": true}}}]}, "s": {"SS": ["one", "two"]}}));
        assert_eq!(item_bytes(&nested), (1 + 3 + (1 + 2) + (1 + 3 + 1 + 1 + 1)) + (1 + 6));
    }

    #[test]
    fn an_order_that_waits_counts_a_task_token_of_the_assumed_length() {
        let waiting = item(json!({"status": {"S": "CREATED"}}));
        let with_token = item(json!({"status": {"S": "CREATED"}, "taskToken": {"S": "short"}}));
        let ended = item(json!({"status": {"S": "CANCELLED"}}));
        assert_eq!(item_bytes(&waiting), 6 + 7 + 9 + TOKEN_BYTES);
        assert_eq!(item_bytes(&waiting), item_bytes(&with_token));
        assert_eq!(item_bytes(&ended), 6 + 9);
    }

    #[test]
    fn an_index_write_costs_two_units_if_the_key_changes_and_none_if_nothing_changes() {
        let index =
            Index { name: "byStatus".into(), keys: vec!["id".into(), "at".into()], projected: vec!["who".into()] };
        let order = |at: &str, who: &str, token: &str| {
            item(json!({"id": {"S": "1"}, "at": {"S": at}, "who": {"S": who}, "token": {"S": token}}))
        };
        let outside = item(json!({"id": {"S": "1"}}));
        let (old, claimed, moved) = (order("a", "x", "t"), order("a", "y", "t"), order("b", "x", "t"));
        assert_eq!(index.write_units(None, Some(&old)), 1.0);
        assert_eq!(index.write_units(Some(&old), Some(&order("a", "x", "u"))), 0.0);
        assert_eq!(index.write_units(Some(&old), Some(&claimed)), 1.0);
        assert_eq!(index.write_units(Some(&old), Some(&moved)), 2.0);
        assert_eq!(index.write_units(Some(&old), Some(&outside)), 1.0);
        assert_eq!(index.write_units(Some(&outside), None), 0.0);
    }
}
