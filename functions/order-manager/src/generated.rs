use data_encoding::BASE64URL_NOPAD;
use domain::counter;
use http_api::testing::contract::{Case, Contract};

use super::*;

/// Returns a case of `PUT /orders/{id}` with these query parameters (`None`: absent) and a body of
/// this schema (empty: no body).
const fn command(fixed: &'static [(&'static str, Option<&'static str>)], body: &'static str) -> Case {
    Case::with("PUT /orders/{id}", fixed, body)
}

fn cases() -> Vec<Case> {
    let mut cases = ["GET /orders", "POST /orders", "GET /myOrders", "GET /orders/{id}"].map(Case::new).to_vec();
    cases.extend([
        command(&[("action", None), ("from", None)], "DrinkRequest"),
        command(&[("action", Some("cancel")), ("from", None)], "CancelRequest"),
        command(&[("action", Some("make"))], ""),
        command(&[("action", Some("unmake")), ("from", None)], ""),
        command(&[("action", Some("complete")), ("from", None)], ""),
        command(&[("action", Some("call")), ("from", None)], ""),
    ]);
    cases
}

/// The caller is the customer of each order and also a barista.
#[test]
fn generated_requests_are_answered_as_openapi_yaml_describes() {
    let mut counter = choosing();
    counter.order.order_id = counter::order_id(&"bar".parse().unwrap(), &"k1".parse().unwrap()).unwrap();
    let (mut choosing, mut counter, waiting) = (Bar::with(choosing()), Bar::with(counter), Bar::with(waiting()));
    let mut completed = Bar::with(closed(OrderStatus::Completed, ClosedBy::Barista, "anna"));
    for bar in [&mut choosing, &mut counter, &mut completed] {
        bar.manager.authenticator = waiting.issuer.authenticator();
    }
    Contract::new(ROUTES, cases(), &waiting.issuer.authorization("anna", &["barista"]))
        .parameter("eventId", "bar")
        .parameter("id", "o")
        .parameter("Idempotency-Key", "k1")
        .parameter("nextToken", &BASE64URL_NOPAD.encode(b"2026-11-23T09:30:41.250Z o"))
        .parameter("since", "2026-11-23T09:00:00.000Z")
        .field("drink", "Latte")
        .field("modifiers", "Oat")
        .check(|case| match (case.route, case.fixed.first()) {
            ("POST /orders", _) => &counter.manager,
            (_, Some(("action", None))) => &choosing.manager,
            (_, Some(("action", Some("call")))) => &completed.manager,
            _ => &waiting.manager,
        });
}
