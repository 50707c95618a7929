//! The facts that the checks compare. Reads those in the tables of the stack: orders, counts of
//! open orders, versions of settings.

use std::collections::BTreeMap;

use client::bus::BusEvent;
use client::error::Cause;
use client::tables::{Item, number, text};
use client::{Error, Stack};
use domain::ids::{OrderId, ShopId};
use domain::order::Order;

use crate::crowd::Accepted;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    pub order: Order,
    pub closed_by_user_id: Option<String>,
    pub previous_barista_user_id: Option<String>,
    pub has_token: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCount {
    pub name: String,
    pub value: i64,
}

#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub orders: BTreeMap<OrderId, StoredOrder>,
    pub counts: Vec<OpenCount>,
    pub versions: BTreeMap<ShopId, u64>,
    pub events: Vec<BusEvent>,
    pub accepted: BTreeMap<OrderId, Accepted>,
    pub dead_letters: BTreeMap<String, usize>,
    pub running: u32,
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the tables cannot be read", source)
}

impl Facts {
    /// Reads `orders`, `counts` and `versions` of these shops. The other fields stay empty.
    pub async fn read(stack: &Stack, shops: &[ShopId]) -> Result<Self, Error> {
        let mut facts = Self::default();
        let of_run = |item: &Item| shops.iter().any(|shop| shop.as_str() == text(item, "eventId"));
        for item in scan(stack, &stack.orders_table).await?.into_iter().filter(of_run) {
            let person = |name| Some(text(&item, name).to_owned()).filter(|id| !id.is_empty());
            let stored = StoredOrder {
                closed_by_user_id: person("closedByUserId"),
                previous_barista_user_id: person("previousBaristaUserId"),
                has_token: item.contains_key("taskToken"),
                order: serde_dynamo::from_item(item).map_err(failed)?,
            };
            facts.orders.insert(stored.order.order_id.clone(), stored);
        }
        for item in scan(stack, &stack.shop_table).await?.into_iter().filter(of_run) {
            facts.add_shop_item(&item);
        }
        Ok(facts)
    }

    fn add_shop_item(&mut self, item: &Item) {
        let (shop, kind) = (text(item, "eventId"), text(item, "item"));
        for name in ["inFlight", "openOrders"].into_iter().filter(|name| item.contains_key(*name)) {
            self.counts.push(OpenCount { name: format!("{shop} {kind}"), value: number(item, name) });
        }
        if let (true, Ok(shop)) = (item.contains_key("version"), shop.parse()) {
            self.versions.insert(shop, u64::try_from(number(item, "version")).unwrap_or_default());
        }
    }

    pub fn open(&self) -> usize {
        self.orders.values().filter(|stored| !stored.order.status.is_final()).count()
    }
}

async fn scan(stack: &Stack, table: &str) -> Result<Vec<Item>, Error> {
    let client = aws_sdk_dynamodb::Client::new(&stack.aws);
    let pages = client.scan().table_name(table).consistent_read(true).into_paginator().items().send();
    pages.try_collect().await.map_err(failed)
}
