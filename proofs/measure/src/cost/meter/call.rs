//! Computes the billed units of one call to DynamoDB or to the WebSocket API.

use hyper::StatusCode;
use serde_json::Value;

use super::tables::Tables;
use crate::cost::count::Kind;
use crate::cost::units::{Item, entry_bytes, item_bytes, read_units, write_units};

pub(super) type Unit = (Kind, String, f64);

pub(super) const POST_TO_CONNECTION: &str = "PostToConnection";

/// Bytes of one billed message of a WebSocket API.
const MESSAGE_BYTES: usize = 32 * 1024;

/// An item that a call writes, or checks within a transaction. AWS bills both as writes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Touch {
    pub(super) table: String,
    pub(super) key: Item,
    put: Option<Item>,
}

/// Result of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WriteResult {
    Written,
    /// Billed as a write, but without the writes of indexes.
    ConditionFailed,
    NotBilled,
}

/// Reads the result of a write from its answer. A cancelled transaction is assumed to be billed in
/// full, because DynamoDB has prepared it; AWS does not document its bill.
pub(super) fn write_result(status: StatusCode, answer: &Value) -> WriteResult {
    if status.is_success() {
        return WriteResult::Written;
    }
    let code = answer.get("__type").and_then(Value::as_str).unwrap_or_default();
    if code.ends_with("ConditionalCheckFailedException") || code.ends_with("TransactionCanceledException") {
        WriteResult::ConditionFailed
    } else {
        WriteResult::NotBilled
    }
}

fn string<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn object(value: &Value, name: &str) -> Option<Item> {
    value.get(name).and_then(Value::as_object).cloned()
}

/// Returns the items that a call writes, or checks in a transaction; none if it only reads.
pub(super) fn touches(tables: &Tables, operation: &str, request: &Value) -> Vec<Touch> {
    let touch = |action: &Value| {
        let table = string(action, "TableName").to_owned();
        if let Some(key) = object(action, "Key") {
            return Some(Touch { table, key, put: None });
        }
        let item = object(action, "Item")?;
        let keys = &tables.get(&table)?.keys;
        let key =
            item.iter().filter(|(name, _)| keys.contains(name)).map(|(name, value)| (name.clone(), value.clone()));
        Some(Touch { key: key.collect(), put: Some(item), table })
    };
    match operation {
        "UpdateItem" | "PutItem" | "DeleteItem" => touch(request).into_iter().collect(),
        "TransactWriteItems" => {
            let actions = request.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
            actions.filter_map(|action| action.as_object()?.values().next()).filter_map(touch).collect()
        }
        _ => Vec::new(),
    }
}

/// Computes the units of a write. `before` and `after` have the item of each touch before and after
/// the call.
pub(super) fn writes(
    tables: &Tables,
    touches: &[Touch],
    before: &[Option<Item>],
    after: &[Option<Item>],
    transaction: bool,
    result: WriteResult,
) -> Vec<Unit> {
    if result == WriteResult::NotBilled {
        return Vec::new();
    }
    let mut units = Vec::new();
    for ((touch, before), after) in touches.iter().zip(before).zip(after) {
        let Some(table) = tables.get(&touch.table) else { continue };
        let sizes = [before.as_ref(), after.as_ref(), touch.put.as_ref()].into_iter().flatten().map(item_bytes);
        let bytes = sizes.max().unwrap_or_default();
        units.push((Kind::Write, table.logical.clone(), write_units(bytes, transaction)));
        if result == WriteResult::Written {
            let written = table.indexes.iter().map(|index| (index, index.write_units(before.as_ref(), after.as_ref())));
            let written = written.filter(|(_, units)| *units > 0.0);
            units.extend(
                written.map(|(index, units)| (Kind::Write, format!("{}/{}", table.logical, index.name), units)),
            );
        }
    }
    units
}

/// Returns a query without `FilterExpression`, `ProjectionExpression` and `Select`: DynamoDB bills
/// the items that it reads before it applies these. `None` if the query has none of them.
pub(super) fn unfiltered(query: &Value) -> Option<Value> {
    let mut bare = query.clone();
    let members = bare.as_object_mut()?;
    let removed = ["FilterExpression", "ProjectionExpression", "Select"].map(|name| members.remove(name));
    if removed.iter().all(Option::is_none) {
        return None;
    }
    let keys = string(query, "KeyConditionExpression");
    let is_used = |name: &str| {
        keys.match_indices(name).any(|(at, _)| {
            let next = keys.get(at + name.len()..).and_then(|rest| rest.chars().next());
            next.is_none_or(|next| !next.is_alphanumeric() && next != '_')
        })
    };
    for name in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
        let left = members.get_mut(name).and_then(Value::as_object_mut).is_some_and(|placeholders| {
            placeholders.retain(|placeholder, _| is_used(placeholder));
            !placeholders.is_empty()
        });
        if !left {
            members.remove(name);
        }
    }
    Some(bare)
}

/// Computes the units of a read. For a query with filter or projection, `answer` is the answer to
/// the [`unfiltered`] query.
pub(super) fn reads(tables: &Tables, operation: &str, request: &Value, answer: &Value) -> Vec<Unit> {
    let consistent = |of: &Value| of.get("ConsistentRead").and_then(Value::as_bool).unwrap_or_default();
    let name = |table: &str| tables.get(table).map_or_else(|| table.to_owned(), |table| table.logical.clone());
    match operation {
        "GetItem" => {
            let bytes = object(answer, "Item").as_ref().map_or(0, item_bytes);
            vec![(Kind::Read, name(string(request, "TableName")), read_units(bytes, consistent(request)))]
        }
        "BatchGetItem" => {
            let mut units = Vec::new();
            for (table, wanted) in request.get("RequestItems").and_then(Value::as_object).into_iter().flatten() {
                for key in
                    wanted.get("Keys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
                {
                    let found = answer.pointer("/Responses").and_then(|all| all.get(table)).and_then(Value::as_array);
                    let item = found.into_iter().flatten().filter_map(Value::as_object);
                    let mut item = item.filter(|item| key.iter().all(|(name, value)| item.get(name) == Some(value)));
                    let bytes = item.next().map_or(0, item_bytes);
                    units.push((Kind::Read, name(table), read_units(bytes, consistent(wanted))));
                }
            }
            units
        }
        "Query" => {
            let items = answer.get("Items").and_then(Value::as_array).into_iter().flatten();
            let items = items.filter_map(Value::as_object);
            let table = name(string(request, "TableName"));
            let (of, bytes) = match string(request, "IndexName") {
                "" => (table, items.map(item_bytes).sum()),
                index => (format!("{table}/{index}"), items.map(entry_bytes).sum()),
            };
            vec![(Kind::Read, of, read_units(bytes, consistent(request)))]
        }
        _ => Vec::new(),
    }
}

/// Returns the units of a message that API Gateway accepted for a socket, with the message's kind;
/// `None` for any other call.
pub(super) fn posted(operation: &str, message: &[u8], status: StatusCode) -> Option<Unit> {
    if operation != POST_TO_CONNECTION || !status.is_success() {
        return None;
    }
    let kind = serde_json::from_slice::<Value>(message).ok()?;
    #[allow(clippy::cast_precision_loss, reason = "a message has at most 128 KB")]
    let units = message.len().div_ceil(MESSAGE_BYTES).max(1) as f64;
    Some((Kind::Message, string(&kind, "kind").to_owned(), units))
}

/// Returns the number of items that a query read and its filter dropped.
pub(super) fn filtered_out(answer: &Value) -> u64 {
    let number = |name| answer.get(name).and_then(Value::as_u64);
    number("ScannedCount").zip(number("Count")).map_or(0, |(read, returned)| read.saturating_sub(returned))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "units are whole numbers and halves, which are exact")]
mod tests {
    use super::*;
    use crate::cost::meter::tables::Table;
    use crate::cost::units::Index;
    use serde_json::json;

    fn tables() -> Tables {
        let index = Index { name: "byStatus".into(), keys: vec!["status".into(), "id".into()], projected: vec![] };
        Tables::with("orders-1", Table { logical: "OrdersTable".into(), keys: vec!["id".into()], indexes: vec![index] })
    }

    #[allow(clippy::needless_pass_by_value, reason = "json! makes values")]
    fn item(value: Value) -> Option<Item> {
        value.as_object().cloned()
    }

    #[test]
    fn a_transaction_doubles_the_units_of_each_item_but_not_of_an_index() {
        let request = json!({"TransactItems": [
            {"Put": {"TableName": "orders-1", "Item": {"id": {"S": "1"}, "status": {"S": "ADMITTED"}}}},
            {"ConditionCheck": {"TableName": "orders-1", "Key": {"id": {"S": "2"}}}},
        ]});
        let touches = touches(&tables(), "TransactWriteItems", &request);
        assert_eq!(touches[0].key, item(json!({"id": {"S": "1"}})).unwrap());
        let large = item(json!({"id": {"S": "2"}, "menu": {"S": "x".repeat(1_100)}}));
        let (before, after) = ([None, large.clone()], [touches[0].put.clone(), large]);
        let units = writes(&tables(), &touches, &before, &after, true, WriteResult::Written);
        let of = |name: &str, units: f64| (Kind::Write, name.to_owned(), units);
        assert_eq!(units, [of("OrdersTable", 2.0), of("OrdersTable/byStatus", 1.0), of("OrdersTable", 4.0)]);
        let unmet = writes(&tables(), &touches, &before, &before, true, WriteResult::ConditionFailed);
        assert_eq!(unmet, [of("OrdersTable", 2.0), of("OrdersTable", 4.0)]);
        assert!(writes(&tables(), &touches, &before, &before, true, WriteResult::NotBilled).is_empty());
    }

    #[test]
    fn a_failed_condition_is_billed_and_a_throttled_call_is_not() {
        let answer =
            |code: &str| write_result(StatusCode::BAD_REQUEST, &json!({"__type": format!("com.amazonaws#{code}")}));
        assert_eq!(answer("ConditionalCheckFailedException"), WriteResult::ConditionFailed);
        assert_eq!(answer("TransactionCanceledException"), WriteResult::ConditionFailed);
        assert_eq!(answer("ProvisionedThroughputExceededException"), WriteResult::NotBilled);
        assert_eq!(write_result(StatusCode::OK, &json!({})), WriteResult::Written);
    }

    #[test]
    fn each_key_of_a_batch_counts_as_one_read_even_if_it_is_not_found() {
        let request = json!({"RequestItems": {"orders-1": {
            "ConsistentRead": true, "Keys": [{"id": {"S": "1"}}, {"id": {"S": "2"}}],
        }}});
        let answer = json!({"Responses": {"orders-1": [{"id": {"S": "2"}, "menu": {"S": "x".repeat(5_000)}}]}});
        let units = reads(&tables(), "BatchGetItem", &request, &answer);
        assert_eq!(units.iter().map(|(.., units)| *units).collect::<Vec<_>>(), [1.0, 2.0]);
    }

    #[test]
    fn a_query_is_rounded_over_the_sum_of_its_items() {
        let request = json!({"TableName": "orders-1", "IndexName": "byStatus"});
        let answer = json!({"Items": [{"id": {"S": "x".repeat(3_000)}}, {"id": {"S": "x".repeat(3_000)}}]});
        let units = reads(&tables(), "Query", &request, &answer);
        assert_eq!(units, [(Kind::Read, "OrdersTable/byStatus".to_owned(), 1.0)]);
    }

    #[test]
    fn a_message_counts_for_each_32_kb_unless_its_socket_is_gone() {
        let small = br#"{"kind":"order"}"#.as_slice();
        let large = format!(r#"{{"kind":"event","x":"{}"}}"#, "x".repeat(MESSAGE_BYTES));
        let of = |kind: &str, units: f64| Some((Kind::Message, kind.to_owned(), units));
        assert_eq!(posted(POST_TO_CONNECTION, small, StatusCode::OK), of("order", 1.0));
        assert_eq!(posted(POST_TO_CONNECTION, large.as_bytes(), StatusCode::OK), of("event", 2.0));
        assert_eq!(posted(POST_TO_CONNECTION, small, StatusCode::GONE), None);
        assert_eq!(posted("Query", small, StatusCode::OK), None);
    }

    #[test]
    fn a_query_is_billed_for_what_it_reads_before_filter_and_projection() {
        let query = json!({
            "TableName": "orders-1", "IndexName": "byStatus", "KeyConditionExpression": "#s = :status",
            "FilterExpression": "n < :statusLimit", "ProjectionExpression": "#n", "Select": "COUNT", "Limit": 5,
            "ExpressionAttributeNames": {"#s": "status", "#n": "n"},
            "ExpressionAttributeValues": {":status": {"S": "WAITING"}, ":statusLimit": {"N": "3"}},
        });
        let expected = json!({
            "TableName": "orders-1", "IndexName": "byStatus", "KeyConditionExpression": "#s = :status", "Limit": 5,
            "ExpressionAttributeNames": {"#s": "status"},
            "ExpressionAttributeValues": {":status": {"S": "WAITING"}},
        });
        assert_eq!(unfiltered(&query), Some(expected.clone()));
        assert_eq!(unfiltered(&expected), None);
        // Ten entries of 400 bytes fit in 4 KB, because no task token is counted in an index. An
        // eventually consistent read of 4 KB is half a unit.
        let entry = json!({"status": {"S": "WAITING"}, "n": {"S": "x".repeat(386)}});
        let units = reads(&tables(), "Query", &expected, &json!({"Items": vec![entry; 10]}));
        assert_eq!(units, [(Kind::Read, "OrdersTable/byStatus".to_owned(), 0.5)]);
    }

    #[test]
    fn items_that_a_filter_drops_are_counted() {
        assert_eq!(filtered_out(&json!({"Count": 3, "ScannedCount": 40})), 37);
        assert_eq!(filtered_out(&json!({"Count": 3, "ScannedCount": 3})) + filtered_out(&json!({"Item": {}})), 0);
    }
}
