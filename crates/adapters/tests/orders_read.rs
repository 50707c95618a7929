//! Tests reading an order: consistently, with all attributes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use adapters::error::AdapterError;
use adapters::orders::{OrdersTable, ReadOrder};
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::mock;
use domain::drink::DrinkOrder;
use domain::order::{OrderStatus, Step, StoredOrder};
use domain::timestamp::Timestamp;
use serde_json::json;
use support::{Answer, Sent, done, dynamodb, once, s, waiting_order};

async fn read(answer: Answer) -> (Result<Option<StoredOrder>, AdapterError>, Sent) {
    let (client, sent) = dynamodb(&[once(mock!(Client::get_item), answer)]);
    (OrdersTable::new(client, "orders".into()).order(&"order".parse().unwrap()).await, sent)
}

#[tokio::test]
async fn an_order_is_read_consistently_by_its_id() {
    let (answer, sent) = read(done(json!({"Item": waiting_order()}))).await;
    assert!(answer.unwrap().is_some());
    let read = json!({"TableName": "orders", "Key": {"orderId": s("order")}, "ConsistentRead": true});
    assert_eq!(sent.only(), read);
}

#[tokio::test]
async fn an_order_is_read_with_its_task_token_and_execution() {
    let stored = read(done(json!({"Item": waiting_order()}))).await.0.unwrap().unwrap();
    let token = stored.token.unwrap();
    assert_eq!((token.token.reveal(), token.step, token.rank), ("token", Step::Barista, 2_000_000));
    assert_eq!(stored.execution_arn, "execution");
    assert_eq!(stored.closed_by_user_id, None);
    let order = stored.order;
    assert_eq!((order.order_id.as_str(), order.shop_id.as_str(), order.user_id.as_str()), ("order", "shop", "anna"));
    assert_eq!((order.status, order.order_number, order.claim_version), (OrderStatus::Waiting, Some(7), 2));
    let drink = DrinkOrder { drink: "Latte".into(), modifiers: vec!["Oat".into()], icon: "latte".into() };
    assert_eq!(order.drink_order, Some(drink));
    assert_eq!(order.created_at, Timestamp::from_millis(1000));
    assert_eq!(order.expires_at, Some(Timestamp::from_millis(902_000)));
    assert_eq!((order.barista_user_id, order.reason, order.closed_by), (None, None, None));
}

#[tokio::test]
async fn a_claim_and_a_call_are_read_with_their_times() {
    let mut item = waiting_order();
    for (name, value) in [
        ("baristaUserId", "bert"),
        ("previousBaristaUserId", "cleo"),
        ("claimedAt", "1970-01-01T00:00:03.000Z"),
        ("releasedAt", "1970-01-01T00:00:04.000Z"),
        ("calledAt", "1970-01-01T00:00:05.000Z"),
    ] {
        item[name] = s(value);
    }
    let stored = read(done(json!({"Item": item}))).await.0.unwrap().unwrap();
    let people = [stored.order.barista_user_id.clone(), stored.previous_barista_user_id.clone()];
    assert_eq!(people.map(|person| person.unwrap().to_string()), ["bert", "cleo"]);
    let times = [stored.order.claimed_at, stored.released_at, stored.order.called_at];
    assert_eq!(times, [3_000, 4_000, 5_000].map(|millis| Some(Timestamp::from_millis(millis))));
    assert_eq!(adapters::orders::item::read(adapters::orders::item::write(&stored).unwrap()).unwrap(), stored);
}

#[tokio::test]
async fn a_claim_that_an_earlier_program_version_stored_has_no_times() {
    let mut item = waiting_order();
    item["baristaUserId"] = s("bert");
    let stored = read(done(json!({"Item": item}))).await.0.unwrap().unwrap();
    assert_eq!((stored.order.claimed_at, stored.released_at, stored.order.called_at), (None, None, None));
    assert_eq!((stored.order.claim_version, stored.previous_barista_user_id), (2, None));
}

#[tokio::test]
async fn an_incomplete_task_token_is_ignored() {
    for part in ["taskToken", "tokenStep", "tokenRank"] {
        let mut item = waiting_order();
        item.as_object_mut().unwrap().remove(part);
        assert_eq!(read(done(json!({"Item": item}))).await.0.unwrap().unwrap().token, None);
    }
}

#[tokio::test]
async fn a_missing_order_is_none() {
    assert_eq!(read(done(json!({}))).await.0.unwrap(), None);
}

#[tokio::test]
async fn an_order_without_required_attributes_is_an_error() {
    for part in ["status", "createdAt", "executionArn"] {
        let mut item = waiting_order();
        item.as_object_mut().unwrap().remove(part);
        let (answer, _) = read(done(json!({"Item": item}))).await;
        assert!(matches!(answer, Err(AdapterError::Unreadable { .. })), "{part}: {answer:?}");
    }
}

#[tokio::test]
async fn a_failed_read_of_an_order_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| read(answer).await.0).await;
}
