use std::sync::Mutex;

use adapters::error::AdapterError;
use http_api::testing::Issuer;
use serde_json::Value;

use super::*;

#[derive(Default)]
struct Shops(Mutex<ShopSettings>);

impl ReadSettings for Shops {
    async fn settings(&self, _: &ShopId) -> Result<ShopSettings, AdapterError> {
        Ok(self.0.lock().unwrap().clone())
    }
}

impl EditSettings for Shops {
    async fn edit(&self, _: &ShopId, edit: &SettingsEdit, expected: Option<u64>) -> Result<Edited, AdapterError> {
        let mut settings = self.0.lock().unwrap();
        if expected.is_some_and(|version| version != settings.version) {
            return Ok(Edited::Stale);
        }
        settings.menu = edit.menu.clone().unwrap_or_else(|| settings.menu.clone());
        settings.max_orders_in_queue = edit.max_orders_in_queue.unwrap_or(settings.max_orders_in_queue);
        settings.version += 1;
        Ok(Edited::Done(Box::new(settings.clone())))
    }

    async fn set_open(&self, _: &ShopId, open: bool) -> Result<ShopSettings, AdapterError> {
        let mut settings = self.0.lock().unwrap();
        settings.open = open;
        settings.version += 1;
        Ok(settings.clone())
    }
}

struct Bar {
    issuer: Issuer,
    service: ConfigService<Shops>,
}

impl Bar {
    fn new() -> Self {
        let issuer = Issuer::new("k");
        let service = ConfigService { shops: Shops::default(), authenticator: issuer.authenticator() };
        Self { issuer, service }
    }

    fn admin(&self, route: &str, query: &[(&str, &str)], body: Option<&str>) -> Request {
        let authorization = self.issuer.authorization("boss", &["admin"]);
        Request::new(route, &[], query, body).with_header("authorization", &authorization)
    }

    async fn ask(&self, request: Request) -> (u16, Value) {
        let response = self.service.handle(&request).await.unwrap_or_else(Response::from);
        (response.status(), serde_json::from_str(response.body()).unwrap())
    }

    async fn edit(&self, body: &str) -> (u16, Value) {
        self.ask(self.admin("PUT /config", &[("eventId", "bar")], Some(body))).await
    }
}

#[tokio::test]
async fn the_settings_are_public_and_have_their_version_as_etag() {
    let bar = Bar::new();
    let request = Request::new("GET /config", &[], &[("eventId", "bar")], None);
    let response = bar.service.handle(&request).await.unwrap();
    assert_eq!(response.headers()[http_api::response::ETAG], "\"0\"");
    let shop: Value = serde_json::from_str(response.body()).unwrap();
    assert_eq!((&shop["eventId"], &shop["storeOpen"]), (&Value::from("bar"), &Value::from(false)));
}

#[tokio::test]
async fn an_edit_of_a_stale_version_is_refused() {
    let bar = Bar::new();
    let edit = |tag| bar.admin("PUT /config", &[("eventId", "bar")], Some("{}")).with_header("if-match", tag);
    assert_eq!(bar.ask(edit("\"0\"")).await.0, 200);
    assert_eq!(bar.ask(edit("\"0\"")).await.1["code"], "version_mismatch");
    assert_eq!(bar.ask(edit("*")).await.0, 200);
    assert_eq!(bar.ask(edit("yesterday")).await.1["code"], "invalid_parameter");
}

#[tokio::test]
async fn an_invalid_edit_names_its_field() {
    let bar = Bar::new();
    for (body, status, code, field) in [
        (r#"{"menu":[]}"#, 422, "invalid_menu", "menu"),
        (r#"{"maxOrdersInQueue":0}"#, 422, "invalid_limit", "maxOrdersInQueue"),
    ] {
        let (answered, problem) = bar.edit(body).await;
        assert_eq!((answered, problem["code"].as_str(), problem["field"].as_str()), (status, Some(code), Some(field)));
    }
    let lists = ["[null,7,null,null]", r#"{"menu":[["Tea","tea",true,[]]]}"#];
    for body in ["", "[]", r#"{"storeOpen":true}"#, r#"{"maxOrdersInQueue":"5"}"#].into_iter().chain(lists) {
        assert_eq!(bar.edit(body).await.1["code"], "malformed_body", "{body}");
    }
    let menu = format!(r#"{{"menu":[{{"drink":"{}"}}]}}"#, "x".repeat(70_000));
    assert_eq!(bar.edit(&menu).await.1["code"], "body_too_large");
    assert_eq!(bar.service.shops.0.lock().unwrap().version, 0, "nothing was changed");
}

#[tokio::test]
async fn an_if_match_that_is_not_an_etag_is_refused() {
    let bar = Bar::new();
    for tag in ["0", "\"\"0\"\"", "\"+0\"", "\"x\"", "W/\"0\"", "\"0\u{e9}\""] {
        let request = bar.admin("PUT /config", &[("eventId", "bar")], Some(r#"{"maxOrdersInQueue":5}"#));
        let (status, problem) = bar.ask(request.with_header("if-match", tag)).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some("invalid_parameter")), "{tag}");
    }
    assert_eq!(bar.service.shops.0.lock().unwrap().version, 0, "nothing was changed");
}

#[tokio::test]
async fn only_an_admin_opens_closes_and_edits() {
    let bar = Bar::new();
    let put = |state| bar.admin("PUT /store", &[("eventId", "bar"), ("state", state)], None);
    assert_eq!(bar.ask(put("open")).await.1["storeOpen"], true);
    assert_eq!(bar.ask(put("closed")).await.1["storeOpen"], false);
    assert_eq!(bar.ask(put("ajar")).await.0, 400);
    let barista = bar.issuer.authorization("bea", &["barista"]);
    for route in ["PUT /store", "PUT /config"] {
        let request = Request::new(route, &[], &[("eventId", "bar"), ("state", "open")], Some("{}"));
        assert_eq!(bar.ask(request.clone()).await.0, 401);
        assert_eq!(bar.ask(request.with_header("authorization", &barista)).await.0, 403);
    }
}

#[path = "any_bytes.rs"]
mod any_bytes;
