//! Reads the data for the position and estimate of an order in the queue.

use std::future::Future;

use aws_sdk_dynamodb::types::Select;
use domain::ids::ShopId;
use domain::order::OrderStatus;
use domain::waiting::{Completion, Measured};

use super::{OrdersTable, number, text};
use crate::error::AdapterError;

/// Reads the data for the position and estimate of an order in the queue. Each method reads an
/// index, which may lag behind the table.
pub trait ReadQueue: Send + Sync {
    /// Counts a shop's orders in the queue whose order number is smaller; `None` if the queue has
    /// more than 1 MB, some 2,500 orders.
    fn ahead(
        &self,
        shop_id: &ShopId,
        order_number: u64,
    ) -> impl Future<Output = Result<Option<u64>, AdapterError>> + Send;

    /// Returns the times of a shop's orders that were admitted and completed within the period of
    /// `measured`, the latest admission first. Reads at most 1 MB, some 2,500 orders.
    fn completions(
        &self,
        shop_id: &ShopId,
        measured: &Measured,
    ) -> impl Future<Output = Result<Vec<Completion>, AdapterError>> + Send;
}

impl ReadQueue for OrdersTable {
    async fn ahead(&self, shop_id: &ShopId, order_number: u64) -> Result<Option<u64>, AdapterError> {
        let answer = self
            .by_status_query("eventStatus = :status", shop_id, OrderStatus::Waiting)
            .filter_expression("orderNumber < :number")
            .expression_attribute_values(":number", number(order_number))
            .select(Select::Count)
            .send()
            .await
            .map_err(|error| AdapterError::from_sdk("Query queue", error))?;
        let is_complete = answer.last_evaluated_key.is_none_or(|key| key.is_empty());
        Ok(u64::try_from(answer.count).ok().filter(|_| is_complete))
    }

    async fn completions(&self, shop_id: &ShopId, measured: &Measured) -> Result<Vec<Completion>, AdapterError> {
        let keys = "eventStatus = :status AND createdAt BETWEEN :since AND :until";
        let answer = self
            .by_status_query(keys, shop_id, OrderStatus::Completed)
            .filter_expression("updatedAt <= :until")
            .projection_expression("createdAt, updatedAt")
            .expression_attribute_values(":since", text(&measured.since))
            .expression_attribute_values(":until", text(&measured.until))
            .scan_index_forward(false)
            .send()
            .await
            .map_err(|error| AdapterError::from_sdk("Query completions", error))?;
        let read = |item| serde_dynamo::from_item(item).map_err(|error| AdapterError::unreadable("the order", error));
        answer.items.unwrap_or_default().into_iter().map(read).collect()
    }
}
