//! Token buckets: one conditional update per scan, and consistent reads.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use adapters::buckets::{BucketsTable, ReadBucket, TakeBucketToken};
use adapters::error::AdapterError;
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::mock;
use domain::bucket::Take;
use domain::ids::ShopId;
use domain::qr_code::Window;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use support::{Answer, Sent, done, dynamodb, n, once, refused, s};

/// Window from 600 s to 900 s.
fn window() -> Window {
    Window::at(Timestamp::from_millis(600_000))
}

fn shop() -> ShopId {
    "shop".parse().unwrap()
}

fn bucket(takers: &[&str]) -> Value {
    json!({"eventId": s("shop"), "window": n(2), "takers": {"SS": takers}})
}

async fn take(answer: Answer) -> (Result<Take, AdapterError>, Sent) {
    let (client, sent) = dynamodb(&[once(mock!(Client::update_item), answer)]);
    let table = BucketsTable::new(client, "buckets".into());
    (table.take(&shop(), window(), &"anna".parse().unwrap(), 3).await, sent)
}

async fn taken(answer: Answer) -> (Result<u32, AdapterError>, Sent) {
    let (client, sent) = dynamodb(&[once(mock!(Client::get_item), answer)]);
    (BucketsTable::new(client, "buckets".into()).taken(&shop(), window()).await, sent)
}

async fn has_taken(user: &str, answer: Answer) -> (Result<bool, AdapterError>, Sent) {
    let (client, sent) = dynamodb(&[once(mock!(Client::get_item), answer)]);
    let table = BucketsTable::new(client, "buckets".into());
    (table.has_taken(&shop(), window(), &user.parse().unwrap()).await, sent)
}

#[tokio::test]
async fn a_scan_takes_a_bucket_token_while_some_are_left_and_one_per_customer() {
    let (_, sent) = take(done(json!({"Attributes": bucket(&["anna"])}))).await;
    let condition = "(attribute_not_exists(takers) OR size(takers) < :capacity) AND NOT contains(takers, :user)";
    let update = json!({
        "TableName": "buckets",
        "Key": {"eventId": s("shop"), "window": n(2)},
        "UpdateExpression": "ADD takers :taker SET #ttl = :ttl",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#ttl": "ttl"},
        "ExpressionAttributeValues": {
            ":taker": {"SS": ["anna"]}, ":user": s("anna"), ":capacity": n(3), ":ttl": n(900 + 24 * 3600),
        },
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    assert_eq!(sent.only(), update);
}

#[tokio::test]
async fn a_scan_returns_how_many_bucket_tokens_are_left() {
    for (takers, left) in [(vec!["anna"], 2), (vec!["anna", "bert", "cleo"], 0)] {
        let (answer, _) = take(done(json!({"Attributes": bucket(&takers)}))).await;
        assert_eq!(answer.unwrap(), Take::Taken { left });
    }
}

#[tokio::test]
async fn a_second_scan_of_the_same_customer_takes_nothing_more() {
    for (takers, left) in [(vec!["anna", "bert"], 1), (vec!["anna", "bert", "cleo"], 0)] {
        let (answer, sent) = take(refused(Some(&bucket(&takers)))).await;
        assert_eq!(answer.unwrap(), Take::AlreadyTaken { left });
        assert_eq!(sent.count(), 1);
    }
}

#[tokio::test]
async fn a_bucket_whose_capacity_was_reduced_has_none_left_and_never_fewer() {
    let (answer, _) = take(refused(Some(&bucket(&["anna", "bert", "cleo", "dora"])))).await;
    assert_eq!(answer.unwrap(), Take::AlreadyTaken { left: 0 });
}

#[tokio::test]
async fn a_scan_of_an_empty_bucket_takes_nothing() {
    // A user id that contains another one is a different customer.
    for item in [Some(bucket(&["bert", "cleo", "annabel"])), None] {
        let (answer, sent) = take(refused(item.as_ref())).await;
        assert_eq!(answer.unwrap(), Take::NoneLeft);
        assert_eq!(sent.count(), 1);
    }
}

#[tokio::test]
async fn a_failed_scan_is_an_error_and_not_an_empty_bucket() {
    support::distinguishes_retryable_from_failed(async |answer| take(answer).await.0).await;
}

#[tokio::test]
async fn a_bucket_is_read_consistently() {
    let read = json!({"TableName": "buckets", "Key": {"eventId": s("shop"), "window": n(2)}, "ConsistentRead": true});
    let two = || done(json!({"Item": bucket(&["anna", "bert"])}));
    let (answer, sent) = taken(two()).await;
    assert_eq!((answer.unwrap(), sent.only()), (2, read.clone()));
    for (user, has) in [("anna", true), ("ann", false), ("cleo", false)] {
        let (answer, sent) = has_taken(user, two()).await;
        assert_eq!((answer.unwrap(), sent.only()), (has, read.clone()));
    }
}

#[tokio::test]
async fn a_missing_bucket_has_no_takers() {
    assert_eq!(taken(done(json!({}))).await.0.unwrap(), 0);
    assert!(!has_taken("anna", done(json!({}))).await.0.unwrap());
}

#[tokio::test]
async fn a_failed_read_of_a_bucket_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| taken(answer).await.0).await;
    support::distinguishes_retryable_from_failed(async |answer| has_taken("anna", answer).await.0).await;
}
