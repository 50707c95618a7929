//! Tests admission: the transaction that is sent, and the result for each answer of DynamoDB.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use adapters::error::AdapterError;
use adapters::orders::{Admission, AdmitOrder, OrderTransactions, ReadOrder, RecordFailure, RecordRefusal};
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::{Rule, mock};
use domain::admission::{FailedConditions, Obstacle, Refusal};
use domain::order::open_shard;
use domain::shop::ShopState;
use domain::timestamp::Timestamp;
use domain::workflow::AdmissionRequest;
use serde_json::{Value, json};
use support::{Answer, BUSY, Sent, always, cancelled, done, dynamodb, error, n, once, refused, s};

const FAILED: &str = "ConditionalCheckFailed";
const OBSTACLES: [Obstacle; 4] = [
    Obstacle::OrderExists,
    Obstacle::Refused(Refusal::Closed),
    Obstacle::Refused(Refusal::CustomerLimit),
    Obstacle::Refused(Refusal::Full),
];

fn request() -> AdmissionRequest {
    AdmissionRequest {
        order_id: "order".parse().unwrap(),
        user_id: "anna".parse().unwrap(),
        shop_id: "shop".parse().unwrap(),
        execution_arn: "execution".into(),
    }
}

fn transactions(rules: &[Rule]) -> (OrderTransactions, Sent) {
    let (client, sent) = dynamodb(rules);
    (OrderTransactions::new(client, "orders".into(), "shops".into(), support::BUDGET), sent)
}

async fn admit_by(rules: &[Rule]) -> (Result<Admission, AdapterError>, Sent) {
    let (transactions, sent) = transactions(rules);
    let state = ShopState { max_orders_in_queue: 7, max_orders_per_user: 3, ..ShopState::default() };
    (transactions.admit(&request(), &state, Timestamp::from_millis(0)).await, sent)
}

async fn admit(answers: &[Answer]) -> (Result<Admission, AdapterError>, Sent) {
    let rules = answers.iter().map(|answer| once(mock!(Client::transact_write_items), answer.clone()));
    admit_by(&rules.collect::<Vec<_>>()).await
}

async fn transaction() -> Vec<Value> {
    let (answer, sent) = admit(&[done(json!({}))]).await;
    assert_eq!(answer.unwrap(), Admission::Admitted);
    sent.only()["TransactItems"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_order_is_inserted_only_if_it_does_not_exist() {
    let put = &transaction().await[0]["Put"];
    assert_eq!(put["TableName"], "orders");
    assert_eq!(put["ConditionExpression"], "attribute_not_exists(orderId)");
    let shard = open_shard(&"order".parse().unwrap());
    let order = json!({
        "orderId": s("order"), "eventId": s("shop"), "userId": s("anna"), "executionArn": s("execution"),
        "status": s("ADMITTED"), "statusRank": n(0), "claimVersion": n(0),
        "eventStatus": s("shop#ADMITTED"), "eventUser": s("shop#anna"), "openShard": s(&shard.to_string()),
        "createdAt": s("1970-01-01T00:00:00.000Z"), "updatedAt": s("1970-01-01T00:00:00.000Z"),
        "expiresAt": s("1970-01-01T00:01:00.000Z"),
    });
    assert_eq!(put["Item"], order);
}

#[tokio::test]
async fn only_an_open_shop_admits_an_order() {
    let open = json!({
        "TableName": "shops",
        "Key": {"eventId": s("shop"), "item": s("STATE")},
        "ConditionExpression": "storeOpen = :open",
        "ExpressionAttributeValues": {":open": {"BOOL": true}},
    });
    assert_eq!(transaction().await[1], json!({"ConditionCheck": open}));
}

#[tokio::test]
async fn a_customer_takes_capacity_only_while_below_the_limit() {
    let update = json!({
        "TableName": "shops",
        "Key": {"eventId": s("shop"), "item": s("USER#anna")},
        "ConditionExpression": "attribute_not_exists(#count) OR #count < :max",
        "UpdateExpression": "ADD #count :one SET #ttl = :ttl",
        "ExpressionAttributeNames": {"#count": "openOrders", "#ttl": "ttl"},
        "ExpressionAttributeValues": {":one": n(1), ":max": n(3), ":ttl": n(7 * 24 * 3600)},
    });
    assert_eq!(transaction().await[2], json!({"Update": update}));
}

#[tokio::test]
async fn an_order_adds_one_to_in_flight_only_while_below_the_maximum() {
    let update = json!({
        "TableName": "shops",
        "Key": {"eventId": s("shop"), "item": s("FLOOR")},
        "ConditionExpression": "attribute_not_exists(#count) OR #count < :max",
        "UpdateExpression": "ADD #count :one, #changes :one",
        "ExpressionAttributeNames": {"#count": "inFlight", "#changes": "changes"},
        "ExpressionAttributeValues": {":one": n(1), ":max": n(7)},
    });
    let transaction = transaction().await;
    assert_eq!(transaction[3], json!({"Update": update}));
    assert_eq!(transaction.len(), 4);
}

#[tokio::test]
async fn obstacles_have_the_precedence_duplicate_closed_limit_full() {
    for failed in 1_u8..16 {
        let has_failed = |index: usize| failed & (1 << index) != 0;
        let codes = [0, 1, 2, 3].map(|index| if has_failed(index) { FAILED } else { "None" });
        let conditions = FailedConditions {
            order_exists: has_failed(0),
            shop_closed: has_failed(1),
            customer_limit: has_failed(2),
            shop_full: has_failed(3),
        };
        let (answer, _) = admit(&[cancelled(&codes)]).await;
        assert_eq!(answer.unwrap(), Admission::Refused(conditions));
        let first = OBSTACLES.into_iter().enumerate().find(|(index, _)| has_failed(*index));
        assert_eq!(conditions.obstacle(), first.map(|(_, obstacle)| obstacle));
    }
}

#[tokio::test(start_paused = true)]
async fn an_admission_that_contention_or_throttling_cancelled_is_retried() {
    for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
        for index in 0..4 {
            let mut codes = ["None"; 4];
            codes[index] = code;
            let (answer, sent) = admit(&[cancelled(&codes), done(json!({}))]).await;
            assert_eq!(answer.unwrap(), Admission::Admitted);
            let sent = sent.all();
            assert_eq!(sent.len(), 2);
            assert_eq!(sent[0]["TransactItems"], sent[1]["TransactItems"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_or_contended_call_is_retried() {
    for code in BUSY {
        let (answer, sent) = admit(&[error(code), error(code), done(json!({}))]).await;
        assert_eq!(answer.unwrap(), Admission::Admitted);
        assert_eq!(sent.count(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn an_admission_that_stays_contended_is_retried_with_jitter_until_the_budget_ends() {
    let mut durations = BTreeSet::new();
    for _ in 0..5 {
        let start = tokio::time::Instant::now();
        let conflict = cancelled(&["None", "None", "None", "TransactionConflict"]);
        let (answer, sent) = admit_by(&[always(mock!(Client::transact_write_items), conflict)]).await;
        assert!(matches!(answer, Err(AdapterError::Contended { .. })), "{answer:?}");
        assert!(sent.count() > 5, "{} attempts", sent.count());
        durations.insert(start.elapsed());
    }
    assert!(durations.len() > 1, "no jitter: {durations:?}");
    let budget = Duration::from_secs(4)..Duration::from_secs(5);
    assert!(durations.iter().all(|duration| budget.contains(duration)), "{durations:?}");
}

#[tokio::test(start_paused = true)]
async fn a_failed_condition_takes_precedence_over_a_conflict() {
    let (answer, sent) = admit(&[cancelled(&["None", FAILED, "None", "TransactionConflict"])]).await;
    let closed = FailedConditions { shop_closed: true, ..FailedConditions::default() };
    assert_eq!(answer.unwrap(), Admission::Refused(closed));
    assert_eq!(sent.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn any_other_failure_is_an_error_and_not_a_refusal() {
    for broken in [cancelled(&["ValidationError", "None", "None", "None"]), error("InternalServerError")] {
        let (answer, sent) = admit(&[broken]).await;
        assert!(matches!(answer, Err(AdapterError::Failed { .. })), "{answer:?}");
        assert_eq!(sent.count(), 1);
    }
}

async fn record(refusal: Refusal, answer: Answer) -> (Result<(), AdapterError>, Sent) {
    let (transactions, sent) = transactions(&[once(mock!(Client::put_item), answer)]);
    (transactions.record_refusal(&request(), refusal.as_str(), Timestamp::from_millis(0)).await, sent)
}

#[tokio::test]
async fn a_refusal_is_recorded_as_a_cancelled_order_without_capacity() {
    for (refusal, reason) in
        [(Refusal::Closed, "closed"), (Refusal::CustomerLimit, "customerLimit"), (Refusal::Full, "full")]
    {
        let (answer, sent) = record(refusal, done(json!({}))).await;
        answer.unwrap();
        let sent = sent.only();
        assert_eq!(sent["TableName"], "orders");
        assert_eq!(sent["ConditionExpression"], "attribute_not_exists(orderId)");
        // Without deadline and shard the order is not in the index of open orders.
        let order = json!({
            "orderId": s("order"), "eventId": s("shop"), "userId": s("anna"), "executionArn": s("execution"),
            "status": s("CANCELLED"), "statusRank": n(3), "claimVersion": n(0),
            "eventStatus": s("shop#CANCELLED"), "eventUser": s("shop#anna"), "ttl": n(30 * 24 * 3600),
            "createdAt": s("1970-01-01T00:00:00.000Z"), "updatedAt": s("1970-01-01T00:00:00.000Z"),
            "reason": s(reason), "closedBy": s("system"), "closedByUserId": s(""),
        });
        assert_eq!(sent["Item"], order);
    }
}

#[tokio::test]
async fn a_refusal_leaves_an_existing_order_unchanged() {
    let (answer, sent) = record(Refusal::Full, refused(None)).await;
    answer.unwrap();
    assert_eq!(sent.count(), 1);
}

#[tokio::test]
async fn a_refusal_that_was_not_recorded_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| record(Refusal::Full, answer).await.0).await;
}

#[tokio::test]
async fn the_execution_of_an_order_is_read_consistently() {
    let (transactions, sent) =
        transactions(&[once(mock!(Client::get_item), done(json!({"Item": support::waiting_order()})))]);
    let order = transactions.order(&request().order_id).await.unwrap().unwrap();
    assert_eq!(order.execution_arn, "execution");
    let read = json!({"TableName": "orders", "Key": {"orderId": s("order")}, "ConsistentRead": true});
    assert_eq!(sent.only(), read);
}

#[tokio::test]
async fn a_missing_order_is_none_and_an_unreadable_one_is_an_error() {
    let existing =
        async |answer| transactions(&[once(mock!(Client::get_item), answer)]).0.order(&request().order_id).await;
    assert_eq!(existing(done(json!({}))).await.unwrap(), None);
    let answer = existing(done(json!({"Item": {"orderId": s("order")}}))).await;
    assert!(matches!(answer, Err(AdapterError::Unreadable { .. })), "{answer:?}");
    support::distinguishes_retryable_from_failed(existing).await;
}

fn orders(rule: aws_smithy_mocks::Rule) -> (adapters::orders::OrdersTable, Sent) {
    let (client, sent) = support::dynamodb(&[rule]);
    (adapters::orders::OrdersTable::new(client, "orders".into()), sent)
}

#[tokio::test]
async fn a_failed_admission_awaits_announcement_until_it_is_marked() {
    let (table, sent) = orders(once(mock!(Client::put_item), done(json!({}))));
    assert!(table.record_failure(&request(), Timestamp::from_millis(0)).await.unwrap());
    let put = sent.only();
    assert_eq!(put["ConditionExpression"], "attribute_not_exists(orderId)");
    let (status, reason) = (&put["Item"]["status"], &put["Item"]["reason"]);
    assert_eq!((status, reason), (&s("CANCELLED"), &s("failed")));
    assert_eq!(put["Item"]["expiresAt"], s("1970-01-01T00:00:00.000Z"));
    assert!(put["Item"]["openShard"]["S"].is_string());
    let (table, _) = orders(once(mock!(Client::put_item), refused(None)));
    assert!(!table.record_failure(&request(), Timestamp::from_millis(0)).await.unwrap());

    let (table, sent) = orders(once(mock!(Client::update_item), done(json!({}))));
    table.mark_announced(&request().order_id).await.unwrap();
    let update = sent.only();
    assert_eq!(update["UpdateExpression"], "REMOVE expiresAt, openShard");
    assert_eq!(update["ConditionExpression"], "statusRank = :final");
    assert_eq!(update["ExpressionAttributeValues"][":final"], n(3));
    let (table, _) = orders(once(mock!(Client::update_item), refused(None)));
    table.mark_announced(&request().order_id).await.unwrap();
}

#[tokio::test]
async fn a_failure_to_record_or_mark_a_failed_admission_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| {
        orders(once(mock!(Client::put_item), answer)).0.record_failure(&request(), Timestamp::from_millis(0)).await
    })
    .await;
    support::distinguishes_retryable_from_failed(async |answer| {
        orders(once(mock!(Client::update_item), answer)).0.mark_announced(&request().order_id).await
    })
    .await;
}
