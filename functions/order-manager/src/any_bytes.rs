//! Tests the order manager with arbitrary requests.

use http_api::testing::answers_any_request;

use super::*;

/// Sends arbitrary requests about `order`. The caller is its customer and also a barista.
fn answers_about(order: StoredOrder) {
    let bar = Bar::with(order);
    let authorization = bar.issuer.authorization("anna", &["barista"]);
    let replaced =
        [("Bearer PUT-A-TOKEN-HERE", authorization.as_str()), ("RUSTCONF", "bar"), ("mzxw6ytboi4tqmzrgi3dknbvgq", "o")];
    answers_any_request("order-manager", &replaced, &bar.manager);
}

#[test]
fn any_request_about_a_created_order_is_answered() {
    answers_about(choosing());
}

#[test]
fn any_request_about_a_waiting_order_is_answered() {
    answers_about(waiting());
}
