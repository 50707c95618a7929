use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use adapters::error::AdapterError;
use adapters::shops::ScanContext;
use domain::board::BoardOrder;
use domain::display::{DISPLAY_LASTS, Display, MAX_DISPLAYS, PAIRING_LASTS, Pairing, PairingCode};
use domain::drink::DrinkOrder;
use domain::ids::{DisplayId, UserId};
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
struct Shops {
    displays: Mutex<BTreeMap<(String, String), Display>>,
    pairings: Mutex<BTreeMap<(String, String), Pairing>>,
    /// Number of the next pairings that are refused because their code is taken.
    taken: Mutex<u32>,
    never_opened: bool,
    in_flight: u32,
}

fn key(shop_id: &ShopId, of: &str) -> (String, String) {
    (shop_id.to_string(), of.to_owned())
}

impl ReadScanContext for Shops {
    async fn scan_context(&self, _: &ShopId, _: Option<&UserId>) -> Result<ScanContext, AdapterError> {
        let state = ShopState { open: true, max_orders_in_queue: 5, ..ShopState::default() };
        let key = (!self.never_opened).then(|| QrKey::new([7; 32]));
        Ok(ScanContext { state, in_flight: self.in_flight, open_orders: 0, key })
    }
}

impl FindDisplay for Shops {
    async fn display(&self, shop_id: &ShopId, hash: &str) -> Result<Option<Display>, AdapterError> {
        Ok(self.displays.lock().unwrap().get(&key(shop_id, hash)).cloned())
    }
}

impl ManageDisplays for Shops {
    async fn create_display(&self, shop_id: &ShopId, hash: &str, display: &Display) -> Result<(), AdapterError> {
        self.displays.lock().unwrap().insert(key(shop_id, hash), display.clone());
        Ok(())
    }

    async fn displays(&self, shop_id: &ShopId) -> Result<Vec<Display>, AdapterError> {
        let displays = self.displays.lock().unwrap();
        Ok(displays.iter().filter(|((shop, _), _)| shop == shop_id.as_str()).map(|(_, one)| one.clone()).collect())
    }

    async fn revoke_display(&self, shop_id: &ShopId, display_id: &DisplayId) -> Result<(), AdapterError> {
        let other = |(shop, _): &(String, String), display: &Display| {
            shop != shop_id.as_str() || display.display_id != *display_id
        };
        self.displays.lock().unwrap().retain(|key, display| other(key, display));
        Ok(())
    }
}

impl PairDisplay for Shops {
    async fn offer_pairing(&self, shop_id: &ShopId, pairing: &Pairing) -> Result<bool, AdapterError> {
        let mut taken = self.taken.lock().unwrap();
        if *taken > 0 {
            *taken -= 1;
            return Ok(false);
        }
        self.pairings.lock().unwrap().insert(key(shop_id, pairing.pairing_code.as_str()), pairing.clone());
        Ok(true)
    }

    async fn pairing(&self, shop_id: &ShopId, code: &PairingCode) -> Result<Option<Pairing>, AdapterError> {
        Ok(self.pairings.lock().unwrap().get(&key(shop_id, code.as_str())).cloned())
    }

    async fn activate_display(
        &self,
        shop_id: &ShopId,
        pairing: &Pairing,
        display: &Display,
    ) -> Result<bool, AdapterError> {
        let mut pairings = self.pairings.lock().unwrap();
        let pending = pairings.get_mut(&key(shop_id, pairing.pairing_code.as_str())).unwrap();
        if pending.activated_at.is_some() {
            return Ok(false);
        }
        pending.activated_at = Some(display.created_at);
        self.displays.lock().unwrap().insert(key(shop_id, &pairing.secret_hash), display.clone());
        Ok(true)
    }
}

#[derive(Default)]
struct Orders {
    waiting: Vec<BoardOrder>,
    completed: Vec<BoardOrder>,
    since: Mutex<Option<Timestamp>>,
}

impl BoardOrders for Orders {
    async fn waiting(&self, _: &ShopId) -> Result<Vec<BoardOrder>, AdapterError> {
        Ok(self.waiting.clone())
    }

    async fn completed(&self, _: &ShopId, since: Timestamp) -> Result<Vec<BoardOrder>, AdapterError> {
        *self.since.lock().unwrap() = Some(since);
        Ok(self.completed.clone())
    }
}

struct Bar {
    issuer: Issuer,
    service: DisplayService<Shops, Orders>,
}

impl Bar {
    fn new() -> Self {
        NOW.set(START);
        let issuer = Issuer::new("k");
        let authenticator = issuer.authenticator();
        let service =
            DisplayService { shops: Shops::default(), orders: Orders::default(), authenticator, now: || NOW.get() };
        Self { issuer, service }
    }

    async fn send(&self, request: &Request) -> (u16, Value) {
        let response = self.service.handle(request).await.unwrap_or_else(Response::from);
        (response.status(), serde_json::from_str(response.body()).unwrap_or_default())
    }

    async fn admin(&self, route: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(Value::to_string);
        let request = Request::new(route, &[], &[("eventId", "bar")], body.as_deref());
        self.send(&request.with_header("authorization", &self.issuer.authorization("boss", &["admin"]))).await
    }

    async fn pair(&self) -> Value {
        let (status, offered) = self.send(&Request::new("POST /displays/pair", &[], &[("eventId", "bar")], None)).await;
        assert_eq!(status, 201, "{offered}");
        offered
    }

    async fn activate(&self, code: &str) -> (u16, Value) {
        self.admin("POST /displays", Some(&json!({"pairingCode": code, "name": "Entrance"}))).await
    }

    async fn revoke(&self, display_id: &str) -> u16 {
        let request =
            Request::new("DELETE /displays/{displayId}", &[("displayId", display_id)], &[("eventId", "bar")], None);
        self.send(&request.with_header("authorization", &self.issuer.authorization("boss", &["admin"]))).await.0
    }

    /// Requests the board of `shop` with `credential`.
    async fn board(&self, shop: &str, credential: &str) -> (u16, Value) {
        let request = Request::new("GET /board", &[], &[("eventId", shop)], None);
        self.send(&request.with_header("authorization", &format!("Bearer {credential}"))).await
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn time(at: Timestamp) -> Value {
    Value::from(at.to_string())
}

#[tokio::test]
async fn a_paired_screen_reads_the_board_after_an_admin_entered_its_code() {
    let bar = Bar::new();
    let offered = bar.pair().await;
    assert_eq!(keys(&offered), ["displayId", "expiresAt", "pairingCode", "secret"]);
    assert_eq!(offered["expiresAt"], time(START.plus(PAIRING_LASTS)));
    let (secret, code) = (text(&offered, "secret"), text(&offered, "pairingCode"));
    assert_eq!(bar.board("bar", secret).await.0, 401, "a pairing grants nothing");
    let (status, display) = bar.activate(&code.to_ascii_lowercase()).await;
    assert_eq!(status, 201, "{display}");
    assert_eq!(keys(&display), ["createdAt", "displayId", "expiresAt", "name", "state"]);
    assert_eq!(display["displayId"], offered["displayId"]);
    assert_eq!(display["expiresAt"], time(START.plus(DISPLAY_LASTS)));
    assert_eq!(bar.board("bar", secret).await.0, 200);
    assert_eq!(bar.board("other", secret).await.0, 401);
}

#[tokio::test]
async fn a_pairing_code_works_once_and_for_five_minutes() {
    let bar = Bar::new();
    let (first, second) = (bar.pair().await, bar.pair().await);
    assert_ne!((&first["secret"], &first["displayId"]), (&second["secret"], &second["displayId"]));
    assert_eq!(bar.activate(text(&first, "pairingCode")).await.0, 201);
    let (status, problem) = bar.activate(text(&first, "pairingCode")).await;
    assert_eq!((status, text(&problem, "code"), text(&problem, "field")), (409, "pairing_used", "pairingCode"));
    later(PAIRING_LASTS);
    let (status, problem) = bar.activate(text(&second, "pairingCode")).await;
    assert_eq!((status, text(&problem, "code")), (410, "pairing_expired"));
    assert_eq!(bar.board("bar", text(&second, "secret")).await.0, 401);
    for unknown in ["", "ZZZZZZ", "not a code", "7K3QX!"] {
        let (status, problem) = bar.activate(unknown).await;
        assert_eq!((status, text(&problem, "code")), (404, "pairing_not_found"), "{unknown}");
    }
    assert_eq!(bar.service.shops.displays.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_pairing_code_of_another_shop_is_unknown() {
    let bar = Bar::new();
    let code = bar.pair().await["pairingCode"].clone();
    let body = json!({"pairingCode": code}).to_string();
    let request = Request::new("POST /displays", &[], &[("eventId", "other")], Some(&body));
    let request = request.with_header("authorization", &bar.issuer.authorization("boss", &["admin"]));
    assert_eq!(bar.send(&request).await.1["code"], "pairing_not_found");
}

#[tokio::test]
async fn a_taken_pairing_code_is_replaced_and_after_three_the_answer_is_503() {
    let bar = Bar::new();
    *bar.service.shops.taken.lock().unwrap() = 2;
    bar.pair().await;
    assert_eq!(bar.service.shops.pairings.lock().unwrap().len(), 1);
    *bar.service.shops.taken.lock().unwrap() = 3;
    let (status, _) = bar.send(&Request::new("POST /displays/pair", &[], &[("eventId", "bar")], None)).await;
    assert_eq!(status, 503);
}

#[tokio::test]
async fn a_display_without_a_pairing_is_valid_at_once() {
    let bar = Bar::new();
    let (status, created) = bar.admin("POST /displays", None).await;
    assert_eq!((status, keys(&created)), (201, vec!["displayId", "expiresAt", "secret"]));
    let secret = text(&created, "secret").to_owned();
    assert!(secret.starts_with("display_") && secret.len() == 51);
    assert_eq!(bar.board("bar", &secret).await.0, 200);
    later(DISPLAY_LASTS);
    assert_eq!(bar.board("bar", &secret).await.0, 401, "expired");
    assert_eq!(bar.admin("GET /displays", None).await.1["displays"][0]["state"], "expired");
}

#[tokio::test]
async fn a_list_shows_no_secret_and_no_hash() {
    let bar = Bar::new();
    let created = bar.admin("POST /displays", Some(&json!({"name": "Bar"}))).await.1;
    later(Duration::from_secs(1));
    let offered = bar.pair().await;
    bar.activate(text(&offered, "pairingCode")).await;
    let (status, listed) = bar.admin("GET /displays", None).await;
    assert_eq!(status, 200);
    let displays = listed["displays"].as_array().unwrap();
    let names: Vec<&str> = displays.iter().map(|display| text(display, "name")).collect();
    assert_eq!(names, ["Bar", "Entrance"], "in the order of their creation");
    for display in displays {
        assert_eq!(keys(display), ["createdAt", "displayId", "expiresAt", "name", "state"]);
    }
    let hashes: Vec<String> = bar.service.shops.displays.lock().unwrap().keys().map(|(_, hash)| hash.clone()).collect();
    let secrets = [text(&created, "secret"), text(&offered, "secret")].map(str::to_owned);
    let everything = listed.to_string();
    assert!(!hashes.iter().chain(&secrets).any(|hidden| everything.contains(hidden.as_str())));
}

#[tokio::test]
async fn a_revoked_display_reads_no_board_and_stays_revoked() {
    let bar = Bar::new();
    let offered = bar.pair().await;
    let (secret, code) = (text(&offered, "secret"), text(&offered, "pairingCode"));
    bar.activate(code).await;
    for _ in 0..2 {
        assert_eq!(bar.revoke(text(&offered, "displayId")).await, 204);
        assert_eq!(bar.board("bar", secret).await.0, 401);
    }
    let problem = bar.activate(code).await.1;
    assert_eq!(problem["code"], "pairing_used");
    assert!(text(&problem, "detail").contains("a screen that was revoked has a new code after it is reloaded"));
    assert_eq!(bar.board("bar", secret).await.0, 401);
    assert_eq!(bar.revoke("not an id").await, 204);
}

#[tokio::test]
async fn a_shop_has_at_most_a_hundred_active_displays() {
    let bar = Bar::new();
    for _ in 0..MAX_DISPLAYS {
        assert_eq!(bar.admin("POST /displays", None).await.0, 201);
    }
    let code = text(&bar.pair().await, "pairingCode").to_owned();
    assert_eq!(bar.admin("POST /displays", None).await.1["code"], "too_many_displays");
    assert_eq!(bar.activate(&code).await.1["code"], "too_many_displays");
    later(DISPLAY_LASTS);
    assert_eq!(bar.admin("POST /displays", None).await.0, 201, "expired displays do not count");
}

#[tokio::test]
async fn only_an_admin_manages_displays() {
    let bar = Bar::new();
    let secret = bar.admin("POST /displays", None).await.1["secret"].clone();
    let barista = bar.issuer.authorization("bea", &["barista"]);
    for route in ["GET /displays", "POST /displays", "DELETE /displays/{displayId}"] {
        let request = Request::new(route, &[("displayId", "x")], &[("eventId", "bar")], None);
        assert_eq!(bar.send(&request).await.0, 401, "{route}");
        assert_eq!(bar.send(&request.clone().with_header("authorization", &barista)).await.0, 403, "{route}");
        let display = format!("Bearer {}", secret.as_str().unwrap());
        assert_eq!(bar.send(&request.with_header("authorization", &display)).await.0, 403, "{route}");
    }
    assert_eq!(bar.service.shops.displays.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_malformed_request_creates_no_display() {
    let bar = Bar::new();
    let long = json!({"name": "x".repeat(61)});
    for body in [json!([]), json!({"pairingCode": null}), json!({"name": " "}), json!({"secret": "x"}), long] {
        let (status, problem) = bar.admin("POST /displays", Some(&body)).await;
        assert_eq!((status, text(&problem, "code")), (400, "malformed_body"), "{body}");
    }
    assert!(bar.service.shops.displays.lock().unwrap().is_empty());
}

/// Order that was admitted `created` seconds and last changed `updated` seconds before [`START`].
fn order(number: u64, created: u64, updated: u64) -> BoardOrder {
    BoardOrder {
        order_number: Some(number),
        drink_order: Some(DrinkOrder { drink: "Latte".into(), modifiers: vec!["Oat".into()], icon: "latte".into() }),
        created_at: START.minus(Duration::from_secs(created)),
        updated_at: START.minus(Duration::from_secs(updated)),
        called_at: None,
    }
}

#[tokio::test]
async fn the_board_shows_the_shop_and_its_numbers() {
    let mut bar = Bar::new();
    bar.service.orders.waiting = vec![order(8, 90, 60)];
    bar.service.orders.completed = vec![order(7, 200, 20), order(6, 1_000, 700)];
    bar.service.orders.completed.extend((1..=3).map(|number| order(number, 800 + 100 * number, 740 + 100 * number)));
    bar.service.shops.in_flight = 5;
    let token = bar.issuer.authorization("bea", &["barista"]).replace("Bearer ", "");
    let (status, board) = bar.board("bar", &token).await;
    assert_eq!(status, 200);
    let entry = |number: u64, seconds| json!({"number": number, "drink": "Latte", "since": START.minus(Duration::from_secs(seconds)).to_string()});
    let expected = json!({
        "eventId": "bar", "storeOpen": true, "storeFull": true, "waitingSeconds": 120,
        "making": [entry(8, 60)], "ready": [entry(7, 20)],
    });
    assert_eq!(board, expected);
    assert_eq!(*bar.service.orders.since.lock().unwrap(), Some(START.minus(READ_BACK)));
}

#[tokio::test]
async fn the_board_of_a_shop_without_orders_has_no_waiting_time() {
    let bar = Bar::new();
    let token = bar.issuer.authorization("boss", &["admin"]).replace("Bearer ", "");
    let board = bar.board("bar", &token).await.1;
    let expected = json!({"eventId": "bar", "storeOpen": true, "storeFull": false, "making": [], "ready": []});
    assert_eq!(board, expected);
}

#[tokio::test]
async fn a_board_is_refused_to_a_customer_and_if_the_shop_was_never_opened() {
    let mut bar = Bar::new();
    bar.service.shops.never_opened = true;
    let token = bar.issuer.authorization("boss", &["admin"]).replace("Bearer ", "");
    let problem = bar.board("bar", &token).await.1;
    assert_eq!(problem["code"], "shop_not_found");
    assert!(text(&problem, "detail").contains("a barista opens it"));
    let customer = bar.issuer.authorization("anna", &[]).replace("Bearer ", "");
    assert_eq!(bar.board("bar", &customer).await.0, 403);
}

#[path = "any_bytes.rs"]
mod any_bytes;

#[path = "generated.rs"]
mod generated;
