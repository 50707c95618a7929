//! Tests repeated scans, further attempts and wrong codes.

use super::*;

#[tokio::test]
async fn an_order_that_is_not_recorded_is_published_again_after_five_seconds_and_once() {
    let mut bar = Bar::open();
    let first = bar.scan("anna").await;
    bar.later(|| Timestamp::from_millis(START + 4_999));
    assert_eq!(bar.scan("anna").await.1["code"], "not_ready");
    assert_eq!(bar.requested().len(), 1);
    bar.later(|| Timestamp::from_millis(START + 5_000));
    assert_eq!(bar.scan("anna").await, (200, first.1.clone()));
    assert_eq!(bar.scan("anna").await.1["code"], "not_ready");
    assert_eq!(bar.requested().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_scan_waits_until_its_order_is_recorded() {
    let mut bar = Bar::open();
    bar.validator.patience = Duration::from_secs(2);
    let (_, scanned) = bar.scan("anna").await;
    let record = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        bar.record(&scanned, OrderStatus::Admitted);
    };
    let (repeated, ()) = tokio::join!(bar.scan("anna"), record);
    assert_eq!(repeated, (200, scanned.clone()));
}

#[tokio::test]
async fn a_recorded_order_is_never_published_again() {
    let mut bar = Bar::open();
    let first = bar.scan("anna").await;
    bar.later(|| Timestamp::from_millis(START + 60_000));
    for status in [OrderStatus::Admitted, OrderStatus::Created, OrderStatus::Waiting, OrderStatus::Completed] {
        bar.record(&first.1, status);
        assert_eq!(bar.scan("anna").await, (200, first.1.clone()), "{status:?}");
    }
    assert_eq!(bar.requested().len(), 1);
}

#[tokio::test]
async fn a_cancelled_order_frees_its_customer_for_three_orders_in_all() {
    let bar = Bar::open();
    let mut ids = BTreeSet::new();
    for attempt in 1..=3 {
        let (status, scanned) = bar.scan("anna").await;
        assert_eq!(status, 201, "attempt {attempt}");
        bar.record(&scanned, OrderStatus::Created);
        assert_eq!(bar.scan("anna").await, (200, scanned.clone()), "a repeat of attempt {attempt}");
        assert!(ids.insert(scanned["orderId"].to_string()), "attempt {attempt} repeats an id");
        bar.record(&scanned, OrderStatus::Cancelled);
    }
    let (status, problem) = bar.scan("anna").await;
    assert_eq!((status, &problem["code"]), (429, &Value::from("too_many_attempts")));
    assert_eq!(bar.requested().len(), 3);
    assert_eq!(bar.scan("bert").await.0, 201, "another customer can still take a place");
    assert_eq!(bar.validator.buckets.0.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_attempt_that_is_refused_early_is_not_counted() {
    let mut bar = Bar::open();
    let (_, first) = bar.scan("anna").await;
    bar.record(&first, OrderStatus::Cancelled);
    for (change, code) in [
        (|context| context.open_orders = 1, "customer_limit"),
        (|context| context.in_flight = 20, "store_full"),
        (|context| context.state.open = false, "store_closed"),
    ] as [(fn(&mut ScanContext), &str); 3]
    {
        let before = bar.context().clone();
        change(bar.context());
        assert_eq!(bar.scan("anna").await.1["code"], code);
        *bar.context() = before;
    }
    assert_eq!(bar.validator.buckets.0.lock().unwrap()[&"anna".parse().unwrap()].attempt, 1);
    assert_eq!(bar.scan("anna").await.0, 201);
}

#[tokio::test]
async fn a_request_published_again_at_a_full_shop_has_the_number_of_bucket_tokens_left() {
    let mut bar = Bar::open();
    assert_eq!(bar.scan("anna").await.0, 201);
    bar.context().in_flight = 20;
    bar.later(|| Timestamp::from_millis(START + 6_000));
    assert_eq!(bar.scan("anna").await.0, 200);
    let published = bar.validator.bus.published.lock().unwrap();
    let left: Vec<Value> = published
        .iter()
        .map(|entry| serde_json::from_str::<Value>(&entry.detail).unwrap()["bucket"]["availableTokens"].clone())
        .collect();
    assert_eq!(left, [1, 1]);
}

#[tokio::test]
async fn a_customer_with_an_open_order_of_another_code_takes_no_bucket_token() {
    let mut bar = Bar::open();
    bar.context().open_orders = 1;
    let (status, problem) = bar.scan("anna").await;
    assert_eq!((status, &problem["code"]), (409, &Value::from("customer_limit")));
    assert!(bar.validator.buckets.0.lock().unwrap().is_empty());
    assert!(bar.requested().is_empty());
}

#[tokio::test]
async fn after_ten_wrong_codes_only_the_full_code_is_accepted() {
    let bar = Bar::open();
    let key = QrKey::new([7; 32]);
    let short = qr_code::short_code(&key, &"bar".parse().unwrap(), Window::at((bar.validator.now)()));
    let ask = async |user: &str, code: &str| {
        bar.ask("POST /qr-code", &[("eventId", "bar"), ("token", code)], user, &[]).await
    };
    for _ in 0..10 {
        assert_eq!(ask("anna", "AAAAAA").await.1["code"], "invalid_code");
    }
    for code in ["AAAAAAAAAAAAAAAA", "AAAAAA", &short] {
        let (status, problem) = ask("anna", code).await;
        assert_eq!((status, &problem["code"]), (429, &Value::from("too_many_wrong_codes")), "{code}");
        assert!(problem["detail"].as_str().unwrap().contains("whose full code still works"), "{problem}");
    }
    assert_eq!(ask("bert", &short).await.0, 201, "another customer");
    assert_eq!(bar.scan("anna").await.0, 201, "the full code is still accepted");
}
