use super::*;
use crate::order::{Order, TaskToken};

pub(crate) fn drink() -> DrinkOrder {
    DrinkOrder { drink: "Latte".into(), modifiers: vec!["Oat".into()], icon: "latte".into() }
}

pub(crate) fn stored(status: OrderStatus) -> StoredOrder {
    let order = Order {
        order_id: "order".parse().unwrap(),
        shop_id: "ABC".parse().unwrap(),
        user_id: "customer".parse().unwrap(),
        status,
        order_number: None,
        drink_order: None,
        barista_user_id: None,
        claimed_at: None,
        claim_version: 0,
        created_at: Timestamp::from_millis(0),
        updated_at: Timestamp::from_millis(0),
        expires_at: Some(Timestamp::from_millis(60_000)),
        reason: None,
        closed_by: None,
        called_at: None,
    };
    StoredOrder {
        order,
        execution_arn: "execution".into(),
        token: None,
        closed_by_user_id: None,
        previous_barista_user_id: None,
        released_at: None,
    }
}

fn event(detail_type: &str, at: i64, fields: &serde_json::Value) -> Change {
    let mut detail = serde_json::json!({
        "orderId": "order", "userId": "customer", "eventId": "ABC", "Message": "", "at": Timestamp::from_millis(at)
    });
    detail.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    OrderEvent::parse(detail_type, detail).unwrap().into()
}

fn token(step: &str, attempt: u32) -> Change {
    let token = format!("{step} {attempt}");
    event("OrderProcessor.TokenIssued", 1, &serde_json::json!({"TaskToken": token, "step": step, "attempt": attempt}))
}

#[test]
fn an_event_that_names_another_shop_or_customer_does_not_apply() {
    let order = stored(OrderStatus::Created);
    for change in life() {
        let mut forged = [change.clone(), change];
        forged[0].about.shop_id = "elsewhere".parse().unwrap();
        forged[1].about.user_id = "mallory".parse().unwrap();
        assert!(forged.iter().all(|change| !applies(&order, change)));
    }
}

/// The events of an order from its admission to its completion, in the sequence of publication. The
/// wait for the customer was retried once.
fn life() -> Vec<Change> {
    let expires = serde_json::json!({"expiresAt": Timestamp::from_millis(300_000)});
    let waiting = serde_json::json!({
        "orderNumber": 7, "drinkOrder": drink(), "expiresAt": Timestamp::from_millis(900_000)
    });
    let completed = serde_json::json!({
        "orderNumber": 7, "drinkOrder": drink(), "reason": "completed", "closedBy": "barista", "closedByUserId": "anna"
    });
    vec![
        event("OrderProcessor.WorkflowStarted", 10, &expires),
        token("customer", 0),
        token("customer", 1),
        event("OrderManager.WaitingCompletion", 20, &waiting),
        token("barista", 0),
        event("OrderManager.OrderCompleted", 30, &completed),
    ]
}

#[test]
fn a_complete_history_ends_without_a_task_token() {
    let mut order = stored(OrderStatus::Admitted);
    let applied: Vec<_> = life().iter().map(|change| apply(&mut order, change)).collect();
    assert_eq!(applied.last(), Some(&Applied::Ended));
    assert_eq!(order.order.status, OrderStatus::Completed);
    assert_eq!(order.order.updated_at, Timestamp::from_millis(30));
    assert_eq!((order.token, order.order.expires_at), (None, None));
}

#[test]
fn the_newest_task_token_of_the_latest_step_is_kept() {
    let mut order = stored(OrderStatus::Created);
    for change in [token("customer", 1), token("customer", 0), token("barista", 0), token("customer", 2)] {
        apply(&mut order, &change);
    }
    assert_eq!(order.token.unwrap().token, TaskToken::new("barista 0".into()));
}

#[test]
fn an_end_that_arrives_first_needs_no_other_event() {
    let mut order = stored(OrderStatus::Admitted);
    apply(&mut order, &life()[5]);
    assert_eq!(order.order.order_number, Some(7));
    assert_eq!(order.order.drink_order, Some(drink()));
}

#[test]
fn an_unknown_detail_type_and_a_malformed_detail_are_different_errors() {
    let unknown = OrderEvent::parse("OrderManager.MakeOrder", serde_json::json!({}));
    assert!(matches!(unknown, Err(crate::event::UnreadableEvent::UnknownDetailType(_))));
    let malformed = OrderEvent::parse("OrderProcessor.WorkflowStarted", serde_json::json!({"orderId": 1}));
    assert!(matches!(malformed, Err(crate::event::UnreadableEvent::Malformed { .. })));
}
