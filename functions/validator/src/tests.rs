use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use adapters::bus::Entry;
use adapters::error::AdapterError;
use bootstrap::testing::measured;
use domain::bucket::{self, Place, Take, WrongCodesId};
use domain::credential::{DisplaySecret, GuestSecret};
use domain::display::{Display, DisplayName, display_id};
use domain::ids::OrderId;
use domain::live::{Topic, UnverifiedTicket};
use domain::order::OrderStatus;
use domain::shop::{Catalog, CustomerSignIn, ShopState};
use http_api::problem::Code;
use http_api::testing::Issuer;
use serde_json::Value;

use super::*;

const START: i64 = 1_800_000_000_000;

#[derive(Default)]
struct Shop {
    context: Option<ScanContext>,
}

impl ReadScanContext for Shop {
    async fn scan_context(&self, _: &ShopId, _: Option<&UserId>) -> Result<ScanContext, AdapterError> {
        let never_opened = ScanContext { state: ShopState::default(), in_flight: 0, open_orders: 0, key: None };
        Ok(self.context.clone().unwrap_or(never_opened))
    }
}

impl ReadCatalog for Shop {
    async fn catalog(&self, _: &ShopId) -> Result<Catalog, AdapterError> {
        Ok(Catalog::default())
    }
}

impl FindDisplay for Shop {
    async fn display(&self, shop_id: &ShopId, hash: &str) -> Result<Option<Display>, AdapterError> {
        let known = shop_id.as_str() == "bar" && hash == secret().hash();
        let display =
            || Display::new(display_id([1; 10]).unwrap(), DisplayName::default(), Timestamp::from_millis(START));
        Ok(known.then(display))
    }
}

fn secret() -> DisplaySecret {
    DisplaySecret::new([7; 32])
}

/// Fake of the buckets table: one bucket for all ids, and the number of wrong codes of each
/// customer.
#[derive(Default)]
struct Buckets(Mutex<BTreeMap<UserId, Place>>, Mutex<BTreeMap<UserId, u32>>);

impl CountWrongCodes for Buckets {
    async fn wrong_codes(&self, id: &WrongCodesId) -> Result<u32, AdapterError> {
        Ok(self.1.lock().unwrap().get(&id.user_id).copied().unwrap_or(0))
    }

    async fn count_wrong_code(&self, id: &WrongCodesId) -> Result<u32, AdapterError> {
        let mut counts = self.1.lock().unwrap();
        let count = counts.entry(id.user_id.clone()).or_default();
        *count += 1;
        Ok(*count)
    }
}

impl TakeBucketToken for Buckets {
    async fn take(&self, _: &BucketId, user: &UserId, capacity: u32, now: Timestamp) -> Result<Take, AdapterError> {
        Ok(bucket::take(&mut self.0.lock().unwrap(), user, capacity, now))
    }
}

impl ReadBucket for Buckets {
    async fn taken(&self, _: &BucketId) -> Result<u32, AdapterError> {
        Ok(u32::try_from(self.0.lock().unwrap().len()).unwrap())
    }

    async fn place(&self, _: &BucketId, user_id: &UserId) -> Result<Option<(Place, u32)>, AdapterError> {
        let places = self.0.lock().unwrap();
        Ok(places.get(user_id).map(|place| (*place, u32::try_from(places.len()).unwrap())))
    }
}

impl ReplacePlace for Buckets {
    async fn replace(&self, _: &BucketId, user_id: &UserId, from: Place, to: Place) -> Result<bool, AdapterError> {
        Ok(bucket::replace(&mut self.0.lock().unwrap(), user_id, from, to))
    }
}

/// Statuses of the orders that are recorded.
#[derive(Default)]
struct Orders(Mutex<BTreeMap<OrderId, OrderStatus>>);

impl ReadOrderStatus for Orders {
    async fn status(&self, order_id: &OrderId) -> Result<Option<OrderStatus>, AdapterError> {
        Ok(self.0.lock().unwrap().get(order_id).copied())
    }
}

#[derive(Default)]
struct Bus {
    published: Mutex<Vec<Entry>>,
    broken: bool,
}

impl Publish for Bus {
    async fn publish(&self, entries: Vec<Entry>) -> Result<(), AdapterError> {
        if self.broken {
            return Err(AdapterError::NotPublished { failed: 1, total: 1, code: "InternalFailure".into() });
        }
        self.published.lock().unwrap().extend(entries);
        Ok(())
    }
}

struct Bar {
    issuer: Issuer,
    validator: Validator<Shop, Buckets, Orders, Bus>,
}

impl Bar {
    fn open() -> Self {
        let issuer = Issuer::new("k");
        let state = ShopState { open: true, drinks_per_barcode: 2, ..ShopState::default() };
        let context = ScanContext { state, in_flight: 0, open_orders: 0, key: Some(QrKey::new([7; 32])) };
        let validator = Validator {
            shops: Shop { context: Some(context) },
            buckets: Buckets::default(),
            orders: Orders::default(),
            bus: Bus::default(),
            authenticator: issuer.authenticator(),
            order_page: Some("https://bar.example/order".parse().unwrap()),
            live: None,
            now: || Timestamp::from_millis(START),
            patience: Duration::ZERO,
            capacity_used: Sampled::new(),
        };
        Self { issuer, validator }
    }

    fn context(&mut self) -> &mut ScanContext {
        self.validator.shops.context.as_mut().unwrap()
    }

    async fn ask(&self, route: &str, query: &[(&str, &str)], user: &str, groups: &[&str]) -> (u16, Value) {
        self.ask_by(route, query, &self.issuer.authorization(user, groups)).await
    }

    async fn ask_by(&self, route: &str, query: &[(&str, &str)], authorization: &str) -> (u16, Value) {
        let response = self.response(route, query, authorization).await;
        (response.status(), serde_json::from_str(response.body()).unwrap())
    }

    async fn response(&self, route: &str, query: &[(&str, &str)], authorization: &str) -> Response {
        let request = Request::new(route, &[], query, None).with_header("authorization", authorization);
        self.validator.handle(&request).await.unwrap_or_else(Response::from)
    }

    /// Records the order in the answer `scanned`, with this status.
    fn record(&self, scanned: &Value, status: OrderStatus) {
        let order_id = scanned["orderId"].as_str().unwrap().parse().unwrap();
        self.validator.orders.0.lock().unwrap().insert(order_id, status);
    }

    fn requested(&self) -> Vec<String> {
        let published = self.validator.bus.published.lock().unwrap();
        let details = published.iter().map(|entry| serde_json::from_str::<Value>(&entry.detail).unwrap());
        details.map(|detail| detail["orderId"].as_str().unwrap().to_owned()).collect()
    }

    fn later(&mut self, now: fn() -> Timestamp) {
        self.validator.now = now;
    }

    async fn scan(&self, user: &str) -> (u16, Value) {
        self.scan_by(&self.issuer.authorization(user, &[])).await
    }

    async fn scan_by(&self, authorization: &str) -> (u16, Value) {
        self.ask_by("POST /qr-code", &[("eventId", "bar"), ("token", &self.code())], authorization).await
    }

    fn code(&self) -> String {
        qr_code::code(&QrKey::new([7; 32]), &"bar".parse().unwrap(), Window::at((self.validator.now)()))
    }
}

#[tokio::test]
async fn the_display_shows_a_code_that_a_customer_can_redeem() {
    let bar = Bar::open();
    let (status, shown) = bar.ask("GET /qr-code", &[("eventId", "bar")], "boss", &["admin"]).await;
    assert_eq!((status, &shown["availableTokens"]), (200, &Value::from(2)));
    assert_eq!(shown["url"], format!("https://bar.example/order#e=bar&t={}", shown["code"].as_str().unwrap()));
    let query = [("eventId", "bar"), ("token", shown["code"].as_str().unwrap())];
    let (status, scanned) = bar.ask("POST /qr-code", &query, "anna", &[]).await;
    assert_eq!(status, 201);
    let published = bar.validator.bus.published.lock().unwrap();
    assert_eq!(published[0].detail_type, "Validator.NewOrder");
    let detail: Value = serde_json::from_str(&published[0].detail).unwrap();
    assert_eq!((&detail["orderId"], &detail["userId"]), (&scanned["orderId"], &Value::from("anna")));
    assert_eq!(detail["bucket"]["availableTokens"], 1);
}

#[tokio::test]
async fn the_answer_to_a_scan_has_the_catalog_and_a_ticket_where_the_stack_has_sockets() {
    let mut bar = Bar::open();
    let guest = GuestSecret::new([9; 32]);
    let authorization = format!("Bearer {}", guest.reveal());
    let (status, scanned) = bar.scan_by(&authorization).await;
    assert_eq!((status, scanned.get("live")), (201, None));
    let presented = serde_json::to_value(Catalog::default()).unwrap();
    let members = presented.as_object().unwrap();
    assert!(members.len() >= 4 && members.iter().all(|(name, value)| &scanned[name] == value), "{scanned}");
    bar.validator.live = Some("wss://sockets.example/v1".parse().unwrap());
    bar.record(&scanned, OrderStatus::Created);
    let (status, again) = bar.scan_by(&authorization).await;
    assert_eq!((status, &again["orderId"]), (200, &scanned["orderId"]));
    let ticket = again["live"]["url"].as_str().unwrap().strip_prefix("wss://sockets.example/v1?ticket=").unwrap();
    let ticket: UnverifiedTicket = ticket.parse().unwrap();
    let ticket = ticket.verify(&QrKey::new([7; 32]), (bar.validator.now)()).unwrap();
    assert_eq!(ticket.topic, Topic::Customer("bar".parse().unwrap(), UserId::of_guest(&guest)));
    assert_eq!(again["live"]["until"], ticket.until.to_string());
}

#[tokio::test]
async fn a_display_of_the_shop_and_staff_see_the_code() {
    let bar = Bar::open();
    let show = async |shop, authorization: &str| bar.ask_by("GET /qr-code", &[("eventId", shop)], authorization).await;
    let display = format!("Bearer {}", secret().reveal());
    let staff = ["barista", "admin"].map(|group| bar.issuer.authorization("bea", &[group]));
    for authorization in staff.iter().chain([&display]) {
        assert_eq!(show("bar", authorization).await.0, 200);
    }
    let unknown = format!("Bearer {}", DisplaySecret::new([8; 32]).reveal());
    let customer = bar.issuer.authorization("anna", &[]);
    for (shop, authorization, status) in [("other", &display, 401), ("bar", &unknown, 401), ("bar", &customer, 403)] {
        assert_eq!(show(shop, authorization).await.0, status);
    }
    let query = [("eventId", "bar"), ("token", "x")];
    let status = bar.ask_by("POST /qr-code", &query, &display).await.0;
    assert!([401, 403].contains(&status), "a display must not scan: {status}");
}

#[tokio::test]
async fn the_link_uses_the_page_of_the_display_where_the_stack_has_no_order_page() {
    let mut bar = Bar::open();
    let show = async |bar: &Bar, page: Option<&str>| {
        let query: Vec<_> = [("eventId", "bar")].into_iter().chain(page.map(|page| ("page", page))).collect();
        bar.ask("GET /qr-code", &query, "bea", &["barista"]).await
    };
    let link = |shown: &Value, folder: &str| format!("{folder}order#e=bar&t={}", shown["code"].as_str().unwrap());
    let shown = show(&bar, Some("https://other.example/v1/display")).await.1;
    assert_eq!(shown["url"], link(&shown, "https://bar.example/"), "the order page of the stack takes precedence");
    bar.validator.order_page = None;
    let shown = show(&bar, Some("https://other.example/v1/display?e=bar")).await.1;
    assert_eq!(shown["url"], link(&shown, "https://other.example/v1/"));
    assert!(shown["svg"].as_str().unwrap().starts_with("<svg "));
    let shown = show(&bar, None).await.1;
    assert!(shown.get("url").is_none() && shown.get("svg").is_none(), "{shown}");
    for page in ["", "javascript:alert(1)", "//bar.example/", "https://a@b.example/"] {
        let (status, problem) = show(&bar, Some(page)).await;
        assert_eq!((status, problem["field"].as_str()), (400, Some("page")), "{page}");
    }
}

#[tokio::test]
async fn the_short_code_of_a_window_gets_the_same_order_as_its_full_code() {
    let bar = Bar::open();
    let shown = bar.ask("GET /qr-code", &[("eventId", "bar")], "bea", &["barista"]).await.1;
    let short = shown["shortCode"].as_str().unwrap().to_ascii_lowercase();
    let long = bar.scan("anna").await;
    bar.record(&long.1, OrderStatus::Created);
    let short = bar.ask("POST /qr-code", &[("eventId", "bar"), ("token", &short)], "anna", &[]).await;
    assert_eq!((long.0, short.0), (201, 200), "both are codes of one window");
    assert_eq!(long.1, short.1);
}

#[tokio::test]
async fn a_double_tap_is_one_order_and_one_publication() {
    let bar = Bar::open();
    let (status, scanned) = bar.scan("anna").await;
    assert_eq!((status, bar.scan("anna").await.1["code"].as_str()), (201, Some("not_ready")));
    bar.record(&scanned, OrderStatus::Admitted);
    assert_eq!(bar.scan("anna").await, (200, scanned));
    assert_eq!(bar.requested().len(), 1);
    assert_eq!(bar.validator.buckets.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_code_without_bucket_tokens_is_refused_with_retry_after() {
    let bar = Bar::open();
    bar.scan("anna").await;
    bar.scan("bert").await;
    let code = bar.code();
    let query = [("eventId", "bar"), ("token", code.as_str())];
    let refused = bar.response("POST /qr-code", &query, &bar.issuer.authorization("cleo", &[])).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.body().contains("no_tokens"), "{}", refused.body());
    let left = Window::at(Timestamp::from_millis(START)).ends_at().since(Timestamp::from_millis(START)).as_secs() + 1;
    assert_eq!(refused.headers()["retry-after"], left.to_string());
}

#[tokio::test]
async fn a_scan_that_was_not_published_is_not_acknowledged() {
    let mut bar = Bar::open();
    bar.validator.bus.broken = true;
    let (status, problem) = bar.scan("anna").await;
    assert_eq!((status, &problem["code"]), (503, &Value::from("unavailable")));
    bar.validator.bus.broken = false;
    bar.later(|| Timestamp::from_millis(START + 5_000));
    assert_eq!(bar.scan("anna").await.0, 200, "the retry gets the same order");
    assert_eq!(bar.requested().len(), 1);
}

#[tokio::test]
async fn a_closed_or_full_shop_refuses_before_a_bucket_token_is_taken() {
    let mut bar = Bar::open();
    let (_, first) = bar.scan("anna").await;
    bar.record(&first, OrderStatus::Created);
    bar.context().in_flight = 20;
    assert_eq!(bar.scan("bert").await.1["code"], "store_full");
    bar.context().state.open = false;
    assert_eq!(bar.scan("bert").await.1["code"], "store_closed");
    assert_eq!(bar.scan("anna").await.0, 200, "the first customer gets the first answer again");
    assert_eq!(bar.validator.buckets.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn each_scan_at_a_full_shop_is_measured_and_others_are_sampled() {
    let mut bar = Bar::open();
    let most = bar.context().state.max_orders_in_queue;
    let full = [(metric::CAPACITY_USED.to_owned(), 100.0), (metric::REFUSED_SHOP_FULL.to_owned(), 1.0)];
    for (in_flight, expected) in
        [(most, &full[..]), (most, &full[..]), (most / 2, &[(full[0].0.clone(), 50.0)]), (1, &[])]
    {
        bar.context().in_flight = in_flight;
        assert_eq!(measured(bar.scan("anna")).await.1, expected, "{in_flight}");
    }
}

#[test]
fn refused_scans_are_counted_by_their_reason() {
    for (refusal, counted) in [
        (Code::ShopClosed, Some("RefusedShopClosed")),
        (Code::ShopFull, Some("RefusedShopFull")),
        (Code::CustomerLimit, Some("RefusedCustomerLimit")),
        (Code::NoTokens, Some("RefusedNoTokens")),
        (Code::TooManyAttempts, Some("RefusedNoTokens")),
        (Code::InvalidCode, Some("RefusedWrongCode")),
        (Code::TooManyWrongCodes, Some("RefusedWrongCode")),
        (Code::Unavailable, None),
    ] {
        assert_eq!(scan::counted_as(refusal), counted, "{refusal:?}");
    }
}

#[tokio::test]
async fn a_guest_scans_unless_the_shop_requires_an_account() {
    let mut bar = Bar::open();
    let guest = format!("Bearer {}", GuestSecret::new([7; 32]).reveal());
    assert_eq!(bar.scan_by(&guest).await.0, 201);
    bar.context().state.customer_sign_in = CustomerSignIn::Account;
    let (status, problem) = bar.scan_by(&guest).await;
    assert_eq!((status, &problem["code"]), (403, &Value::from("account_needed")));
    assert_eq!(bar.scan("anna").await.0, 201);
}

#[tokio::test]
async fn a_shop_that_was_never_opened_has_no_code() {
    let mut bar = Bar::open();
    bar.context().key = None;
    let problem = bar.scan("anna").await.1;
    assert_eq!(problem["code"], "shop_not_found");
    assert!(problem["detail"].as_str().unwrap().contains("a barista opens it"), "{problem}");
    assert_eq!(bar.ask("GET /qr-code", &[("eventId", "bar")], "boss", &["admin"]).await.0, 404);
}

#[tokio::test]
async fn a_wrong_code_takes_no_bucket_token_and_requests_no_order() {
    let bar = Bar::open();
    for code in ["", "AAAAAAAAAAAAAAAA", "not a code", &"A".repeat(1000)] {
        let (status, problem) = bar.ask("POST /qr-code", &[("eventId", "bar"), ("token", code)], "anna", &[]).await;
        assert_eq!((status, &problem["code"]), (400, &Value::from("invalid_code")), "{code}");
    }
    assert!(bar.validator.buckets.0.lock().unwrap().is_empty());
    assert!(bar.validator.bus.published.lock().unwrap().is_empty());
}

#[path = "any_bytes.rs"]
mod any_bytes;

#[path = "attempts_tests.rs"]
mod attempts_tests;

#[path = "generated.rs"]
mod generated;
