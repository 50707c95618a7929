//! Tests projection: the condition under which a change applies, and the release of capacity.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use adapters::error::AdapterError;
use adapters::orders::{OrderTransactions, ProjectOrder};
use aws_sdk_dynamodb::Client;
use aws_smithy_mocks::{Rule, mock};
use domain::drink::DrinkOrder;
use domain::event::About;
use domain::order::{ClosedBy, HeldToken, OrderStatus, Step, TaskToken};
use domain::projection::{Applied, Change, ChangeKind, Chosen, End, Progress};
use domain::timestamp::Timestamp;
use serde_json::{Map, Value, json};
use support::{Answer, BUSY, Sent, always, cancelled, done, drink_item, dynamodb, error, n, once, refused, s};

const FAILED: &str = "ConditionalCheckFailed";

fn change(kind: ChangeKind) -> Change {
    let about = About {
        order_id: "order".parse().unwrap(),
        user_id: "anna".parse().unwrap(),
        shop_id: "shop".parse().unwrap(),
        message: String::new(),
        at: Timestamp::from_millis(2000),
    };
    Change { about, kind }
}

fn latte() -> Chosen {
    let drink_order = DrinkOrder { drink: "Latte".into(), modifiers: vec!["Oat".into()], icon: "latte".into() };
    Chosen { order_number: 7, drink_order }
}

fn token() -> Change {
    let token = TaskToken::new("token".into());
    change(ChangeKind::Token(HeldToken { token, step: Step::Barista, rank: 2_000_001 }))
}

fn progress(status: OrderStatus, chosen: Option<Chosen>) -> Change {
    change(ChangeKind::Progress(Progress { status, expires_at: Timestamp::from_millis(902_000), chosen }))
}

fn end(chosen: Option<Chosen>) -> Change {
    change(ChangeKind::End(End {
        status: OrderStatus::Completed,
        chosen,
        reason: "completed".into(),
        closed_by: ClosedBy::Barista,
        closed_by_user_id: "bert".into(),
    }))
}

async fn project_by(change: &Change, rules: &[Rule]) -> (Result<Applied, AdapterError>, Sent) {
    let (client, sent) = dynamodb(rules);
    (OrderTransactions::new(client, "orders".into(), "shops".into(), support::BUDGET).project(change).await, sent)
}

/// Projects one change. An end is sent as a transaction, any other change as updates of one item.
async fn project(change: &Change, answers: &[Answer]) -> (Result<Applied, AdapterError>, Sent) {
    let is_end = matches!(change.kind, ChangeKind::End(_));
    let rules = answers.iter().cloned().map(|answer| {
        if is_end {
            once(mock!(Client::transact_write_items), answer)
        } else {
            once(mock!(Client::update_item), answer)
        }
    });
    project_by(change, &rules.collect::<Vec<_>>()).await
}

async fn moved(change: &Change) -> Value {
    let (answer, sent) = project(change, &[done(json!({}))]).await;
    assert_eq!(answer.unwrap(), Applied::Moved);
    let update = sent.only();
    assert_eq!((&update["TableName"], &update["Key"]), (&json!("orders"), &json!({"orderId": s("order")})));
    update
}

async fn ended(change: &Change) -> Vec<Value> {
    let (answer, sent) = project(change, &[done(json!({}))]).await;
    assert_eq!(answer.unwrap(), Applied::Ended);
    let items = sent.only()["TransactItems"].as_array().unwrap().clone();
    items.into_iter().map(|mut item| item["Update"].take()).collect()
}

/// Returns the attributes that an update sets, by name.
fn set(update: &Value) -> Value {
    let expression = update["UpdateExpression"].as_str().unwrap();
    let assignments = expression.strip_prefix("SET ").unwrap().split("REMOVE").next().unwrap();
    let set = assignments.split(',').map(|assignment| {
        let (name, value) = assignment.split_once('=').unwrap();
        let name = update["ExpressionAttributeNames"][name.trim()].as_str().unwrap();
        (name.to_owned(), update["ExpressionAttributeValues"][value.trim()].clone())
    });
    Value::Object(set.collect::<Map<_, _>>())
}

fn removed(update: &Value) -> Vec<&str> {
    let (_, removed) = update["UpdateExpression"].as_str().unwrap().split_once("REMOVE").unwrap_or_default();
    removed.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// Returns the condition of an update, and the rank with which it compares.
fn forward(update: &Value) -> (&str, &Value) {
    (update["ConditionExpression"].as_str().unwrap(), &update["ExpressionAttributeValues"][":rank"])
}

#[tokio::test]
async fn a_status_applies_only_if_it_raises_the_rank() {
    for (status, rank) in [(OrderStatus::Created, 1), (OrderStatus::Waiting, 2)] {
        let update = moved(&progress(status, None)).await;
        let condition = "eventId = :eventId AND userId = :userId AND statusRank < :rank";
        assert_eq!(forward(&update), (condition, &n(rank)));
        let expected = json!({
            "status": s(status.as_str()), "statusRank": n(rank),
            "eventStatus": s(&format!("shop#{}", status.as_str())),
            "updatedAt": s("1970-01-01T00:00:02.000Z"), "expiresAt": s("1970-01-01T00:15:02.000Z"),
        });
        assert_eq!(set(&update), expected);
        assert_eq!(removed(&update), Vec::<&str>::new());
    }
}

#[tokio::test]
async fn a_change_of_status_stores_the_number_and_the_drink() {
    let set = set(&moved(&progress(OrderStatus::Waiting, Some(latte()))).await);
    assert_eq!((&set["orderNumber"], &set["drinkOrder"]), (&n(7), &drink_item()));
}

#[tokio::test]
async fn a_task_token_applies_to_an_open_order_only_if_it_raises_the_token_rank() {
    let update = moved(&token()).await;
    let condition = "eventId = :eventId AND userId = :userId AND statusRank < :rank \
                     AND (attribute_not_exists(tokenRank) OR tokenRank < :tokenRank)";
    assert_eq!(update["ConditionExpression"], condition);
    assert_eq!(update["ExpressionAttributeValues"][":rank"], n(3));
    let expected = json!({"taskToken": s("token"), "tokenStep": s("barista"), "tokenRank": n(2_000_001)});
    assert_eq!(set(&update), expected);
}

#[tokio::test]
async fn an_end_applies_once_and_removes_the_task_token_and_the_deadline() {
    let update = &ended(&end(Some(latte()))).await[0];
    assert_eq!((&update["TableName"], &update["Key"]), (&json!("orders"), &json!({"orderId": s("order")})));
    assert_eq!(forward(update), ("eventId = :eventId AND userId = :userId AND statusRank < :rank", &n(3)));
    let expected = json!({
        "status": s("COMPLETED"), "statusRank": n(3), "eventStatus": s("shop#COMPLETED"),
        "updatedAt": s("1970-01-01T00:00:02.000Z"), "reason": s("completed"),
        "closedBy": s("barista"), "closedByUserId": s("bert"), "ttl": n(2 + 30 * 24 * 3600),
        "orderNumber": n(7), "drinkOrder": drink_item(),
    });
    assert_eq!(set(update), expected);
    assert_eq!(removed(update), ["taskToken", "tokenStep", "tokenRank", "expiresAt", "openShard"]);
}

#[tokio::test]
async fn an_end_without_a_drink_leaves_the_drink_unchanged() {
    let set = set(&ended(&end(None)).await[0]);
    assert_eq!((&set["orderNumber"], &set["drinkOrder"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn an_end_releases_the_capacity_of_shop_and_customer_in_the_same_transaction() {
    let updates = ended(&end(None)).await;
    let release = |item: &str, count: &str| {
        json!({
            "TableName": "shops",
            "Key": {"eventId": s("shop"), "item": s(item)},
            "UpdateExpression": "ADD #count :less",
            "ExpressionAttributeNames": {"#count": count},
            "ExpressionAttributeValues": {":less": n(-1)},
        })
    };
    let mut floor = release("FLOOR", "inFlight");
    floor["UpdateExpression"] = json!("ADD #count :less, #changes :one");
    floor["ExpressionAttributeNames"]["#changes"] = json!("changes");
    floor["ExpressionAttributeValues"][":one"] = n(1);
    assert_eq!(updates[1..], [floor, release("USER#anna", "openOrders")]);
}

#[tokio::test]
async fn a_change_whose_condition_fails_has_no_effect_and_is_not_retried() {
    for change in [token(), progress(OrderStatus::Created, None)] {
        let (answer, sent) = project(&change, &[refused(None)]).await;
        assert_eq!(answer.unwrap(), Applied::Nothing);
        assert_eq!(sent.count(), 1);
    }
}

#[tokio::test]
async fn a_late_choice_gives_a_failed_order_its_number_and_drink() {
    let late = progress(OrderStatus::Waiting, Some(latte()));
    for (answer, applied) in [(done(json!({})), Applied::Moved), (refused(None), Applied::Nothing)] {
        let (answered, sent) = project(&late, &[refused(None), answer]).await;
        assert_eq!(answered.unwrap(), applied);
        let update = &sent.all()[1];
        let condition = "eventId = :eventId AND userId = :userId \
                         AND statusRank = :rank AND attribute_not_exists(orderNumber)";
        assert_eq!(forward(update), (condition, &n(3)));
        assert_eq!(set(update), json!({"orderNumber": n(7), "drinkOrder": drink_item()}));
        assert_eq!(update["ExpressionAttributeNames"]["#orderNumber"], "orderNumber");
        assert_eq!(removed(update), Vec::<&str>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_whose_condition_fails_has_no_effect_even_if_the_release_is_contended() {
    for other in ["None", "TransactionConflict"] {
        let (answer, sent) = project(&end(None), &[cancelled(&[FAILED, other, "None"])]).await;
        assert_eq!(answer.unwrap(), Applied::Nothing);
        assert_eq!(sent.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_that_contention_or_throttling_cancelled_is_retried() {
    for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
        for index in 0..3 {
            let mut codes = ["None"; 3];
            codes[index] = code;
            let (answer, sent) = project(&end(None), &[cancelled(&codes), done(json!({}))]).await;
            assert_eq!(answer.unwrap(), Applied::Ended);
            let sent = sent.all();
            assert_eq!(sent.len(), 2);
            assert_eq!(sent[0]["TransactItems"], sent[1]["TransactItems"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_or_contended_call_is_retried() {
    for code in BUSY {
        for (change, applied) in [(token(), Applied::Moved), (end(None), Applied::Ended)] {
            let (answer, sent) = project(&change, &[error(code), error(code), done(json!({}))]).await;
            assert_eq!(answer.unwrap(), applied);
            assert_eq!(sent.count(), 3);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_stays_contended_is_an_error() {
    let conflict = cancelled(&["None", "TransactionConflict", "None"]);
    for (change, rule) in [
        (end(None), always(mock!(Client::transact_write_items), conflict)),
        (token(), always(mock!(Client::update_item), error("TransactionConflictException"))),
    ] {
        let (answer, sent) = project_by(&change, &[rule]).await;
        assert!(matches!(answer, Err(AdapterError::Contended { .. })), "{answer:?}");
        assert!(sent.count() > 5, "{} attempts", sent.count());
    }
}

#[tokio::test]
async fn any_other_answer_is_an_error() {
    let broken = error("InternalServerError");
    for (change, answer) in [
        (token(), broken.clone()),
        (end(None), broken),
        (end(None), cancelled(&["None", "ValidationError", "None"])),
        // Only a failed condition on the order itself means that there was nothing to do.
        (end(None), cancelled(&["None", FAILED, "None"])),
    ] {
        let (answer, sent) = project(&change, &[answer]).await;
        assert!(matches!(answer, Err(AdapterError::Failed { .. })), "{answer:?}");
        assert_eq!(sent.count(), 1);
    }
}
