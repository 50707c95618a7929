use std::collections::HashSet;

use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use aws_sdk_dynamodb::types::AttributeValue;
use client::api::{Answer, Api};
use client::wait;
use domain::ids::OrderId;
use domain::order::OrderStatus;
use domain::qr_code::{self, GRACE, LEAD, QrKey, WINDOW, Window};
use domain::timestamp::Timestamp;
use end_to_end::deadline;
use end_to_end::venue::{TestVenue, answered, refused};
use futures::future::join_all;
use reqwest::Method;

use crate::window::in_one_window;

pub(crate) async fn a_double_tap_is_one_token_and_one_order(venue: TestVenue) {
    in_one_window(venue, |venue| async move {
        venue.limits(10, 10, 2).await;
        let anna = venue.customer("anna");
        let before = answered(venue.admin.qr_code(&venue.shop_id).await);
        let taps = join_all((0..4).map(|_| venue.scan_code(&anna, &before.code))).await;
        let scans: Vec<_> = taps.into_iter().map(answered).collect();
        assert_eq!(scans.iter().map(|scan| &scan.order_id).collect::<HashSet<_>>().len(), 1);
        // If the reply to the first scan was lost, no scan is answered as the first.
        assert!(scans.iter().filter(|scan| scan.first).count() <= 1);
        let order_id = &scans[0].order_id;
        answered(wait::order_is(&anna, order_id, OrderStatus::Created, deadline()).await);
        let after = answered(venue.admin.qr_code(&venue.shop_id).await);
        assert_eq!(after.available_tokens, before.available_tokens - 1);
        assert_eq!((venue.in_flight().await, venue.open_orders_of("anna").await), (1, 1));
        venue.cancel(&anna, order_id).await;
    })
    .await;
}

/// A customer may order again with the same code if the last order ended without a drink.
pub(crate) async fn a_customer_whose_orders_are_cancelled_has_three_attempts(venue: TestVenue) {
    in_one_window(venue, |venue| async move {
        venue.limits(2, 10, 1).await;
        let anna = venue.customer("anna");
        let code = answered(venue.admin.qr_code(&venue.shop_id).await).code;
        let mut ids = HashSet::new();
        for attempt in 1..=3 {
            let order_id = answered(venue.scan_code(&anna, &code).await).order_id;
            assert!(ids.insert(order_id.clone()), "attempt {attempt} repeats the order {order_id}");
            answered(wait::order_is(&anna, &order_id, OrderStatus::Created, deadline()).await);
            assert_eq!(
                answered(venue.scan_code(&anna, &code).await).order_id,
                order_id,
                "a repeated scan has the same order"
            );
            venue.cancel(&anna, &order_id).await;
        }
        let problem = refused(anna.scan(&venue.shop_id, &code).await);
        assert_eq!((problem.status, problem.code.as_str()), (429, "too_many_attempts"));
        assert!(problem.retry_after.is_some_and(|after| after.as_secs() <= 301));
        assert_eq!(answered(venue.admin.qr_code(&venue.shop_id).await).available_tokens, 1, "one place is taken");
        let next = venue.choosing(&venue.customer("bert")).await;
        venue.cancel(&venue.barista, &next).await;
    })
    .await;
}

pub(crate) async fn a_customer_with_an_open_order_is_refused_by_the_validator(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id: OrderId = format!("{}-open", venue.shop_id).parse().unwrap();
    venue.publish("Validator.NewOrder", &venue.new_order(&order_id, "anna")).await;
    answered(wait::order_is(&anna, &order_id, OrderStatus::Created, deadline()).await);
    let before = answered(venue.admin.qr_code(&venue.shop_id).await).available_tokens;
    let problem = refused(venue.scan(&anna).await);
    assert_eq!((problem.status, problem.code.as_str()), (409, "customer_limit"));
    assert_eq!(answered(venue.admin.qr_code(&venue.shop_id).await).available_tokens, before, "no token was taken");
    venue.cancel(&anna, &order_id).await;
}

pub(crate) async fn a_new_code_makes_the_earlier_code_invalid(venue: TestVenue) {
    in_one_window(venue, |venue| async move {
        venue.limits(1, 10, 1).await;
        let before = answered(venue.admin.qr_code(&venue.shop_id).await);
        let order_id = venue.choosing(&venue.customer("anna")).await;
        let shop = answered(venue.barista.open_with_new_code(&venue.shop_id).await);
        assert_eq!(shop.settings.state.code_version, 1);
        let bert = venue.customer("bert");
        assert_eq!(refused(bert.scan(&venue.shop_id, &before.code).await).code, "invalid_code");
        let after = answered(venue.admin.qr_code(&venue.shop_id).await);
        assert_ne!(after.code, before.code);
        assert_eq!(after.available_tokens, 1, "the new code has its own bucket");
        venue.cancel(&venue.barista, &order_id).await;
        let next = venue.choosing(&bert).await;
        venue.cancel(&bert, &next).await;
    })
    .await;
}

pub(crate) async fn forty_customers_race_for_ten_tokens(venue: TestVenue) {
    in_one_window(venue, |venue| async move {
        venue.limits(10, 100, 1).await;
        let code = answered(venue.admin.qr_code(&venue.shop_id).await).code;
        let customers: Vec<_> = (0..40).map(|number| venue.customer(&format!("racer-{number}"))).collect();
        let answers = join_all(customers.iter().map(|customer| venue.scan_code(customer, &code))).await;
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
        assert_eq!(orders.len(), 10, "number of accepted scans");
        assert_eq!(answered(venue.admin.qr_code(&venue.shop_id).await).available_tokens, 0);
        let created =
            orders.iter().map(|(customer, id)| wait::order_is(customer, id, OrderStatus::Created, deadline()));
        join_all(created).await.into_iter().for_each(|order| drop(answered(order)));
        assert_eq!(venue.in_flight().await, 10);
        join_all(orders.iter().map(|(customer, order_id)| venue.cancel(customer, order_id))).await;
    })
    .await;
}

pub(crate) async fn a_wrong_code_is_refused(venue: TestVenue) {
    let anna = venue.customer("anna");
    let shown = answered(venue.admin.qr_code(&venue.shop_id).await).code;
    for code in ["", "x", "AAAAAAAAAAAAAAAA", &shown.to_lowercase(), &format!("{shown}A"), &"A".repeat(2_000)] {
        let problem = refused(anna.scan(&venue.shop_id, code).await);
        assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_code"), "{code}");
    }
    let other = TestVenue::open(venue.world, false).await;
    let code = answered(other.admin.qr_code(&other.shop_id).await).code;
    assert_eq!(refused(anna.scan(&venue.shop_id, &code).await).code, "invalid_code");
    other.remove().await;
    assert_eq!(answered(venue.admin.qr_code(&venue.shop_id).await).available_tokens, 10);
}

/// Computes the codes of a shop in any window, with the shop's key.
struct Codes<'a> {
    venue: &'a TestVenue,
    key: QrKey,
}

impl<'a> Codes<'a> {
    async fn of(venue: &'a TestVenue) -> Self {
        let secret = venue.shop_item("SECRET").await.unwrap();
        let key = secret.get("qrKey").and_then(|key| AttributeValue::as_b(key).ok()).unwrap();
        Self { venue, key: QrKey::try_from(key.as_ref()).unwrap() }
    }

    fn code(&self, window: Window) -> String {
        qr_code::code(&self.key, &self.venue.shop_id, window)
    }

    /// Scans the code of the window that is `offset` windows from the current one. Also returns
    /// true if the code was valid throughout the request by the server's clock, false if it was
    /// invalid throughout, and `None` if its validity changed meanwhile.
    async fn scan(&self, customer: &Api, offset: i64) -> (Answer, Option<bool>) {
        let shop = self.venue.shop_id.as_str();
        let display = self.venue.admin.request(Method::GET, "/qr-code").query(&[("eventId", shop)]);
        let before = server_time(&answered(self.venue.admin.send(display).await));
        let window = Window::at(shifted(before, i64::try_from(WINDOW.as_millis()).unwrap() * offset));
        let query = [("eventId", shop), ("token", &self.code(window))];
        let answer = answered(customer.send(customer.request(Method::POST, "/qr-code").query(&query)).await);
        // The header `date` has no milliseconds.
        let after = shifted(server_time(&answer), 999);
        let valid = |time: Timestamp| {
            time < window.ends_at().plus(GRACE)
                && (time >= window.starts_at() || window.starts_at().since(time) <= LEAD)
        };
        (answer, Some(valid(before)).filter(|before| *before == valid(after)))
    }
}

fn shifted(time: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(time.as_millis() + millis)
}

/// Returns the time at which the server answered, to the second.
fn server_time(answer: &Answer) -> Timestamp {
    let date = answer.headers["date"].to_str().unwrap();
    let date = DateTime::from_str(date, DateTimeFormat::HttpDate).unwrap();
    Timestamp::from_millis(date.to_millis().unwrap())
}

/// Scans the codes of other windows instead of waiting until a window ends.
pub(crate) async fn a_code_is_valid_from_5_s_before_to_15_s_after_its_window(venue: TestVenue) {
    let (anna, codes) = (venue.customer("anna"), Codes::of(&venue).await);
    let shown = answered(venue.admin.qr_code(&venue.shop_id).await);
    assert_eq!(shown.code, codes.code(Window::at(shifted(shown.expires_at, -1))));
    for offset in [-2, -1, 1] {
        let (answer, valid) = loop {
            let (answer, valid) = codes.scan(&anna, offset).await;
            if let Some(valid) = valid {
                break (answer, valid);
            }
        };
        if valid {
            assert!(matches!(answer.status, 200 | 201), "window {offset}: {}", answer.body);
            let order_id: OrderId = answered(answer.json())["orderId"].as_str().unwrap().parse().unwrap();
            answered(wait::order_is(&anna, &order_id, OrderStatus::Created, deadline()).await);
            venue.cancel(&anna, &order_id).await;
        } else {
            assert_eq!(refused::<()>(Err(answered(answer.problem()).into())).code, "invalid_code", "window {offset}");
        }
    }
}
