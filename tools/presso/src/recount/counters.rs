//! Counts the open orders of a shop again, and corrects the counters that admission and release
//! keep. After a point-in-time recovery they may differ from the orders.
//!
//! Each admission and each end of an order increments `changes` in the shop's item `FLOOR`, in the
//! transaction that changes the counters. So the counts are exact if `changes` is still the same
//! when the correction is written. Otherwise the transaction writes nothing, and everything is read
//! again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use client::tables::{Item, text};
use client::{Error, Stack};
use domain::ids::ShopId;
use domain::order::OrderStatus;
use serde::Serialize;
use tokio::time::{Instant, sleep};

/// Time for which a busy shop is read again.
const PATIENCE: Duration = Duration::from_mins(1);

/// Maximum pause before the shop is read again, in milliseconds.
const PAUSE_MS: u64 = 300;

pub(super) const FLOOR: &str = "FLOOR";
pub(super) const IN_FLIGHT: &str = "inFlight";
pub(super) const OPEN_ORDERS: &str = "openOrders";
pub(super) const CHANGES: &str = "changes";
const CUSTOMER: &str = "USER#";

/// Count of open orders, as stored and as counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Counter {
    /// Name of the item that stores it: `FLOOR`, or `USER#` and the customer.
    pub(crate) item: String,
    /// Stored number; `None` if the stored value is no number.
    pub(crate) stored: Option<i64>,
    /// Number of open orders.
    pub(crate) orders: i64,
}

impl Counter {
    /// Returns true if the stored number is the number of open orders.
    pub(crate) fn is_correct(&self) -> bool {
        self.stored == Some(self.orders)
    }
}

/// Result of a recount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recount {
    /// Shop whose orders were counted.
    #[serde(rename = "eventId")]
    pub(crate) shop_id: ShopId,
    /// Number of counters that were compared.
    pub(crate) counters: usize,
    /// Counters that were not correct.
    pub(crate) wrong: Vec<Counter>,
    /// True if the wrong counters were corrected.
    pub(crate) corrected: bool,
    /// Number of times that the shop was read.
    pub(crate) readings: u32,
}

/// Counters of a shop at one moment, if `changes` did not change while they were read.
struct Reading {
    changes: Option<i64>,
    counters: Vec<Counter>,
}

/// Tables of a stack, and the shop whose orders are counted.
pub(super) struct Recounter<'a> {
    pub(super) client: Client,
    pub(super) stack: &'a Stack,
    shop_id: &'a ShopId,
}

/// Counts the open orders of the shop and of each customer, and corrects the counters unless
/// `dry_run`. Orders may begin and end meanwhile.
pub(crate) async fn recount(stack: &Stack, shop_id: &ShopId, dry_run: bool) -> Result<Recount, Error> {
    let recounter = Recounter { client: Client::new(&stack.aws), stack, shop_id };
    let deadline = Instant::now() + PATIENCE;
    for readings in 1.. {
        let reading = recounter.read().await?;
        let has_orders = reading.counters.iter().any(|counter| counter.orders > 0);
        if !has_orders && !recounter.is_stored().await? {
            let error = Error::Incomplete(format!("there is no shop {shop_id}: it was never opened"));
            return Err(error.with_help("check the id of the shop"));
        }
        let counters = reading.counters.len();
        let wrong: Vec<Counter> = reading.counters.into_iter().filter(|counter| !counter.is_correct()).collect();
        let done = if dry_run || wrong.is_empty() {
            recounter.changes().await? == reading.changes
        } else {
            recounter.correct(reading.changes, &wrong).await?
        };
        if done {
            let corrected = !dry_run && !wrong.is_empty();
            return Ok(Recount { shop_id: shop_id.clone(), counters, wrong, corrected, readings });
        }
        if Instant::now() > deadline {
            break;
        }
        sleep(Duration::from_millis(fastrand::u64(1..=PAUSE_MS))).await;
    }
    let error = Error::TimedOut(format!("orders of {shop_id} began or ended during each reading"));
    Err(error.with_help("run the command again when fewer orders arrive, or close the shop for a minute"))
}

fn stored_number(item: &Item, name: &str) -> Option<i64> {
    match item.get(name) {
        None => Some(0),
        Some(value) => value.as_n().ok()?.parse().ok(),
    }
}

/// Compares the stored counters with the open orders. `stored` has the items of customers, and
/// `customers` the customer of each open order.
fn compare(floor: &Item, stored: &[Item], customers: &[String]) -> Vec<Counter> {
    let mut open: BTreeMap<&str, i64> = BTreeMap::new();
    for customer in customers {
        *open.entry(customer).or_default() += 1;
    }
    let stored: BTreeMap<&str, Option<i64>> = stored
        .iter()
        .filter_map(|item| Some((text(item, "item").strip_prefix(CUSTOMER)?, stored_number(item, OPEN_ORDERS))))
        .collect();
    let everybody: BTreeSet<&str> = open.keys().chain(stored.keys()).copied().collect();
    let shop = Counter {
        item: FLOOR.to_owned(),
        stored: stored_number(floor, IN_FLIGHT),
        orders: i64::try_from(customers.len()).unwrap_or(i64::MAX),
    };
    let of_customer = |customer: &str| Counter {
        item: format!("{CUSTOMER}{customer}"),
        stored: stored.get(customer).copied().unwrap_or(Some(0)),
        orders: open.get(customer).copied().unwrap_or(0),
    };
    [shop].into_iter().chain(everybody.into_iter().map(of_customer)).collect()
}

impl Recounter<'_> {
    fn shop(&self) -> AttributeValue {
        AttributeValue::S(self.shop_id.to_string())
    }

    pub(super) fn key(&self, item: &str) -> Item {
        [("eventId".to_owned(), self.shop()), ("item".to_owned(), AttributeValue::S(item.to_owned()))].into()
    }

    async fn floor(&self) -> Result<Item, Error> {
        let get = self.client.get_item().table_name(&self.stack.shop_table).consistent_read(true);
        let answer = get.set_key(Some(self.key(FLOOR))).send().await;
        Ok(answer.map_err(|error| Error::failed("the shop cannot be read", error))?.item.unwrap_or_default())
    }

    async fn changes(&self) -> Result<Option<i64>, Error> {
        Ok(changes_of(&self.floor().await?))
    }

    /// Returns true if the table has an item of the shop.
    async fn is_stored(&self) -> Result<bool, Error> {
        let query = self.client.query().table_name(&self.stack.shop_table).consistent_read(true).limit(1);
        let query = query.key_condition_expression("eventId = :shop").expression_attribute_values(":shop", self.shop());
        let answer = query.send().await.map_err(|error| Error::failed("the shop cannot be read", error))?;
        Ok(answer.count() > 0)
    }

    /// Reads the shop: first `FLOOR`, so that the correction fails after any later change of it.
    async fn read(&self) -> Result<Reading, Error> {
        let floor = self.floor().await?;
        let (stored, customers) = tokio::try_join!(self.stored(), self.customers_of_open_orders())?;
        Ok(Reading { changes: changes_of(&floor), counters: compare(&floor, &stored, &customers) })
    }

    /// Reads the items of the shop's customers.
    async fn stored(&self) -> Result<Vec<Item>, Error> {
        let query = self
            .client
            .query()
            .table_name(&self.stack.shop_table)
            .consistent_read(true)
            .key_condition_expression("eventId = :shop AND begins_with(#item, :customer)")
            .expression_attribute_names("#item", "item")
            .expression_attribute_values(":shop", self.shop())
            .expression_attribute_values(":customer", AttributeValue::S(CUSTOMER.to_owned()));
        let items = query.into_paginator().items().send().try_collect().await;
        items.map_err(|error| Error::failed("the customers of the shop cannot be read", error))
    }

    /// Reads the customer of each open order. Reads the whole table, because an index may lag
    /// behind it.
    async fn customers_of_open_orders(&self) -> Result<Vec<String>, Error> {
        let mut scan = self
            .client
            .scan()
            .table_name(&self.stack.orders_table)
            .consistent_read(true)
            .filter_expression("eventId = :shop AND #status IN (:admitted, :created, :waiting)")
            .projection_expression("userId")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":shop", self.shop());
        let open = [
            (":admitted", OrderStatus::Admitted),
            (":created", OrderStatus::Created),
            (":waiting", OrderStatus::Waiting),
        ];
        for (name, status) in open {
            scan = scan.expression_attribute_values(name, AttributeValue::S(status.as_str().to_owned()));
        }
        let items: Result<Vec<Item>, _> = scan.into_paginator().items().send().try_collect().await;
        let items = items.map_err(|error| Error::failed("the orders cannot be read", error))?;
        Ok(items.iter().map(|item| text(item, "userId").to_owned()).collect())
    }
}

fn changes_of(floor: &Item) -> Option<i64> {
    floor.get(CHANGES).and_then(|value| value.as_n().ok()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, attribute: &str, value: AttributeValue) -> Item {
        [("item".to_owned(), AttributeValue::S(name.to_owned())), (attribute.to_owned(), value)].into()
    }

    fn number(value: i64) -> AttributeValue {
        AttributeValue::N(value.to_string())
    }

    fn wrong(floor: AttributeValue, stored: &[(&str, i64)], open: &[&str]) -> Vec<(String, Option<i64>, i64)> {
        let stored: Vec<Item> =
            stored.iter().map(|(user, count)| item(&format!("USER#{user}"), OPEN_ORDERS, number(*count))).collect();
        let open: Vec<String> = open.iter().map(|user| (*user).to_owned()).collect();
        let counters = compare(&item(FLOOR, IN_FLIGHT, floor), &stored, &open);
        let wrong = counters.into_iter().filter(|counter| !counter.is_correct());
        wrong.map(|counter| (counter.item, counter.stored, counter.orders)).collect()
    }

    #[test]
    fn counters_that_equal_the_open_orders_are_correct() {
        assert_eq!(wrong(number(3), &[("anna", 2), ("bob", 1), ("left", 0)], &["anna", "bob", "anna"]), []);
        assert_eq!(compare(&Item::new(), &[], &[]).len(), 1, "a shop without orders has one counter");
        assert!(compare(&Item::new(), &[], &[]).iter().all(Counter::is_correct));
    }

    #[test]
    fn leaked_negative_missing_and_broken_counters_are_wrong() {
        let shop = |stored, orders| (FLOOR.to_owned(), stored, orders);
        let user = |name: &str, stored, orders| (format!("USER#{name}"), Some(stored), orders);
        assert_eq!(wrong(number(4), &[("anna", 1)], &["anna"]), [shop(Some(4), 1)]);
        assert_eq!(wrong(number(-1), &[("anna", -1)], &[]), [shop(Some(-1), 0), user("anna", -1, 0)]);
        assert_eq!(wrong(number(1), &[], &["anna"]), [user("anna", 0, 1)]);
        assert_eq!(wrong(AttributeValue::S("?".into()), &[("anna", 1)], &["anna"]), [shop(None, 1)]);
    }
}
