//! Reading a shop: its settings, and its state in one call.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use adapters::error::AdapterError;
use adapters::shops::{ReadSettings, ReadShopState, ShopState, ShopTable};
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::{Rule, mock};
use domain::qr_code::QrKey;
use domain::shop::ShopSettings;
use serde_json::{Value, json};
use support::{Answer, Sent, always, done, dynamodb, n, once, s};

fn config() -> Value {
    json!({
        "eventId": s("shop"), "item": s("CONFIG"), "storeOpen": {"BOOL": true}, "menu": {"L": []}, "version": n(4),
        "drinksPerBarcode": n(5), "maxOrdersInQueue": n(6), "maxOrdersPerUser": n(2),
    })
}

fn configured() -> ShopSettings {
    ShopSettings {
        open: true,
        menu: vec![],
        drinks_per_barcode: 5,
        max_orders_in_queue: 6,
        max_orders_per_user: 2,
        version: 4,
    }
}

fn capacity_item(in_flight: i64) -> Value {
    json!({"eventId": s("shop"), "item": s("FLOOR"), "inFlight": n(in_flight)})
}

fn secret(base64: &str) -> Value {
    json!({"eventId": s("shop"), "item": s("SECRET"), "qrKey": {"B": base64}})
}

async fn settings(answer: Answer) -> (Result<ShopSettings, AdapterError>, Sent) {
    let (client, sent) = dynamodb(&[once(mock!(Client::get_item), answer)]);
    (ShopTable::new(client, "shops".into(), support::BUDGET).settings(&"shop".parse().unwrap()).await, sent)
}

async fn shop_state(answer: Answer) -> (Result<ShopState, AdapterError>, Sent) {
    shop_state_by(&[always(mock!(Client::batch_get_item), answer)]).await
}

async fn shop_state_by(rules: &[Rule]) -> (Result<ShopState, AdapterError>, Sent) {
    let (client, sent) = dynamodb(rules);
    (ShopTable::new(client, "shops".into(), support::BUDGET).shop_state(&"shop".parse().unwrap()).await, sent)
}

fn found(items: &[Value]) -> Answer {
    done(json!({"Responses": {"shops": items}, "UnprocessedKeys": {}}))
}

#[tokio::test]
async fn settings_are_read_consistently() {
    let (answer, sent) = settings(done(json!({"Item": config()}))).await;
    assert_eq!(answer.unwrap(), configured());
    let key = json!({"eventId": s("shop"), "item": s("CONFIG")});
    assert_eq!(sent.only(), json!({"TableName": "shops", "Key": key, "ConsistentRead": true}));
}

#[tokio::test]
async fn a_shop_that_was_never_edited_has_the_default_settings() {
    assert_eq!(settings(done(json!({}))).await.0.unwrap(), ShopSettings::default());
}

#[tokio::test]
async fn unreadable_settings_are_an_error_and_not_the_defaults() {
    let (answer, _) = settings(done(json!({"Item": {"item": s("CONFIG")}}))).await;
    assert!(matches!(answer, Err(AdapterError::Unreadable { .. })), "{answer:?}");
    support::distinguishes_retryable_from_failed(async |answer| settings(answer).await.0).await;
}

#[tokio::test]
async fn the_shop_state_is_read_consistently_in_one_call() {
    let key = format!("{}Bwc=", "BwcH".repeat(10));
    let (answer, sent) = shop_state(found(&[secret(&key), capacity_item(3), config()])).await;
    let expected = ShopState { settings: configured(), in_flight: 3, key: Some(QrKey::new([7; 32])) };
    assert_eq!(answer.unwrap(), expected);
    let keys = ["CONFIG", "FLOOR", "SECRET"].map(|item| json!({"eventId": s("shop"), "item": s(item)}));
    assert_eq!(sent.only(), json!({"RequestItems": {"shops": {"Keys": keys, "ConsistentRead": true}}}));
}

#[tokio::test]
async fn a_shop_that_was_never_opened_has_no_key_and_no_open_orders() {
    let expected = ShopState { settings: ShopSettings::default(), in_flight: 0, key: None };
    for nothing in [found(&[]), done(json!({}))] {
        assert_eq!(shop_state(nothing).await.0.unwrap(), expected);
    }
}

/// Answer to a read that leaves out these items.
fn unprocessed(items: &[Value], left: &[&str]) -> Answer {
    let keys: Vec<_> = left.iter().map(|item| json!({"eventId": s("shop"), "item": s(item)})).collect();
    let left = json!({"shops": {"Keys": keys, "ConsistentRead": true}});
    done(json!({"Responses": {"shops": items}, "UnprocessedKeys": left}))
}

#[tokio::test(start_paused = true)]
async fn unprocessed_keys_are_read_again_and_no_others() {
    let answers = [
        unprocessed(&[config()], &["FLOOR", "SECRET"]),
        unprocessed(&[capacity_item(3)], &["SECRET"]),
        found(&[secret(&format!("{}Bwc=", "BwcH".repeat(10)))]),
    ];
    let rules = answers.map(|answer| once(mock!(Client::batch_get_item), answer));
    let (answer, sent) = shop_state_by(&rules).await;
    let expected = ShopState { settings: configured(), in_flight: 3, key: Some(QrKey::new([7; 32])) };
    assert_eq!(answer.unwrap(), expected);
    let read = |request: &Value| request["RequestItems"]["shops"].clone();
    let left = |items: &[&str]| unprocessed(&[], items).1["UnprocessedKeys"]["shops"].clone();
    let sent = sent.all();
    assert_eq!([read(&sent[1]), read(&sent[2])], [left(&["FLOOR", "SECRET"]), left(&["SECRET"])]);
}

#[tokio::test(start_paused = true)]
async fn keys_that_stay_unprocessed_are_throttling_and_not_absence() {
    let (answer, sent) = shop_state(unprocessed(&[config()], &["SECRET"])).await;
    assert!(matches!(answer, Err(AdapterError::Throttled { .. })), "{answer:?}");
    assert!(sent.count() > 5, "{} attempts", sent.count());
}

#[tokio::test]
async fn an_unreadable_shop_state_is_an_error() {
    for broken in [secret("BwcH"), json!({"item": s("SECRET")}), json!({"item": s("CONFIG")})] {
        let (answer, _) = shop_state(found(&[broken])).await;
        assert!(matches!(answer, Err(AdapterError::Unreadable { .. })), "{answer:?}");
    }
    support::distinguishes_retryable_from_failed(async |answer| shop_state(answer).await.0).await;
}
