use std::collections::HashSet;

use aws_sdk_dynamodb::types::AttributeValue;
use client::wait;
use domain::order::OrderStatus;
use domain::qr_code::{self, GRACE, QrKey, Window};
use domain::timestamp::Timestamp;
use end_to_end::venue::{TestVenue, answered, refused};
use end_to_end::deadline;
use futures::future::join_all;

/// Time enough for a test that must not see the code change under it.
pub(crate) async fn away_from_the_end_of_a_window(secs: u64) {
    let now = bootstrap::now();
    let left = Window::at(now).ends_at().since(now);
    if left.as_secs() < secs {
        tokio::time::sleep(left).await;
    }
}

pub(crate) async fn a_double_tap_is_one_token_and_one_order(bar: TestVenue) {
    away_from_the_end_of_a_window(15).await;
    bar.limits(10, 10, 2).await;
    let anna = bar.customer("anna");
    let before = answered(bar.admin.qr_code(&bar.shop_id).await);
    let taps = join_all((0..4).map(|_| bar.scan_code(&anna, &before.code))).await;
    let scans: Vec<_> = taps.into_iter().map(answered).collect();
    assert_eq!(scans.iter().map(|scan| &scan.order_id).collect::<HashSet<_>>().len(), 1);
    // None is the first where the first answer was lost.
    assert!(scans.iter().filter(|scan| scan.first).count() <= 1);
    let order_id = &scans[0].order_id;
    answered(wait::order_is(&anna, order_id, OrderStatus::Created, deadline()).await);
    let after = answered(bar.admin.qr_code(&bar.shop_id).await);
    assert_eq!(after.available_tokens, before.available_tokens - 1);
    assert_eq!((bar.in_flight().await, bar.open_orders_of("anna").await), (1, 1));
    answered(wait::when_ready(deadline(), || anna.cancel(order_id, "")).await);
    bar.empty().await;
}

pub(crate) async fn forty_customers_race_for_ten_tokens(bar: TestVenue) {
    away_from_the_end_of_a_window(30).await;
    bar.limits(10, 100, 1).await;
    let code = answered(bar.admin.qr_code(&bar.shop_id).await).code;
    let customers: Vec<_> = (0..40).map(|number| bar.customer(&format!("racer-{number}"))).collect();
    let answers = join_all(customers.iter().map(|customer| bar.scan_code(customer, &code))).await;
    let mut orders = Vec::new();
    for (customer, answer) in customers.iter().zip(answers) {
        match answer {
            Ok(scan) => orders.push((customer, scan.order_id)),
            Err(error) => {
                let problem = refused::<()>(Err(error));
                assert_eq!((problem.status, problem.code.as_str()), (429, "no_tokens"));
                assert!(problem.retry_after.is_some_and(|after| after.as_secs() <= 301));
            }
        }
    }
    assert_eq!(orders.len(), 10, "exactly ten");
    assert_eq!(answered(bar.admin.qr_code(&bar.shop_id).await).available_tokens, 0);
    let created =
        orders.iter().map(|(customer, order_id)| wait::order_is(customer, order_id, OrderStatus::Created, deadline()));
    join_all(created).await.into_iter().for_each(|order| drop(answered(order)));
    assert_eq!(bar.in_flight().await, 10);
    let cancels =
        orders.iter().map(|(customer, order_id)| wait::when_ready(deadline(), || customer.cancel(order_id, "")));
    join_all(cancels).await.into_iter().for_each(answered);
    bar.empty().await;
}

pub(crate) async fn a_wrong_code_is_refused(bar: TestVenue) {
    let anna = bar.customer("anna");
    let mine = answered(bar.admin.qr_code(&bar.shop_id).await).code;
    for code in ["", "x", "AAAAAAAAAAAAAAAA", &mine.to_lowercase(), &format!("{mine}A"), &"A".repeat(2_000)] {
        let problem = refused(anna.scan(&bar.shop_id, code).await);
        assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_code"), "{code}");
    }
    let elsewhere = TestVenue::open(bar.world, false).await;
    let code = answered(elsewhere.admin.qr_code(&elsewhere.shop_id).await).code;
    assert_eq!(refused(anna.scan(&bar.shop_id, &code).await).code, "invalid_code");
    elsewhere.remove().await;
    assert_eq!(answered(bar.admin.qr_code(&bar.shop_id).await).available_tokens, 10);
}

/// A test cannot wait for the end of a window; it makes the codes of other windows with the shop's own key.
pub(crate) async fn a_code_is_good_for_its_window_and_fifteen_seconds(bar: TestVenue) {
    away_from_the_end_of_a_window(20).await;
    let anna = bar.customer("anna");
    let secret = bar.shop_item("SECRET").await.unwrap();
    let key = secret.get("qrKey").and_then(|key| AttributeValue::as_b(key).ok()).unwrap();
    let key = QrKey::try_from(key.as_ref()).unwrap();
    let code_at = |millis| qr_code::code(&key, &bar.shop_id, Window::at(Timestamp::from_millis(millis)));
    let now = bootstrap::now();
    let window = i64::try_from(qr_code::WINDOW.as_millis()).unwrap();
    assert_eq!(code_at(now.as_millis()), answered(bar.admin.qr_code(&bar.shop_id).await).code);
    for stale in [-2 * window, window] {
        assert_eq!(refused(anna.scan(&bar.shop_id, &code_at(now.as_millis() + stale)).await).code, "invalid_code");
    }
    let into_the_window = now.since(Window::at(now).starts_at());
    let last = anna.scan(&bar.shop_id, &code_at(now.as_millis() - window)).await;
    let margin = std::time::Duration::from_secs(5);
    if into_the_window > GRACE {
        assert_eq!(refused(last).code, "invalid_code");
    } else if into_the_window + margin < GRACE {
        let order_id = answered(last).order_id;
        answered(wait::order_is(&anna, &order_id, OrderStatus::Created, deadline()).await);
        answered(wait::when_ready(deadline(), || anna.cancel(&order_id, "")).await);
        bar.empty().await;
    }
}
