//! The venue of one test: a shop in a deployed stack. The suite removes it at the end of the test.

use std::ops::Deref;
use std::time::Duration;

use adapters::contention::Budget;
use adapters::shops::{ManageDisplays, ShopTable};
use aws_sdk_dynamodb::types::AttributeValue;
use client::bus::{self, BusEvent};
use client::problem::Problem;
use client::tables::Item;
use client::venue::{Venue, Waiting};
use client::{Api, Error, Stack, wait};
use domain::caller::Role;
use domain::credential::DisplaySecret;
use domain::display::{Display, DisplayName, display_id};
use domain::ids::{OrderId, ShopId};
use domain::order::{Order, OrderStatus};
use domain::shop::{SettingsEdit, Shop};
use domain::timestamp::Timestamp;
use serde_json::Value;

use crate::recorder::Recorder;
use crate::tables::texts;
use crate::world::{Emulator, World};
use crate::{PATIENCE, deadline, eventually};

pub use client::venue::latte;

/// A shop with staff and customers. Its methods panic if a request fails.
#[derive(Clone)]
pub struct TestVenue {
    pub world: &'static World,
    /// Client with which a test reads and changes items of the tables directly.
    pub dynamodb: aws_sdk_dynamodb::Client,
    venue: Venue,
    short: bool,
}

impl Deref for TestVenue {
    type Target = Venue;

    fn deref(&self) -> &Venue {
        &self.venue
    }
}

pub fn refused<T: std::fmt::Debug>(answer: Result<T, Error>) -> Problem {
    match answer {
        Err(Error::Refused(problem)) => *problem,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

/// Returns the answer of a request. Panics with the error and its causes if there is none.
pub fn answered<T>(answer: Result<T, Error>) -> T {
    answer.unwrap_or_else(|error| panic!("an answer was expected, not {}", client::error::causes(&error)))
}

impl TestVenue {
    /// Returns a shop that has never been opened. `short` selects the stack with short time-outs.
    pub fn unopened(world: &'static World, short: bool) -> Self {
        let stack = if short { &world.short } else { &world.stack };
        // The emulator may be too busy for a request, so the client retries.
        let local_stack = world.emulator == Emulator::LocalStack;
        let api = answered(Api::new(&stack.api_url)).with_attempts(30);
        let api = if local_stack { api.behind_weak_gateway() } else { api };
        let validity = Duration::from_secs(if local_stack { 60 } else { 10 });
        let waiting = Waiting { validity, ..Waiting::by_api(PATIENCE) };
        let venue = answered(Venue::new(stack, &world.key, "e2e", api, waiting));
        Self { dynamodb: aws_sdk_dynamodb::Client::new(&stack.aws), venue, world, short }
    }

    pub async fn open(world: &'static World, short: bool) -> Self {
        let venue = Self::unopened(world, short);
        answered(venue.venue.open().await);
        venue
    }

    /// Opens another shop in the same stack.
    pub async fn another(&self) -> Self {
        Self::open(self.world, self.short).await
    }

    /// Returns the shop of the same id in another stack.
    #[must_use]
    pub fn in_stack(&self, stack: &Stack) -> Self {
        let api = answered(Api::new(&stack.api_url));
        let venue = answered(Venue::new(stack, &self.world.key, "e2e", api, Waiting::by_api(PATIENCE)));
        Self { venue: venue.at(self.shop_id.clone()), ..self.clone() }
    }

    #[must_use]
    pub fn at(&self, shop_id: ShopId) -> Self {
        Self { venue: self.venue.at(shop_id), ..self.clone() }
    }

    pub fn recorder(&self) -> &'static Recorder {
        if self.short { &self.world.short_recorder } else { &self.world.recorder }
    }

    pub fn customer(&self, user: &str) -> Api {
        answered(self.venue.customer(user))
    }

    /// Inserts a display that was created at `created`, and returns it with its secret.
    pub async fn insert_display(&self, shop_id: &ShopId, created: Timestamp) -> (Display, String) {
        let secret = DisplaySecret::new(std::array::from_fn(|_| fastrand::u8(..)));
        let id = display_id(std::array::from_fn(|_| fastrand::u8(..))).unwrap();
        let display = Display::new(id, DisplayName::default(), created);
        let table = ShopTable::new(self.dynamodb.clone(), self.stack.shop_table.clone(), Budget::seconds(10));
        table.create_display(shop_id, &secret.hash(), &display).await.unwrap();
        (display, secret.reveal().to_owned())
    }

    pub fn barista(&self, user: &str) -> Api {
        answered(self.user(user, &[Role::Barista]))
    }

    pub async fn limits(&self, per_code: u32, in_queue: u32, per_user: u32) -> Shop {
        let edit = SettingsEdit {
            drinks_per_barcode: Some(per_code),
            max_orders_in_queue: Some(in_queue),
            max_orders_per_user: Some(per_user),
            ..SettingsEdit::default()
        };
        answered(self.edit(&edit).await)
    }

    /// Places an order that waits for its customer's choice.
    pub async fn choosing(&self, customer: &Api) -> OrderId {
        answered(self.venue.choosing(customer).await)
    }

    /// Orders a latte as the customer, as soon as the order accepts a drink.
    pub async fn choose(&self, customer: &Api, order_id: &OrderId) {
        answered(self.venue.choose(customer, order_id).await);
    }

    /// Places an order that is in the barista's queue.
    pub async fn queued(&self, customer: &Api) -> OrderId {
        answered(self.venue.queued(customer).await)
    }

    /// Waits until the status of the order is final, and returns the order.
    pub async fn ended(&self, order_id: &OrderId) -> Order {
        answered(wait::order_until(&self.barista, order_id, deadline(), |order| order.status.is_final()).await)
    }

    pub async fn order(&self, order_id: &OrderId) -> Order {
        answered(self.barista.order(order_id).await)
    }

    pub async fn shop_item(&self, item: &str) -> Option<Item> {
        answered(self.tables.shop_item(&self.shop_id, item).await)
    }

    pub async fn stored(&self, order_id: &OrderId) -> Option<Item> {
        answered(self.tables.order(order_id).await)
    }

    /// Waits until the stored order holds the task token of this step.
    pub async fn with_token(&self, order_id: &OrderId, step: &str) -> Item {
        eventually(&format!("the task token of the {step} is stored"), || async {
            let stored = self.stored(order_id).await?;
            (stored.get("tokenStep")?.as_s().ok()? == step).then_some(stored)
        })
        .await
    }

    /// Returns the detail of a `Validator.NewOrder` for this order.
    pub fn new_order(&self, order_id: &OrderId, user: &str) -> Value {
        answered(harness::orders::new_order(order_id, &self.shop_id, user))
    }

    pub async fn in_flight(&self) -> i64 {
        answered(self.tables.in_flight(&self.shop_id).await)
    }

    pub async fn open_orders_of(&self, user: &str) -> i64 {
        answered(self.tables.open_orders(&self.shop_id, user).await)
    }

    /// Waits until no order holds capacity of the shop.
    pub async fn empty(&self) {
        eventually("no order is open", || async { (self.in_flight().await == 0).then_some(()) }).await;
    }

    /// Cancels an order, and waits until no order is open.
    pub async fn cancel(&self, caller: &Api, order_id: &OrderId) {
        answered(wait::when_ready(deadline(), || caller.cancel(order_id, "")).await);
        self.empty().await;
    }

    pub async fn set_shop(&self, item: &str, name: &str, value: AttributeValue) {
        let key = texts(&[("eventId", self.shop_id.as_str()), ("item", item)]);
        self.set(&self.stack.shop_table, key, name, value).await;
    }

    pub async fn set_order(&self, order_id: &OrderId, name: &str, value: AttributeValue) {
        self.set(&self.stack.orders_table, texts(&[("orderId", order_id.as_str())]), name, value).await;
    }

    pub async fn remove_from_order(&self, order_id: &OrderId, name: &str) {
        let key = texts(&[("orderId", order_id.as_str())]);
        let update = self.dynamodb.update_item().table_name(&self.stack.orders_table).set_key(Some(key));
        let update = update.update_expression("REMOVE #name").expression_attribute_names("#name", name);
        update.send().await.unwrap();
    }

    async fn set(&self, table: &str, key: Item, name: &str, value: AttributeValue) {
        let update = self.dynamodb.update_item().table_name(table).set_key(Some(key));
        let update = update.update_expression("SET #name = :value").expression_attribute_names("#name", name);
        update.expression_attribute_values(":value", value).send().await.unwrap();
    }

    pub fn events(&self, order_id: &OrderId) -> Vec<BusEvent> {
        let recorded = self.recorder().everything.events();
        recorded.into_iter().filter(|event| event.order_id() == Some(order_id.as_str())).collect()
    }

    /// Waits for an event about an order, and returns its detail.
    pub async fn event(&self, order_id: &OrderId, detail_type: &str) -> Value {
        let what = format!("{detail_type} about {order_id}");
        eventually(&what, || async {
            self.events(order_id).into_iter().find(|event| event.detail_type == detail_type).map(|event| event.detail)
        })
        .await
    }

    /// Publishes an event with the source of the application.
    pub async fn publish(&self, detail_type: &str, detail: &Value) {
        answered(bus::publish(&self.stack, detail_type, detail).await);
    }

    pub async fn remove(&self) {
        let (shop_id, of_shop) = (self.shop_id.as_str(), "eventId = :value");
        self.remove_where(&self.stack.shop_table, None, of_shop, shop_id, &["eventId", "item"]).await;
        for code_version in 0..=1 {
            let bucket = format!("{shop_id}#{code_version}");
            self.remove_where(&self.stack.buckets_table, None, of_shop, &bucket, &["eventId", "window"]).await;
        }
        for status in OrderStatus::ALL {
            let value = format!("{}#{}", self.shop_id, status.as_str());
            let orders = &self.stack.orders_table;
            self.remove_where(orders, Some("byStatus"), "eventStatus = :value", &value, &["orderId"]).await;
        }
    }

    async fn remove_where(&self, table: &str, index: Option<&str>, condition: &str, value: &str, key: &[&str]) {
        let query = self
            .dynamodb
            .query()
            .table_name(table)
            .set_index_name(index.map(str::to_owned))
            .key_condition_expression(condition)
            .expression_attribute_values(":value", AttributeValue::S(value.to_owned()));
        for item in query.send().await.unwrap().items() {
            let key = key.iter().filter_map(|name| Some(((*name).to_owned(), item.get(*name)?.clone()))).collect();
            self.dynamodb.delete_item().table_name(table).set_key(Some(key)).send().await.unwrap();
        }
    }
}
