//! Tests that the merge of messages ends in the state of the last GET, although messages are lost,
//! repeated, late or reordered, and connections are cut.

use std::time::Duration;

use client::token::new_guest;
use domain::ids::OrderId;
use end_to_end::merge::merge;
use end_to_end::venue::{TestVenue, answered};
use harness::socket::Socket;
use serde_json::{Map, Value};

/// Members that a page shows, and that messages must keep up to date.
const SHOWN: [&str; 7] = ["status", "orderNumber", "drinkOrder", "claimVersion", "baristaUserId", "reason", "closedBy"];

const SHUFFLES: u32 = 200;

type Order = Map<String, Value>;

/// Answers of GET about an order, before and after each step.
struct Served {
    order_id: OrderId,
    read: Vec<Order>,
    /// For each read, the number of messages about the order that were received before.
    received_before: Vec<usize>,
}

async fn read(venue: &TestVenue, order_id: &OrderId) -> Order {
    let order = serde_json::to_value(venue.order(order_id).await).unwrap();
    order.as_object().unwrap().clone()
}

fn about(socket: &Socket, order_id: &OrderId) -> Vec<Order> {
    let orders = socket.messages().into_iter().filter_map(|message| message.get("order")?.as_object().cloned());
    orders.filter(|order| order["orderId"] == order_id.as_str()).collect()
}

fn shown(order: &Order) -> Order {
    let shown = SHOWN.iter().filter_map(|name| Some(((*name).to_owned(), order.get(*name)?.clone())));
    shown.filter(|(name, value)| name != "claimVersion" || *value != 0).collect()
}

/// Each message once or twice, in any order.
fn disturbed(messages: &[Order]) -> Vec<Order> {
    let copies = messages.iter().flat_map(|message| std::iter::repeat_n(message, fastrand::usize(1..=2)));
    let mut copies: Vec<Order> = copies.cloned().collect();
    fastrand::shuffle(&mut copies);
    copies
}

fn merged(mut order: Order, messages: &[Order]) -> Order {
    for news in messages {
        merge(&mut order, news);
    }
    shown(&order)
}

/// Takes an order through its steps, with a claim that is given back. Reads it before and after
/// each step. In the last step the order is completed if `completes` is true, or else cancelled.
async fn served(venue: &TestVenue, socket: &Socket, completes: bool) -> Served {
    let customer = venue.anonymous.with_token(new_guest().unwrap().reveal());
    let order_id = venue.choosing(&customer).await;
    let mut order = Served { order_id: order_id.clone(), read: Vec::new(), received_before: Vec::new() };
    for step in 0..5 {
        order.received_before.push(about(socket, &order_id).len());
        order.read.push(read(venue, &order_id).await);
        match step {
            0 => {
                venue.choose(&customer, &order_id).await;
                answered(venue.reaches(&order_id, domain::order::OrderStatus::Waiting).await);
            }
            1 => answered(venue.make(&order_id).await),
            2 => drop(answered(venue.barista.unmake(&order_id).await)),
            3 if completes => answered(venue.complete(&order_id).await),
            3 => answered(venue.admin.cancel(&order_id, "sold out").await),
            _ => {}
        }
    }
    venue.ended(&order_id).await;
    order.received_before.push(about(socket, &order_id).len());
    order.read.push(read(venue, &order_id).await);
    order
}

pub(crate) async fn lost_repeated_and_reordered_messages_end_in_the_state_of_the_last_read(venue: TestVenue) {
    let open = async || {
        let live = answered(venue.barista.live(&venue.shop_id, "queue").await);
        answered(Socket::open(&live.url).await).expect("the socket opens")
    };
    let socket = open().await;
    let orders = [served(&venue, &socket, true).await, served(&venue, &socket, false).await];
    for order in &orders {
        let last = order.read.last().unwrap();
        let wanted = |message: &Value| {
            message["order"]["orderId"] == order.order_id.as_str() && message["order"]["status"] == last["status"]
        };
        assert!(socket.receives(Duration::from_secs(30), wanted).await.is_some(), "the last message arrives");
        let messages = about(&socket, &order.order_id);
        assert!(messages.len() >= 4, "{messages:?}");
        for _ in 0..SHUFFLES {
            // Messages that arrive late, again or not at all after the last read change nothing.
            let mut late = disturbed(&messages);
            late.truncate(fastrand::usize(0..=late.len()));
            assert_eq!(merged(last.clone(), &late), shown(last), "after {late:?}");
            // After any read, the later messages lead to the last state, also together with up to
            // two earlier ones.
            let at = fastrand::usize(0..order.read.len());
            let since = order.received_before[at].saturating_sub(fastrand::usize(0..=2));
            let news = disturbed(&messages[since..]);
            assert_eq!(merged(order.read[at].clone(), &news), shown(last), "from {:?} by {news:?}", order.read[at]);
        }
    }
    // A connection is cut while an order changes. The messages are lost, but the read after the
    // next opening has all changes.
    drop(socket);
    let customer = venue.anonymous.with_token(new_guest().unwrap().reveal());
    let order_id = venue.queued(&customer).await;
    let socket = open().await;
    let after_opening = read(&venue, &order_id).await;
    assert_eq!(merged(after_opening.clone(), &about(&socket, &order_id)), shown(&after_opening));
    answered(venue.complete(&order_id).await);
    venue.ended(&order_id).await;
    let completed = |message: &Value| message["order"]["status"] == "COMPLETED";
    assert!(socket.receives(Duration::from_secs(30), completed).await.is_some());
    let last = read(&venue, &order_id).await;
    assert_eq!(merged(after_opening, &about(&socket, &order_id)), shown(&last));
}
