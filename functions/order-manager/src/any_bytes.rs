use http_api::testing::answers_any_request;

use super::*;

/// The customer of the order, who works at the bar as well.
fn answers_about(order: StoredOrder) {
    let bar = Bar::with(order);
    let authorization = bar.issuer.authorization("anna", &["barista"]);
    let replaced =
        [("Bearer PUT-A-TOKEN-HERE", authorization.as_str()), ("RUSTCONF", "bar"), ("mzxw6ytboi4tqmzrgi3dknbvgq", "o")];
    answers_any_request("order-manager", &replaced, &bar.manager);
}

#[test]
fn any_request_about_an_order_that_is_being_chosen_is_answered() {
    answers_about(choosing());
}

#[test]
fn any_request_about_an_order_in_the_queue_is_answered() {
    answers_about(waiting());
}
