use std::sync::Mutex;

use adapters::error::AdapterError;
use domain::shop::ShopSettings;
use http_api::testing::Issuer;
use serde_json::Value;

use super::*;

const START: i64 = 1_800_000_000_000;

#[derive(Default)]
struct Shop {
    state: Option<ShopState>,
}

impl ReadShopState for Shop {
    async fn shop_state(&self, _: &ShopId) -> Result<ShopState, AdapterError> {
        Ok(self.state.clone().unwrap_or(ShopState { settings: ShopSettings::default(), in_flight: 0, key: None }))
    }
}

#[derive(Default)]
struct Buckets(Mutex<Vec<UserId>>);

impl TakeBucketToken for Buckets {
    async fn take(&self, _: &ShopId, _: Window, user_id: &UserId, capacity: u32) -> Result<Take, AdapterError> {
        let mut takers = self.0.lock().unwrap();
        let left = capacity.saturating_sub(u32::try_from(takers.len()).unwrap());
        if takers.contains(user_id) {
            return Ok(Take::AlreadyTaken { left });
        }
        if left == 0 {
            return Ok(Take::NoneLeft);
        }
        takers.push(user_id.clone());
        Ok(Take::Taken { left: left - 1 })
    }
}

impl ReadBucket for Buckets {
    async fn taken(&self, _: &ShopId, _: Window) -> Result<u32, AdapterError> {
        Ok(u32::try_from(self.0.lock().unwrap().len()).unwrap())
    }

    async fn has_taken(&self, _: &ShopId, _: Window, user_id: &UserId) -> Result<bool, AdapterError> {
        Ok(self.0.lock().unwrap().contains(user_id))
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
    validator: Validator<Shop, Buckets, Bus>,
}

impl Bar {
    fn open() -> Self {
        let issuer = Issuer::new("k");
        let settings = ShopSettings { open: true, drinks_per_barcode: 2, ..ShopSettings::default() };
        let state = ShopState { settings, in_flight: 0, key: Some(QrKey::new([7; 32])) };
        let validator = Validator {
            shops: Shop { state: Some(state) },
            buckets: Buckets::default(),
            bus: Bus::default(),
            authenticator: issuer.authenticator(),
            order_page_url: "https://bar.example/order".into(),
            now: || Timestamp::from_millis(START),
        };
        Self { issuer, validator }
    }

    fn shop_state(&mut self) -> &mut ShopState {
        self.validator.shops.state.as_mut().unwrap()
    }

    async fn ask(&self, route: &str, query: &[(&str, &str)], user: &str, groups: &[&str]) -> (u16, Value) {
        let authorization = self.issuer.authorization(user, groups);
        let request = Request::new(route, &[], query, None).with_header("authorization", &authorization);
        let response = self.validator.handle(&request).await.unwrap_or_else(Response::from);
        (response.status(), serde_json::from_str(response.body()).unwrap())
    }

    async fn scan(&self, user: &str) -> (u16, Value) {
        let code = qr_code::code(&QrKey::new([7; 32]), &"bar".parse().unwrap(), Window::at((self.validator.now)()));
        self.ask("POST /qr-code", &[("eventId", "bar"), ("token", &code)], user, &[]).await
    }
}

#[tokio::test]
async fn the_display_shows_a_code_that_a_customer_can_redeem() {
    let bar = Bar::open();
    let (status, shown) = bar.ask("GET /qr-code", &[("eventId", "bar")], "boss", &["admin"]).await;
    assert_eq!((status, &shown["availableTokens"]), (200, &Value::from(2)));
    assert_eq!(
        shown["url"],
        format!("https://bar.example/order?eventId=bar&token={}", shown["code"].as_str().unwrap())
    );
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
async fn only_an_admin_shows_the_code() {
    let bar = Bar::open();
    for groups in [&[][..], &["barista"][..]] {
        let (status, problem) = bar.ask("GET /qr-code", &[("eventId", "bar")], "anna", groups).await;
        assert_eq!((status, &problem["code"]), (403, &Value::from("forbidden")));
    }
}

#[tokio::test]
async fn a_double_tap_is_one_order_and_is_published_again() {
    let bar = Bar::open();
    let (first, second) = (bar.scan("anna").await, bar.scan("anna").await);
    assert_eq!((first.0, second.0), (201, 200));
    assert_eq!(first.1, second.1);
    assert_eq!(bar.validator.bus.published.lock().unwrap().len(), 2);
    assert_eq!(bar.validator.buckets.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_code_without_bucket_tokens_is_refused_with_retry_after() {
    let bar = Bar::open();
    bar.scan("anna").await;
    bar.scan("bert").await;
    let (status, problem) = bar.scan("cleo").await;
    assert_eq!((status, &problem["code"]), (429, &Value::from("no_tokens")));
}

#[tokio::test]
async fn a_scan_that_was_not_published_is_not_acknowledged() {
    let mut bar = Bar::open();
    bar.validator.bus.broken = true;
    let (status, problem) = bar.scan("anna").await;
    assert_eq!((status, &problem["code"]), (503, &Value::from("unavailable")));
    bar.validator.bus.broken = false;
    assert_eq!(bar.scan("anna").await.0, 200, "the retry gets the same order");
}

#[tokio::test]
async fn a_closed_or_full_shop_refuses_before_a_bucket_token_is_taken() {
    let mut bar = Bar::open();
    bar.scan("anna").await;
    bar.shop_state().in_flight = 20;
    assert_eq!(bar.scan("bert").await.1["code"], "store_full");
    bar.shop_state().settings.open = false;
    assert_eq!(bar.scan("bert").await.1["code"], "store_closed");
    assert_eq!(bar.scan("anna").await.0, 200, "the first customer gets the first answer again");
    assert_eq!(bar.validator.buckets.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_shop_that_was_never_opened_has_no_code() {
    let mut bar = Bar::open();
    bar.shop_state().key = None;
    assert_eq!(bar.scan("anna").await.1["code"], "shop_not_found");
    assert_eq!(bar.ask("GET /qr-code", &[("eventId", "bar")], "boss", &["admin"]).await.0, 404);
}

#[tokio::test]
async fn a_wrong_code_takes_nothing() {
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
