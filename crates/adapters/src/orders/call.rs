//! Calls of completed orders, each recorded by one conditional update.

use std::future::Future;

use domain::call::{CALL_INTERVAL, CALL_WINDOW};
use domain::ids::OrderId;
use domain::order::OrderStatus;
use domain::timestamp::Timestamp;

use super::conditional::{Updated, updated};
use super::{OrdersTable, key, text};
use crate::error::AdapterError;

/// Stores the time of a call of a completed order.
pub trait CallOrder: Send + Sync {
    /// Records a call at `now` if the order was completed within [`CALL_WINDOW`], and not called
    /// within [`CALL_INTERVAL`].
    fn call(&self, order_id: &OrderId, now: Timestamp) -> impl Future<Output = Result<Updated, AdapterError>> + Send;
}

impl CallOrder for OrdersTable {
    async fn call(&self, order_id: &OrderId, now: Timestamp) -> Result<Updated, AdapterError> {
        // The text form of times sorts as the times do.
        let condition = "#status = :completed AND updatedAt >= :earliest \
                         AND (attribute_not_exists(calledAt) OR calledAt <= :before)";
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(order_id)))
            .update_expression("SET calledAt = :now")
            .condition_expression(condition)
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":completed", text(OrderStatus::Completed.as_str()))
            .expression_attribute_values(":now", text(&now))
            .expression_attribute_values(":earliest", text(&now.minus(CALL_WINDOW)))
            .expression_attribute_values(":before", text(&now.minus(CALL_INTERVAL)));
        updated("UpdateItem call", update).await
    }
}
