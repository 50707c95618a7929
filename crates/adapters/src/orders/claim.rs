//! Changes claims, each with one conditional update.

use std::future::Future;

use domain::claim::ClaimChange;
use domain::ids::OrderId;
use domain::order::OrderStatus;

use super::conditional::{Updated, updated};
use super::{OrdersTable, key, number, text};
use crate::error::AdapterError;

/// Changes claims.
pub trait ClaimOrder: Send + Sync {
    /// Writes `change` if the order is waiting and its claim has the version that the change
    /// replaces.
    fn claim(
        &self,
        order_id: &OrderId,
        change: &ClaimChange,
    ) -> impl Future<Output = Result<Updated, AdapterError>> + Send;
}

impl ClaimOrder for OrdersTable {
    async fn claim(&self, order_id: &OrderId, change: &ClaimChange) -> Result<Updated, AdapterError> {
        let (mut set, mut remove) = (vec!["claimVersion = :next"], Vec::new());
        let mut update = self.client.update_item();
        if let Some(holder) = &change.holder {
            set.extend(["baristaUserId = :holder", "claimedAt = :at"]);
            remove.push("releasedAt");
            update = update.expression_attribute_values(":holder", text(holder));
        } else {
            set.push("releasedAt = :at");
            remove.extend(["baristaUserId", "claimedAt"]);
        }
        if let Some(previous) = &change.previous {
            set.push("previousBaristaUserId = :previous");
            update = update.expression_attribute_values(":previous", text(previous));
        } else {
            remove.push("previousBaristaUserId");
        }
        let update = update
            .table_name(&self.name)
            .set_key(Some(key(order_id)))
            .update_expression(format!("SET {} REMOVE {}", set.join(", "), remove.join(", ")))
            .condition_expression("#status = :waiting AND claimVersion = :from")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":waiting", text(OrderStatus::Waiting.as_str()))
            .expression_attribute_values(":from", number(change.from))
            .expression_attribute_values(":next", number(change.from + 1))
            .expression_attribute_values(":at", text(&change.at));
        updated("UpdateItem claim", update).await
    }
}
