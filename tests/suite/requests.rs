use std::time::{Duration, SystemTime, UNIX_EPOCH};

use client::api::{Answer, Api};
use client::token::{LOCAL_ISSUER, SigningKey};
use domain::caller::Role;
use domain::order::OrderStatus;

use end_to_end::venue::{TestVenue, answered};
use reqwest::Method;
use serde_json::json;

fn assert_problem(what: &str, answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{what}");
    let problem = answered(answer.json());
    assert_eq!((problem["code"].as_str(), problem["status"].as_u64()), (Some(code), Some(status.into())), "{what}");
    assert!(problem["title"].is_string() && problem["type"].is_string() && problem["detail"].is_string(), "{what}");
}

pub(crate) async fn put(api: &Api, path: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = api.request(Method::PUT, path).header("content-type", "application/json").body(body);
    answered(api.send(request).await)
}

pub(crate) async fn malformed_bodies_are_problems(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    let before = venue.order(&order_id).await;
    let path = format!("/orders/{order_id}");
    for body in [
        "",
        "{",
        "[]",
        "null",
        "7",
        "\"Latte\"",
        "{}",
        r#"{"drink":7}"#,
        r#"{"modifiers":[]}"#,
        r#"{"drink":"Latte","modifiers":"Oat"}"#,
        r#"["Latte",["Oat"]]"#,
        r#"{"drink":"Latte","userId":"bert"}"#,
        r#"{"drink":"Latte","drink":"Tea"}"#,
        "\u{feff}{}",
        "not json at all",
    ] {
        assert_problem(body, &put(&anna, &path, body).await, 400, "malformed_body");
    }
    assert_problem(
        "cancel",
        &put(&anna, &format!("{path}?action=cancel"), r#"{"why":"x"}"#).await,
        400,
        "malformed_body",
    );
    assert_eq!(venue.order(&order_id).await, before, "a refused body changed the order");
    let config = format!("/config?eventId={}", venue.shop_id);
    let settings = answered(venue.anonymous.config(&venue.shop_id).await);
    for body in [
        "",
        "[]",
        r#"{"storeOpen":true}"#,
        r#"{"maxOrdersInQueue":"5"}"#,
        r#"{"menu":{}}"#,
        r#"{"menu":[["Tea","tea",true,[]]]}"#,
        "[null,7,null,null]",
        r#"{"maxOrdersPerUser":-1}"#,
    ] {
        assert_problem(body, &put(&venue.admin, &config, body).await, 400, "malformed_body");
    }
    assert_eq!(answered(venue.anonymous.config(&venue.shop_id).await), settings, "a refused body changed the settings");
    venue.cancel(&anna, &order_id).await;
}

pub(crate) async fn invalid_parameters_are_problems(venue: TestVenue) {
    let shop = venue.shop_id.as_str();
    let get = |path: String| {
        let venue = &venue;
        async move { answered(venue.admin.send(venue.admin.request(Method::GET, &path)).await) }
    };
    for path in [
        "/config".to_owned(),
        "/config?eventId=".to_owned(),
        "/config?eventId=a%20b".to_owned(),
        format!("/config?eventId={}", "x".repeat(41)),
        format!("/config?eventId={shop}&x=1"),
        format!("/config?eventId={shop}&eventId=other"),
        "/qr-code".to_owned(),
        format!("/qr-code?eventId={shop}&page=javascript:alert(1)"),
        "/board".to_owned(),
        format!("/displays?eventId={shop}&x=1"),
        format!("/orders?eventId={shop}"),
        format!("/orders?eventId={shop}&status=DONE"),
        format!("/orders?eventId={shop}&status=WAITING&maxItems=0"),
        format!("/orders?eventId={shop}&status=WAITING&maxItems=101"),
        format!("/orders?eventId={shop}&status=WAITING&nextToken=nonsense"),
        // The page token holds an invalid time: 9999-12-30T22:00:00.999Z abc
        format!("/orders?eventId={shop}&status=WAITING&nextToken=OTk5OS0xMi0zMFQyMjowMDowMC45OTlaIGFiYw"),
        "/myOrders".to_owned(),
    ] {
        assert_problem(&path, &get(path.clone()).await, 400, "invalid_parameter");
    }
    let never_opened = get("/qr-code?eventId=never-opened".to_owned()).await;
    assert_problem("an unknown shop", &never_opened, 404, "shop_not_found");
    let order_id = venue.choosing(&venue.customer("anna")).await;
    let shred = put(&venue.barista, &format!("/orders/{order_id}?action=shred"), "").await;
    assert_problem("an unknown action", &shred, 400, "invalid_parameter");
    let ajar = put(&venue.admin, &format!("/store?eventId={shop}&state=ajar"), "").await;
    assert_problem("an unknown state", &ajar, 400, "invalid_parameter");
    venue.cancel(&venue.barista, &order_id).await;
}

pub(crate) async fn a_body_of_a_megabyte_is_refused(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    let body = json!({"drink": "x".repeat(1_000_000)}).to_string();
    let path = format!("/orders/{order_id}");
    assert_problem("a drink", &put(&anna, &path, body.clone()).await, 413, "body_too_large");
    assert_problem(
        "a menu",
        &put(&venue.admin, &format!("/config?eventId={}", venue.shop_id), body).await,
        413,
        "body_too_large",
    );
    assert_eq!(venue.order(&order_id).await.status, OrderStatus::Created);
    venue.cancel(&anna, &order_id).await;
}

pub(crate) async fn bad_tokens_are_refused(venue: TestVenue) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = |issuer: &str, audience: &str, expiry: u64| json!({"iss": issuer, "aud": audience, "sub": "admin", "exp": expiry, "cognito:groups": ["admin"]});
    let key = &venue.world.key;
    let stranger = SigningKey::from_pem(&SigningKey::generate_pem().unwrap()).unwrap();
    let good = key.mint("admin", &[Role::Admin], Duration::from_mins(1)).unwrap();
    let (head, rest) = good.split_once('.').unwrap();
    let bad = [
        ("none", String::new()),
        ("nonsense", "nonsense".to_owned()),
        ("another key", stranger.mint("admin", &[Role::Admin], Duration::from_mins(1)).unwrap()),
        ("another issuer", key.sign(&claims("other", LOCAL_ISSUER, now + 60)).unwrap()),
        ("another audience", key.sign(&claims(LOCAL_ISSUER, "other", now + 60)).unwrap()),
        ("expired", key.sign(&claims(LOCAL_ISSUER, LOCAL_ISSUER, now - 120)).unwrap()),
        ("without a signature", format!("{head}.{}.", rest.split('.').next().unwrap())),
    ];
    let shop = venue.shop_id.as_str();
    for (what, token) in bad {
        let api = venue.anonymous.with_token(token);
        for (method, path) in [
            (Method::GET, format!("/qr-code?eventId={shop}")),
            (Method::POST, format!("/qr-code?eventId={shop}&token=x")),
            (Method::PUT, format!("/config?eventId={shop}")),
            (Method::PUT, format!("/store?eventId={shop}&state=closed")),
            (Method::GET, format!("/orders?eventId={shop}&status=WAITING")),
            (Method::GET, "/orders/x".to_owned()),
            (Method::PUT, "/orders/x".to_owned()),
            (Method::GET, format!("/myOrders?eventId={shop}")),
            (Method::GET, format!("/board?eventId={shop}")),
            (Method::GET, format!("/displays?eventId={shop}")),
            (Method::POST, format!("/displays?eventId={shop}")),
            (Method::DELETE, format!("/displays/x?eventId={shop}")),
        ] {
            let answer = answered(api.send(api.request(method.clone(), &path)).await);
            assert_problem(&format!("{what}: {method} {path}"), &answer, 401, "unauthenticated");
        }
    }
    assert!(answered(venue.anonymous.config(&venue.shop_id).await).settings.state.open, "the shop was closed");
}

pub(crate) async fn routes_for_staff_require_their_role(venue: TestVenue) {
    let shop = venue.shop_id.as_str();
    let anna = venue.customer("anna");
    let admins = [
        (Method::PUT, format!("/config?eventId={shop}")),
        (Method::GET, format!("/displays?eventId={shop}")),
        (Method::POST, format!("/displays?eventId={shop}")),
        (Method::DELETE, format!("/displays/x?eventId={shop}")),
    ];
    let baristas = [(Method::PUT, format!("/store?eventId={shop}&state=closed"))];
    let refused = admins.iter().map(|one| ("a barista", &venue.barista, one));
    for (role, api, (method, path)) in
        refused.chain(admins.iter().chain(&baristas).map(|one| ("a customer", &anna, one)))
    {
        let answer = answered(api.send(api.request(method.clone(), path)).await);
        assert_problem(&format!("{role}: {path}"), &answer, 403, "forbidden");
    }
    for path in [
        format!("/orders?eventId={shop}&status=WAITING"),
        format!("/qr-code?eventId={shop}"),
        format!("/board?eventId={shop}"),
    ] {
        assert_problem(&path, &answered(anna.send(anna.request(Method::GET, &path)).await), 403, "forbidden");
        for api in [&venue.barista, &venue.admin] {
            assert_eq!(answered(api.send(api.request(Method::GET, &path)).await).status, 200, "{path}");
        }
    }
}

pub(crate) async fn unknown_routes_are_refused(venue: TestVenue) {
    for (method, path) in [(Method::GET, "/nowhere"), (Method::DELETE, "/orders/x"), (Method::GET, "/orders/x/y")] {
        let answer = answered(venue.admin.send(venue.admin.request(method.clone(), path)).await);
        assert!((400..500).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.body);
    }
}

pub(crate) async fn an_answer_allows_every_origin(venue: TestVenue) {
    let answer = answered(
        venue.anonymous.send(venue.anonymous.request(Method::GET, &format!("/config?eventId={}", venue.shop_id))).await,
    );
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
}

pub(crate) async fn cors_preflight_is_answered(venue: TestVenue) {
    let preflight = venue.anonymous.request(Method::OPTIONS, "/config").header("origin", "https://bar.example");
    let preflight = preflight
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "authorization");
    let answer = answered(venue.anonymous.send(preflight).await);
    assert!((200..300).contains(&answer.status), "{}", answer.body);
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
}
