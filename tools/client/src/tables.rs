//! Reads the tables of a stack directly: for attributes that the API does not show, and where calls
//! of the API would distort a measurement.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::{OrderId, ShopId};

use crate::error::Error;
use crate::stack::Stack;

/// Item of a table.
pub type Item = HashMap<String, AttributeValue>;

/// Reader of the tables of orders and shops.
#[derive(Debug, Clone)]
pub struct Tables {
    client: Client,
    orders: String,
    shops: String,
}

impl Tables {
    /// Creates a reader of the tables of `stack`.
    pub fn new(stack: &Stack) -> Self {
        Self { client: Client::new(&stack.aws), orders: stack.orders_table.clone(), shops: stack.shop_table.clone() }
    }

    /// Reads a stored order.
    pub async fn order(&self, order_id: &OrderId) -> Result<Option<Item>, Error> {
        let get = self.client.get_item().table_name(&self.orders).consistent_read(true);
        let answer = get.key("orderId", AttributeValue::S(order_id.to_string())).send().await;
        Ok(answer.map_err(|error| Error::failed("the order cannot be read", error))?.item)
    }

    /// Reads an item of a shop, such as `FLOOR`.
    pub async fn shop_item(&self, shop: &ShopId, item: &str) -> Result<Option<Item>, Error> {
        let get = self.client.get_item().table_name(&self.shops).consistent_read(true);
        let get = get.key("eventId", AttributeValue::S(shop.to_string()));
        let answer = get.key("item", AttributeValue::S(item.to_owned())).send().await;
        Ok(answer.map_err(|error| Error::failed("the shop cannot be read", error))?.item)
    }

    /// Reads the number of orders that hold capacity of a shop.
    pub async fn in_flight(&self, shop: &ShopId) -> Result<i64, Error> {
        Ok(self.shop_item(shop, "FLOOR").await?.map_or(0, |item| number(&item, "inFlight")))
    }

    /// Reads the number of open orders that a shop counts for a customer.
    pub async fn open_orders(&self, shop: &ShopId, user: &str) -> Result<i64, Error> {
        Ok(self.shop_item(shop, &format!("USER#{user}")).await?.map_or(0, |item| number(&item, "openOrders")))
    }
}

/// Returns a text attribute, or an empty text if it is missing.
pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// Returns a number attribute, or 0 if it is missing.
pub fn number(item: &Item, name: &str) -> i64 {
    item.get(name).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or(0)
}
