//! Tests orders at the counter.

use domain::counter;

use super::*;

const OAT_LATTE: &str = r#"{"drink":"Latte","modifiers":["Oat"]}"#;

/// Returns `stored` as the order of the idempotency key `k1`.
fn of_key(mut stored: StoredOrder) -> StoredOrder {
    let (shop, key) = ("bar".parse().unwrap(), "k1".parse().unwrap());
    stored.order.order_id = counter::order_id(&shop, &key).unwrap();
    stored.order.user_id = counter::user_id(&shop, &key).unwrap();
    stored
}

impl Bar {
    async fn at_counter(&self, who: &str, key: Option<&str>, body: &str) -> (u16, Value) {
        let groups: &[&str] = if who.starts_with("barista") { &["barista"] } else { &[] };
        let request = Request::new("POST /orders", &[], &[("eventId", "bar")], Some(body))
            .with_header("authorization", &self.issuer.authorization(who, groups));
        let request = if let Some(key) = key { request.with_header("idempotency-key", key) } else { request };
        let response = self.manager.handle(&request).await.unwrap_or_else(Response::from);
        let mut answer: Value = serde_json::from_str(response.body()).unwrap();
        if let Some(seconds) = response.headers().get("retry-after") {
            answer["retryAfter"] = seconds.to_str().unwrap().into();
        }
        (response.status(), answer)
    }
}

/// Asserts the code of a problem, and returns its detail.
fn detail<'a>(problem: &'a Value, code: &str) -> &'a str {
    assert_eq!(problem["code"], code, "{problem}");
    problem["detail"].as_str().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_barista_orders_for_a_person_without_a_code() {
    // The third read of the order finds it. The first one is before the request.
    let bar = Bar::spent(choosing(), 2, of_key(choosing()));
    let bar = Bar { manager: OrderManager { workflow: Workflow::default(), ..bar.manager }, ..bar };
    let (status, answer) = bar.at_counter("barista-bea", Some("k1"), OAT_LATTE).await;
    assert_eq!((status, answer["status"].as_str()), (201, Some("WAITING")));
    let published = bar.manager.bus.0.lock().unwrap();
    let detail: Value = serde_json::from_str(&published[0].detail).unwrap();
    assert_eq!((published.len(), &published[0].detail_type), (1, &"Validator.NewOrder".to_owned()));
    assert_eq!(detail["orderId"], answer["orderId"]);
    assert!(detail["userId"].as_str().unwrap().starts_with("counter-"));
    assert!(detail.get("bucket").is_none());
    assert!(bar.manager.workflow.resumed.lock().unwrap()[0].starts_with("t1 "));
}

#[tokio::test(start_paused = true)]
async fn a_repeated_request_continues_and_requests_no_second_order() {
    for (existing, resumed) in [(choosing(), 1), (waiting(), 0), (stored(OrderStatus::Completed, None), 0)] {
        let bar = Bar::with(of_key(existing));
        assert_eq!(bar.at_counter("barista-bea", Some("k1"), OAT_LATTE).await.0, 201);
        assert_eq!(bar.resumed().len(), resumed);
        assert!(bar.manager.bus.0.lock().unwrap().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_belongs_to_another_drink_is_refused() {
    let bar = Bar::with(of_key(waiting()));
    let (status, problem) = bar.at_counter("barista-bea", Some("k1"), r#"{"drink":"Espresso"}"#).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("idempotency_key_reused")));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_not_admitted_in_time_is_not_ready() {
    let bar = Bar::with(choosing());
    let (status, problem) = bar.at_counter("barista-bea", Some("k1"), OAT_LATTE).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("not_ready")));
    assert_eq!(bar.manager.bus.0.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_order_answers_with_its_reason() {
    for (reason, code) in [("full", "store_full"), ("closed", "store_closed")] {
        let mut refused = of_key(closed(OrderStatus::Cancelled, ClosedBy::System, ""));
        refused.order.reason = Some(reason.into());
        let (status, problem) = Bar::with(refused).at_counter("barista-bea", Some("k1"), OAT_LATTE).await;
        assert_eq!((status, problem["code"].as_str()), (409, Some(code)));
        assert!(detail(&problem, code).contains("this order was refused"), "{problem}");
        assert!(detail(&problem, code).ends_with("use a new key"), "{problem}");
        assert_eq!(problem["retryAfter"], Value::Null, "no repetition of this key can succeed");
    }
}

#[tokio::test]
async fn a_request_that_ordered_nothing_says_that_its_key_may_be_sent_again() {
    for (open, code, retry_after) in [(false, "store_closed", Value::Null), (true, "store_full", "30".into())] {
        let mut bar = Bar::with(choosing());
        bar.manager.shops = Shops(AdmissionCounts { open, in_flight: 2, open_orders: 0 });
        let (status, problem) = bar.at_counter("barista-bea", Some("k1"), OAT_LATTE).await;
        assert_eq!((status, &problem["retryAfter"]), (409, &retry_after));
        assert!(detail(&problem, code).contains("nothing was ordered"), "{problem}");
        assert!(detail(&problem, code).ends_with("then send the same key again"), "{problem}");
        assert!(bar.manager.bus.0.lock().unwrap().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_drinks_with_one_key_at_the_same_time_one_is_refused() {
    let mut other = waiting();
    other.order.drink_order = Some(DrinkOrder { drink: "Espresso".into(), modifiers: vec![], icon: "espresso".into() });
    let bar = Bar::spent(of_key(choosing()), 4, of_key(other));
    let (status, problem) = bar.at_counter("barista-bea", Some("k1"), OAT_LATTE).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("idempotency_key_reused")));
    assert_eq!(bar.resumed().len(), 1);
}

#[tokio::test]
async fn an_order_at_the_counter_that_was_cancelled_needs_a_new_key() {
    let bar = Bar::with(of_key(closed(OrderStatus::Cancelled, ClosedBy::Barista, "barista-bea")));
    let (_, problem) = bar.at_counter("barista-bea", Some("k1"), OAT_LATTE).await;
    assert!(detail(&problem, "wrong_status").ends_with("with a new key"), "{problem}");
}

#[tokio::test]
async fn the_counter_is_for_baristas_and_needs_a_key_and_a_drink_of_the_menu() {
    let bar = Bar::with(choosing());
    assert_eq!(bar.at_counter("anna", Some("k1"), OAT_LATTE).await.0, 403);
    for key in [None, Some(""), Some("a b"), Some("\u{e9}")] {
        let (status, problem) = bar.at_counter("barista-bea", key, OAT_LATTE).await;
        assert_eq!((status, problem["field"].as_str()), (400, Some("Idempotency-Key")), "{key:?}");
    }
    let (status, problem) = bar.at_counter("barista-bea", Some("k1"), r#"{"drink":"Tea"}"#).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("invalid_drink")));
    assert!(bar.manager.bus.0.lock().unwrap().is_empty());
}
