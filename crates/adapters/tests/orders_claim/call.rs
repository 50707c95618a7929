//! Tests calls of completed orders: the conditional update, and the result for each answer of
//! DynamoDB.

use crate::support::{Answer, Sent, done, dynamodb, once, refused, s, waiting_order};
use adapters::error::AdapterError;
use adapters::orders::{CallOrder, OrdersTable, Updated};
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::mock;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};

const NOW: &str = "1970-01-01T01:00:00.000Z";

async fn call(answer: Answer) -> (Result<Updated, AdapterError>, Sent) {
    let (client, sent) = dynamodb(&[once(mock!(Client::update_item), answer)]);
    let table = OrdersTable::new(client, "orders".into());
    (table.call(&"order".parse().unwrap(), Timestamp::from_millis(3_600_000)).await, sent)
}

fn completed() -> Value {
    let mut item = waiting_order();
    item["status"] = s("COMPLETED");
    item["calledAt"] = s(NOW);
    item
}

#[tokio::test]
async fn a_call_is_recorded_within_ten_minutes_of_completion_and_at_most_once_in_two_seconds() {
    let (answer, sent) = call(done(json!({"Attributes": completed()}))).await;
    let condition = "#status = :completed AND updatedAt >= :earliest \
                     AND (attribute_not_exists(calledAt) OR calledAt <= :before)";
    let expected = json!({
        "TableName": "orders",
        "Key": {"orderId": s("order")},
        "UpdateExpression": "SET calledAt = :now",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {
            ":completed": s("COMPLETED"), ":now": s(NOW),
            ":earliest": s("1970-01-01T00:50:00.000Z"), ":before": s("1970-01-01T00:59:58.000Z"),
        },
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    assert_eq!(sent.only(), expected);
    let Updated::Changed(now) = answer.unwrap() else { unreachable!("expected Changed") };
    assert_eq!(now.order.called_at, Some(Timestamp::from_millis(3_600_000)));
}

#[tokio::test]
async fn a_refused_call_returns_the_current_order() {
    let (answer, _) = call(refused(Some(&completed()))).await;
    assert!(matches!(answer, Ok(Updated::Unchanged(Some(_)))), "{answer:?}");
}

#[tokio::test]
async fn a_failed_call_is_an_error() {
    crate::support::distinguishes_retryable_from_failed(async |answer| call(answer).await.0).await;
}
