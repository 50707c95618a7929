use std::sync::Mutex;

use adapters::error::AdapterError;
use adapters::shops::StoredLogo;
use data_encoding::BASE64;
use domain::look::Logo;
use http_api::response::CACHE_CONTROL;
use http_api::testing::Issuer;
use serde_json::Value;

use super::*;

#[derive(Default)]
struct Shops(Mutex<ShopSettings>, Mutex<Option<Logo>>);

fn logo() -> Logo {
    Logo { svg: r#"<svg xmlns="http://www.w3.org/2000/svg"/>"#.into() }
}

impl ReadLogo for Shops {
    async fn logo(&self, _: &ShopId) -> Result<Option<StoredLogo>, AdapterError> {
        let logo = self.1.lock().unwrap().clone();
        Ok(logo.map(|logo| StoredLogo { tag: logo.tag(), svg: logo.svg }))
    }
}

impl ReadSettings for Shops {
    async fn settings(&self, _: &ShopId) -> Result<ShopSettings, AdapterError> {
        Ok(self.0.lock().unwrap().clone())
    }
}

impl EditShop for Shops {
    async fn edit(&self, _: &ShopId, change: &ShopChange, expected: Option<u64>) -> Result<Edited, AdapterError> {
        let mut settings = self.0.lock().unwrap();
        if expected.is_some_and(|version| version != settings.state.version) {
            return Ok(Edited::Stale);
        }
        if let ShopChange::SetLogo(logo) = change {
            self.1.lock().unwrap().clone_from(logo);
        }
        Ok(match change.apply(&settings) {
            Ok(after) => {
                settings.clone_from(&after);
                Edited::Done(Box::new(after))
            }
            Err(error) => Edited::NotOnMenu(error),
        })
    }
}

struct Bar {
    issuer: Issuer,
    service: ConfigService<Shops>,
}

impl Bar {
    fn new() -> Self {
        let issuer = Issuer::new("k");
        let service =
            ConfigService { shops: Shops::default(), authenticator: issuer.authenticator(), accounts_are_closed: true };
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
    assert_eq!(shop["release"], env!("CARGO_PKG_VERSION"), "the settings must name the deployed release");
}

#[tokio::test]
async fn settings_that_a_client_has_are_not_sent_again() {
    let bar = Bar::new();
    for (known, status) in
        [("\"0\"", 304), ("W/\"0\"", 304), ("\"7\", \"0\"", 304), ("*", 304), ("\"1\"", 200), ("0", 200)]
    {
        let request = Request::new("GET /config", &[], &[("eventId", "bar")], None).with_header("if-none-match", known);
        let response = bar.service.handle(&request).await.unwrap();
        assert_eq!((response.status(), response.body().is_empty()), (status, status == 304), "{known}");
        assert_eq!(response.headers()[ETAG], "\"0\"");
        assert_eq!(response.headers()[CACHE_CONTROL], "public, max-age=5");
    }
}

#[tokio::test]
async fn an_admin_sets_and_removes_the_logo_and_an_invalid_file_is_refused() {
    let bar = Bar::new();
    let read = Request::new("GET /logo", &[], &[("eventId", "bar")], None);
    assert_eq!(bar.ask(read.clone()).await.1["code"], "logo_not_found");
    let set = |data: &str| {
        let body = serde_json::json!({"contentType": "image/svg+xml", "data": data}).to_string();
        bar.admin("PUT /logo", &[("eventId", "bar")], Some(&body))
    };
    let (status, shop) = bar.ask(set(&BASE64.encode(logo().svg.as_bytes()))).await;
    assert_eq!((status, &shop["logo"], &shop["version"]), (200, &Value::from(logo().tag()), &Value::from(1)));
    let response = bar.service.handle(&read).await.unwrap();
    assert_eq!((response.status(), response.body()), (200, logo().svg.as_str()));
    let with_hash = Request::new("GET /logo", &[], &[("eventId", "bar"), ("hash", &logo().tag())], None);
    assert_eq!(bar.service.handle(&with_hash).await.unwrap().body(), logo().svg);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    let tag = format!("\"{}\"", logo().tag());
    assert_eq!((header("content-type"), header("etag")), ("image/svg+xml".to_owned(), tag.clone()));
    assert!(header("content-security-policy").starts_with("default-src 'none';"));
    assert_eq!(bar.service.handle(&read.clone().with_header("if-none-match", &tag)).await.unwrap().status(), 304);
    for data in ["", "%", "PHN2Zy8+", &BASE64.encode(b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>")] {
        let (status, problem) = bar.ask(set(data)).await;
        let refused = (status, &problem["code"], &problem["field"]);
        assert_eq!(refused, (422, &"invalid_logo".into(), &"data".into()), "{data}");
    }
    let (status, shop) = bar.ask(bar.admin("DELETE /logo", &[("eventId", "bar")], None)).await;
    assert_eq!((status, &shop["logo"]), (200, &Value::Null));
    assert_eq!(bar.ask(read).await.0, 404);
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
async fn a_refused_edit_names_the_invalid_field() {
    let bar = Bar::new();
    for (body, status, code, field) in [
        (r#"{"menu":[]}"#, 422, "invalid_menu", "menu"),
        (r#"{"maxOrdersInQueue":0}"#, 422, "invalid_limit", "maxOrdersInQueue"),
        (r#"{"name":" "}"#, 422, "invalid_name", "name"),
        (r#"{"colours":{"accent":"red"}}"#, 422, "invalid_colour", "colours.accent"),
        (r#"{"menu":[{"drink":"Tea","names":{"es":""}}]}"#, 422, "invalid_menu", "menu[0].names.es"),
        (r#"{"menu":[{"drink":"Tea","names":{"de":"Tee"}}]}"#, 400, "malformed_body", "menu[0].names.de"),
        (r#"{"menu":[{"drink":"\u200b"}]}"#, 422, "invalid_menu", "menu[0].drink"),
        (r#"{"menu":[{"drink":"La\u200btte"}]}"#, 422, "invalid_menu", "menu[0].drink"),
        (r#"{"menu":[{"drink":"Tea"},{"drink":"\u202eaeT"}]}"#, 422, "invalid_menu", "menu[1].drink"),
        (r#"{"menu":[{"drink":"Tea","icon":"\u00ad"}]}"#, 422, "invalid_menu", "menu[0].icon"),
        (r#"{"menu":[{"drink":"Caf\u00e9"},{"drink":"Cafe\u0301"}]}"#, 422, "invalid_menu", "menu[1].drink"),
        (r#"{"menu":[{"drink":"\ud800"}]}"#, 400, "malformed_body", "menu[0].drink"),
        (r#"{"menu":null}"#, 400, "malformed_body", "menu"),
        (r#"{"maxOrdersInQueue":30.5}"#, 400, "malformed_body", "maxOrdersInQueue"),
        (r#"{"maxOrdersInQueue":"30"}"#, 400, "malformed_body", "maxOrdersInQueue"),
        (r#"{"maxOrdersInQueue":1e400}"#, 400, "malformed_body", "maxOrdersInQueue"),
        (r#"{"maxOrdersInQueue":-30}"#, 400, "malformed_body", "maxOrdersInQueue"),
        (r#"{"maxOrdersInQueue":1e6}"#, 422, "invalid_limit", "maxOrdersInQueue"),
        (r#"{"drinksPerBarcode":null}"#, 400, "malformed_body", "drinksPerBarcode"),
    ] {
        let (answered, problem) = bar.edit(body).await;
        assert_eq!((answered, problem["code"].as_str(), problem["field"].as_str()), (status, Some(code), Some(field)));
    }
    let version = bar.service.shops.0.lock().unwrap().state.version;
    assert_eq!(version, 0, "a refused edit must not change the settings");
}

#[tokio::test]
async fn an_unreadable_body_is_refused_and_changes_nothing() {
    let bar = Bar::new();
    let lists = ["[null,7,null,null]", r#"{"menu":[["Tea","tea",true,[]]]}"#];
    for body in ["", "[]", r#"{"storeOpen":true}"#, r#"{"maxOrdersInQueue":"5"}"#].into_iter().chain(lists) {
        assert_eq!(bar.edit(body).await.1["code"], "malformed_body", "{body}");
    }
    let menu = format!(r#"{{"menu":[{{"drink":"{}"}}]}}"#, "x".repeat(70_000));
    assert_eq!(bar.edit(&menu).await.1["code"], "body_too_large");
    let version = bar.service.shops.0.lock().unwrap().state.version;
    assert_eq!(version, 0, "a refused edit must not change the settings");
}

#[tokio::test]
async fn a_whole_number_is_accepted_in_each_of_its_spellings() {
    for number in ["30", "30.0", "3e1", "300e-1"] {
        let (status, shop) = Bar::new().edit(&format!(r#"{{"maxOrdersInQueue":{number}}}"#)).await;
        assert_eq!((status, &shop["maxOrdersInQueue"]), (200, &Value::from(30)), "{number}");
    }
}

#[tokio::test]
async fn a_menu_is_stored_with_normalised_texts() {
    let menu = r#"{"menu":[{"drink":" Cafe\u0301\u2003noir\n","icon":"\ud83d\udc69\u200d\ud83c\udf73"}]}"#;
    let (status, shop) = Bar::new().edit(menu).await;
    assert_eq!((status, &shop["menu"][0]["drink"]), (200, &Value::from("Caf\u{e9} noir")));
    assert_eq!(shop["menu"][0]["icon"], "\u{1f469}\u{200d}\u{1f373}");
}

#[tokio::test]
async fn an_if_match_that_is_not_a_settings_version_is_refused() {
    let bar = Bar::new();
    for tag in ["0", "\"\"0\"\"", "\"+0\"", "\"x\"", "W/\"0\"", "\"0\u{e9}\""] {
        let request = bar.admin("PUT /config", &[("eventId", "bar")], Some(r#"{"maxOrdersInQueue":5}"#));
        let (status, problem) = bar.ask(request.with_header("if-match", tag)).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some("invalid_parameter")), "{tag}");
    }
    let version = bar.service.shops.0.lock().unwrap().state.version;
    assert_eq!(version, 0, "a refused edit must not change the settings");
}

#[tokio::test]
async fn a_barista_opens_and_closes_the_shop_and_replaces_its_code() {
    let bar = Bar::new();
    let put = |query: &[(&str, &str)]| {
        let request = Request::new("PUT /store", &[], query, None);
        request.with_header("authorization", &bar.issuer.authorization("bea", &["barista"]))
    };
    let shop = ("eventId", "bar");
    assert_eq!(bar.ask(put(&[shop, ("state", "open")])).await.1["storeOpen"], true);
    assert_eq!(bar.ask(put(&[shop, ("state", "open")])).await.1["codeVersion"], 0);
    assert_eq!(bar.ask(put(&[shop, ("state", "open"), ("newCode", "true")])).await.1["codeVersion"], 1);
    assert_eq!(bar.ask(put(&[shop, ("state", "closed")])).await.1["storeOpen"], false);
    for wrong in [vec![shop], vec![shop, ("state", "ajar")], vec![shop, ("state", "closed"), ("newCode", "true")]] {
        assert_eq!(bar.ask(put(&wrong)).await.1["code"], "invalid_parameter", "{wrong:?}");
    }
    let (_, problem) = bar.ask(put(&[shop, ("state", "open"), ("newCode", "TRUE")])).await;
    assert_eq!((&problem["field"], &problem["detail"]), (&"newCode".into(), &"newCode must be true or false".into()));
}

#[tokio::test]
async fn a_barista_marks_a_drink_as_sold_out() {
    let bar = Bar::new();
    let put = |drink, body| {
        let request =
            Request::new("PUT /menu/{drink}/availability", &[("drink", drink)], &[("eventId", "bar")], Some(body));
        request.with_header("authorization", &bar.issuer.authorization("bea", &["barista"]))
    };
    let (status, shop) = bar.ask(put("Latte", r#"{"available":false}"#)).await;
    let latte = shop["menu"].as_array().unwrap().iter().find(|item| item["drink"] == "Latte").unwrap().clone();
    assert_eq!((status, &latte["available"]), (200, &Value::from(false)));
    for spelling in ["Flat White", "Flat%20White"] {
        assert_eq!(bar.ask(put(spelling, r#"{"available":false}"#)).await.0, 200, "{spelling}");
    }
    let (status, problem) = bar.ask(put("Tea", r#"{"available":false}"#)).await;
    assert_eq!((status, &problem["code"]), (404, &Value::from("drink_not_found")));
    assert_eq!(bar.ask(put("Latte", "{}")).await.1["code"], "malformed_body");
}

#[tokio::test]
async fn only_an_admin_edits_and_only_staff_open_a_shop_or_mark_a_drink() {
    let bar = Bar::new();
    for (route, groups) in [
        ("PUT /config", &["barista"][..]),
        ("PUT /config", &[]),
        ("PUT /store", &[]),
        ("PUT /menu/{drink}/availability", &[]),
    ] {
        let query = [("eventId", "bar"), ("state", "open")];
        let request = Request::new(route, &[("drink", "Latte")], &query, Some("{}"));
        assert_eq!(bar.ask(request.clone()).await.0, 401, "{route}");
        let request = request.with_header("authorization", &bar.issuer.authorization("bea", groups));
        assert_eq!(bar.ask(request).await.0, 403, "{route}");
    }
    assert_eq!(bar.service.shops.0.lock().unwrap().state.version, 0);
}

#[path = "any_bytes.rs"]
mod any_bytes;

#[path = "generated.rs"]
mod generated;

#[tokio::test]
async fn an_edit_warns_of_required_accounts_that_customers_cannot_create() {
    let mut bar = Bar::new();
    let (status, shop) = bar.edit(r#"{"customerSignIn":"account"}"#).await;
    assert_eq!((status, &shop["warnings"][0]["code"]), (200, &Value::from("self_sign_up_closed")));
    assert_eq!(shop["customerSignIn"], "account");
    let (_, shop) = bar.edit(r#"{"customerSignIn":"guest"}"#).await;
    assert_eq!(shop.get("warnings"), None);
    bar.service.accounts_are_closed = false;
    let (_, shop) = bar.edit(r#"{"customerSignIn":"account"}"#).await;
    assert_eq!(shop.get("warnings"), None);
}
