//! Lists orders. Each list is read from one index.

use std::collections::HashMap;
use std::future::Future;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::board::{BoardOrder, MAX_ENTRIES};
use domain::ids::{OrderId, ShopId, UserId};
use domain::order::{Order, OrderStatus};
use domain::timestamp::Timestamp;

use super::{OrdersTable, item, text};
use crate::error::AdapterError;

/// Position in a list: the last order of the previous page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageToken {
    /// Id of that order.
    pub order_id: OrderId,
    /// Time at which that order was admitted or refused.
    pub created_at: Timestamp,
}

/// One page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// Maximum number of orders.
    pub max_items: u32,
    /// Position after which the page starts; the start of the list if absent.
    pub after: Option<PageToken>,
}

/// Selection and direction of a shop's orders of one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusFilter {
    /// Status of the orders.
    pub status: OrderStatus,
    /// Earliest time of admission; any if absent.
    pub since: Option<Timestamp>,
    /// Direction of the list.
    pub direction: Direction,
}

/// Direction of a list, by the time of admission.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// The oldest order first.
    #[default]
    OldestFirst,
    /// The newest order first.
    NewestFirst,
}

/// Orders of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPage {
    /// The orders, as the index holds them.
    pub orders: Vec<Order>,
    /// Position of the next page; absent on the last page.
    pub next: Option<PageToken>,
}

/// Lists orders.
pub trait ListOrders: Send + Sync {
    /// Returns a shop's orders of one status, sorted by the time of admission. The position of
    /// `page` must not be earlier than `since`.
    fn by_status(
        &self,
        shop_id: &ShopId,
        filter: StatusFilter,
        page: &PageRequest,
    ) -> impl Future<Output = Result<OrderPage, AdapterError>> + Send;

    /// Returns a customer's orders in a shop, newest first.
    fn by_customer(
        &self,
        shop_id: &ShopId,
        user_id: &UserId,
        page: &PageRequest,
    ) -> impl Future<Output = Result<OrderPage, AdapterError>> + Send;
}

/// Reads the orders that a board shows, without ids and persons.
pub trait BoardOrders: Send + Sync {
    /// Returns the first [`MAX_ENTRIES`] orders of a shop's queue, oldest first.
    fn waiting(&self, shop_id: &ShopId) -> impl Future<Output = Result<Vec<BoardOrder>, AdapterError>> + Send;

    /// Returns a shop's completed orders that were admitted after `since`, newest first. Reads at
    /// most 1 MB, some 2,500 orders.
    fn completed(
        &self,
        shop_id: &ShopId,
        since: Timestamp,
    ) -> impl Future<Output = Result<Vec<BoardOrder>, AdapterError>> + Send;
}

/// Finds orders past their deadline.
pub trait OpenOrders: Send + Sync {
    /// Returns the ids of a shard's orders whose deadline is before `deadline`. The index may lag
    /// behind the table.
    fn overdue(
        &self,
        shard: u32,
        deadline: Timestamp,
    ) -> impl Future<Output = Result<Vec<OrderId>, AdapterError>> + Send;
}

struct Query {
    index: &'static str,
    key: &'static str,
    value: String,
    since: Option<Timestamp>,
    direction: Direction,
}

impl OrdersTable {
    async fn page(&self, query: Query, page: &PageRequest) -> Result<OrderPage, AdapterError> {
        let start = page.after.as_ref().map(|PageToken { order_id, created_at }| {
            HashMap::from([
                ("orderId".to_owned(), text(order_id)),
                ("createdAt".to_owned(), text(created_at)),
                (query.key.to_owned(), text(&query.value)),
            ])
        });
        let call = self.client.query().table_name(&self.name).index_name(query.index);
        let call = match query.since {
            None => call.key_condition_expression("#key = :value"),
            Some(since) => call
                .key_condition_expression("#key = :value AND createdAt >= :since")
                .expression_attribute_values(":since", text(&since)),
        };
        let answer = call
            .expression_attribute_names("#key", query.key)
            .expression_attribute_values(":value", text(&query.value))
            .scan_index_forward(query.direction == Direction::OldestFirst)
            .limit(i32::try_from(page.max_items).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| AdapterError::from_sdk("Query orders", error))?;
        let next = answer.last_evaluated_key().and_then(page_token);
        let orders = answer.items.unwrap_or_default().into_iter().map(item::read_projected);
        Ok(OrderPage { orders: orders.collect::<Result<_, _>>()?, next })
    }
}

impl OrdersTable {
    pub(super) fn by_status_query(&self, keys: &str, shop_id: &ShopId, status: OrderStatus) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.name)
            .index_name("byStatus")
            .key_condition_expression(keys)
            .expression_attribute_values(":status", item::event_status(shop_id, status))
    }

    fn board_query(&self, keys: &str, shop_id: &ShopId, status: OrderStatus) -> QueryFluentBuilder {
        self.by_status_query(keys, shop_id, status)
            .projection_expression("orderNumber, drinkOrder, createdAt, updatedAt, calledAt")
    }
}

async fn board_orders(query: QueryFluentBuilder) -> Result<Vec<BoardOrder>, AdapterError> {
    let answer = query.send().await.map_err(|error| AdapterError::from_sdk("Query board", error))?;
    let read = |item| serde_dynamo::from_item(item).map_err(|error| AdapterError::unreadable("the order", error));
    answer.items.unwrap_or_default().into_iter().map(read).collect()
}

fn page_token(key: &HashMap<String, AttributeValue>) -> Option<PageToken> {
    let order_id = key.get("orderId")?.as_s().ok()?.parse().ok()?;
    let created_at = key.get("createdAt")?.as_s().ok()?.parse().ok()?;
    Some(PageToken { order_id, created_at })
}

impl ListOrders for OrdersTable {
    async fn by_status(
        &self,
        shop_id: &ShopId,
        filter: StatusFilter,
        page: &PageRequest,
    ) -> Result<OrderPage, AdapterError> {
        let StatusFilter { status, since, direction } = filter;
        let value = format!("{shop_id}#{}", status.as_str());
        self.page(Query { index: "byStatus", key: "eventStatus", value, since, direction }, page).await
    }

    async fn by_customer(
        &self,
        shop_id: &ShopId,
        user_id: &UserId,
        page: &PageRequest,
    ) -> Result<OrderPage, AdapterError> {
        let value = format!("{shop_id}#{user_id}");
        let direction = Direction::NewestFirst;
        self.page(Query { index: "byCustomer", key: "eventUser", value, since: None, direction }, page).await
    }
}

impl BoardOrders for OrdersTable {
    async fn waiting(&self, shop_id: &ShopId) -> Result<Vec<BoardOrder>, AdapterError> {
        let query = self.board_query("eventStatus = :status", shop_id, OrderStatus::Waiting);
        board_orders(query.limit(i32::try_from(MAX_ENTRIES).unwrap_or(i32::MAX))).await
    }

    async fn completed(&self, shop_id: &ShopId, since: Timestamp) -> Result<Vec<BoardOrder>, AdapterError> {
        // The latest admission comes first, so an order that waited long comes late. A limit would
        // leave out such orders.
        let keys = "eventStatus = :status AND createdAt > :since";
        let query = self.board_query(keys, shop_id, OrderStatus::Completed);
        board_orders(query.expression_attribute_values(":since", text(&since)).scan_index_forward(false)).await
    }
}

impl OpenOrders for OrdersTable {
    async fn overdue(&self, shard: u32, deadline: Timestamp) -> Result<Vec<OrderId>, AdapterError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("openByDeadline")
            .key_condition_expression("openShard = :shard AND expiresAt < :deadline")
            .expression_attribute_values(":shard", text(&shard))
            .expression_attribute_values(":deadline", text(&deadline))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| AdapterError::from_sdk("Query open orders", error))?;
            found.extend(item.get("orderId").and_then(|id| id.as_s().ok()).and_then(|id| id.parse().ok()));
        }
        Ok(found)
    }
}
