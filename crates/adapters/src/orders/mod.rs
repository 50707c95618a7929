//! Reads and changes orders.

mod admit;
mod call;
mod claim;
mod conditional;
pub mod item;
mod list;
mod project;
mod queue;
mod refuse;

pub(crate) use admit::retryable;
pub use admit::{Admission, AdmitOrder};
pub use call::CallOrder;
pub use claim::ClaimOrder;
pub use conditional::Updated;
pub use list::{BoardOrders, Direction, ListOrders, OpenOrders, OrderPage, PageRequest, PageToken, StatusFilter};
pub use project::ProjectOrder;
pub use queue::ReadQueue;
pub use refuse::{RecordFailure, RecordRefusal};

use std::collections::HashMap;
use std::future::Future;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::OrderId;
use domain::order::{OrderStatus, StoredOrder};

use crate::contention::Budget;
use crate::error::AdapterError;
use crate::shops::user_item;

/// Reads single orders.
pub trait ReadOrder: Send + Sync {
    /// Returns the order, read consistently, or `None` if it does not exist.
    fn order(&self, order_id: &OrderId) -> impl Future<Output = Result<Option<StoredOrder>, AdapterError>> + Send;
}

/// Reads the status of single orders.
pub trait ReadOrderStatus: Send + Sync {
    /// Returns the order's status, read consistently, or `None` if the order does not exist. The
    /// call requests only `orderId` and `status`, so an IAM role can be limited to these two.
    fn status(&self, order_id: &OrderId) -> impl Future<Output = Result<Option<OrderStatus>, AdapterError>> + Send;
}

/// DynamoDB table of orders, for calls that concern this table alone.
#[derive(Debug, Clone)]
pub struct OrdersTable {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl OrdersTable {
    /// Uses the table called `name`.
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }
}

/// DynamoDB tables of orders and shops, for transactions over both.
#[derive(Debug, Clone)]
pub struct OrderTransactions {
    pub(crate) client: Client,
    pub(crate) orders: String,
    pub(crate) shops: String,
    pub(crate) budget: Budget,
}

impl OrderTransactions {
    /// Uses the tables called `orders` and `shops`, and retries for the time of `budget`.
    pub const fn new(client: Client, orders: String, shops: String, budget: Budget) -> Self {
        Self { client, orders, shops, budget }
    }
}

pub(crate) fn key(order_id: &OrderId) -> HashMap<String, AttributeValue> {
    HashMap::from([("orderId".to_owned(), AttributeValue::S(order_id.to_string()))])
}

pub(crate) fn text<T: std::fmt::Display + ?Sized>(value: &T) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

pub(crate) fn number(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

async fn read_order(client: &Client, table: &str, order_id: &OrderId) -> Result<Option<StoredOrder>, AdapterError> {
    let answer = client
        .get_item()
        .table_name(table)
        .set_key(Some(key(order_id)))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| AdapterError::from_sdk("GetItem order", error))?;
    answer.item.map(item::read).transpose()
}

impl ReadOrder for OrdersTable {
    async fn order(&self, order_id: &OrderId) -> Result<Option<StoredOrder>, AdapterError> {
        read_order(&self.client, &self.name, order_id).await
    }
}

impl ReadOrderStatus for OrdersTable {
    async fn status(&self, order_id: &OrderId) -> Result<Option<OrderStatus>, AdapterError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key(order_id)))
            .projection_expression("orderId, #status")
            .expression_attribute_names("#status", "status")
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| AdapterError::from_sdk("GetItem order status", error))?;
        let Some(item) = answer.item else { return Ok(None) };
        let status = item.get("status").and_then(|status| status.as_s().ok()).and_then(|text| OrderStatus::parse(text));
        status.map(Some).ok_or_else(|| AdapterError::unreadable("the order", "status is missing or unknown"))
    }
}

impl ReadOrder for OrderTransactions {
    async fn order(&self, order_id: &OrderId) -> Result<Option<StoredOrder>, AdapterError> {
        read_order(&self.client, &self.orders, order_id).await
    }
}
