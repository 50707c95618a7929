//! Tests the lists of orders: index, direction and paging.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use adapters::error::AdapterError;
use adapters::orders::{
    BoardOrders, Direction, ListOrders, OpenOrders, OrderPage, OrdersTable, PageRequest, PageToken, StatusFilter,
};
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::mock;
use domain::board::BoardOrder;
use domain::ids::OrderId;
use domain::order::OrderStatus;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use support::{Answer, Sent, done, drink_item, dynamodb, error, n, once, s, waiting_order};

fn table(answers: &[Answer]) -> (OrdersTable, Sent) {
    let rules = answers.iter().map(|answer| once(mock!(Client::query), answer.clone()));
    let (client, sent) = dynamodb(&rules.collect::<Vec<_>>());
    (OrdersTable::new(client, "orders".into()), sent)
}

fn page_token(order_id: &str) -> PageToken {
    PageToken { order_id: order_id.parse().unwrap(), created_at: Timestamp::from_millis(1000) }
}

fn page(after: Option<&str>) -> PageRequest {
    PageRequest { max_items: 10, after: after.map(page_token) }
}

async fn queue(page: &PageRequest, answer: Answer) -> (Result<OrderPage, AdapterError>, Sent) {
    filtered(None, Direction::OldestFirst, page, answer).await
}

async fn filtered(
    since: Option<Timestamp>,
    direction: Direction,
    page: &PageRequest,
    answer: Answer,
) -> (Result<OrderPage, AdapterError>, Sent) {
    let (table, sent) = table(&[answer]);
    let filter = StatusFilter { status: OrderStatus::Waiting, since, direction };
    (table.by_status(&"shop".parse().unwrap(), filter, page).await, sent)
}

async fn mine(page: &PageRequest, answer: Answer) -> (Result<OrderPage, AdapterError>, Sent) {
    let (table, sent) = table(&[answer]);
    (table.by_customer(&"shop".parse().unwrap(), &"anna".parse().unwrap(), page).await, sent)
}

fn query(index: &str, key: &str, value: &str, forward: bool) -> Value {
    json!({
        "TableName": "orders",
        "IndexName": index,
        "KeyConditionExpression": "#key = :value",
        "ExpressionAttributeNames": {"#key": key},
        "ExpressionAttributeValues": {":value": s(value)},
        "ScanIndexForward": forward,
        "Limit": 10,
    })
}

#[tokio::test]
async fn orders_of_one_status_and_shop_are_listed_oldest_first() {
    let (answer, sent) = queue(&page(None), done(json!({"Items": []}))).await;
    assert_eq!(answer.unwrap(), OrderPage { orders: vec![], next: None });
    assert_eq!(sent.only(), query("byStatus", "eventStatus", "shop#WAITING", true));
}

#[tokio::test]
async fn a_list_of_orders_since_a_time_can_begin_with_the_newest() {
    let since = Some(Timestamp::from_millis(1000));
    let (answer, sent) = filtered(since, Direction::NewestFirst, &page(None), done(json!({"Items": []}))).await;
    assert_eq!(answer.unwrap(), OrderPage { orders: vec![], next: None });
    let mut expected = query("byStatus", "eventStatus", "shop#WAITING", false);
    expected["KeyConditionExpression"] = "#key = :value AND createdAt >= :since".into();
    expected["ExpressionAttributeValues"][":since"] = s("1970-01-01T00:00:01.000Z");
    assert_eq!(sent.only(), expected);
}

#[tokio::test]
async fn a_customers_orders_in_one_shop_are_listed_newest_first() {
    let (answer, sent) = mine(&page(None), done(json!({"Items": []}))).await;
    assert_eq!(answer.unwrap(), OrderPage { orders: vec![], next: None });
    assert_eq!(sent.only(), query("byCustomer", "eventUser", "shop#anna", false));
}

#[tokio::test]
async fn a_page_starts_after_the_last_order_of_the_previous_page() {
    let nothing = || done(json!({"Items": []}));
    let key = |name: &str, value: &str| json!({"orderId": s("last"), "createdAt": s("1970-01-01T00:00:01.000Z"), name: s(value)});
    let (_, sent) = queue(&page(Some("last")), nothing()).await;
    assert_eq!(sent.only()["ExclusiveStartKey"], key("eventStatus", "shop#WAITING"));
    let (_, sent) = mine(&page(Some("last")), nothing()).await;
    assert_eq!(sent.only()["ExclusiveStartKey"], key("eventUser", "shop#anna"));
}

#[tokio::test]
async fn a_page_returns_the_page_token_of_the_next() {
    let last = json!({
        "orderId": s("last"), "createdAt": s("1970-01-01T00:00:01.000Z"), "eventStatus": s("shop#WAITING"),
    });
    let (answer, _) = queue(&page(None), done(json!({"Items": [waiting_order()], "LastEvaluatedKey": last}))).await;
    let answer = answer.unwrap();
    assert_eq!(answer.next, Some(page_token("last")));
    assert_eq!(answer.orders.iter().map(|order| order.order_id.as_str()).collect::<Vec<_>>(), ["order"]);
}

#[tokio::test]
async fn a_list_needs_no_task_token_and_no_execution() {
    let mut item = waiting_order();
    for hidden in ["taskToken", "tokenStep", "tokenRank", "executionArn"] {
        item.as_object_mut().unwrap().remove(hidden);
    }
    let (answer, _) = mine(&page(None), done(json!({"Items": [item]}))).await;
    assert_eq!(answer.unwrap().orders.len(), 1);
}

#[tokio::test]
async fn an_unreadable_order_in_a_list_is_an_error() {
    let (answer, _) = queue(&page(None), done(json!({"Items": [waiting_order(), {"orderId": s("order")}]}))).await;
    assert!(matches!(answer, Err(AdapterError::Unreadable { .. })), "{answer:?}");
}

#[tokio::test]
async fn a_failed_query_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| queue(&page(None), answer).await.0).await;
    support::distinguishes_retryable_from_failed(async |answer| mine(&page(None), answer).await.0).await;
}

async fn on_board(status: OrderStatus, answer: Answer) -> (Result<Vec<BoardOrder>, AdapterError>, Sent) {
    let (table, sent) = table(&[answer]);
    let shop_id = "shop".parse().unwrap();
    let orders = match status {
        OrderStatus::Waiting => table.waiting(&shop_id).await,
        _ => table.completed(&shop_id, Timestamp::from_millis(1000)).await,
    };
    (orders, sent)
}

#[tokio::test]
async fn a_board_reads_the_head_of_the_queue_and_all_recent_completions_without_ids() {
    let projection = "orderNumber, drinkOrder, createdAt, updatedAt, calledAt";
    let (answer, sent) = on_board(OrderStatus::Waiting, done(json!({"Items": []}))).await;
    assert_eq!(answer.unwrap(), []);
    let queue = json!({
        "TableName": "orders", "IndexName": "byStatus", "Limit": 100, "ProjectionExpression": projection,
        "KeyConditionExpression": "eventStatus = :status",
        "ExpressionAttributeValues": {":status": s("shop#WAITING")},
    });
    assert_eq!(sent.only(), queue);
    let (_, sent) = on_board(OrderStatus::Completed, done(json!({"Items": []}))).await;
    let completed = json!({
        "TableName": "orders", "IndexName": "byStatus", "ProjectionExpression": projection,
        "KeyConditionExpression": "eventStatus = :status AND createdAt > :since", "ScanIndexForward": false,
        "ExpressionAttributeValues": {":status": s("shop#COMPLETED"), ":since": s("1970-01-01T00:00:01.000Z")},
    });
    assert_eq!(sent.only(), completed);
}

#[tokio::test]
async fn an_order_of_the_board_needs_no_id_and_no_person() {
    let item = json!({
        "orderNumber": n(7), "drinkOrder": drink_item(),
        "createdAt": s("1970-01-01T00:00:01.000Z"), "updatedAt": s("1970-01-01T00:00:02.000Z"),
    });
    let (answer, _) = on_board(OrderStatus::Waiting, done(json!({"Items": [item]}))).await;
    let order = answer.unwrap().remove(0);
    assert_eq!((order.order_number, order.updated_at), (Some(7), Timestamp::from_millis(2000)));
    let (answer, _) = on_board(OrderStatus::Completed, done(json!({"Items": [{"orderNumber": n(7)}]}))).await;
    assert!(matches!(answer, Err(AdapterError::Unreadable { .. })), "{answer:?}");
    support::distinguishes_retryable_from_failed(async |answer| on_board(OrderStatus::Waiting, answer).await.0).await;
}

async fn overdue(answers: &[Answer]) -> (Result<Vec<OrderId>, AdapterError>, Sent) {
    let (table, sent) = table(answers);
    (table.overdue(3, Timestamp::from_millis(60_000)).await, sent)
}

fn found(ids: &[&str], last: Option<&Value>) -> Answer {
    let items = ids.iter().map(|id| json!({"orderId": s(id)})).collect::<Vec<_>>();
    let mut body = json!({"Items": items});
    if let Some(last) = last {
        body["LastEvaluatedKey"] = last.clone();
    }
    done(body)
}

#[tokio::test]
async fn overdue_orders_are_those_of_a_shard_whose_deadline_has_passed() {
    let (answer, sent) = overdue(&[found(&["a", "b"], None)]).await;
    assert_eq!(answer.unwrap(), ["a".parse().unwrap(), "b".parse().unwrap()]);
    let query = json!({
        "TableName": "orders",
        "IndexName": "openByDeadline",
        "KeyConditionExpression": "openShard = :shard AND expiresAt < :deadline",
        "ExpressionAttributeValues": {":shard": s("3"), ":deadline": s("1970-01-01T00:01:00.000Z")},
    });
    assert_eq!(sent.only(), query);
}

fn position(id: &str) -> Value {
    json!({"orderId": s(id), "openShard": s("3"), "expiresAt": s("1970-01-01T00:00:01.000Z")})
}

#[tokio::test]
async fn overdue_orders_are_found_on_every_page() {
    let (first, second) = (position("b"), position("between"));
    // DynamoDB may return an empty page that is not the last.
    let answers = [found(&["a", "b"], Some(&first)), found(&[], Some(&second)), found(&["c"], None)];
    let (answer, sent) = overdue(&answers).await;
    assert_eq!(answer.unwrap(), ["a", "b", "c"].map(|id| id.parse().unwrap()));
    let starts: Vec<Value> = sent.all().iter().map(|query| query["ExclusiveStartKey"].clone()).collect();
    assert_eq!(starts, [Value::Null, first, second]);
}

#[tokio::test]
async fn a_failed_query_for_overdue_orders_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| overdue(&[answer]).await.0).await;
    let (answer, _) = overdue(&[found(&["a"], Some(&position("a"))), error("InternalServerError")]).await;
    assert!(matches!(answer, Err(AdapterError::Failed { .. })), "{answer:?}");
}
