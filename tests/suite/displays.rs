use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use client::api::Api;
use client::wait;
use domain::credential::DisplaySecret;
use domain::display::{DisplayState, NewDisplay};
use domain::order::OrderStatus;
use end_to_end::venue::{TestVenue, answered, refused};
use end_to_end::{deadline, eventually};
use futures::future::join_all;
use reqwest::Method;
use serde_json::Value;

fn as_display(venue: &TestVenue, secret: &str) -> Api {
    venue.anonymous.with_token(secret)
}

/// Reads the code and the board with `secret`. Returns the status of the answers, which must be the
/// same.
async fn reads(venue: &TestVenue, secret: &str) -> u16 {
    let display = as_display(venue, secret);
    let mut statuses = Vec::new();
    for path in ["/qr-code", "/board"] {
        let request = display.request(Method::GET, path).query(&[("eventId", venue.shop_id.as_str())]);
        statuses.push(answered(display.send(request).await).status);
    }
    assert_eq!(statuses[0], statuses[1], "code and board");
    statuses[0]
}

/// The sort key of the display's item.
fn item(secret: &str) -> String {
    format!("DISPLAY#{}", secret.parse::<DisplaySecret>().unwrap().hash())
}

fn code(offered: &NewDisplay) -> &str {
    offered.pairing_code.as_ref().unwrap().as_str()
}

fn code_of<T: std::fmt::Debug>(answer: Result<T, client::Error>) -> (u16, String) {
    let problem = refused(answer);
    (problem.status, problem.code)
}

pub(crate) async fn a_screen_pairs_and_reads_its_shop_until_it_is_revoked(venue: TestVenue) {
    let shop = &venue.shop_id;
    let offered = answered(venue.anonymous.pair_display(shop).await);
    let code = code(&offered);
    assert_eq!(reads(&venue, &offered.secret).await, 401, "a display that is not activated reads nothing");
    let barista = venue.barista.activate_display(shop, code, "Entrance").await;
    assert_eq!(code_of(barista), (403, "forbidden".into()));
    let wrong = venue.admin.activate_display(shop, "ZZZZZZ", "Entrance").await;
    assert_eq!(code_of(wrong), (404, "pairing_not_found".into()));
    let display = answered(venue.admin.activate_display(shop, code, "Entrance").await);
    assert_eq!((&display.display.display_id, display.state), (&offered.display_id, DisplayState::Active));
    let again = venue.admin.activate_display(shop, code, "Entrance").await;
    assert_eq!(code_of(again), (409, "pairing_used".into()));

    assert_eq!(reads(&venue, &offered.secret).await, 200);
    let elsewhere = venue.at(format!("{shop}-b").parse().unwrap());
    assert_eq!(reads(&elsewhere, &offered.secret).await, 401, "a display reads no other shop");
    let screen = as_display(&venue, &offered.secret);
    // Between the two requests a window may end.
    eventually("display and barista see one code", || async {
        let shown = answered(screen.qr_code(shop).await).code;
        (shown == answered(venue.barista.qr_code(shop).await).code).then_some(())
    })
    .await;
    assert_eq!(answered(venue.admin.displays(shop).await), [display]);
    let query = [("eventId", shop.as_str())];
    for path in ["/myOrders", "/orders", "/displays"] {
        let request = screen.request(Method::GET, path).query(&query);
        assert_eq!(answered(screen.send(request).await).status, 403, "{path}");
    }
    for (method, path) in [(Method::POST, "/qr-code"), (Method::PUT, "/store"), (Method::POST, "/displays")] {
        let request = screen.request(method, path).query(&query);
        assert_eq!(answered(screen.send(request).await).status, 403, "{path}");
    }

    for _ in 0..2 {
        answered(venue.admin.revoke_display(shop, &offered.display_id).await);
        assert_eq!(reads(&venue, &offered.secret).await, 401);
    }
    assert_eq!(code_of(venue.admin.activate_display(shop, code, "x").await).0, 409);
    assert!(answered(venue.admin.displays(shop).await).is_empty());
}

pub(crate) async fn an_admin_creates_a_display_whose_secret_is_stored_nowhere(venue: TestVenue) {
    let created = answered(venue.admin.create_display(&venue.shop_id, None).await);
    let offered = answered(venue.anonymous.pair_display(&venue.shop_id).await);
    assert_eq!(reads(&venue, &created.secret).await, 200);
    let query = venue.dynamodb.query().table_name(&venue.stack.shop_table).key_condition_expression("eventId = :shop");
    let query = query.expression_attribute_values(":shop", AttributeValue::S(venue.shop_id.to_string()));
    let items = format!("{:?}", query.send().await.unwrap().items());
    assert!(items.contains(&item(&created.secret)), "{items}");
    let list = venue.admin.request(Method::GET, "/displays").query(&[("eventId", venue.shop_id.as_str())]);
    let listed = answered(venue.admin.send(list).await).body;
    for secret in [&created.secret, &offered.secret] {
        assert!(!items.contains(&secret[8..]), "the table holds a secret");
        assert!(!listed.contains(&secret[8..]) && !listed.contains(&item(secret)[8..]), "the list shows a secret");
    }
}

pub(crate) async fn an_expired_display_or_pairing_code_is_refused(venue: TestVenue) {
    let past = || AttributeValue::S("2026-01-01T00:00:00.000Z".into());
    let created = answered(venue.admin.create_display(&venue.shop_id, Some("Entrance")).await);
    venue.set_shop(&item(&created.secret), "expiresAt", past()).await;
    assert_eq!(reads(&venue, &created.secret).await, 401);
    assert_eq!(answered(venue.admin.displays(&venue.shop_id).await)[0].state, DisplayState::Expired);
    let offered = answered(venue.anonymous.pair_display(&venue.shop_id).await);
    venue.set_shop(&format!("PAIRING#{}", code(&offered)), "expiresAt", past()).await;
    let late = venue.admin.activate_display(&venue.shop_id, code(&offered), "x").await;
    assert_eq!(code_of(late), (410, "pairing_expired".into()));
    assert_eq!(reads(&venue, &offered.secret).await, 401);
}

pub(crate) async fn admins_who_enter_one_code_at_once_activate_one_display(venue: TestVenue) {
    let offered = answered(venue.anonymous.pair_display(&venue.shop_id).await);
    let entered = (0..4).map(|_| venue.admin.activate_display(&venue.shop_id, code(&offered), "Entrance"));
    let answers = join_all(entered).await;
    let (done, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    // None succeeds if the reply to the first request was lost and the client sent it again.
    assert!(done.len() <= 1, "{done:?}");
    for other in others {
        assert_eq!(code_of(other), (409, "pairing_used".into()));
    }
    assert_eq!(answered(venue.admin.displays(&venue.shop_id).await).len(), 1);
}

pub(crate) async fn the_board_shows_numbers_but_no_order_id_and_no_person(venue: TestVenue) {
    let secret = answered(venue.admin.create_display(&venue.shop_id, None).await).secret;
    let display = as_display(&venue, &secret);
    assert_eq!(answered(display.board(&venue.shop_id).await).waiting_seconds, None);
    let anna = venue.customer("anna");
    let order_id = venue.queued(&anna).await;
    answered(wait::when_ready(deadline(), || venue.barista.make(&order_id)).await);
    let number = venue.order(&order_id).await.order_number.unwrap();
    // The index is eventually consistent.
    eventually("the order is on the board", || async {
        let board = answered(display.board(&venue.shop_id).await);
        (board.making.first()?.number == number && board.ready.is_empty()).then_some(())
    })
    .await;
    answered(wait::when_ready(deadline(), || venue.barista.complete(&order_id)).await);
    answered(wait::order_is(&anna, &order_id, OrderStatus::Completed, deadline()).await);
    let called = answered(venue.barista.call_customer(&order_id).await).called_at;
    let board = eventually("the order is ready and called", || async {
        let request = display.request(Method::GET, "/board").query(&[("eventId", venue.shop_id.as_str())]);
        let board = answered(answered(display.send(request).await).json());
        let is_called = board["ready"][0]["calledAt"] == called.to_string();
        (is_called && board["making"] == Value::Array(vec![])).then_some(board)
    })
    .await;
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let expected = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let members = ["eventId", "storeOpen", "storeFull", "making", "ready"];
    assert_eq!(keys(&board), expected(&members));
    assert_eq!(keys(&board["ready"][0]), expected(&["number", "drink", "since", "calledAt"]));
    assert_eq!(board["ready"][0]["number"], number);
    let text = board.to_string();
    assert!(!text.contains(order_id.as_str()) && !text.contains("anna") && !text.contains("barista"), "{text}");
}
