use domain::order::Order;
use serde_json::{Value, json};

use super::*;
use crate::crowd::Promise;
use crate::facts::Count;

fn order(status: &str, extra: &Value) -> Kept {
    let mut order = json!({
        "orderId": "o1", "eventId": "bar", "userId": "anna", "status": status, "claimVersion": 0, "orderNumber": 1,
        "drinkOrder": {"userId": "anna", "drink": "Latte", "modifiers": [], "icon": "latte"},
        "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
    });
    order.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let order: Order = serde_json::from_value(order).unwrap();
    Kept { order, closed_by_user_id: Some("bea".into()), holds_token: false }
}

fn event(detail_type: &str, extra: &Value) -> BusEvent {
    let mut detail = json!({
        "orderId": "o1", "userId": "anna", "eventId": "bar", "Message": "m", "at": "2026-01-01T00:00:00.000Z",
        "orderNumber": 1, "drinkOrder": {"userId": "anna", "drink": "Latte", "modifiers": [], "icon": "latte"},
    });
    detail.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let source = domain::event::SOURCE.to_owned();
    BusEvent { id: "1".into(), source, detail_type: detail_type.into(), detail }
}

fn completed() -> BusEvent {
    event(
        "OrderManager.OrderCompleted",
        &json!({"reason": "completed", "closedBy": "barista", "closedByUserId": "bea"}),
    )
}

fn cancelled() -> BusEvent {
    let by = json!({"reason": "changed my mind", "closedBy": "customer", "closedByUserId": "anna"});
    event("OrderManager.OrderCancelled", &by)
}

fn promise() -> Promise {
    Promise { user_id: "anna".into(), submitted: Some("Latte".into()), completed: false, cancelled: false }
}

/// A bar in which one order was served, and all is well.
fn well() -> Facts {
    let kept = order("COMPLETED", &json!({"reason": "completed", "closedBy": "barista"}));
    let id = kept.order.order_id.clone();
    Facts {
        orders: [(id.clone(), kept)].into(),
        events: vec![completed(), completed()],
        promises: [(id, Promise { completed: true, ..promise() })].into(),
        counts: vec![Count { of: "bar FLOOR".into(), value: 0 }],
        ..Facts::default()
    }
}

fn rules(facts: &Facts) -> Vec<&'static str> {
    violations(facts).into_iter().map(|violation| violation.rule).collect()
}

fn after(change: impl FnOnce(&mut Facts)) -> Vec<&'static str> {
    let mut facts = well();
    change(&mut facts);
    rules(&facts)
}

#[test]
fn a_bar_in_which_all_is_well_violates_nothing() {
    assert_eq!(violations(&well()), []);
}

#[test]
fn each_promise_that_is_not_kept_is_told() {
    assert_eq!(after(|facts| facts.orders.clear()), ["an acknowledged order is there"]);
    let stuck = after(|facts| facts.orders.values_mut().for_each(|kept| *kept = order("WAITING", &json!({}))));
    assert_eq!(stuck, ["every order is final", "a drink that was handed over is completed"]);
    let cancelled = after(|facts| facts.promises.values_mut().for_each(|promise| promise.cancelled = true));
    assert_eq!(cancelled, ["an order that its customer cancelled is cancelled"]);
    let another =
        after(|facts| facts.promises.values_mut().for_each(|promise| promise.submitted = Some("Mocha".into())));
    assert_eq!(another, ["a drink that was taken is the order's"]);
    assert_eq!(after(|facts| facts.counts[0].value = 1), ["nothing is counted any more"]);
    assert_eq!(after(|facts| facts.counts[0].value = -1), ["nothing is counted any more"]);
    assert_eq!(after(|facts| facts.letters = [("Q".into(), 1)].into()), ["no letter is left"]);
    assert_eq!(after(|facts| facts.running = 1), ["no execution runs"]);
    assert_eq!(after(|facts| facts.versions = [("bar".parse().unwrap(), 1)].into()), ["settings are announced"]);
    let token = after(|facts| facts.orders.values_mut().for_each(|kept| kept.holds_token = true));
    assert_eq!(token, ["no token outlives its order"]);
}

#[test]
fn an_order_that_nobody_hears_of_or_that_ends_twice_is_told() {
    assert_eq!(after(|facts| facts.events.clear()), ["events and table agree"]);
    assert_eq!(after(|facts| facts.events.push(cancelled())), ["events and table agree"]);
    let by_another =
        after(|facts| facts.orders.values_mut().for_each(|kept| kept.closed_by_user_id = Some("zoe".into())));
    assert_eq!(by_another, ["events and table agree"]);
}

#[test]
fn an_order_that_was_asked_for_and_never_came_is_told() {
    let asked = after(|facts| {
        let mut asked = event("Validator.NewOrder", &json!({}));
        asked.detail["orderId"] = json!("o2");
        facts.events.push(asked);
    });
    assert_eq!(asked, ["an order that was asked for is there"]);
}

#[test]
fn a_number_that_two_orders_have_is_told() {
    let shared = after(|facts| {
        let other = order("COMPLETED", &json!({"orderId": "o2", "reason": "completed", "closedBy": "barista"}));
        let mut told = completed();
        told.detail["orderId"] = json!("o2");
        facts.orders.insert("o2".parse().unwrap(), other);
        facts.events.push(told);
    });
    assert_eq!(shared, ["a number is given to one order"]);
}

#[test]
fn a_refusal_that_nobody_heard_is_counted_and_one_that_was_told_otherwise_is_a_violation() {
    let refused = |facts: &mut Facts| {
        let kept = order("CANCELLED", &json!({"reason": "closed", "closedBy": "system"}));
        facts.orders = [(kept.order.order_id.clone(), kept)].into();
        facts.promises.clear();
        facts.events.clear();
    };
    let mut facts = well();
    refused(&mut facts);
    assert_eq!((rules(&facts), untold_refusals(&facts)), (Vec::new(), 1));
    facts.events.push(event("OrderProcessor.ShopUnavailable", &json!({"reason": "full"})));
    assert_eq!(rules(&facts), ["events and table agree"]);
}
