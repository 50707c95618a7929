//! Sends admission's transaction to `AWS_ENDPOINT_URL` with every combination of failed conditions.
//! With `--nocapture`, the tests print summaries of the responses.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};

use adapters::orders::{Admission, AdmitOrder};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{Config, ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::admission::{FailedConditions, Obstacle, Refusal};
use domain::shop::ShopState;
use domain::timestamp::Timestamp;
use domain::workflow::AdmissionRequest;
use end_to_end::tables::{Item, Tables, aws, number, texts, with_tables};
use serde_json::Value;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const CUSTOMER: &str = "customer";

/// Collects summaries of DynamoDB's HTTP responses.
#[derive(Debug, Clone, Default)]
struct Answers(Arc<Mutex<Vec<String>>>);

impl Answers {
    fn last(&self) -> String {
        self.0.lock().unwrap().last().unwrap().clone()
    }

    fn counted(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for answer in self.0.lock().unwrap().iter() {
            *counts.entry(answer.clone()).or_default() += 1;
        }
        counts
    }
}

/// Returns status and error type of a response. For a cancelled transaction it adds the code of
/// each reason, and says if the reason has the item.
fn summary(status: u16, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let kind = body["__type"].as_str().unwrap_or_default();
    let Some(reasons) = body["CancellationReasons"].as_array() else { return format!("{status} {kind}") };
    let reasons = reasons.iter().map(|reason| match &reason["Item"] {
        Value::Null => reason["Code"].as_str().unwrap_or("-").to_owned(),
        _ => format!("{} with the item", reason["Code"].as_str().unwrap_or("-")),
    });
    format!("{status} {kind} [{}]", reasons.collect::<Vec<_>>().join(", "))
}

impl Intercept for Answers {
    fn name(&self) -> &'static str {
        "Answers"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let answer = summary(response.status().as_u16(), response.body().bytes().unwrap_or_default());
        self.0.lock().unwrap().push(answer);
        Ok(())
    }
}

struct Admissions {
    tables: Arc<Tables>,
    answers: Answers,
}

impl Admissions {
    async fn snapshot(&self) -> BTreeMap<String, Item> {
        let mut items = BTreeMap::new();
        for table in [&self.tables.orders, &self.tables.shops] {
            let scan = self.tables.client.scan().table_name(table).consistent_read(true).send().await.unwrap();
            for item in scan.items.unwrap() {
                let keys = ["orderId", "eventId", "item"].map(|key| item.get(key).and_then(|value| value.as_s().ok()));
                items.insert(format!("{keys:?}"), item);
            }
        }
        items
    }

    /// Prepares the tables so that exactly the conditions in `failing` fail.
    async fn arrange(&self, shop: &str, failing: FailedConditions, state: &ShopState) {
        self.tables.put_shop(shop, "STATE", "storeOpen", AttributeValue::Bool(!failing.shop_closed)).await;
        let in_flight = state.max_orders_in_queue - u32::from(!failing.shop_full);
        self.tables.put_shop(shop, "FLOOR", "inFlight", number(in_flight)).await;
        let open_orders = state.max_orders_per_user - u32::from(!failing.customer_limit);
        self.tables.put_shop(shop, &format!("USER#{CUSTOMER}"), "openOrders", number(open_orders)).await;
        if failing.order_exists {
            let order = texts(&[("orderId", shop), ("executionArn", "another")]);
            self.tables.put(&self.tables.orders, order).await;
        }
    }

    async fn count(&self, shop: &str, item: &str, attribute: &str) -> String {
        self.tables.count(shop, item, attribute).await.unwrap()
    }
}

/// Runs `test` with new tables and a record of DynamoDB's responses.
async fn with_admissions<F: Future<Output = ()> + Send + 'static>(test: impl FnOnce(Arc<Admissions>) -> F) {
    let answers = Answers::default();
    let client = Client::from_conf(Config::from(&aws().await).to_builder().interceptor(answers.clone()).build());
    with_tables(client, |tables| test(Arc::new(Admissions { tables, answers }))).await;
}

fn request(shop: &str, order: &str, customer: &str) -> AdmissionRequest {
    AdmissionRequest {
        order_id: order.parse().unwrap(),
        user_id: customer.parse().unwrap(),
        shop_id: shop.parse().unwrap(),
        execution_arn: "execution".into(),
    }
}

fn combinations() -> impl Iterator<Item = FailedConditions> {
    (0..16).map(|bits| FailedConditions {
        order_exists: bits & 8 != 0,
        shop_closed: bits & 4 != 0,
        customer_limit: bits & 2 != 0,
        shop_full: bits & 1 != 0,
    })
}

fn expected_obstacle(failing: FailedConditions) -> Option<Obstacle> {
    match failing {
        FailedConditions { order_exists: true, .. } => Some(Obstacle::OrderExists),
        FailedConditions { shop_closed: true, .. } => Some(Obstacle::Refused(Refusal::Closed)),
        FailedConditions { customer_limit: true, .. } => Some(Obstacle::Refused(Refusal::CustomerLimit)),
        FailedConditions { shop_full: true, .. } => Some(Obstacle::Refused(Refusal::Full)),
        _ => None,
    }
}

async fn try_combination(tables: &Admissions, failing: FailedConditions, state: &ShopState) {
    let flags = [failing.order_exists, failing.shop_closed, failing.customer_limit, failing.shop_full];
    let shop = format!("shop-{}", flags.map(|flag| if flag { '1' } else { '0' }).iter().collect::<String>());
    tables.arrange(&shop, failing, state).await;
    let before = tables.snapshot().await;
    let admission = tables.tables.transactions().admit(&request(&shop, &shop, CUSTOMER), state, NOW).await.unwrap();
    println!("{shop}: {}", tables.answers.last());
    match admission {
        Admission::Refused(reported) => {
            assert_eq!(reported.obstacle(), expected_obstacle(failing), "{shop}");
            assert_eq!(reported, failing, "{shop}: the reported conditions differ from those of the tables");
            assert_eq!(tables.snapshot().await, before, "{shop}: a refused admission changed the tables");
        }
        Admission::Admitted => {
            assert_eq!(expected_obstacle(failing), None, "{shop} was admitted");
            assert_eq!(tables.snapshot().await.len(), before.len() + 1, "{shop}: the order must be the only new item");
            assert_eq!(tables.count(&shop, "FLOOR", "inFlight").await, state.max_orders_in_queue.to_string());
            let user = format!("USER#{CUSTOMER}");
            assert_eq!(tables.count(&shop, &user, "openOrders").await, state.max_orders_per_user.to_string());
        }
    }
}

#[tokio::test]
async fn an_order_is_admitted_only_if_no_condition_fails_and_a_refusal_writes_nothing() {
    with_admissions(|tables| async move {
        for failing in combinations() {
            try_combination(&tables, failing, &ShopState::default()).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_shop_that_was_never_opened_is_closed() {
    with_admissions(|tables| async move {
        let request = request("never", "never", CUSTOMER);
        let admission = tables.tables.transactions().admit(&request, &ShopState::default(), NOW).await.unwrap();
        println!("never opened: {}", tables.answers.last());
        let closed = FailedConditions { shop_closed: true, ..FailedConditions::default() };
        assert_eq!(admission, Admission::Refused(closed));
        assert!(tables.snapshot().await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_never_exceed_the_capacity() {
    with_admissions(|tables| async move {
        let settings = ShopState { max_orders_in_queue: 10, ..ShopState::default() };
        tables.tables.put_shop("race", "STATE", "storeOpen", AttributeValue::Bool(true)).await;
        let attempts: Vec<_> = (0..40)
            .map(|number| {
                let (transactions, settings) = (tables.tables.transactions(), settings.clone());
                let request = request("race", &format!("order-{number}"), &format!("customer-{number}"));
                tokio::spawn(async move { transactions.admit(&request, &settings, NOW).await })
            })
            .collect();
        let mut admitted = 0;
        for admission in attempts {
            match admission.await.unwrap().unwrap() {
                Admission::Admitted => admitted += 1,
                Admission::Refused(failed) => assert_eq!(failed.obstacle(), Some(Obstacle::Refused(Refusal::Full))),
            }
        }
        println!("race: {:#?}", tables.answers.counted());
        assert_eq!(admitted, 10);
        assert_eq!(tables.count("race", "FLOOR", "inFlight").await, "10");
    })
    .await;
}
