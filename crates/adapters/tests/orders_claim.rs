//! Tests claims: the conditional update, and the result for each answer of DynamoDB.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use adapters::error::AdapterError;
use adapters::orders::{ClaimOrder, Claimed, OrdersTable};
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::mock;
use domain::claim::ClaimAction;
use domain::order::OrderStatus;
use serde_json::{Value, json};
use support::{Answer, Sent, done, dynamodb, n, once, refused, s, waiting_order};

async fn claim(action: ClaimAction, answer: Answer) -> (Result<Claimed, AdapterError>, Sent) {
    let (client, sent) = dynamodb(&[once(mock!(Client::update_item), answer)]);
    let table = OrdersTable::new(client, "orders".into());
    (table.claim(&"order".parse().unwrap(), action, &"bert".parse().unwrap()).await, sent)
}

fn update(update: &str, condition: &str) -> Value {
    json!({
        "TableName": "orders",
        "Key": {"orderId": s("order")},
        "UpdateExpression": update,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":waiting": s("WAITING"), ":barista": s("bert"), ":one": n(1)},
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    })
}

fn claimed_by(barista: &str) -> Value {
    let mut item = waiting_order();
    item["baristaUserId"] = s(barista);
    item
}

#[tokio::test]
async fn a_barista_claims_a_waiting_order_without_a_holder() {
    let (answer, sent) = claim(ClaimAction::Make, done(json!({"Attributes": claimed_by("bert")}))).await;
    let take = "SET baristaUserId = :barista ADD claimVersion :one";
    assert_eq!(sent.only(), update(take, "#status = :waiting AND attribute_not_exists(baristaUserId)"));
    let Claimed::Changed(now) = answer.unwrap() else { unreachable!("the table took it") };
    assert_eq!(now.order.barista_user_id.unwrap().as_str(), "bert");
    assert_eq!((now.order.status, now.order.claim_version), (OrderStatus::Waiting, 2));
}

#[tokio::test]
async fn a_barista_releases_only_a_claim_of_their_own() {
    let (answer, sent) = claim(ClaimAction::Unmake, done(json!({"Attributes": waiting_order()}))).await;
    let give = "REMOVE baristaUserId ADD claimVersion :one";
    assert_eq!(sent.only(), update(give, "#status = :waiting AND baristaUserId = :barista"));
    let Claimed::Changed(now) = answer.unwrap() else { unreachable!("the table took it") };
    assert_eq!(now.order.barista_user_id, None);
}

#[tokio::test]
async fn a_refused_claim_returns_the_current_order() {
    for action in [ClaimAction::Make, ClaimAction::Unmake] {
        let (answer, sent) = claim(action, refused(Some(&claimed_by("cleo")))).await;
        let Claimed::Unchanged(Some(current)) = answer.unwrap() else { unreachable!("the table refused it") };
        assert_eq!(current.order.barista_user_id.unwrap().as_str(), "cleo");
        assert_eq!(sent.count(), 1);
    }
}

#[tokio::test]
async fn a_missing_order_cannot_be_claimed() {
    for nothing in [None, Some(&json!({}))] {
        let (answer, _) = claim(ClaimAction::Make, refused(nothing)).await;
        assert_eq!(answer.unwrap(), Claimed::Unchanged(None));
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_an_error() {
    let shapeless = json!({"orderId": s("order")});
    for answer in [done(json!({"Attributes": shapeless})), done(json!({})), refused(Some(&shapeless))] {
        let (answer, _) = claim(ClaimAction::Make, answer).await;
        assert!(matches!(answer, Err(AdapterError::Unreadable { .. })), "{answer:?}");
    }
}

#[tokio::test]
async fn a_failed_claim_call_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| claim(ClaimAction::Make, answer).await.0).await;
}
