//! Messages of events, for each topic that receives them. A message has allow-listed members only:
//! it is built from the type of its event, and never contains a task token.

use serde::Serialize;
use serde_json::Value;

use super::Topic;
use super::bus::{self, BusEvent};
use crate::architecture;
use crate::detail::Detail;
use crate::drink::DrinkOrder;
use crate::event::{
    About, ConfigChanged, MakeOrder, NewOrder, OrderCalled, OrderEvent, ShopUnavailable, TokenIssued, UnreadableEvent,
    WorkflowStarted,
};
use crate::ids::{OrderId, ShopId, UserId};
use crate::order::{ClosedBy, OrderStatus};
use crate::projection::{Change, ChangeKind, Chosen};
use crate::timestamp::Timestamp;

/// Version of the message format. New members and kinds do not change it.
pub const VERSION: u8 = 1;

/// Message for the connections of a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Push {
    /// Topic whose connections get the message.
    pub topic: Topic,
    /// The message itself.
    pub message: Message,
}

/// Message, as `docs/realtime.md` describes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    v: u8,
    #[serde(flatten)]
    news: News,
    #[serde(rename = "eventId")]
    shop_id: ShopId,
    at: Timestamp,
}

impl Message {
    /// Time of the event.
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

/// Kind of a message with its members.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum News {
    Order {
        order: Box<OrderNews>,
    },
    Number {
        number: u64,
        list: List,
        #[serde(skip_serializing_if = "Option::is_none")]
        drink: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
        #[serde(skip_serializing_if = "Option::is_none")]
        called_at: Option<Timestamp>,
    },
    Code {
        ends_at: Timestamp,
        available_tokens: u32,
    },
    Shop {
        store_open: bool,
        version: u64,
        code_version: u64,
    },
    Stale,
    Event {
        #[serde(skip_serializing_if = "Option::is_none")]
        producer: Option<&'static str>,
        event: Box<BusEvent>,
    },
}

/// List of the board that a number belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum List {
    Making,
    Ready,
    None,
}

/// Members of an order that its event contains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderNews {
    order_id: OrderId,
    status: OrderStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_number: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drink_order: Option<DrinkOrder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<ClosedBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    barista_user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim_version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    called_at: Option<Timestamp>,
}

impl OrderNews {
    fn new(order_id: OrderId, status: OrderStatus) -> Self {
        Self {
            order_id,
            status,
            user_id: None,
            order_number: None,
            drink_order: None,
            updated_at: None,
            expires_at: None,
            reason: None,
            closed_by: None,
            barista_user_id: None,
            claimed_at: None,
            claim_version: None,
            called_at: None,
        }
    }

    fn choose(&mut self, chosen: Option<Chosen>) {
        if let Some(chosen) = chosen {
            self.order_number = Some(chosen.order_number);
            self.drink_order = Some(chosen.drink_order);
        }
    }
}

/// Messages of one event, collected.
struct Collected {
    shop_id: ShopId,
    at: Timestamp,
    pushes: Vec<Push>,
}

impl Collected {
    fn add(&mut self, topic: Topic, news: News) {
        let message = Message { v: VERSION, news, shop_id: self.shop_id.clone(), at: self.at };
        self.pushes.push(Push { topic, message });
    }

    fn customer_receives(&mut self, user_id: &UserId, order: &OrderNews) {
        // The time of a claim is for baristas only, as in the API.
        let order = OrderNews { claimed_at: None, ..order.clone() };
        let topic = Topic::Customer(self.shop_id.clone(), user_id.clone());
        self.add(topic, News::Order { order: Box::new(order) });
    }

    fn queue_receives(&mut self, user_id: &UserId, order: &OrderNews) {
        let order = OrderNews { user_id: Some(user_id.clone()), ..order.clone() };
        self.add(Topic::Queue(self.shop_id.clone()), News::Order { order: Box::new(order) });
    }

    fn board_receives(&mut self, news: News) {
        self.add(Topic::Board(self.shop_id.clone()), news);
    }
}

/// Returns the messages of `event`, at most one for each topic. An event with a task token has
/// none, and neither has an event without a shop or a time.
pub fn pushes(event: &BusEvent) -> Result<Vec<Push>, UnreadableEvent> {
    if event.detail_type == TokenIssued::DETAIL_TYPE || bus::has_token(&event.detail) {
        return Ok(Vec::new());
    }
    let Some((shop_id, at)) = bus::shop_and_time(&event.detail) else { return Ok(Vec::new()) };
    let mut collected = Collected { shop_id: shop_id.clone(), at, pushes: Vec::new() };
    collect(event, &mut collected)?;
    let shown = Box::new(bus::allow_listed(event)?);
    let producer = architecture::producer(&event.detail_type, &event.detail);
    collected.add(Topic::Bus(shop_id), News::Event { producer, event: shown });
    Ok(collected.pushes)
}

fn collect(event: &BusEvent, collected: &mut Collected) -> Result<(), UnreadableEvent> {
    let detail = || event.detail.clone();
    match event.detail_type.as_str() {
        NewOrder::DETAIL_TYPE => code(collected, read(detail())?),
        MakeOrder::DETAIL_TYPE => claim(collected, read(detail())?),
        OrderCalled::DETAIL_TYPE => call(collected, &read(detail())?),
        ShopUnavailable::DETAIL_TYPE => refusal(collected, &read(detail())?),
        ConfigChanged::DETAIL_TYPE => settings(collected, &read(detail())?),
        // Only the topic `bus` needs a message: the phone reads the order after its socket has
        // opened, and no other screen shows the order yet.
        WorkflowStarted::DETAIL_TYPE => {}
        _ => match OrderEvent::parse(&event.detail_type, detail()) {
            Ok(moved) => status(collected, Change::from(moved)),
            // An event of another producer, or one that the projection does not apply.
            Err(UnreadableEvent::UnknownDetailType(_)) => {}
            Err(malformed) => return Err(malformed),
        },
    }
    Ok(())
}

fn read<T: Detail>(detail: Value) -> Result<T, UnreadableEvent> {
    let malformed = |source| UnreadableEvent::Malformed { detail_type: T::DETAIL_TYPE.to_owned(), source };
    serde_json::from_value(detail).map_err(malformed)
}

fn code(collected: &mut Collected, event: NewOrder) {
    if let Some(bucket) = event.bucket {
        collected.board_receives(News::Code { ends_at: bucket.ends_at, available_tokens: bucket.available_tokens });
    }
}

fn claim(collected: &mut Collected, event: MakeOrder) {
    // Only an order in the queue can be claimed.
    let mut order = OrderNews::new(event.about.order_id, OrderStatus::Waiting);
    order.order_number = Some(event.order_number);
    order.claim_version = Some(event.claim_version);
    order.barista_user_id = Some(event.barista_user_id).filter(|id| !id.is_empty());
    order.claimed_at = event.claimed_at;
    collected.customer_receives(&event.about.user_id, &order);
    collected.queue_receives(&event.about.user_id, &order);
}

fn call(collected: &mut Collected, event: &OrderCalled) {
    let About { order_id, user_id, .. } = &event.about;
    let mut order = OrderNews::new(order_id.clone(), OrderStatus::Completed);
    order.order_number = Some(event.order_number);
    order.called_at = Some(event.called_at);
    collected.customer_receives(user_id, &order);
    collected.queue_receives(user_id, &order);
    let called_at = Some(event.called_at);
    collected.board_receives(News::Number {
        number: event.order_number,
        list: List::Ready,
        drink: None,
        since: None,
        called_at,
    });
}

fn refusal(collected: &mut Collected, event: &ShopUnavailable) {
    let mut order = OrderNews::new(event.about.order_id.clone(), OrderStatus::Cancelled);
    order.reason = Some(event.reason.as_str().to_owned());
    order.closed_by = Some(ClosedBy::System);
    order.updated_at = Some(event.about.at);
    collected.customer_receives(&event.about.user_id, &order);
    if event.reason == crate::admission::Refusal::Full {
        collected.board_receives(News::Stale);
    }
}

fn settings(collected: &mut Collected, event: &ConfigChanged) {
    let state = &event.new_image.settings.state;
    let news = News::Shop { store_open: state.open, version: state.version, code_version: state.code_version };
    collected.add(Topic::Queue(event.shop_id.clone()), news.clone());
    collected.board_receives(news);
}

fn status(collected: &mut Collected, change: Change) {
    let Change { about, kind } = change;
    let mut order = OrderNews::new(about.order_id, OrderStatus::Waiting);
    order.updated_at = Some(about.at);
    let may_be_queued = match kind {
        ChangeKind::Token(_) => return,
        ChangeKind::Progress(progress) => {
            order.status = progress.status;
            order.expires_at = Some(progress.expires_at);
            order.choose(progress.chosen);
            true
        }
        ChangeKind::End(end) => {
            order.status = end.status;
            // `OrderFailed` has no number, even if the order has one and is in the queue.
            let failed = end.reason == crate::projection::FAILED;
            let may_be_queued = failed || end.chosen.is_some();
            order.reason = Some(end.reason);
            order.closed_by = Some(end.closed_by);
            order.choose(end.chosen);
            may_be_queued
        }
    };
    collected.customer_receives(&about.user_id, &order);
    if may_be_queued {
        collected.queue_receives(&about.user_id, &order);
        collected.board_receives(number(&order, about.at));
    }
}

/// Returns the board's message about an order whose status changed at `at`.
fn number(order: &OrderNews, at: Timestamp) -> News {
    let Some(number) = order.order_number else { return News::Stale };
    let list = match order.status {
        OrderStatus::Waiting => List::Making,
        OrderStatus::Completed => List::Ready,
        _ => List::None,
    };
    let drink = order.drink_order.as_ref().filter(|_| list != List::None).map(|order| order.drink.clone());
    News::Number { number, list, since: drink.is_some().then_some(at), drink, called_at: None }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
