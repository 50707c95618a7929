#[path = "any_bytes.rs"]
mod any_bytes;
#[path = "generated.rs"]
mod generated;

use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use adapters::connections::Connection;
use adapters::error::AdapterError;
use adapters::shops::ScanContext;
use domain::architecture::{Architecture, PRODUCERS};
use domain::credential::{DisplaySecret, GuestSecret};
use domain::display::{Display, DisplayName, display_id};
use domain::ids::{ShopId, UserId};
use domain::live::{DISPLAY_RECEIVES_FOR, Live, RECEIVES_FOR, Ticket, Topic};
use domain::qr_code::QrKey;
use domain::shop::ShopState;
use http_api::testing::Issuer;
use serde_json::{Value, json};

use super::*;

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

thread_local! {
    /// Clock of the test on this thread.
    static NOW: Cell<Timestamp> = const { Cell::new(START) };
}

fn later(time: Duration) {
    NOW.set(NOW.get().plus(time));
}

#[derive(Default)]
struct Bar {
    stored: Mutex<Vec<(String, Connection)>>,
    reads: AtomicUsize,
    open_orders: u32,
    broken: bool,
}

fn secret() -> DisplaySecret {
    DisplaySecret::new([7; 32])
}

impl ReadKey for &Bar {
    async fn key(&self, shop_id: &ShopId) -> Result<Option<QrKey>, AdapterError> {
        Ok((shop_id.as_str() != "unopened").then(|| QrKey::new([7; 32])))
    }
}

impl ReadScanContext for &Bar {
    async fn scan_context(&self, shop_id: &ShopId, _: Option<&UserId>) -> Result<ScanContext, AdapterError> {
        let key = self.key(shop_id).await?;
        Ok(ScanContext { state: ShopState::default(), in_flight: 0, open_orders: self.open_orders, key })
    }
}

impl FindDisplay for &Bar {
    async fn display(&self, shop_id: &ShopId, hash: &str) -> Result<Option<Display>, AdapterError> {
        let known = shop_id.as_str() == "bar" && hash == secret().hash();
        Ok(known.then(|| Display::new(display_id([1; 10]).unwrap(), DisplayName::default(), START)))
    }
}

impl StoreConnection for &Bar {
    async fn store(&self, topic: &Topic, connection: &Connection) -> Result<(), AdapterError> {
        if self.broken {
            return Err(AdapterError::Throttled { operation: "PutItem connection" });
        }
        self.stored.lock().unwrap().push((topic.to_string(), connection.clone()));
        Ok(())
    }
}

impl ReadArchitecture for &Bar {
    async fn architecture(&self) -> Result<Architecture, AdapterError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        Ok(Architecture { bus: "bus".into(), producers: PRODUCERS, rules: vec![], workflow: None })
    }
}

type Service<'a> = LiveService<&'a Bar, &'a Bar, &'a Bar>;

fn service<'a>(bar: &'a Bar, issuer: &Issuer) -> Service<'a> {
    LiveService {
        shops: bar,
        connections: bar,
        stack: bar,
        cache: Cache::default(),
        address: "wss://sockets.example/v1".parse().unwrap(),
        authenticator: issuer.authenticator(),
        now: || NOW.get(),
    }
}

async fn ask(service: &Service<'_>, authorization: Option<&str>, topic: &str, shop: &str) -> (u16, Value) {
    let mut request = Request::new("POST /live", &[], &[("eventId", shop), ("topic", topic)], None);
    if let Some(authorization) = authorization {
        request = request.with_header("authorization", authorization);
    }
    let response = service.handle(&request).await.unwrap_or_else(Response::from);
    (response.status(), serde_json::from_str(response.body()).unwrap())
}

fn connect_event(url: &str, kind: &str) -> Payload {
    let ticket = url.split_once("?ticket=").map(|(_, ticket)| ticket);
    let event = json!({
        "requestContext": {"eventType": kind, "connectionId": "c=", "routeKey": "$connect"},
        "queryStringParameters": ticket.map(|ticket| json!({"ticket": ticket})),
    });
    serde_json::value::to_raw_value(&event).unwrap()
}

async fn connect(service: &Service<'_>, url: &str) -> u64 {
    service.answer(connect_event(url, "CONNECT"), None).await.unwrap()["statusCode"].as_u64().unwrap()
}

#[tokio::test]
async fn only_callers_who_may_receive_the_messages_of_a_topic_get_a_ticket() {
    let issuer = Issuer::new("k");
    let bar = Bar::default();
    let service = service(&bar, &issuer);
    let guest = format!("Bearer {}", GuestSecret::new([7; 32]).reveal());
    let display = format!("Bearer {}", secret().reveal());
    let (barista, admin) = (issuer.authorization("bea", &["barista"]), issuer.authorization("ada", &["admin"]));
    for (caller, statuses) in [
        (None, [401, 401, 401, 401]),
        (Some(guest.as_str()), [409, 403, 403, 403]),
        (Some(display.as_str()), [403, 403, 201, 403]),
        (Some(barista.as_str()), [409, 201, 403, 403]),
        (Some(admin.as_str()), [409, 201, 403, 201]),
    ] {
        for (topic, expected) in ["customer", "queue", "board", "bus"].into_iter().zip(statuses) {
            let (status, body) = ask(&service, caller, topic, "bar").await;
            assert_eq!(status, expected, "{caller:?} {topic}: {body}");
        }
    }
    assert_eq!(ask(&service, Some(&display), "board", "other").await.0, 401);
    assert_eq!(ask(&service, Some(&admin), "queue", "unopened").await.1["code"], "shop_not_found");
    assert_eq!(ask(&service, Some(&admin), "everything", "bar").await.1["code"], "invalid_parameter");
}

#[tokio::test]
async fn a_customer_with_an_open_order_gets_a_socket_for_their_own_orders() {
    let issuer = Issuer::new("k");
    let bar = Bar { open_orders: 1, ..Bar::default() };
    let service = service(&bar, &issuer);
    let guest = GuestSecret::new([9; 32]);
    let (status, live) = ask(&service, Some(&format!("Bearer {}", guest.reveal())), "customer", "bar").await;
    assert_eq!(status, 201, "{live}");
    assert_eq!(live["until"], json!(START.plus(RECEIVES_FOR)));
    assert_eq!(connect(&service, live["url"].as_str().unwrap()).await, 200);
    let (topic, connection) = bar.stored.lock().unwrap()[0].clone();
    assert_eq!(topic, format!("customer#bar#{}", UserId::of_guest(&guest)));
    let expected = Connection { id: "c=".into(), opened_at: START, until: START.plus(RECEIVES_FOR) };
    assert_eq!(connection, expected);
}

#[tokio::test]
async fn a_socket_of_a_display_ends_after_half_an_hour_and_one_of_a_token_with_the_token() {
    let issuer = Issuer::new("k");
    let bar = Bar::default();
    let service = service(&bar, &issuer);
    let (_, live) = ask(&service, Some(&format!("Bearer {}", secret().reveal())), "board", "bar").await;
    assert_eq!(live["until"], json!(START.plus(DISPLAY_RECEIVES_FOR)));
    // `Issuer::authorization` reads the clock of the machine.
    let now = bootstrap::now();
    NOW.set(now);
    let (_, live) = ask(&service, Some(&issuer.authorization("bea", &["barista"])), "queue", "bar").await;
    let until: Timestamp = live["until"].as_str().unwrap().parse().unwrap();
    // The issuer's tokens last an hour.
    let receives_for = until.since(now);
    assert!((Duration::from_mins(59)..=Duration::from_mins(61)).contains(&receives_for), "{live}");
}

#[tokio::test]
async fn only_a_valid_ticket_opens_a_socket() {
    let issuer = Issuer::new("k");
    let bar = Bar { open_orders: 1, ..Bar::default() };
    let service = service(&bar, &issuer);
    let guest = format!("Bearer {}", GuestSecret::new([9; 32]).reveal());
    let (_, live) = ask(&service, Some(&guest), "customer", "bar").await;
    let url = live["url"].as_str().unwrap();
    let signed_with_zeros = |topic| {
        let (ticket, key) = (Ticket::new(topic, None, START), QrKey::new([0; 32]));
        Live::new(&service.address, &ticket, &key).unwrap().url
    };
    let forged = signed_with_zeros(Topic::Queue("bar".parse().unwrap()));
    let never_opened = signed_with_zeros(Topic::Queue("unopened".parse().unwrap()));
    let unsigned = url.rsplit_once('.').unwrap().0;
    for wrong in ["wss://sockets.example/v1", "?ticket=", "?ticket=a.b", unsigned, &forged, &never_opened] {
        assert_eq!(connect(&service, wrong).await, 401, "{wrong}");
    }
    let message = service.answer(connect_event(url, "MESSAGE"), None).await.unwrap();
    assert_eq!(message["statusCode"], 401);
    later(Duration::from_mins(1));
    assert_eq!(connect(&service, url).await, 401, "the ticket has expired");
    assert!(bar.stored.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_connection_that_cannot_be_stored_is_refused() {
    let issuer = Issuer::new("k");
    let bar = Bar { open_orders: 1, broken: true, ..Bar::default() };
    let service = service(&bar, &issuer);
    let guest = format!("Bearer {}", GuestSecret::new([9; 32]).reveal());
    let (_, live) = ask(&service, Some(&guest), "customer", "bar").await;
    assert_eq!(connect(&service, live["url"].as_str().unwrap()).await, 503);
}

#[tokio::test]
async fn the_architecture_is_read_at_most_once_a_minute() {
    let issuer = Issuer::new("k");
    let bar = Bar::default();
    let service = service(&bar, &issuer);
    let read = async |groups: &[&str]| {
        let authorization = issuer.authorization("ada", groups);
        let request = Request::new("GET /architecture", &[], &[], None).with_header("authorization", &authorization);
        service.handle(&request).await.unwrap_or_else(Response::from).status()
    };
    assert_eq!((read(&["barista"]).await, bar.reads.load(Ordering::Relaxed)), (403, 0));
    for (pause, reads) in [(0, 1), (59, 1), (1, 2)] {
        later(Duration::from_secs(pause));
        assert_eq!((read(&["admin"]).await, bar.reads.load(Ordering::Relaxed)), (200, reads));
    }
}
