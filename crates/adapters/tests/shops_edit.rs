//! Editing a shop: updates only, so that an edit cannot reset a setting that it does not name.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::BTreeMap;

use adapters::error::AdapterError;
use adapters::shops::{EditSettings, Edited, ShopTable};
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::mock;
use domain::menu::MenuItem;
use domain::shop::{SettingsEdit, ShopSettings};
use serde_json::{Value, json};
use support::{Answer, BUSY, Sent, always, done, dynamodb, error, n, once, refused, s};

/// Answers to updates, of which the last is repeated; any other call has no answer.
fn table(answers: &[Answer]) -> (ShopTable, Sent) {
    let (last, first) = answers.split_last().unwrap();
    let mut rules: Vec<_> = first.iter().map(|answer| once(mock!(Client::update_item), answer.clone())).collect();
    rules.push(always(mock!(Client::update_item), last.clone()));
    let (client, sent) = dynamodb(&rules);
    (ShopTable::new(client, "shops".into(), support::BUDGET), sent)
}

fn edited() -> Answer {
    done(json!({"Attributes": {
        "eventId": s("shop"), "item": s("CONFIG"), "storeOpen": {"BOOL": true}, "menu": {"L": []}, "version": n(5),
        "drinksPerBarcode": n(5), "maxOrdersInQueue": n(6), "maxOrdersPerUser": n(2),
    }}))
}

async fn edit(edit: &SettingsEdit, expected: Option<u64>, answer: Answer) -> (Result<Edited, AdapterError>, Sent) {
    let (table, sent) = table(&[answer]);
    (table.edit(&"shop".parse().unwrap(), edit, expected).await, sent)
}

async fn set_open(open: bool, answers: &[Answer]) -> (Result<ShopSettings, AdapterError>, Sent) {
    let (table, sent) = table(answers);
    (table.set_open(&"shop".parse().unwrap(), open).await, sent)
}

/// Attributes that an update sets, by name.
fn set(update: &Value) -> BTreeMap<&str, String> {
    let names = &update["ExpressionAttributeNames"];
    let assignments = update["UpdateExpression"].as_str().unwrap().strip_prefix("SET ").unwrap();
    // Splits at the commas between assignments, not at those within `if_not_exists`.
    assignments
        .split(", #")
        .map(|assignment| {
            let (name, value) = assignment.split_once(" = ").unwrap();
            let name = names[format!("#{}", name.trim_start_matches('#'))].as_str().unwrap();
            (name, value.to_owned())
        })
        .collect()
}

fn kept(name: &str) -> String {
    format!("if_not_exists(#{name}, :{name})")
}

const NAMES: [&str; 5] = ["storeOpen", "menu", "drinksPerBarcode", "maxOrdersInQueue", "maxOrdersPerUser"];

fn assert_sets_only(update: &Value, named: &[&str]) {
    assert_eq!(update["TableName"], "shops");
    assert_eq!(update["Key"], json!({"eventId": s("shop"), "item": s("CONFIG")}));
    assert_eq!(update["ReturnValues"], "ALL_NEW");
    let value_of = |name: &str| if named.contains(&name) { format!(":{name}") } else { kept(name) };
    let mut expected: BTreeMap<&str, String> = NAMES.iter().map(|name| (*name, value_of(name))).collect();
    expected.insert("version", "if_not_exists(#version, :zero) + :one".into());
    assert_eq!(set(update), expected);
    assert_eq!(
        (&update["ExpressionAttributeValues"][":zero"], &update["ExpressionAttributeValues"][":one"]),
        (&n(0), &n(1))
    );
}

#[tokio::test]
async fn an_edit_leaves_other_settings_unchanged_and_increments_the_version() {
    let (answer, sent) = edit(&SettingsEdit::default(), None, edited()).await;
    assert!(matches!(answer.unwrap(), Edited::Done(_)));
    assert_sets_only(&sent.only(), &[]);
}

#[tokio::test]
async fn an_edit_writes_the_settings_that_it_names() {
    let espresso = MenuItem { drink: "Espresso".into(), icon: "cup".into(), available: false, modifiers: vec![] };
    let all = SettingsEdit {
        menu: Some(vec![espresso]),
        drinks_per_barcode: Some(11),
        max_orders_in_queue: Some(12),
        max_orders_per_user: Some(13),
    };
    let (_, sent) = edit(&all, None, edited()).await;
    let update = sent.only();
    assert_sets_only(&update, &["menu", "drinksPerBarcode", "maxOrdersInQueue", "maxOrdersPerUser"]);
    let values = &update["ExpressionAttributeValues"];
    let espresso = json!({"M": {
        "drink": s("Espresso"), "icon": s("cup"), "available": {"BOOL": false}, "modifiers": {"L": []},
    }});
    assert_eq!(values[":menu"], json!({"L": [espresso]}));
    assert_eq!(values[":drinksPerBarcode"], n(11));
    assert_eq!(values[":maxOrdersInQueue"], n(12));
    assert_eq!(values[":maxOrdersPerUser"], n(13));
}

#[tokio::test]
async fn missing_settings_are_written_with_their_defaults_and_the_shop_stays_closed() {
    let (_, sent) =
        edit(&SettingsEdit { drinks_per_barcode: Some(11), ..SettingsEdit::default() }, None, edited()).await;
    let update = sent.only();
    assert_sets_only(&update, &["drinksPerBarcode"]);
    let (values, default) = (&update["ExpressionAttributeValues"], ShopSettings::default());
    assert_eq!(values[":storeOpen"], json!({"BOOL": false}));
    assert_eq!(values[":maxOrdersInQueue"], n(default.max_orders_in_queue.into()));
    assert_eq!(values[":maxOrdersPerUser"], n(default.max_orders_per_user.into()));
    assert_eq!(values[":menu"]["L"].as_array().unwrap().len(), default.menu.len());
}

#[tokio::test]
async fn an_edit_applies_only_to_the_expected_version() {
    let condition = async |expected| edit(&SettingsEdit::default(), expected, edited()).await.1.only();
    let update = condition(Some(4)).await;
    assert_eq!(update["ConditionExpression"], "#version = :expected");
    assert_eq!(update["ExpressionAttributeValues"][":expected"], n(4));
    assert_eq!(condition(Some(0)).await["ConditionExpression"], "attribute_not_exists(#version)");
    assert_eq!(condition(None).await["ConditionExpression"], Value::Null);
}

#[tokio::test]
async fn an_edit_returns_the_current_settings() {
    let (answer, _) = edit(&SettingsEdit::default(), Some(4), edited()).await;
    let Edited::Done(settings) = answer.unwrap() else { unreachable!("the table took it") };
    let expected = ShopSettings {
        open: true,
        menu: vec![],
        drinks_per_barcode: 5,
        max_orders_in_queue: 6,
        max_orders_per_user: 2,
        version: 5,
    };
    assert_eq!(*settings, expected);
}

#[tokio::test]
async fn an_edit_of_an_outdated_version_is_stale() {
    let (answer, sent) = edit(&SettingsEdit::default(), Some(4), refused(None)).await;
    assert_eq!(answer.unwrap(), Edited::Stale);
    assert_eq!(sent.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_shop_is_edited_and_closed_while_admissions_hold_its_settings() {
    for code in BUSY {
        let (contended, _) = table(&[error(code), error(code), edited()]);
        let edited = contended.edit(&"shop".parse().unwrap(), &SettingsEdit::default(), Some(4)).await;
        assert!(matches!(edited, Ok(Edited::Done(_))), "{code}: {edited:?}");
    }
    let conflict = error("TransactionConflictException");
    let (closed, sent) = set_open(false, &[conflict.clone(), conflict.clone(), edited()]).await;
    assert!(closed.is_ok(), "{closed:?}");
    assert_eq!(sent.count(), 3);
    let (opened, sent) = set_open(true, &[conflict.clone(), done(json!({})), conflict, edited()]).await;
    assert!(opened.is_ok(), "{opened:?}");
    assert_eq!(sent.count(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_failed_edit_call_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| edit(&SettingsEdit::default(), None, answer).await.0)
        .await;
    let (answer, _) = edit(&SettingsEdit::default(), None, done(json!({}))).await;
    assert!(matches!(answer, Err(AdapterError::Unreadable { .. })), "{answer:?}");
}

#[tokio::test]
async fn opening_creates_a_key_that_later_openings_keep() {
    let mut keys = Vec::new();
    for _ in 0..2 {
        let (answer, sent) = set_open(true, &[done(json!({})), edited()]).await;
        assert!(answer.unwrap().open);
        let mut draw = sent.all()[0].clone();
        keys.push(draw["ExpressionAttributeValues"][":key"]["B"].take());
        let expected = json!({
            "TableName": "shops",
            "Key": {"eventId": s("shop"), "item": s("SECRET")},
            "UpdateExpression": "SET qrKey = if_not_exists(qrKey, :key)",
            "ExpressionAttributeValues": {":key": {"B": null}},
        });
        assert_eq!(draw, expected);
    }
    assert_ne!(keys[0], keys[1]);
    // Base64 of 32 bytes.
    assert!(keys.iter().all(|key| key.as_str().unwrap().len() == 44));
}

#[tokio::test]
async fn opening_and_closing_change_no_other_setting() {
    for (open, answers) in [(true, vec![done(json!({})), edited()]), (false, vec![edited()])] {
        let (answer, sent) = set_open(open, &answers).await;
        answer.unwrap();
        let sent = sent.all();
        assert_eq!(sent.len(), answers.len());
        let update = sent.last().unwrap();
        assert_sets_only(update, &["storeOpen"]);
        assert_eq!(update["ExpressionAttributeValues"][":storeOpen"], json!({"BOOL": open}));
        assert_eq!(update["ConditionExpression"], Value::Null);
    }
}

#[tokio::test(start_paused = true)]
async fn no_shop_opens_without_a_key() {
    support::distinguishes_retryable_from_failed(async |answer| {
        let (answer, sent) = set_open(true, &[answer]).await;
        assert!(sent.all().iter().all(|update| update["Key"]["item"] == s("SECRET")), "{:#?}", sent.all());
        answer
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_opening_or_closing_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| set_open(false, &[answer]).await.0).await;
    let (answer, _) = set_open(true, &[done(json!({})), refused(None)]).await;
    assert!(matches!(answer, Err(AdapterError::Contended { .. })), "{answer:?}");
    let (answer, _) = set_open(true, &[done(json!({})), error("ThrottlingException")]).await;
    assert!(matches!(answer, Err(AdapterError::Throttled { .. })), "{answer:?}");
}
