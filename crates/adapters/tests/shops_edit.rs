//! Tests changes of a shop: each is one transaction, under the condition that no other change was
//! made meanwhile.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use adapters::error::AdapterError;
use adapters::shops::{EditShop, Edited, ShopTable};
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::mock;
use domain::shop::{NotOnMenu, SettingsEdit, ShopChange};
use serde_json::{Value, json};
use support::{Answer, Sent, cancelled, done, dynamodb, n, once, s};

/// More tries than the budget allows.
const TRIES: usize = 200;
const LOST: [&str; 2] = ["ConditionalCheckFailed", "None"];

fn state_item(version: i64) -> Value {
    json!({
        "eventId": s("shop"), "item": s("STATE"), "storeOpen": {"BOOL": false}, "version": n(version),
        "drinksPerBarcode": n(5), "maxOrdersInQueue": n(6), "maxOrdersPerUser": n(2), "customerSignIn": s("guest"),
        "codeVersion": n(3),
    })
}

fn config_item() -> Value {
    json!({"eventId": s("shop"), "item": s("CONFIG"), "menu": {"L": [latte()]}, "links": {"L": []}})
}

fn latte() -> Value {
    json!({"M": {"drink": s("Latte"), "icon": s("latte"), "available": {"BOOL": true}, "modifiers": {"L": []}}})
}

fn secret() -> Value {
    json!({"eventId": s("shop"), "item": s("SECRET"), "qrKey": {"B": format!("{}Bwc=", "BwcH".repeat(10))}})
}

/// Returns the answers to the two reads of a change: of the state, then of the other items.
fn found(items: &[Value]) -> Vec<Answer> {
    let (state, others): (Vec<Value>, _) = items.iter().cloned().partition(|item| item["item"] == s("STATE"));
    [state, others].map(|items| done(json!({"Responses": {"shops": items}, "UnprocessedKeys": {}}))).to_vec()
}

fn stored() -> Vec<Answer> {
    found(&[state_item(4), config_item(), secret()])
}

/// Makes a change. The pairs are the answers to the reads and to the transaction of each try.
async fn change(
    change: &ShopChange,
    expected: Option<u64>,
    tries: &[(Vec<Answer>, Option<Answer>)],
) -> (Result<Edited, AdapterError>, Sent) {
    let mut rules = Vec::new();
    for (reads, written) in tries {
        rules.extend(reads.iter().map(|read| once(mock!(Client::batch_get_item), read.clone())));
        rules.extend(written.iter().map(|written| once(mock!(Client::transact_write_items), written.clone())));
    }
    let (client, sent) = dynamodb(&rules);
    (
        ShopTable::new(client, "shops".into(), support::BUDGET).edit(&"shop".parse().unwrap(), change, expected).await,
        sent,
    )
}

fn limit() -> ShopChange {
    ShopChange::Edit(Box::new(SettingsEdit { max_orders_in_queue: Some(12), ..SettingsEdit::default() }))
}

/// Returns the puts of the transaction that a change sends after it read the shop once.
async fn written(made: &ShopChange, read: Vec<Answer>) -> Vec<Value> {
    let (answer, sent) = change(made, None, &[(read, Some(done(json!({}))))]).await;
    assert!(matches!(answer.unwrap(), Edited::Done(_)));
    let all = sent.all();
    assert_eq!(all.len(), 3);
    all[2]["TransactItems"].as_array().unwrap().iter().map(|item| item["Put"].clone()).collect()
}

#[tokio::test]
async fn an_edit_of_limits_writes_the_state_alone_and_keeps_the_other_settings() {
    let puts = written(&limit(), stored()).await;
    let mut item = state_item(5);
    item["maxOrdersInQueue"] = n(12);
    let put = json!({
        "TableName": "shops", "Item": item, "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"}, "ExpressionAttributeValues": {":version": n(4)},
    });
    assert_eq!(puts, [put]);
}

#[tokio::test]
async fn an_edit_of_the_menu_writes_menu_and_version_together() {
    let sold_out = ShopChange::SetAvailable { drink: "Latte".parse().unwrap(), available: false };
    let puts = written(&sold_out, stored()).await;
    assert_eq!(puts.len(), 2);
    assert_eq!(puts[0]["Item"], state_item(5));
    assert_eq!(puts[1]["Item"]["item"], s("CONFIG"));
    assert_eq!(puts[1]["Item"]["menu"]["L"][0]["M"]["available"], json!({"BOOL": false}));
}

#[tokio::test]
async fn the_first_edit_writes_the_default_menu_and_leaves_the_shop_closed() {
    let puts = written(&limit(), found(&[])).await;
    assert_eq!(puts.len(), 2);
    assert_eq!(puts[0]["ConditionExpression"], "attribute_not_exists(#version)");
    assert_eq!((&puts[0]["Item"]["storeOpen"], &puts[0]["Item"]["version"]), (&json!({"BOOL": false}), &n(1)));
    assert!(puts[1]["Item"]["menu"]["L"].as_array().unwrap().len() > 3);
}

#[tokio::test]
async fn an_edit_of_a_shop_that_an_earlier_program_version_stored_keeps_its_settings() {
    let mut previous = state_item(4);
    previous["item"] = s("CONFIG");
    previous["menu"] = json!({"L": [latte()]});
    for added in ["customerSignIn", "codeVersion"] {
        previous.as_object_mut().unwrap().remove(added).unwrap();
    }
    let puts = written(&limit(), found(&[previous, secret()])).await;
    assert_eq!(puts.len(), 1, "the menu is not written");
    assert_eq!(puts[0]["ConditionExpression"], "attribute_not_exists(#version)");
    assert_eq!((&puts[0]["Item"]["version"], &puts[0]["Item"]["drinksPerBarcode"]), (&n(5), &n(5)));
}

#[tokio::test]
async fn the_first_opening_creates_a_key_and_later_ones_keep_it() {
    let open = ShopChange::Open { new_code: false };
    let mut keys = Vec::new();
    for _ in 0..2 {
        let puts = written(&open, found(&[state_item(4), config_item()])).await;
        assert_eq!(puts.len(), 2);
        assert_eq!((&puts[0]["Item"]["storeOpen"], &puts[1]["Item"]["item"]), (&json!({"BOOL": true}), &s("SECRET")));
        keys.push(puts[1]["Item"]["qrKey"]["B"].as_str().unwrap().to_owned());
    }
    assert_ne!(keys[0], keys[1]);
    // Base64 of 32 bytes has 44 characters.
    assert!(keys.iter().all(|key| key.len() == 44));
    assert_eq!(written(&open, stored()).await.len(), 1);
    assert_eq!(written(&ShopChange::Close, found(&[state_item(4), config_item()])).await.len(), 1);
}

#[tokio::test]
async fn opening_with_a_new_code_replaces_the_key_and_increments_the_code_version() {
    let puts = written(&ShopChange::Open { new_code: true }, stored()).await;
    assert_eq!(puts.len(), 2);
    assert_eq!(puts[0]["Item"]["codeVersion"], n(4));
    assert_eq!(puts[1]["Item"]["item"], s("SECRET"));
    assert_ne!(puts[1]["Item"]["qrKey"], secret()["qrKey"]);
}

#[tokio::test]
async fn an_edit_reads_the_state_consistently_before_the_other_items() {
    let (_, sent) = change(&limit(), Some(3), &[(stored(), None)]).await;
    let read = |names: &[&str]| {
        let keys: Vec<Value> = names.iter().map(|name| json!({"eventId": s("shop"), "item": s(name)})).collect();
        json!({"RequestItems": {"shops": {"Keys": keys, "ConsistentRead": true}}})
    };
    assert_eq!(sent.all(), [read(&["STATE"]), read(&["CONFIG", "SECRET"])]);
}

#[tokio::test(start_paused = true)]
async fn a_contended_change_is_applied_to_the_settings_that_are_read_again() {
    let again = found(&[state_item(5), config_item(), secret()]);
    let tries = [(stored(), Some(cancelled(&LOST))), (again, Some(done(json!({}))))];
    let (answer, sent) = change(&limit(), None, &tries).await;
    let Edited::Done(settings) = answer.unwrap() else { unreachable!("expected Done") };
    assert_eq!((settings.state.version, settings.state.max_orders_in_queue), (6, 12));
    assert_eq!(sent.all()[5]["TransactItems"][0]["Put"]["ExpressionAttributeValues"][":version"], n(5));
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_cancelled_at_each_try_ends_as_contended_or_throttled() {
    for (reason, throttled) in [
        ("ConditionalCheckFailed", false),
        ("TransactionConflict", false),
        ("ThrottlingError", true),
        ("ProvisionedThroughputExceeded", true),
    ] {
        let tries = vec![(stored(), Some(cancelled(&[reason, "None"]))); TRIES];
        let (answer, sent) = change(&limit(), None, &tries).await;
        let as_expected = match answer {
            Err(AdapterError::Throttled { .. }) => throttled,
            Err(AdapterError::Contended { .. }) => !throttled,
            _ => false,
        };
        assert!(as_expected, "{reason}: {answer:?}");
        assert!(sent.count() > 10, "{reason}: {} calls", sent.count());
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_applies_only_to_the_expected_version() {
    let (answer, _) = change(&limit(), Some(4), &[(stored(), Some(done(json!({}))))]).await;
    assert!(matches!(answer.unwrap(), Edited::Done(_)));
    let (answer, sent) = change(&limit(), Some(3), &[(stored(), None)]).await;
    assert_eq!((answer.unwrap(), sent.count()), (Edited::Stale, 2));
    let again = (found(&[state_item(5), config_item(), secret()]), None);
    let (answer, _) = change(&limit(), Some(4), &[(stored(), Some(cancelled(&LOST))), again]).await;
    assert_eq!(answer.unwrap(), Edited::Stale, "the version changed between read and write");
}

#[tokio::test]
async fn a_drink_that_the_menu_does_not_have_changes_nothing() {
    let tea = ShopChange::SetAvailable { drink: "Tea".parse().unwrap(), available: true };
    let (answer, sent) = change(&tea, None, &[(stored(), None)]).await;
    assert_eq!((answer.unwrap(), sent.count()), (Edited::NotOnMenu(NotOnMenu("Tea".parse().unwrap())), 2));
}

#[tokio::test(start_paused = true)]
async fn a_failed_call_is_an_error() {
    let read = async |answer| change(&limit(), None, &vec![(vec![answer], None); TRIES]).await.0;
    support::distinguishes_retryable_from_failed(read).await;
    let state = &stored()[0];
    let second_read = async |answer| change(&limit(), None, &vec![(vec![state.clone(), answer], None); TRIES]).await.0;
    support::distinguishes_retryable_from_failed(second_read).await;
    let write = async |answer| change(&limit(), None, &vec![(stored(), Some(answer)); TRIES]).await.0;
    support::distinguishes_retryable_from_failed(write).await;
}
