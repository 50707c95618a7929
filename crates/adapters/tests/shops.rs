//! Tests the shop table: reads of state, catalog, settings and scan context, and displays.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "shops/displays.rs"]
mod displays;
mod support;

use adapters::error::AdapterError;
use adapters::shops::{ReadLatestCatalog, ReadScanContext, ReadSettings, ReadShopState, ScanContext, ShopTable};
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::{Rule, mock};
use domain::qr_code::QrKey;
use domain::shop::{Catalog, CustomerSignIn, ShopSettings, ShopState};
use serde_json::{Value, json};
use support::{Answer, Sent, always, done, dynamodb, n, once, refused, s};

fn state_item() -> Value {
    json!({
        "eventId": s("shop"), "item": s("STATE"), "storeOpen": {"BOOL": true}, "version": n(4), "drinksPerBarcode": n(5),
        "maxOrdersInQueue": n(6), "maxOrdersPerUser": n(2), "customerSignIn": s("account"), "codeVersion": n(3),
    })
}

fn state() -> ShopState {
    ShopState {
        open: true,
        drinks_per_barcode: 5,
        max_orders_in_queue: 6,
        max_orders_per_user: 2,
        customer_sign_in: CustomerSignIn::Account,
        code_version: 3,
        version: 4,
    }
}

fn config_item() -> Value {
    json!({"eventId": s("shop"), "item": s("CONFIG"), "menu": {"L": []}, "links": {"L": []}})
}

/// Item of a shop that an earlier version of the program stored.
fn previous_item() -> Value {
    json!({
        "eventId": s("shop"), "item": s("CONFIG"), "storeOpen": {"BOOL": true}, "menu": {"L": []}, "version": n(4),
        "drinksPerBarcode": n(5), "maxOrdersInQueue": n(6), "maxOrdersPerUser": n(2),
    })
}

fn previous_state() -> ShopState {
    ShopState { customer_sign_in: CustomerSignIn::Guest, code_version: 0, ..state() }
}

fn empty_catalog() -> Catalog {
    Catalog { menu: vec![], ..Catalog::default() }
}

fn capacity_item(in_flight: i64) -> Value {
    json!({"eventId": s("shop"), "item": s("FLOOR"), "inFlight": n(in_flight)})
}

fn secret(base64: &str) -> Value {
    json!({"eventId": s("shop"), "item": s("SECRET"), "qrKey": {"B": base64}})
}

fn key() -> String {
    format!("{}Bwc=", "BwcH".repeat(10))
}

fn keys(items: &[&str]) -> Vec<Value> {
    items.iter().map(|item| json!({"eventId": s("shop"), "item": s(item)})).collect()
}

fn batch(answer: Answer) -> Rule {
    once(mock!(Client::batch_get_item), answer)
}

fn get(answer: Answer) -> Rule {
    once(mock!(Client::get_item), answer)
}

fn table(rules: &[Rule]) -> (ShopTable, Sent) {
    let (client, sent) = dynamodb(rules);
    (ShopTable::new(client, "shops".into(), support::BUDGET), sent)
}

async fn settings(answer: Answer) -> (Result<ShopSettings, AdapterError>, Sent) {
    let (table, sent) = table(&[batch(answer)]);
    (table.settings(&"shop".parse().unwrap()).await, sent)
}

async fn scan_context(rules: &[Rule]) -> (Result<ScanContext, AdapterError>, Sent) {
    let (table, sent) = table(rules);
    (table.scan_context(&"shop".parse().unwrap(), Some(&"anna".parse().unwrap())).await, sent)
}

fn found(items: &[Value]) -> Answer {
    done(json!({"Responses": {"shops": items}, "UnprocessedKeys": {}}))
}

#[tokio::test]
async fn settings_are_state_and_catalog_read_with_eventual_consistency() {
    let (answer, sent) = settings(found(&[config_item(), state_item()])).await;
    assert_eq!(answer.unwrap(), ShopSettings { state: state(), catalog: empty_catalog() });
    let keys = keys(&["STATE", "CONFIG"]);
    assert_eq!(sent.only(), json!({"RequestItems": {"shops": {"Keys": keys, "ConsistentRead": false}}}));
}

#[tokio::test]
async fn settings_that_an_earlier_program_version_stored_are_read() {
    let (answer, _) = settings(found(&[previous_item()])).await;
    assert_eq!(answer.unwrap(), ShopSettings { state: previous_state(), catalog: empty_catalog() });
    let (answer, _) = settings(found(&[previous_item(), state_item()])).await;
    assert_eq!(answer.unwrap().state, state(), "the item STATE takes precedence");
}

#[tokio::test]
async fn a_shop_that_was_never_edited_has_the_default_settings() {
    for nothing in [found(&[]), done(json!({}))] {
        assert_eq!(settings(nothing).await.0.unwrap(), ShopSettings::default());
    }
}

#[tokio::test]
async fn unreadable_settings_are_an_error_and_not_the_defaults() {
    for broken in [json!({"item": s("CONFIG")}), json!({"item": s("STATE")})] {
        let (answer, _) = settings(found(&[broken])).await;
        assert!(matches!(answer, Err(AdapterError::Unreadable { .. })), "{answer:?}");
    }
    support::distinguishes_retryable_from_failed(async |answer| settings(answer).await.0).await;
}

#[tokio::test]
async fn the_context_of_a_scan_is_read_in_one_call_without_the_menu() {
    let user = json!({"eventId": s("shop"), "item": s("USER#anna"), "openOrders": n(2)});
    let items = found(&[secret(&key()), capacity_item(3), user, state_item()]);
    let (answer, sent) = scan_context(&[batch(items)]).await;
    let key = Some(QrKey::new([7; 32]));
    assert_eq!(answer.unwrap(), ScanContext { state: state(), in_flight: 3, open_orders: 2, key });
    let keys = keys(&["STATE", "FLOOR", "SECRET", "USER#anna"]);
    assert_eq!(sent.only(), json!({"RequestItems": {"shops": {"Keys": keys, "ConsistentRead": false}}}));
}

#[tokio::test]
async fn the_context_of_a_shop_that_an_earlier_program_version_stored_is_read() {
    let rules = [batch(found(&[secret(&key())])), get(done(json!({"Item": previous_item()})))];
    let (answer, _) = scan_context(&rules).await;
    assert_eq!(answer.unwrap().state, previous_state());
}

#[tokio::test]
async fn a_shop_that_was_never_opened_has_no_key_and_no_open_orders() {
    let expected = ScanContext { state: ShopState::default(), in_flight: 0, open_orders: 0, key: None };
    for nothing in [found(&[]), done(json!({}))] {
        assert_eq!(scan_context(&[batch(nothing)]).await.0.unwrap(), expected);
    }
}

/// Returns the answer to a read that leaves out the items `left`.
fn unprocessed(items: &[Value], left: &[&str]) -> Answer {
    let left = json!({"shops": {"Keys": keys(left), "ConsistentRead": false}});
    done(json!({"Responses": {"shops": items}, "UnprocessedKeys": left}))
}

#[tokio::test(start_paused = true)]
async fn unprocessed_keys_are_read_again_and_no_others() {
    let answers = [
        unprocessed(&[state_item()], &["FLOOR", "SECRET"]),
        unprocessed(&[capacity_item(3)], &["SECRET"]),
        found(&[secret(&key())]),
    ];
    let (answer, sent) = scan_context(&answers.map(batch)).await;
    let expected = ScanContext { state: state(), in_flight: 3, open_orders: 0, key: Some(QrKey::new([7; 32])) };
    assert_eq!(answer.unwrap(), expected);
    let read = |request: &Value| request["RequestItems"]["shops"].clone();
    let left = |items: &[&str]| unprocessed(&[], items).1["UnprocessedKeys"]["shops"].clone();
    let sent = sent.all();
    assert_eq!([read(&sent[1]), read(&sent[2])], [left(&["FLOOR", "SECRET"]), left(&["SECRET"])]);
}

#[tokio::test(start_paused = true)]
async fn keys_that_stay_unprocessed_count_as_throttling_and_not_as_missing_items() {
    let partly = always(mock!(Client::batch_get_item), unprocessed(&[state_item()], &["SECRET"]));
    let (answer, sent) = scan_context(&[partly]).await;
    assert!(matches!(answer, Err(AdapterError::Throttled { .. })), "{answer:?}");
    assert!(sent.count() > 5, "{} attempts", sent.count());
}

#[tokio::test]
async fn an_unreadable_context_is_an_error() {
    for broken in [secret("BwcH"), json!({"item": s("SECRET")}), json!({"item": s("STATE")})] {
        let (answer, _) = scan_context(&[batch(found(&[broken]))]).await;
        assert!(matches!(answer, Err(AdapterError::Unreadable { .. })), "{answer:?}");
    }
    support::distinguishes_retryable_from_failed(async |answer| scan_context(&[batch(answer)]).await.0).await;
}

async fn read_state(rules: &[Rule]) -> (Result<ShopState, AdapterError>, Sent) {
    let (table, sent) = table(rules);
    (table.state(&"shop".parse().unwrap()).await, sent)
}

#[tokio::test]
async fn the_state_is_read_apart_from_the_menu() {
    let (answer, sent) = read_state(&[get(done(json!({"Item": state_item()})))]).await;
    assert_eq!(answer.unwrap(), state());
    let key = json!({"eventId": s("shop"), "item": s("STATE")});
    assert_eq!(sent.only(), json!({"TableName": "shops", "Key": key, "ConsistentRead": false}));
    let nothing = [get(done(json!({}))), get(done(json!({})))];
    assert_eq!(read_state(&nothing).await.0.unwrap(), ShopState::default());
}

#[tokio::test]
async fn a_state_that_an_earlier_program_version_stored_is_copied_to_the_item_state() {
    for copied in [done(json!({})), refused(None)] {
        let copy = once(mock!(Client::update_item), copied);
        let rules = [get(done(json!({}))), get(done(json!({"Item": previous_item()}))), copy];
        let (answer, sent) = read_state(&rules).await;
        assert_eq!(answer.unwrap(), previous_state());
        let update = sent.all().remove(2);
        assert_eq!(update["Key"], json!({"eventId": s("shop"), "item": s("STATE")}));
        assert_eq!(update["ConditionExpression"], "attribute_not_exists(#version)");
        assert_eq!(update["ExpressionAttributeValues"][":maxOrdersInQueue"], n(6));
    }
}

#[tokio::test]
async fn the_latest_catalog_is_read_consistently() {
    let (table, sent) = table(&[get(done(json!({"Item": config_item()})))]);
    assert_eq!(table.latest_catalog(&"shop".parse().unwrap()).await.unwrap(), empty_catalog());
    let key = json!({"eventId": s("shop"), "item": s("CONFIG")});
    assert_eq!(sent.only(), json!({"TableName": "shops", "Key": key, "ConsistentRead": true}));
}
