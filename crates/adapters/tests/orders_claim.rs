//! Tests claims: the conditional update, and the result for each answer of DynamoDB.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

#[path = "orders_claim/call.rs"]
mod call;

use adapters::error::AdapterError;
use adapters::orders::{ClaimOrder, OrdersTable, Updated};
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::mock;
use domain::claim::ClaimChange;
use domain::order::OrderStatus;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use support::{Answer, Sent, done, dynamodb, n, once, refused, s, waiting_order};

const AT: &str = "1970-01-01T00:01:30.000Z";

fn change(previous: Option<&str>, holder: Option<&str>) -> ClaimChange {
    let person = |name: Option<&str>| name.map(|name| name.parse().unwrap());
    ClaimChange { from: 2, previous: person(previous), holder: person(holder), at: Timestamp::from_millis(90_000) }
}

fn made() -> ClaimChange {
    change(None, Some("bert"))
}

async fn claim(change: ClaimChange, answer: Answer) -> (Result<Updated, AdapterError>, Sent) {
    let (client, sent) = dynamodb(&[once(mock!(Client::update_item), answer)]);
    let table = OrdersTable::new(client, "orders".into());
    (table.claim(&"order".parse().unwrap(), &change).await, sent)
}

/// The expected request. `values` are added to the attribute values that every change of a claim
/// sends.
fn update(update: &str, values: &[(&str, &str)]) -> Value {
    let mut all = json!({":waiting": s("WAITING"), ":from": n(2), ":next": n(3), ":at": s(AT)});
    all.as_object_mut().unwrap().extend(values.iter().map(|(name, value)| ((*name).to_owned(), s(value))));
    json!({
        "TableName": "orders",
        "Key": {"orderId": s("order")},
        "UpdateExpression": update,
        "ConditionExpression": "#status = :waiting AND claimVersion = :from",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": all,
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    })
}

fn claimed_by(barista: &str) -> Value {
    let mut item = waiting_order();
    item["baristaUserId"] = s(barista);
    item["claimedAt"] = s(AT);
    item["claimVersion"] = n(3);
    item
}

#[tokio::test]
async fn a_claim_replaces_the_version_that_was_read() {
    let (answer, sent) = claim(made(), done(json!({"Attributes": claimed_by("bert")}))).await;
    let written = "SET claimVersion = :next, baristaUserId = :holder, claimedAt = :at \
               REMOVE releasedAt, previousBaristaUserId";
    assert_eq!(sent.only(), update(written, &[(":holder", "bert")]));
    let Updated::Changed(now) = answer.unwrap() else { unreachable!("expected Changed") };
    assert_eq!(now.order.barista_user_id.unwrap().as_str(), "bert");
    assert_eq!(now.order.claimed_at, Some(Timestamp::from_millis(90_000)));
    assert_eq!((now.order.status, now.order.claim_version), (OrderStatus::Waiting, 3));
}

#[tokio::test]
async fn a_takeover_records_the_holder_before_it() {
    let (answer, sent) =
        claim(change(Some("anna"), Some("bert")), done(json!({"Attributes": claimed_by("bert")}))).await;
    let written = "SET claimVersion = :next, baristaUserId = :holder, claimedAt = :at, \
               previousBaristaUserId = :previous REMOVE releasedAt";
    assert_eq!(sent.only(), update(written, &[(":holder", "bert"), (":previous", "anna")]));
    assert!(matches!(answer, Ok(Updated::Changed(_))));
}

#[tokio::test]
async fn a_release_records_its_time_and_the_holder_before_it() {
    let mut released = waiting_order();
    released["claimVersion"] = n(3);
    released["releasedAt"] = s(AT);
    released["previousBaristaUserId"] = s("bert");
    let (answer, sent) = claim(change(Some("bert"), None), done(json!({"Attributes": released}))).await;
    let written = "SET claimVersion = :next, releasedAt = :at, previousBaristaUserId = :previous \
               REMOVE baristaUserId, claimedAt";
    assert_eq!(sent.only(), update(written, &[(":previous", "bert")]));
    let Updated::Changed(now) = answer.unwrap() else { unreachable!("expected Changed") };
    assert_eq!((now.order.barista_user_id, now.order.claimed_at, now.order.claim_version), (None, None, 3));
    assert_eq!(now.previous_barista_user_id.unwrap().as_str(), "bert");
    assert_eq!(now.released_at, Some(Timestamp::from_millis(90_000)));
}

#[tokio::test]
async fn a_refused_claim_returns_the_current_order() {
    let (answer, sent) = claim(made(), refused(Some(&claimed_by("cleo")))).await;
    let Updated::Unchanged(Some(current)) = answer.unwrap() else { unreachable!("expected Unchanged with the order") };
    assert_eq!(current.order.barista_user_id.unwrap().as_str(), "cleo");
    assert_eq!(sent.count(), 1);
}

#[tokio::test]
async fn a_missing_order_cannot_be_claimed() {
    for nothing in [None, Some(&json!({}))] {
        let (answer, _) = claim(made(), refused(nothing)).await;
        assert_eq!(answer.unwrap(), Updated::Unchanged(None));
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_an_error() {
    let shapeless = json!({"orderId": s("order")});
    for answer in [done(json!({"Attributes": shapeless})), done(json!({})), refused(Some(&shapeless))] {
        let (answer, _) = claim(made(), answer).await;
        assert!(matches!(answer, Err(AdapterError::Unreadable { .. })), "{answer:?}");
    }
}

#[tokio::test]
async fn a_failed_update_of_a_claim_is_an_error_that_may_be_retryable() {
    support::distinguishes_retryable_from_failed(async |answer| claim(made(), answer).await.0).await;
}
