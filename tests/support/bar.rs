//! A shop of a test's own, with the people in it; removed when the test is over.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use client::api::{Api, Problem, Scan};
use client::bus::BusEvent;
use client::stack::Stack;
use client::{Error, wait};
use domain::caller::Role;
use domain::drink::DrinkRequest;
use domain::event::SOURCE;
use domain::ids::{ShopId, OrderId};
use domain::order::{Order, OrderStatus};
use domain::qr_code::Window;
use domain::shop::{SettingsEdit, Shop};
use serde_json::{Value, json};

use crate::recorder::Recorder;
use crate::world::World;
use crate::{deadline, eventually};

/// An item of a table.
pub type Item = HashMap<String, AttributeValue>;

/// A shop in a stack.
#[derive(Clone)]
pub struct Bar {
    /// What all tests share.
    pub world: &'static World,
    /// The stack that the shop is in.
    pub stack: Stack,
    /// The shop.
    pub shop_id: ShopId,
    /// Runs it.
    pub admin: Api,
    /// Works its queue.
    pub barista: Api,
    /// Has not signed in.
    pub nobody: Api,
    /// The tables.
    pub tables: aws_sdk_dynamodb::Client,
    short: bool,
}

/// Expects a refusal, and gives it.
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Error>) -> Problem {
    match answer {
        Err(Error::Refused(problem)) => problem,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

/// Expects an answer.
pub fn answered<T>(answer: Result<T, Error>) -> T {
    answer.unwrap_or_else(|error| panic!("an answer was expected, not {}", client::error::causes(&error)))
}

/// A latte with oat milk.
pub fn latte() -> DrinkRequest {
    DrinkRequest { drink: "Latte".into(), modifiers: vec!["Oat".into()] }
}

impl Bar {
    /// A shop that nobody has opened yet.
    pub fn unopened(world: &'static World, short: bool) -> Self {
        let stack = if short { world.short.clone() } else { world.stack.clone() };
        // A slow emulator may be too busy; every request may be sent again.
        let nobody = Api::new(&stack.api_url).unwrap().with_attempts(5);
        let mint = |user: &str, role| nobody.with_token(token(world, user, &[role]));
        Self {
            shop_id: format!("e2e-{:012x}", fastrand::u64(..) >> 16).parse().unwrap(),
            admin: mint("admin", Role::Admin),
            barista: mint("barista", Role::Barista),
            tables: aws_sdk_dynamodb::Client::new(&stack.aws),
            nobody,
            world,
            stack,
            short,
        }
    }

    /// An open shop.
    pub async fn open(world: &'static World, short: bool) -> Self {
        let bar = Self::unopened(world, short);
        answered(bar.admin.set_open(&bar.shop_id, true).await);
        bar
    }

    /// The shop of the same name in another stack.
    #[must_use]
    pub fn in_stack(&self, stack: Stack) -> Self {
        Self { stack, ..self.clone() }
    }

    /// Another shop of the same stack.
    #[must_use]
    pub fn of(&self, shop_id: ShopId) -> Self {
        Self { shop_id, ..self.clone() }
    }

    /// What the shop's bus said.
    pub fn recorder(&self) -> &'static Recorder {
        if self.short { &self.world.short_recorder } else { &self.world.recorder }
    }

    /// A customer.
    pub fn customer(&self, name: &str) -> Api {
        self.nobody.with_token(token(self.world, name, &[]))
    }

    /// Somebody else who works the queue.
    pub fn barista(&self, name: &str) -> Api {
        self.nobody.with_token(token(self.world, name, &[Role::Barista]))
    }

    /// Changes the shop's limits.
    pub async fn limits(&self, per_code: u32, in_queue: u32, per_user: u32) -> Shop {
        let edit = SettingsEdit {
            menu: None,
            drinks_per_barcode: Some(per_code),
            max_orders_in_queue: Some(in_queue),
            max_orders_per_user: Some(per_user),
        };
        answered(self.admin.edit(&self.shop_id, &edit, None).await)
    }

    /// The customer scans what the display shows.
    pub async fn scan(&self, customer: &Api) -> Result<Scan, Error> {
        let code = answered(self.admin.qr_code(&self.shop_id).await).code;
        self.scan_code(customer, &code).await
    }

    /// The customer scans this code, again if the bar is too busy to answer.
    pub async fn scan_code(&self, customer: &Api, code: &str) -> Result<Scan, Error> {
        wait::when_ready(deadline(), || customer.scan(&self.shop_id, code)).await
    }

    /// An order that waits for its customer's choice.
    pub async fn choosing(&self, customer: &Api) -> OrderId {
        let order_id = answered(self.scan(customer).await).order_id;
        answered(wait::order_is(customer, &order_id, OrderStatus::Created, deadline()).await);
        order_id
    }

    /// The customer picks a latte, as soon as the order takes it.
    pub async fn chooses(&self, customer: &Api, order_id: &OrderId) {
        let drink = latte();
        answered(wait::when_ready(deadline(), || customer.submit(order_id, &drink)).await);
    }

    /// An order in the barista's queue.
    pub async fn waiting(&self, customer: &Api) -> OrderId {
        let order_id = self.choosing(customer).await;
        self.chooses(customer, &order_id).await;
        answered(wait::order_is(customer, &order_id, OrderStatus::Waiting, deadline()).await);
        order_id
    }

    /// The order once it has ended.
    pub async fn ended(&self, order_id: &OrderId) -> Order {
        answered(wait::order_until(&self.barista, order_id, deadline(), |order| order.status.is_final()).await)
    }

    /// The order as it stands.
    pub async fn order(&self, order_id: &OrderId) -> Order {
        answered(self.barista.order(order_id).await)
    }

    /// An item of the shop table.
    pub async fn shop_item(&self, item: &str) -> Option<Item> {
        let get = self.tables.get_item().table_name(&self.stack.shop_table).consistent_read(true);
        let get = get.key("eventId", AttributeValue::S(self.shop_id.to_string()));
        get.key("item", AttributeValue::S(item.into())).send().await.unwrap().item
    }

    /// The stored order.
    pub async fn stored(&self, order_id: &OrderId) -> Option<Item> {
        let get = self.tables.get_item().table_name(&self.stack.orders_table).consistent_read(true);
        get.key("orderId", AttributeValue::S(order_id.to_string())).send().await.unwrap().item
    }

    /// The stored order, once it holds the token of this step.
    pub async fn with_token(&self, order_id: &OrderId, step: &str) -> Item {
        eventually(&format!("the {step}'s token is stored"), || async {
            let stored = self.stored(order_id).await?;
            (stored.get("tokenStep")?.as_s().ok()? == step).then_some(stored)
        })
        .await
    }

    /// The detail of a request for an order, as any producer may publish it.
    pub fn new_order(&self, order_id: &OrderId, user: &str) -> Value {
        let (now, window) = (bootstrap::now(), Window::at(bootstrap::now()));
        json!({
            "orderId": order_id.as_str(), "userId": user, "eventId": self.shop_id.as_str(), "Message": "A producer's",
            "at": now.to_string(), "bucket": {
                "window": window.number(), "startsAt": window.starts_at(), "endsAt": window.ends_at(), "availableTokens": 1
            }
        })
    }

    /// Orders that the shop counts.
    pub async fn in_flight(&self) -> i64 {
        count(self.shop_item("FLOOR").await.as_ref(), "inFlight")
    }

    /// Orders that the shop counts for a customer.
    pub async fn open_orders_of(&self, user: &str) -> i64 {
        count(self.shop_item(&format!("USER#{user}")).await.as_ref(), "openOrders")
    }

    /// Waits until the shop counts nothing.
    pub async fn empty(&self) {
        eventually("the shop is empty", || async { (self.in_flight().await == 0).then_some(()) }).await;
    }

    /// The events about an order, so far.
    pub fn events(&self, order_id: &OrderId) -> Vec<BusEvent> {
        let heard = self.recorder().everything();
        heard.into_iter().filter(|event| event.order_id() == Some(order_id.as_str())).collect()
    }

    /// Waits for an event about an order.
    pub async fn event(&self, order_id: &OrderId, detail_type: &str) -> Value {
        let what = format!("{detail_type} about {order_id}");
        eventually(&what, || async {
            self.events(order_id).into_iter().find(|event| event.detail_type == detail_type).map(|event| event.detail)
        })
        .await
    }

    /// Publishes an event as any producer may.
    pub async fn publish(&self, detail_type: &str, detail: &Value) {
        let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
            .event_bus_name(&self.stack.bus_name)
            .source(SOURCE)
            .detail_type(detail_type)
            .detail(detail.to_string())
            .build();
        let client = aws_sdk_eventbridge::Client::new(&self.stack.aws);
        let answer = client.put_events().entries(entry).send().await.unwrap();
        assert_eq!(answer.failed_entry_count(), 0);
    }

    /// Removes the shop from the tables.
    pub async fn remove(&self) {
        let (shop, of_shop) = (self.shop_id.as_str(), "eventId = :value");
        self.remove_where(&self.stack.shop_table, None, of_shop, shop, &["eventId", "item"]).await;
        self.remove_where(&self.stack.buckets_table, None, of_shop, shop, &["eventId", "window"]).await;
        for status in OrderStatus::ALL {
            let value = format!("{}#{}", self.shop_id, status.as_str());
            let orders = &self.stack.orders_table;
            self.remove_where(orders, Some("byStatus"), "eventStatus = :value", &value, &["orderId"]).await;
        }
    }

    async fn remove_where(&self, table: &str, index: Option<&str>, condition: &str, value: &str, key: &[&str]) {
        let query = self
            .tables
            .query()
            .table_name(table)
            .set_index_name(index.map(str::to_owned))
            .key_condition_expression(condition)
            .expression_attribute_values(":value", AttributeValue::S(value.to_owned()));
        for item in query.send().await.unwrap().items() {
            let key = key.iter().filter_map(|name| Some(((*name).to_owned(), item.get(*name)?.clone()))).collect();
            self.tables.delete_item().table_name(table).set_key(Some(key)).send().await.unwrap();
        }
    }
}

fn count(item: Option<&Item>, name: &str) -> i64 {
    item.and_then(|item| item.get(name)?.as_n().ok()?.parse().ok()).unwrap_or(0)
}

fn token(world: &World, user: &str, roles: &[Role]) -> String {
    world.key.mint(user, roles, Duration::from_mins(30)).unwrap()
}
