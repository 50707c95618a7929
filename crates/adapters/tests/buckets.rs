//! Tests token buckets: conditional updates by scans, and consistent reads.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use adapters::buckets::{BucketsTable, ReadBucket, ReplacePlace, TakeBucketToken};
use adapters::error::AdapterError;
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::mock;
use domain::bucket::{BucketId, Place, Take, place_name};
use domain::qr_code::Window;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use support::{Answer, Sent, done, dynamodb, n, once, refused, s};

const NOW: Timestamp = Timestamp::from_millis(601_000);
const FIRST: Place = Place { attempt: 1, asked_at: NOW };

/// Bucket of the window from 600 s to 900 s.
fn bucket() -> BucketId {
    BucketId { shop_id: "shop".parse().unwrap(), code_version: 4, window: Window::at(NOW) }
}

fn key() -> Value {
    json!({"eventId": s("shop#4"), "window": n(2)})
}

fn anna() -> String {
    place_name(&"anna".parse().unwrap())
}

fn place(attempt: u32) -> Value {
    json!({"M": {"attempt": n(attempt.into()), "askedAt": n(601_000)}})
}

/// Returns the item of a bucket with this number of customers; anna has a place if `with_anna`.
fn item(taken: i64, with_anna: bool) -> Value {
    let mut item = json!({"eventId": s("shop#4"), "window": n(2), "taken": n(taken)});
    if with_anna {
        item.as_object_mut().unwrap().insert(anna(), place(1));
    }
    item
}

async fn take(answer: Answer) -> (Result<Take, AdapterError>, Sent) {
    let (client, sent) = dynamodb(&[once(mock!(Client::update_item), answer)]);
    let table = BucketsTable::new(client, "buckets".into());
    (table.take(&bucket(), &"anna".parse().unwrap(), 3, NOW).await, sent)
}

async fn replace(answer: Answer) -> (Result<bool, AdapterError>, Sent) {
    let (client, sent) = dynamodb(&[once(mock!(Client::update_item), answer)]);
    let table = BucketsTable::new(client, "buckets".into());
    let second = Place { attempt: 2, asked_at: NOW };
    (table.replace(&bucket(), &"anna".parse().unwrap(), FIRST, second).await, sent)
}

async fn taken(answer: Answer) -> (Result<u32, AdapterError>, Sent) {
    let (client, sent) = dynamodb(&[once(mock!(Client::get_item), answer)]);
    (BucketsTable::new(client, "buckets".into()).taken(&bucket()).await, sent)
}

async fn place_of(user: &str, answer: Answer) -> (Result<Option<(Place, u32)>, AdapterError>, Sent) {
    let (client, sent) = dynamodb(&[once(mock!(Client::get_item), answer)]);
    let table = BucketsTable::new(client, "buckets".into());
    (table.place(&bucket(), &user.parse().unwrap()).await, sent)
}

#[tokio::test]
async fn a_scan_takes_a_bucket_token_if_one_is_left_and_the_customer_has_no_place() {
    let (_, sent) = take(done(json!({"Attributes": {"taken": n(1)}}))).await;
    let update = json!({
        "TableName": "buckets",
        "Key": key(),
        "UpdateExpression": "SET #place = :place, #ttl = :ttl ADD taken :one",
        "ConditionExpression": "attribute_not_exists(#place) AND (attribute_not_exists(taken) OR taken < :capacity)",
        "ExpressionAttributeNames": {"#place": anna(), "#ttl": "ttl"},
        "ExpressionAttributeValues": {
            ":place": place(1), ":one": n(1), ":capacity": n(3), ":ttl": n(900 + 24 * 3600),
        },
        "ReturnValues": "UPDATED_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    assert_eq!(sent.only(), update);
}

#[tokio::test]
async fn a_scan_returns_how_many_bucket_tokens_are_left() {
    for (taken, left) in [(1, 2), (3, 0)] {
        let (answer, _) = take(done(json!({"Attributes": {"taken": n(taken)}}))).await;
        assert_eq!(answer.unwrap(), Take::Taken { left });
    }
}

#[tokio::test]
async fn a_scan_of_a_customer_with_a_place_takes_nothing_more() {
    for (taken, left) in [(2, 1), (3, 0)] {
        let (answer, sent) = take(refused(Some(&item(taken, true)))).await;
        assert_eq!(answer.unwrap(), Take::AlreadyTaken { place: FIRST, left });
        assert_eq!(sent.count(), 1);
    }
}

#[tokio::test]
async fn a_bucket_whose_capacity_was_reduced_has_no_bucket_token_left() {
    let (answer, _) = take(refused(Some(&item(4, true)))).await;
    assert_eq!(answer.unwrap(), Take::AlreadyTaken { place: FIRST, left: 0 });
}

#[tokio::test]
async fn a_scan_takes_nothing_if_no_bucket_token_is_left() {
    for item in [Some(item(3, false)), None] {
        let (answer, sent) = take(refused(item.as_ref())).await;
        assert_eq!(answer.unwrap(), Take::NoneLeft);
        assert_eq!(sent.count(), 1);
    }
}

#[tokio::test]
async fn a_place_is_replaced_if_no_other_request_replaced_it_meanwhile() {
    let (answer, sent) = replace(done(json!({}))).await;
    let update = json!({
        "TableName": "buckets",
        "Key": key(),
        "UpdateExpression": "SET #place = :to",
        "ConditionExpression": "#place.attempt = :attempt AND #place.askedAt = :askedAt",
        "ExpressionAttributeNames": {"#place": anna()},
        "ExpressionAttributeValues": {":to": place(2), ":attempt": n(1), ":askedAt": n(601_000)},
    });
    assert_eq!((answer.unwrap(), sent.only()), (true, update));
    assert!(!replace(refused(None)).await.0.unwrap());
}

#[tokio::test]
async fn a_write_that_fails_for_another_reason_than_its_condition_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| take(answer).await.0).await;
    support::distinguishes_retryable_from_failed(async |answer| replace(answer).await.0).await;
}

#[tokio::test]
async fn a_bucket_is_read_consistently() {
    let read = json!({"TableName": "buckets", "Key": key(), "ConsistentRead": true});
    let two = || done(json!({"Item": item(2, true)}));
    let (answer, sent) = taken(two()).await;
    assert_eq!((answer.unwrap(), sent.only()), (2, read.clone()));
    for (user, place) in [("anna", Some((FIRST, 2))), ("ann", None)] {
        let (answer, sent) = place_of(user, two()).await;
        assert_eq!((answer.unwrap(), sent.only()), (place, read.clone()));
    }
}

#[tokio::test]
async fn a_missing_bucket_has_no_places() {
    assert_eq!(taken(done(json!({}))).await.0.unwrap(), 0);
    assert_eq!(place_of("anna", done(json!({}))).await.0.unwrap(), None);
}

#[tokio::test]
async fn a_failed_read_of_a_bucket_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| taken(answer).await.0).await;
    support::distinguishes_retryable_from_failed(async |answer| place_of("anna", answer).await.0).await;
}
