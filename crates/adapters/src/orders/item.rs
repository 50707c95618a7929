//! Conversion between an order and its item in the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::{ShopId, UserId};
use domain::order::{HeldToken, KEPT_AFTER_END, Order, OrderStatus, Step, StoredOrder, TaskToken, open_shard};
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use super::{number, text};
use crate::error::AdapterError;

/// Item of the orders table.
pub type Item = HashMap<String, AttributeValue>;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hidden {
    execution_arn: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task_token: Option<TaskToken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_step: Option<Step>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_rank: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed_by_user_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_barista_user_id: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    released_at: Option<Timestamp>,
}

/// Parses an item into the order that it holds.
pub fn read(item: Item) -> Result<StoredOrder, AdapterError> {
    let unreadable = |error: serde_dynamo::Error| AdapterError::unreadable("the order", error);
    let hidden: Hidden = serde_dynamo::from_item(item.clone()).map_err(unreadable)?;
    let order: Order = serde_dynamo::from_item(item).map_err(unreadable)?;
    let token = match (hidden.task_token, hidden.token_step, hidden.token_rank) {
        (Some(token), Some(step), Some(rank)) => Some(HeldToken { token, step, rank }),
        _ => None,
    };
    Ok(StoredOrder {
        order,
        execution_arn: hidden.execution_arn,
        token,
        closed_by_user_id: hidden.closed_by_user_id,
        previous_barista_user_id: hidden.previous_barista_user_id,
        released_at: hidden.released_at,
    })
}

/// Parses an item of an index. The indexes have no attribute of `Hidden`.
pub(super) fn read_projected(item: Item) -> Result<Order, AdapterError> {
    serde_dynamo::from_item(item).map_err(|error| AdapterError::unreadable("the order", error))
}

/// Converts an order into its item, including the keys of the indexes.
pub fn write(stored: &StoredOrder) -> Result<Item, AdapterError> {
    let failed = |error: serde_dynamo::Error| AdapterError::not_serialised("the order", error);
    let order = &stored.order;
    let mut item: Item = serde_dynamo::to_item(order).map_err(failed)?;
    let hidden = Hidden {
        execution_arn: stored.execution_arn.clone(),
        task_token: stored.token.as_ref().map(|held| held.token.clone()),
        token_step: stored.token.as_ref().map(|held| held.step),
        token_rank: stored.token.as_ref().map(|held| held.rank),
        closed_by_user_id: stored.closed_by_user_id.clone(),
        previous_barista_user_id: stored.previous_barista_user_id.clone(),
        released_at: stored.released_at,
    };
    item.extend(serde_dynamo::to_item::<_, Item>(hidden).map_err(failed)?);
    item.insert("statusRank".into(), number(order.status.rank()));
    item.insert("eventStatus".into(), event_status(&order.shop_id, order.status));
    item.insert("eventUser".into(), text(&format!("{}#{}", order.shop_id, order.user_id)));
    if order.status.is_final() {
        item.insert("ttl".into(), number(order.updated_at.plus(KEPT_AFTER_END).as_secs()));
    }
    // The index of open orders is sparse: it holds the orders that have a deadline.
    if order.expires_at.is_some() {
        item.insert("openShard".into(), text(&open_shard(&order.order_id)));
    }
    Ok(item)
}

/// Partition key of the index `byStatus`: shop and status, joined by `#`.
pub(super) fn event_status(shop_id: &ShopId, status: OrderStatus) -> AttributeValue {
    AttributeValue::S(format!("{shop_id}#{}", status.as_str()))
}
