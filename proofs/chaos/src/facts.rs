//! What there is once all is over: the tables, the bus, the queues, and what was promised.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::QueueAttributeName;
use client::Error;
use client::bus::BusEvent;
use client::error::Cause;
use client::stack::Stack;
use domain::ids::{EventId, OrderId};
use domain::order::Order;

use crate::crowd::Promise;
use crate::setting::Parts;

/// An item of a table.
pub type Item = HashMap<String, AttributeValue>;

/// An order as the table keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What everybody may see.
    pub order: Order,
    /// Who closed it.
    pub closed_by_user_id: Option<String>,
    /// Whether a task token still lies in it.
    pub holds_token: bool,
}

/// A count that must be zero once nobody is in the bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The shop and the item.
    pub of: String,
    /// What it counts.
    pub value: i64,
}

/// Everything that the checks look at.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The orders of the run.
    pub orders: BTreeMap<OrderId, Kept>,
    /// `inFlight` of each shop, `openOrders` of each customer.
    pub counts: Vec<Count>,
    /// The version of each shop's settings.
    pub versions: BTreeMap<EventId, u64>,
    /// What the bus said.
    pub events: Vec<BusEvent>,
    /// What was promised.
    pub promises: BTreeMap<OrderId, Promise>,
    /// How many letters lie in each dead-letter queue.
    pub letters: BTreeMap<String, u64>,
    /// How many executions still run.
    pub running: u32,
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the tables cannot be read", source)
}

impl Facts {
    /// Reads the tables of the shops that are a run's own.
    pub async fn read(stack: &Stack, shops: &[EventId]) -> Result<Self, Error> {
        let mut facts = Self::default();
        let of_run =
            |item: &Item| text(item, "eventId").is_some_and(|shop| shops.iter().any(|own| own.as_str() == shop));
        for item in scan(stack, &stack.orders_table).await?.into_iter().filter(of_run) {
            let kept = Kept {
                closed_by_user_id: text(&item, "closedByUserId").map(str::to_owned),
                holds_token: item.contains_key("taskToken"),
                order: serde_dynamo::from_item(item).map_err(failed)?,
            };
            facts.orders.insert(kept.order.order_id.clone(), kept);
        }
        for item in scan(stack, &stack.shop_table).await?.into_iter().filter(of_run) {
            facts.count(&item);
        }
        Ok(facts)
    }

    fn count(&mut self, item: &Item) {
        let (shop, kind) = (text(item, "eventId").unwrap_or_default(), text(item, "item").unwrap_or_default());
        for name in ["inFlight", "openOrders"] {
            if let Some(value) = number(item, name) {
                self.counts.push(Count { of: format!("{shop} {kind}"), value });
            }
        }
        if let (Some(version), Ok(shop)) = (number(item, "version"), shop.parse()) {
            self.versions.insert(shop, u64::try_from(version).unwrap_or_default());
        }
    }

    /// How many orders are open.
    pub fn open(&self) -> usize {
        self.orders.values().filter(|kept| !kept.order.status.is_final()).count()
    }
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn number(item: &Item, name: &str) -> Option<i64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

async fn scan(stack: &Stack, table: &str) -> Result<Vec<Item>, Error> {
    let client = aws_sdk_dynamodb::Client::new(&stack.aws);
    let pages = client.scan().table_name(table).consistent_read(true).into_paginator().items().send();
    pages.try_collect().await.map_err(failed)
}

/// How many letters lie in each dead-letter queue, those under way included.
pub async fn letters(stack: &Stack, parts: &Parts) -> Result<BTreeMap<String, u64>, Error> {
    let sqs = aws_sdk_sqs::Client::new(&stack.aws);
    let counts = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];
    let mut letters = BTreeMap::new();
    for (name, url) in &parts.letters {
        let queue = sqs.get_queue_attributes().queue_url(url).set_attribute_names(Some(counts.to_vec())).send().await;
        let attributes = queue.map_err(failed)?.attributes.unwrap_or_default();
        let count = counts.iter().filter_map(|count| attributes.get(count)?.parse::<u64>().ok()).sum();
        letters.insert(name.clone(), count);
    }
    Ok(letters)
}
