//! Tests displays and pairings in the shop table.

use crate::support::{Answer, BUDGET, Sent, always, cancelled, done, dynamodb, error, n, once, refused, s};
use adapters::error::AdapterError;
use adapters::shops::{FindDisplay, ManageDisplays, PairDisplay, ShopTable};
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::{Rule, mock};
use domain::credential::DisplaySecret;
use domain::display::{Display, PAIRING_LASTS, Pairing};
use domain::ids::ShopId;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const HASH: &str = "53d4ff85a0ebe53b3a1f2d6ec3e5ff6ba28e3ec9d1f4a2a3a1c96c2c9e9d9f00";

fn table(rules: &[Rule]) -> (ShopTable, Sent) {
    let (client, sent) = dynamodb(rules);
    (ShopTable::new(client, "shops".into(), BUDGET), sent)
}

fn shop() -> ShopId {
    "shop".parse().unwrap()
}

fn display() -> Display {
    Display::new("screen".parse().unwrap(), "Entrance".parse().unwrap(), START)
}

fn pairing() -> Pairing {
    Pairing {
        pairing_code: "7K3QX0".parse().unwrap(),
        display_id: "screen".parse().unwrap(),
        secret_hash: HASH.into(),
        expires_at: START.plus(PAIRING_LASTS),
        activated_at: None,
    }
}

fn display_key() -> Value {
    json!({"eventId": s("shop"), "item": s(&format!("DISPLAY#{HASH}"))})
}

fn pairing_key() -> Value {
    json!({"eventId": s("shop"), "item": s("PAIRING#7K3QX0")})
}

fn display_item() -> Value {
    let mut item = json!({
        "displayId": s("screen"), "name": s("Entrance"), "createdAt": s("2027-01-15T08:00:00.000Z"),
        "expiresAt": s("2027-02-14T08:00:00.000Z"), "ttl": n(1_802_592_000),
    });
    item.as_object_mut().unwrap().extend(display_key().as_object().unwrap().clone());
    item
}

fn pairing_item() -> Value {
    let mut item = json!({
        "pairingCode": s("7K3QX0"), "displayId": s("screen"), "secretHash": s(HASH),
        "expiresAt": s("2027-01-15T08:05:00.000Z"), "ttl": n(1_800_000_000 + 300 + 3_600),
    });
    item.as_object_mut().unwrap().extend(pairing_key().as_object().unwrap().clone());
    item
}

async fn find(answer: Answer) -> (Result<Option<Display>, AdapterError>, Sent) {
    let (table, sent) = table(&[once(mock!(Client::get_item), answer)]);
    (table.display(&shop(), HASH).await, sent)
}

async fn offer(answer: Answer) -> (Result<bool, AdapterError>, Sent) {
    let (table, sent) = table(&[once(mock!(Client::put_item), answer)]);
    (table.offer_pairing(&shop(), &pairing()).await, sent)
}

async fn activate(rule: Rule) -> (Result<bool, AdapterError>, Sent) {
    let (table, sent) = table(&[rule]);
    (table.activate_display(&shop(), &pairing(), &display()).await, sent)
}

#[tokio::test]
async fn a_display_is_found_only_in_its_shop_by_the_hash_of_its_secret() {
    let (answer, sent) = find(done(json!({"Item": display_item()}))).await;
    assert_eq!(answer.unwrap(), Some(display()));
    assert_eq!(sent.only(), json!({"TableName": "shops", "Key": display_key(), "ConsistentRead": true}));
    assert_eq!(find(done(json!({}))).await.0.unwrap(), None);
    let (answer, _) = find(done(json!({"Item": {"displayId": s("screen")}}))).await;
    assert!(matches!(answer, Err(AdapterError::Unreadable { .. })), "{answer:?}");
    crate::support::distinguishes_retryable_from_failed(async |answer| find(answer).await.0).await;
}

#[tokio::test]
async fn a_new_display_has_a_time_to_live_and_no_secret() {
    let secret = DisplaySecret::new([7; 32]);
    let (table, sent) = table(&[once(mock!(Client::put_item), done(json!({})))]);
    table.create_display(&shop(), &secret.hash(), &display()).await.unwrap();
    assert!(!sent.only().to_string().contains(&secret.reveal()[8..]));
    let put = sent.only()["Item"].clone();
    assert_eq!(put["item"], s(&format!("DISPLAY#{}", secret.hash())));
    assert_eq!(put["ttl"], display_item()["ttl"]);
}

#[tokio::test]
async fn a_pairing_is_written_once_per_code_and_expires() {
    let (answer, sent) = offer(done(json!({}))).await;
    assert!(answer.unwrap());
    let put = json!({
        "TableName": "shops", "Item": pairing_item(), "ConditionExpression": "attribute_not_exists(#item)",
        "ExpressionAttributeNames": {"#item": "item"},
    });
    assert_eq!(sent.only(), put);
    assert!(!offer(refused(None)).await.0.unwrap(), "another screen shows the code");
    crate::support::distinguishes_retryable_from_failed(async |answer| offer(answer).await.0).await;
}

#[tokio::test]
async fn a_pairing_is_read_consistently() {
    let read = async |answer| {
        let (table, sent) = table(&[once(mock!(Client::get_item), answer)]);
        (table.pairing(&shop(), &pairing().pairing_code).await, sent)
    };
    let (answer, sent) = read(done(json!({"Item": pairing_item()}))).await;
    assert_eq!(answer.unwrap(), Some(pairing()));
    assert_eq!(sent.only(), json!({"TableName": "shops", "Key": pairing_key(), "ConsistentRead": true}));
    assert_eq!(read(done(json!({}))).await.0.unwrap(), None);
}

#[tokio::test]
async fn an_activation_marks_the_pairing_and_inserts_the_display_in_one_transaction() {
    let (answer, sent) = activate(once(mock!(Client::transact_write_items), done(json!({})))).await;
    assert!(answer.unwrap());
    let update = json!({
        "TableName": "shops", "Key": pairing_key(), "UpdateExpression": "SET activatedAt = :now",
        "ConditionExpression": "displayId = :display AND attribute_not_exists(activatedAt)",
        "ExpressionAttributeValues": {":now": s("2027-01-15T08:00:00.000Z"), ":display": s("screen")},
    });
    let put = json!({"TableName": "shops", "Item": display_item()});
    assert_eq!(sent.only()["TransactItems"], json!([{"Update": update}, {"Put": put}]));
}

#[tokio::test(start_paused = true)]
async fn an_activation_whose_condition_fails_is_refused_and_a_contended_one_is_retried() {
    let (answer, sent) =
        activate(once(mock!(Client::transact_write_items), cancelled(&["ConditionalCheckFailed", "None"]))).await;
    assert_eq!((answer.unwrap(), sent.count()), (false, 1));
    let (answer, sent) =
        activate(always(mock!(Client::transact_write_items), cancelled(&["TransactionConflict", "None"]))).await;
    assert!(matches!(answer, Err(AdapterError::Contended { .. })), "{answer:?}");
    assert!(sent.count() > 2, "{} calls", sent.count());
    let (answer, _) =
        activate(once(mock!(Client::transact_write_items), cancelled(&["None", "ValidationError"]))).await;
    assert!(matches!(answer, Err(AdapterError::Failed { .. })), "{answer:?}");
    let (answer, _) = activate(once(mock!(Client::transact_write_items), error("InternalServerError"))).await;
    assert!(matches!(answer, Err(AdapterError::Failed { .. })), "{answer:?}");
}

fn listed() -> Answer {
    let mut other = display_item();
    other["displayId"] = s("other");
    other["item"] = s("DISPLAY#other");
    done(json!({"Items": [other, display_item()]}))
}

#[tokio::test]
async fn displays_are_found_by_the_prefix_of_their_sort_key() {
    let (table, sent) = table(&[once(mock!(Client::query), listed())]);
    let displays = table.displays(&shop()).await.unwrap();
    assert_eq!(displays.iter().map(|display| display.display_id.as_str()).collect::<Vec<_>>(), ["other", "screen"]);
    let query = json!({
        "TableName": "shops", "ConsistentRead": true,
        "KeyConditionExpression": "eventId = :shop AND begins_with(#item, :display)",
        "ExpressionAttributeNames": {"#item": "item"},
        "ExpressionAttributeValues": {":shop": s("shop"), ":display": s("DISPLAY#")},
    });
    assert_eq!(sent.only(), query);
}

#[tokio::test]
async fn a_revoked_display_is_deleted_and_no_other_is() {
    let rules = [once(mock!(Client::query), listed()), once(mock!(Client::delete_item), done(json!({})))];
    let (shops, sent) = table(&rules);
    shops.revoke_display(&shop(), &"screen".parse().unwrap()).await.unwrap();
    assert_eq!(sent.all()[1], json!({"TableName": "shops", "Key": display_key()}));
    let (shops, sent) = table(&[once(mock!(Client::query), listed())]);
    shops.revoke_display(&shop(), &"unknown".parse().unwrap()).await.unwrap();
    assert_eq!(sent.count(), 1, "nothing is deleted");
}
