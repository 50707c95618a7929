//! Fills the orders table with copies of a completed order, for other customers at other times.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use client::tables::Item;
use client::{Error, Stack};
use domain::ids::ShopId;
use domain::timestamp::Timestamp;

const BATCH_SIZE: usize = 25;
const REGULAR_EVERY: u32 = 5;
const MINUTE_MILLIS: i64 = 60_000;

#[derive(Debug, Clone)]
pub(super) struct StoredOrders {
    client: Client,
    table: String,
}

impl StoredOrders {
    pub(super) fn new(stack: &Stack) -> Self {
        Self { client: Client::new(&stack.aws), table: stack.orders_table.clone() }
    }

    pub(super) async fn count(&self) -> Result<u32, Error> {
        Ok(u32::try_from(self.ids().await?.len()).unwrap_or(u32::MAX))
    }

    pub(super) async fn clear(&self) -> Result<(), Error> {
        let requests = self.ids().await?.into_iter().map(|id| {
            let delete = DeleteRequest::builder().key("orderId", id).build()?;
            Ok(WriteRequest::builder().delete_request(delete).build())
        });
        self.write(requests.collect()).await
    }

    pub(super) async fn add_copies(
        &self,
        served: &Item,
        shop: &ShopId,
        regular: &str,
        count: u32,
    ) -> Result<(), Error> {
        let requests = (0..count).map(|number| {
            let put = PutRequest::builder().set_item(Some(copy(served, shop, regular, number))).build()?;
            Ok(WriteRequest::builder().put_request(put).build())
        });
        self.write(requests.collect()).await
    }

    async fn ids(&self) -> Result<Vec<AttributeValue>, Error> {
        let scan = self.client.scan().table_name(&self.table).projection_expression("orderId").into_paginator();
        let items = scan.items().send().try_collect().await;
        let items = items.map_err(|error| Error::failed("the ids of the orders cannot be read", error))?;
        Ok(items.into_iter().filter_map(|mut item| item.remove("orderId")).collect())
    }

    async fn write(&self, requests: Result<Vec<WriteRequest>, BuildError>) -> Result<(), Error> {
        let requests = requests.map_err(|error| Error::failed("a write cannot be built", error))?;
        for batch in requests.chunks(BATCH_SIZE) {
            let mut left = HashMap::from([(self.table.clone(), batch.to_vec())]);
            while !left.is_empty() {
                let answer = self.client.batch_write_item().set_request_items(Some(left)).send().await;
                let answer = answer.map_err(|error| Error::failed("the orders cannot be written", error))?;
                left = answer.unprocessed_items.unwrap_or_default();
            }
        }
        Ok(())
    }
}

fn text(value: &(impl ToString + ?Sized)) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

fn copy(served: &Item, shop: &ShopId, regular: &str, number: u32) -> Item {
    // The regular has every fifth copy and the second one, so that even the smallest level fills
    // one page of her list.
    let user = if number < 2 || number.is_multiple_of(REGULAR_EVERY) {
        regular.to_owned()
    } else {
        format!("u{}", number / 3)
    };
    let age = i64::from(number + 1) * MINUTE_MILLIS;
    let mut item = served.clone();
    for name in ["createdAt", "updatedAt"] {
        let time = served.get(name).and_then(|time| time.as_s().ok()?.parse::<Timestamp>().ok());
        item.extend(time.map(|time| (name.to_owned(), text(&Timestamp::from_millis(time.as_millis() - age)))));
    }
    item.insert("orderId".into(), text(&format_args!("{shop}-{number}")));
    item.insert("eventUser".into(), text(&format_args!("{shop}#{user}")));
    item.insert("userId".into(), text(&user));
    item
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn copies_have_different_ids_and_times_and_the_first_two_and_every_fifth_belong_to_the_regular() {
        let shop: ShopId = "shop".parse().unwrap();
        let served = Item::from([
            ("orderId".into(), text("served")),
            ("createdAt".into(), text("2026-11-25T08:00:00.000Z")),
            ("status".into(), text("COMPLETED")),
        ]);
        let copies: Vec<Item> = (0..10).map(|number| copy(&served, &shop, "rita", number)).collect();
        let regulars = copies.iter().filter(|item| item["eventUser"] == text("shop#rita")).count();
        assert_eq!(regulars, 3);
        assert!(copies.iter().all(|item| item["status"] == text("COMPLETED")));
        let ids: BTreeSet<_> = copies.iter().map(|item| item["orderId"].as_s().unwrap()).collect();
        assert_eq!(ids.len(), 10);
        assert_eq!(copies[1]["createdAt"], text("2026-11-25T07:58:00.000Z"));
    }
}
