//! Creates tables for orders, shops and buckets for one test, with the keys of the template's
//! tables, and deletes them afterwards.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use adapters::contention::Budget;
use adapters::orders::OrderTransactions;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};

pub use client::tables::Item;

#[derive(Debug)]
pub struct Tables {
    pub client: Client,
    pub orders: String,
    pub shops: String,
    pub buckets: String,
}

type Key = (&'static str, ScalarAttributeType);

const TEXT: ScalarAttributeType = ScalarAttributeType::S;

fn schema(keys: &[Key]) -> Vec<KeySchemaElement> {
    let element = |((name, _), kind): (&Key, KeyType)| {
        KeySchemaElement::builder().attribute_name(*name).key_type(kind).build().unwrap()
    };
    keys.iter().zip([KeyType::Hash, KeyType::Range]).map(element).collect()
}

impl Tables {
    async fn create(client: Client) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let name = |kind: &str| format!("test-{kind}-{}-{since}", std::process::id());
        let tables = Self { client, orders: name("orders"), shops: name("shops"), buckets: name("buckets") };
        let by_deadline = [("openShard", TEXT), ("expiresAt", TEXT)];
        tables.create_table(&tables.orders, &[("orderId", TEXT)], Some(("openByDeadline", &by_deadline))).await;
        tables.create_table(&tables.shops, &[("eventId", TEXT), ("item", TEXT)], None).await;
        tables.create_table(&tables.buckets, &[("eventId", TEXT), ("window", ScalarAttributeType::N)], None).await;
        tables
    }

    async fn create_table(&self, name: &str, keys: &[Key], index: Option<(&str, &[Key])>) {
        let of_index = index.map(|(_, keys)| keys).unwrap_or_default();
        let attributes = keys.iter().chain(of_index).map(|(name, kind)| {
            AttributeDefinition::builder().attribute_name(*name).attribute_type(kind.clone()).build().unwrap()
        });
        let index = index.map(|(name, keys)| {
            let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
            GlobalSecondaryIndex::builder()
                .index_name(name)
                .set_key_schema(Some(schema(keys)))
                .projection(keys_only)
                .build()
        });
        let call = self.client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
        let call = call.set_attribute_definitions(Some(attributes.collect())).set_key_schema(Some(schema(keys)));
        let call = call.set_global_secondary_indexes(index.map(|index| vec![index.unwrap()]));
        call.send().await.unwrap();
        let exists = self.client.wait_until_table_exists().table_name(name);
        exists.wait(Duration::from_secs(30)).await.unwrap();
    }

    async fn remove(&self) {
        for table in [&self.orders, &self.shops, &self.buckets] {
            self.client.delete_table().table_name(table).send().await.unwrap();
        }
    }

    pub async fn put(&self, table: &str, item: Item) {
        self.client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
    }

    /// Writes an item of a shop with one attribute.
    pub async fn put_shop(&self, shop: &str, item: &str, name: &str, value: AttributeValue) {
        let mut put = texts(&[("eventId", shop), ("item", item)]);
        put.insert(name.to_owned(), value);
        self.put(&self.shops, put).await;
    }

    pub async fn count(&self, shop: &str, item: &str, name: &str) -> Option<String> {
        let key = texts(&[("eventId", shop), ("item", item)]);
        self.get(&self.shops, key).await?.remove(name)?.as_n().ok().cloned()
    }

    pub fn transactions(&self) -> OrderTransactions {
        OrderTransactions::new(self.client.clone(), self.orders.clone(), self.shops.clone(), Budget::seconds(10))
    }

    pub async fn get(&self, table: &str, key: Item) -> Option<Item> {
        let answer = self.client.get_item().table_name(table).set_key(Some(key)).consistent_read(true).send().await;
        answer.unwrap().item.filter(|item| !item.is_empty())
    }
}

/// Returns the configuration for the emulator. Panics if `AWS_ENDPOINT_URL` names none.
pub async fn aws() -> SdkConfig {
    let emulator = client::stack::emulator();
    assert!(emulator.is_some(), "AWS_ENDPOINT_URL names no emulator: run `make up` and `. .local/env` first");
    client::stack::aws().await.unwrap()
}

/// Runs `test` with new tables, and deletes them even if the test panics.
pub async fn with_tables<F: Future<Output = ()> + Send + 'static>(client: Client, test: impl FnOnce(Arc<Tables>) -> F) {
    let tables = Arc::new(Tables::create(client).await);
    let outcome = tokio::spawn(test(Arc::clone(&tables))).await;
    tables.remove().await;
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}

pub fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub fn texts(texts: &[(&str, &str)]) -> Item {
    texts.iter().map(|(name, value)| ((*name).to_owned(), AttributeValue::S((*value).to_owned()))).collect()
}
