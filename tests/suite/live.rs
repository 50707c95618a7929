//! Tests realtime through real connections: which sockets open, what each receives, and until when.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use client::Api;
use client::token::new_guest;
use domain::caller::Role;
use domain::display::DISPLAY_LASTS;
use domain::ids::OrderId;
use domain::live::{DISPLAY_RECEIVES_FOR, Live, RECEIVES_FOR};
use domain::shop::SettingsEdit;
use domain::timestamp::Timestamp;
use end_to_end::eventually;
use end_to_end::venue::{TestVenue, answered, refused};
use harness::socket::Socket;
use serde_json::{Value, json};

/// Time within which a message that was published must have arrived, with all tests running.
const ARRIVES: Duration = Duration::from_secs(30);

/// Tolerance for clocks that differ, and for an event that is on its way when a socket's time ends.
const SLACK: Duration = Duration::from_secs(3);

async fn open(live: &Live) -> Socket {
    answered(Socket::open(&live.url).await).unwrap_or_else(|status| panic!("the socket is refused: {status}"))
}

async fn connect(api: &Api, venue: &TestVenue, topic: &str) -> Socket {
    open(&answered(api.live(&venue.shop_id, topic).await)).await
}

async fn display_of(venue: &TestVenue) -> Api {
    let (_, secret) = venue.insert_display(&venue.shop_id, bootstrap::now()).await;
    venue.anonymous.with_token(secret)
}

/// Edits the settings. The event about the edit is sent to the topics `board`, `queue` and `bus`.
async fn edit(venue: &TestVenue, drinks: u32) {
    answered(venue.edit(&SettingsEdit { drinks_per_barcode: Some(drinks), ..SettingsEdit::default() }).await);
}

/// Returns a guest, an order that waits for the guest's choice, and the socket of the scan.
async fn guest(venue: &TestVenue) -> (Api, OrderId, Socket) {
    let customer = venue.anonymous.with_token(new_guest().unwrap().reveal());
    let scan = answered(venue.scan(&customer).await);
    let socket = open(scan.live.as_ref().expect("a scan has a ticket")).await;
    answered(venue.reaches(&scan.order_id, domain::order::OrderStatus::Created).await);
    (customer, scan.order_id, socket)
}

/// Returns the detail-type of an event, or else the kind of the message with its status or list.
fn about(message: &Value) -> String {
    let kind = message["kind"].as_str().unwrap();
    match message["event"]["detail-type"].as_str() {
        Some(detail_type) => detail_type.to_owned(),
        None => match message["order"]["status"].as_str().or(message["list"].as_str()) {
            Some(status) => format!("{kind} {status}"),
            None => kind.to_owned(),
        },
    }
}

fn received(socket: &Socket) -> Vec<String> {
    let mut received: Vec<String> = socket.messages().iter().map(about).collect();
    received.sort_unstable();
    received.dedup();
    received
}

const QUEUE: &[&str] = &["order COMPLETED", "order WAITING", "shop"];

const BUS: &[&str] = &[
    "ConfigService.ConfigChanged",
    "OrderManager.MakeOrder",
    "OrderManager.OrderCalled",
    "OrderManager.OrderCompleted",
    "OrderManager.WaitingCompletion",
    "OrderProcessor.WorkflowStarted",
    "OrderProcessor.orderFinished",
    "Validator.NewOrder",
];

/// Each row: a page, and what its socket receives about an order from the choice to the call, about
/// another customer's scan, and about an edit.
const RECEIVED: &[(&str, &[&str])] = &[
    ("own phone", &["order COMPLETED", "order WAITING"]),
    ("another phone", &[]),
    ("tablet", QUEUE),
    ("admin's tablet", QUEUE),
    ("display", &["code", "number making", "number ready", "shop"]),
    ("bus page", BUS),
    ("tablet of another shop", &[]),
    ("display of another shop", &[]),
    ("bus page of another shop", &[]),
];

async fn sockets(venue: &TestVenue, other: &TestVenue, phone: Socket) -> BTreeMap<&'static str, Socket> {
    BTreeMap::from([
        ("own phone", phone),
        ("another phone", guest(venue).await.2),
        ("tablet", connect(&venue.barista, venue, "queue").await),
        ("admin's tablet", connect(&venue.admin, venue, "queue").await),
        ("display", connect(&display_of(venue).await, venue, "board").await),
        ("bus page", connect(&venue.admin, venue, "bus").await),
        ("tablet of another shop", connect(&venue.barista, other, "queue").await),
        ("display of another shop", connect(&display_of(other).await, other, "board").await),
        ("bus page of another shop", connect(&venue.admin, other, "bus").await),
    ])
}

pub(crate) async fn each_socket_receives_the_messages_of_its_topic_only(venue: TestVenue) {
    let other = venue.at(format!("{}-b", venue.shop_id).parse().unwrap());
    answered(other.open().await);
    let (customer, order_id, phone) = guest(&venue).await;
    let sockets = sockets(&venue, &other, phone).await;
    venue.choose(&customer, &order_id).await;
    answered(venue.make(&order_id).await);
    answered(venue.complete(&order_id).await);
    venue.ended(&order_id).await;
    answered(venue.barista.call_customer(&order_id).await);
    let third = guest(&venue).await;
    edit(&venue, 11).await;
    for (page, expected) in RECEIVED {
        let socket = &sockets[page];
        eventually(&format!("{page} receives {expected:?}"), || async {
            (received(socket) == *expected).then_some(())
        })
        .await;
        let text: String = socket.messages().iter().map(Value::to_string).collect();
        assert!(!text.contains("TaskToken"), "{page} receives a task token");
        println!("{page}: {}", if expected.is_empty() { "nothing".into() } else { expected.join(", ") });
    }
    let called = |message: &Value| message["order"].get("calledAt").is_some();
    assert!(sockets["own phone"].receives(ARRIVES, called).await.is_some(), "the phone receives the call");
    let claimed = |message: &Value| message["order"]["claimVersion"] == 1;
    let claim = sockets["own phone"].receives(ARRIVES, claimed).await.expect("the phone receives the claim").message;
    assert_eq!(claim["order"].get("claimedAt"), None, "a phone does not receive the time of a claim");
    // A message that must not be sent would have arrived by now, as the others have.
    for (page, expected) in RECEIVED {
        assert_eq!(received(&sockets[page]), *expected, "{page}");
    }
    drop(third);
    other.remove().await;
}

pub(crate) async fn only_a_ticket_opens_a_socket(venue: TestVenue) {
    let live = answered(venue.barista.live(&venue.shop_id, "queue").await);
    let (address, ticket) = live.url.split_once("?ticket=").unwrap();
    let (payload, signature) = ticket.split_once('.').unwrap();
    let another = answered(venue.admin.live(&venue.shop_id, "bus").await);
    let foreign = another.url.split_once("?ticket=").unwrap().1.split_once('.').unwrap().0.to_owned();
    for wrong in [
        address.to_owned(),
        format!("{address}?ticket="),
        format!("{address}?ticket={payload}."),
        format!("{address}?ticket={foreign}.{signature}"),
        format!("{address}?topic=queue&ticket={payload}.{}", "A".repeat(signature.len())),
    ] {
        assert!(answered(Socket::open(&wrong).await).is_err(), "{wrong} opens a socket");
    }
    let socket = open(&live).await;
    edit(&venue, 12).await;
    assert!(socket.receives(ARRIVES, |message| message["kind"] == "shop").await.is_some());
}

/// Edits the settings until the time of `socket` has been over for some seconds. Of the events that
/// the socket received, returns the latest time of publication. It is not the time of arrival,
/// because messages arrive late on a busy machine.
async fn last_received(venue: &TestVenue, socket: &Socket, until: Timestamp) -> Timestamp {
    let mut drinks = 20;
    while bootstrap::now() < until.plus(SLACK * 2) {
        drinks += 1;
        edit(venue, drinks).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let published = socket.messages().iter().map(|message| message["at"].as_str().unwrap().parse().unwrap()).max();
    published.expect("the socket received a message before its end")
}

pub(crate) async fn a_revoked_display_gets_no_ticket_and_receives_messages_until_it_expires(venue: TestVenue) {
    // The socket of a display receives messages for half an hour at most. The next display expires
    // sooner, so that the test sees the end.
    let usual = answered(display_of(&venue).await.live(&venue.shop_id, "board").await);
    assert!(usual.until.since(bootstrap::now()) <= DISPLAY_RECEIVES_FOR, "{usual:?}");
    let created = bootstrap::now().plus(Duration::from_secs(12)).minus(DISPLAY_LASTS);
    let (display, secret) = venue.insert_display(&venue.shop_id, created).await;
    let api = venue.anonymous.with_token(secret);
    let live = answered(api.live(&venue.shop_id, "board").await);
    assert_eq!(live.until, display.expires_at);
    let socket = open(&live).await;
    edit(&venue, 20).await;
    assert!(socket.receives(ARRIVES, |message| message["kind"] == "shop").await.is_some());
    let revoked = bootstrap::now();
    answered(venue.admin.revoke_display(&venue.shop_id, &display.display_id).await);
    assert_eq!(refused(api.live(&venue.shop_id, "board").await).status, 401);
    let last = last_received(&venue, &socket, live.until).await;
    println!(
        "display: revoked at {revoked}, no ticket from then on; last received {last}, may receive until {}",
        live.until
    );
    assert!(last < live.until.plus(SLACK), "received {last}, after {}", live.until);
}

pub(crate) async fn a_barista_without_the_role_gets_no_ticket_and_receives_messages_until_the_token_expires(
    venue: TestVenue,
) {
    let usual = answered(venue.barista.live(&venue.shop_id, "queue").await);
    assert!(usual.until.since(bootstrap::now()) <= RECEIVES_FOR, "{usual:?}");
    let token = |roles: &[Role]| venue.world.key.mint("bea", roles, Duration::from_secs(12)).unwrap();
    let barista = venue.anonymous.with_token(token(&[Role::Barista]));
    let live = answered(barista.live(&venue.shop_id, "queue").await);
    let socket = open(&live).await;
    edit(&venue, 20).await;
    assert!(socket.receives(ARRIVES, |message| message["kind"] == "shop").await.is_some());
    // The next token of the same person has no role.
    let removed = bootstrap::now();
    let former = venue.anonymous.with_token(token(&[]));
    assert_eq!(refused(former.live(&venue.shop_id, "queue").await).status, 403);
    let last = last_received(&venue, &socket, live.until).await;
    println!(
        "barista: role removed at {removed}, no ticket from then on; last received {last}, may receive until {}",
        live.until
    );
    assert!(last < live.until.plus(SLACK), "received {last}, after {}", live.until);
}

async fn stored(venue: &TestVenue, topic: &str) -> Vec<client::tables::Item> {
    let table = venue.stack.connections_table.clone().expect("the stack has realtime");
    let query = venue.dynamodb.query().table_name(table).key_condition_expression("topic = :topic");
    let topic = AttributeValue::S(format!("{topic}#{}", venue.shop_id));
    query.expression_attribute_values(":topic", topic).send().await.unwrap().items.unwrap_or_default()
}

/// The connection ends without a close frame, because `$disconnect` is not reliable.
pub(crate) async fn a_closed_connection_that_is_30_seconds_old_is_deleted_at_the_next_event(venue: TestVenue) {
    let socket = connect(&venue.barista, &venue, "queue").await;
    let [item] = stored(&venue, "queue").await.try_into().expect("one connection");
    drop(socket);
    edit(&venue, 13).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stored(&venue, "queue").await.len(), 1, "AWS answers 410 until $connect has returned");
    // The same connection, as if it had been opened a minute ago.
    let table = venue.stack.connections_table.clone().unwrap();
    let old = bootstrap::now().minus(Duration::from_mins(1));
    let (_, id) = item["connection"].as_s().unwrap().split_once('#').unwrap();
    let mut aged = item.clone();
    aged.insert("connection".into(), AttributeValue::S(format!("{old}#{id}")));
    venue.dynamodb.put_item().table_name(&table).set_item(Some(aged)).send().await.unwrap();
    let key = item.into_iter().filter(|(name, _)| ["topic", "connection"].contains(&name.as_str())).collect();
    venue.dynamodb.delete_item().table_name(&table).set_key(Some(key)).send().await.unwrap();
    edit(&venue, 14).await;
    eventually("the connection is deleted", || async { stored(&venue, "queue").await.is_empty().then_some(()) }).await;
}

pub(crate) async fn only_the_newest_three_sockets_of_a_customer_receive_messages(venue: TestVenue) {
    let (customer, order_id, oldest) = guest(&venue).await;
    let mut sockets = vec![oldest];
    for _ in 0..3 {
        sockets.push(connect(&customer, &venue, "customer").await);
    }
    venue.choose(&customer, &order_id).await;
    for socket in &sockets[1..] {
        assert!(socket.receives(ARRIVES, |message| message["order"]["status"] == "WAITING").await.is_some());
    }
    assert_eq!(sockets[0].messages(), Vec::<Value>::new());
    venue.cancel(&customer, &order_id).await;
}

pub(crate) async fn a_customer_without_an_open_order_gets_no_ticket(venue: TestVenue) {
    let customer = venue.anonymous.with_token(new_guest().unwrap().reveal());
    let problem = refused(customer.live(&venue.shop_id, "customer").await);
    assert_eq!((problem.status, problem.code.as_str()), (409, "no_open_order"));
}

pub(crate) async fn the_architecture_is_that_of_the_stack(venue: TestVenue) {
    let read = async || {
        let request = venue.admin.request(reqwest::Method::GET, "/architecture");
        let answer = answered(venue.admin.send(request).await);
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str::<Value>(&answer.body).unwrap()
    };
    let found = read().await;
    assert_eq!(found["bus"], venue.stack.bus_name);
    let rule = |name: &str| found["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == name).cloned();
    let projection = rule("ProjectionRule").expect("the rule of the projector");
    assert_eq!(projection["targets"], json!([{"name": "OrderProjector", "kind": "function"}]));
    assert_eq!(projection["eventPattern"]["source"], json!(["awsserverlessda.serverlesspresso"]));
    let new_order = rule("NewOrderRule").expect("the rule of the workflow");
    assert_eq!(new_order["targets"], json!([{"name": "OrderProcessor", "kind": "workflow"}]));
    let sweep = rule("SweepRule").expect("the schedule");
    assert_eq!((&sweep["schedule"], &sweep["bus"]), (&json!("rate(1 minute)"), &json!("default")));
    let states = found["workflow"]["definition"]["States"].as_object().unwrap();
    assert!(states.contains_key("AwaitBarista"), "{states:?}");
}
