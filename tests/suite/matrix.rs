//! Tests every route with every kind of credential. The expected statuses are literals. A refused
//! request must not change the shop, its bucket or its order. The counts of wrong codes may change.

use std::collections::{BTreeSet, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::types::AttributeValue;
use client::Api;
use client::api::Answer;
use client::token::LOCAL_ISSUER;
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use domain::credential::GuestSecret;
use domain::ids::OrderId;
use domain::order::OrderStatus;
use domain::timestamp::Timestamp;
use end_to_end::venue::{TestVenue, answered};
use end_to_end::world::yaml;
use reqwest::Method;
use serde_json::{Value, json};

/// Kinds of credential, one for each column.
const CALLERS: [&str; 17] = [
    "nobody",
    "guest",
    "another guest",
    "account",
    "display",
    "display of another shop",
    "expired display",
    "barista",
    "admin",
    "expired token",
    "another issuer",
    "another audience",
    "alg none",
    "HS256 with the public key",
    "unknown kid",
    "no kid",
    "groups forged in the body",
];

/// A request, and the expected status for each caller. `SHOP` in a query is the shop. `{id}` in a
/// route is the order of the guest; `{drink}` and `{displayId}` do not exist.
struct Row {
    route: &'static str,
    query: &'static str,
    body: &'static str,
    statuses: [u16; 17],
}

const fn row(route: &'static str, query: &'static str, body: &'static str, statuses: [u16; 17]) -> Row {
    Row { route, query, body, statuses }
}

/// The statuses have the sequence of [`CALLERS`]. The guest's order waits for a choice, so that a
/// barista's commands are answered 409. A write that a caller may send is invalid in another
/// respect, or names a drink or a display that does not exist, so that it does not change the shop.
/// The exception is `PUT /config` with `{}`, which only increments the version of the settings.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("GET /config", "eventId=SHOP", "",                                  [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
    row("PUT /config", "eventId=SHOP", "{}",                                [401, 403, 403, 403, 403, 403, 403, 403, 200, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("PUT /store", "eventId=SHOP&state=ajar", "",                        [401, 403, 403, 403, 403, 403, 403, 400, 400, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("PUT /menu/{drink}/availability", "eventId=SHOP", r#"{"available":false}"#,
                                                                            [401, 403, 403, 403, 403, 403, 403, 404, 404, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("GET /logo", "eventId=SHOP", "",                                    [404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404]),
    row("PUT /logo", "eventId=SHOP", "{}",                                  [401, 403, 403, 403, 403, 403, 403, 403, 400, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("DELETE /logo", "eventId=SHOP&x=1", "",                             [401, 403, 403, 403, 403, 403, 403, 403, 400, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("GET /qr-code", "eventId=SHOP", "",                                 [401, 403, 403, 403, 200, 401, 401, 200, 200, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("POST /qr-code", "eventId=SHOP&token=AAAAAAAAAAAAAAAA", "",         [401, 400, 400, 400, 403, 403, 403, 400, 400, 401, 401, 401, 401, 401, 401, 401, 400]),
    row("GET /orders", "eventId=SHOP&status=WAITING", "",                   [401, 403, 403, 403, 403, 403, 403, 200, 200, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("POST /orders", "eventId=SHOP", r#"{"drink":"Latte"}"#,             [401, 403, 403, 403, 403, 403, 403, 400, 400, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("GET /orders/{id}", "", "",                                         [401, 200, 404, 404, 403, 403, 403, 200, 200, 401, 401, 401, 401, 401, 401, 401, 404]),
    row("PUT /orders/{id}", "", r#"{"drink":"Nothing"}"#,                   [401, 422, 404, 404, 403, 403, 403, 403, 403, 401, 401, 401, 401, 401, 401, 401, 404]),
    row("PUT /orders/{id}", "action=cancel", r#"{"why":""}"#,               [401, 400, 404, 404, 403, 403, 403, 400, 400, 401, 401, 401, 401, 401, 401, 401, 404]),
    row("PUT /orders/{id}", "action=make", "",                              [401, 403, 404, 404, 403, 403, 403, 409, 409, 401, 401, 401, 401, 401, 401, 401, 404]),
    row("PUT /orders/{id}", "action=unmake", "",                            [401, 403, 404, 404, 403, 403, 403, 409, 409, 401, 401, 401, 401, 401, 401, 401, 404]),
    row("PUT /orders/{id}", "action=complete", "",                          [401, 403, 404, 404, 403, 403, 403, 409, 409, 401, 401, 401, 401, 401, 401, 401, 404]),
    row("PUT /orders/{id}", "action=call", "",                              [401, 403, 404, 404, 403, 403, 403, 409, 409, 401, 401, 401, 401, 401, 401, 401, 404]),
    row("GET /myOrders", "eventId=SHOP", "",                                [401, 200, 200, 200, 403, 403, 403, 200, 200, 401, 401, 401, 401, 401, 401, 401, 200]),
    row("GET /board", "eventId=SHOP", "",                                   [401, 403, 403, 403, 200, 401, 401, 200, 200, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("POST /displays/pair", "", "",                                      [400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400]),
    row("GET /displays", "eventId=SHOP", "",                                [401, 403, 403, 403, 403, 403, 403, 403, 200, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("POST /displays", "eventId=SHOP", r#"{"name":7}"#,                  [401, 403, 403, 403, 403, 403, 403, 403, 400, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("DELETE /displays/{displayId}", "eventId=SHOP", "",                 [401, 403, 403, 403, 403, 403, 403, 403, 204, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("POST /live", "eventId=SHOP&topic=customer", "",                    [401, 201, 409, 409, 403, 401, 401, 409, 409, 401, 401, 401, 401, 401, 401, 401, 409]),
    row("POST /live", "eventId=SHOP&topic=queue", "",                       [401, 403, 403, 403, 403, 401, 401, 201, 201, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("POST /live", "eventId=SHOP&topic=board", "",                       [401, 403, 403, 403, 201, 401, 401, 403, 403, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("POST /live", "eventId=SHOP&topic=bus", "",                         [401, 403, 403, 403, 403, 401, 401, 403, 201, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("GET /architecture", "", "",                                        [401, 403, 403, 403, 403, 403, 403, 403, 200, 401, 401, 401, 401, 401, 401, 401, 403]),
    row("GET /", "", "",                                                    [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
    row("GET /order", "", "",                                               [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
    row("GET /barista", "", "",                                             [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
    row("GET /display", "", "",                                             [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
    row("GET /bus", "", "",                                                 [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
    row("GET /sign-in", "", "",                                             [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
];

/// Credential of each caller, in the sequence of [`CALLERS`].
struct Credentials(Vec<Option<String>>);

impl Credentials {
    async fn make(venue: &TestVenue, guest: &GuestSecret) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let key = &venue.world.key;
        let claims = |issuer: &str, audience: &str, expires: u64| json!({"iss": issuer, "aud": audience, "sub": "mallory", "exp": expires, "cognito:groups": ["admin"]});
        let good = claims(LOCAL_ISSUER, LOCAL_ISSUER, now + 600);
        let token = |user: &str, groups: &[&str]| {
            let claims = json!({
                "iss": LOCAL_ISSUER, "aud": LOCAL_ISSUER, "sub": user, "exp": now + 600, "cognito:groups": groups,
            });
            key.sign(&claims).unwrap()
        };
        let kid = key.jwks()["keys"][0]["kid"].as_str().unwrap().to_owned();
        let another_shop = format!("{}-other", venue.shop_id).parse().unwrap();
        let another_guest = GuestSecret::new([8; 32]);
        Self(vec![
            None,
            Some(guest.reveal().to_owned()),
            Some(another_guest.reveal().to_owned()),
            Some(token("account", &[])),
            Some(venue.insert_display(&venue.shop_id, bootstrap::now()).await.1),
            Some(venue.insert_display(&another_shop, bootstrap::now()).await.1),
            Some(venue.insert_display(&venue.shop_id, Timestamp::from_millis(0)).await.1),
            Some(token("bea", &["barista"])),
            Some(token("ada", &["admin"])),
            Some(key.sign(&claims(LOCAL_ISSUER, LOCAL_ISSUER, now - 600)).unwrap()),
            Some(key.sign(&claims("https://other.example", LOCAL_ISSUER, now + 600)).unwrap()),
            Some(key.sign(&claims(LOCAL_ISSUER, "other", now + 600)).unwrap()),
            Some(unsigned(&json!({"alg": "none", "kid": kid}), &good, "")),
            Some(with_public_key(&json!({"alg": "HS256", "kid": kid}), &good, &key.jwks())),
            Some(key.sign_with_kid(Some("unknown"), &good).unwrap()),
            Some(key.sign_with_kid(None, &good).unwrap()),
            Some(token("account", &[])),
        ])
    }

    fn api(&self, venue: &TestVenue, column: usize) -> Api {
        match &self.0[column] {
            Some(credential) => venue.anonymous.with_token(credential.clone()),
            None => venue.anonymous.clone(),
        }
    }
}

fn unsigned(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}.{signature}", part(header), part(claims))
}

/// Returns a token whose HMAC key is the public key in PEM. A verifier that takes `alg` from the
/// token accepts it.
fn with_public_key(header: &Value, claims: &Value, jwks: &Value) -> String {
    let signed = unsigned(header, claims, "");
    let signed = signed.trim_end_matches('.');
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, pem(&jwks["keys"][0]).as_bytes());
    format!("{signed}.{}", BASE64URL_NOPAD.encode(aws_lc_rs::hmac::sign(&key, signed.as_bytes()).as_ref()))
}

/// Returns a public key of the curve P-256 in PEM.
fn pem(jwk: &Value) -> String {
    // SubjectPublicKeyInfo up to the coordinates: id-ecPublicKey, prime256v1, uncompressed point.
    let mut der = HEXLOWER.decode(b"3059301306072a8648ce3d020106082a8648ce3d03010703420004").unwrap();
    for coordinate in ["x", "y"] {
        der.extend(BASE64URL_NOPAD.decode(jwk[coordinate].as_str().unwrap().as_bytes()).unwrap());
    }
    let text = BASE64.encode(&der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

async fn ask(api: &Api, venue: &TestVenue, row: &Row, order_id: &OrderId, forged: bool) -> Answer {
    let (method, path) = row.route.split_once(' ').unwrap();
    let path = path.replace("{id}", order_id.as_str()).replace("{drink}", "Nothing").replace("{displayId}", "nothing");
    let query = row.query.replace("SHOP", venue.shop_id.as_str());
    let separator = if query.is_empty() { "" } else { "?" };
    let request = api.request(Method::from_bytes(method.as_bytes()).unwrap(), &format!("{path}{separator}{query}"));
    let body = if forged { forge(row.body) } else { row.body.to_owned() };
    let request = if body.is_empty() { request } else { request.header("content-type", "application/json").body(body) };
    answered(api.send(request).await)
}

/// Adds members to the body that would grant roles if a function trusted the body.
fn forge(body: &str) -> String {
    let Ok(Value::Object(mut members)) = serde_json::from_str(body) else { return body.to_owned() };
    members.insert("cognito:groups".into(), json!(["admin"]));
    members.insert("groups".into(), json!(["admin"]));
    members.insert("userId".into(), json!("ada"));
    Value::Object(members).to_string()
}

/// Returns the items of the test's shop, of its buckets and of the order.
async fn snapshot(venue: &TestVenue, order_id: &OrderId) -> Vec<HashMap<String, AttributeValue>> {
    let mut items = Vec::new();
    for (table, partition) in [
        (&venue.stack.shop_table, venue.shop_id.to_string()),
        (&venue.stack.buckets_table, format!("{}#0", venue.shop_id)),
    ] {
        let query = venue.dynamodb.query().table_name(table).key_condition_expression("eventId = :shop");
        let query = query.expression_attribute_values(":shop", AttributeValue::S(partition)).consistent_read(true);
        items.extend(query.send().await.unwrap().items.unwrap_or_default());
    }
    items.extend(venue.stored(order_id).await);
    items
}

/// True unless the row needs realtime and the stack has none.
fn is_deployed(venue: &TestVenue, row: &Row) -> bool {
    venue.stack.live_url.is_some() || !["POST /live", "GET /architecture"].contains(&row.route)
}

/// Routes of `openapi.yaml` without a row.
fn missing() -> Vec<String> {
    let document = yaml("openapi.yaml");
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_mapping().unwrap() {
        let methods = item.as_mapping().unwrap().iter().map(|(method, _)| method.as_str().unwrap());
        let named = methods.filter(|method| *method != "parameters");
        routes.extend(named.map(|method| format!("{} {}", method.to_uppercase(), path.as_str().unwrap())));
    }
    routes.retain(|route| ROWS.iter().all(|row| row.route != route));
    routes
}

pub(crate) async fn each_route_answers_each_caller_as_the_table_says(venue: TestVenue) {
    let guest = GuestSecret::new([7; 32]);
    let customer = venue.anonymous.with_token(guest.reveal());
    let order_id = venue.choosing(&customer).await;
    assert_eq!(venue.order(&order_id).await.status, OrderStatus::Created);
    let credentials = Credentials::make(&venue, &guest).await;
    let mut wrong = Vec::new();
    for row in ROWS {
        let before = snapshot(&venue, &order_id).await;
        for refused in [true, false] {
            for (column, caller) in CALLERS.iter().enumerate() {
                let deployed = is_deployed(&venue, row);
                let expected = if deployed { row.statuses[column] } else { 404 };
                if (expected >= 400) != refused {
                    continue;
                }
                let answer = ask(&credentials.api(&venue, column), &venue, row, &order_id, column == 16).await;
                // The emulators do not apply the template's answer for a route that does not exist.
                let no_route = !deployed && answer.body.contains("Missing Authentication Token");
                if answer.status != expected && !no_route {
                    let what = format!("{} {} by {caller}", row.route, row.query);
                    wrong.push(format!("{what}: {} instead of {expected}: {}", answer.status, answer.body));
                }
            }
            if refused && snapshot(&venue, &order_id).await != before {
                wrong.push(format!("{} {}: a refused request changed the tables", row.route, row.query));
            }
        }
    }
    let routes: BTreeSet<&str> = ROWS.iter().map(|row| row.route).collect();
    let missing = missing();
    println!(
        "matrix: {} routes x {} callers, {} wrong, {} missing",
        routes.len(),
        CALLERS.len(),
        wrong.len(),
        missing.len()
    );
    venue.cancel(&venue.barista, &order_id).await;
    assert!(wrong.is_empty() && missing.is_empty(), "wrong: {wrong:#?}\nmissing: {missing:#?}");
}
