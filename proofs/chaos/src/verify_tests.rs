use domain::order::Order;
use serde_json::{Value, json};

use super::*;
use crate::crowd::Accepted;
use crate::facts::OpenCount;

fn order(status: &str, extra: &Value) -> StoredOrder {
    let mut order = json!({
        "orderId": "o1", "eventId": "bar", "userId": "anna", "status": status, "claimVersion": 1, "orderNumber": 1,
        "baristaUserId": "bea", "claimedAt": "2026-01-01T00:00:00.000Z",
        "drinkOrder": {"userId": "anna", "drink": "Latte", "modifiers": [], "icon": "latte"},
        "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
    });
    order.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let order: Order = serde_json::from_value(order).unwrap();
    StoredOrder { order, closed_by_user_id: Some("bea".into()), previous_barista_user_id: None, has_token: false }
}

fn event(detail_type: &str, extra: &Value) -> BusEvent {
    let mut detail = json!({
        "orderId": "o1", "userId": "anna", "eventId": "bar", "Message": "m", "at": "2026-01-01T00:00:00.000Z",
        "orderNumber": 1, "drinkOrder": {"userId": "anna", "drink": "Latte", "modifiers": [], "icon": "latte"},
    });
    detail.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let source = domain::event::SOURCE.to_owned();
    BusEvent { id: "1".into(), source, detail_type: detail_type.into(), detail, replay_name: None }
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

fn accepted_drink() -> Accepted {
    Accepted { submitted: Some("Latte".into()), ..Accepted::default() }
}

fn correct() -> Facts {
    let stored = order("COMPLETED", &json!({"reason": "completed", "closedBy": "barista"}));
    let id = stored.order.order_id.clone();
    Facts {
        orders: [(id.clone(), stored)].into(),
        events: vec![completed(), completed()],
        accepted: [(id, Accepted { completed: true, ..accepted_drink() })].into(),
        counts: vec![OpenCount { name: "bar FLOOR".into(), value: 0 }],
        ..Facts::default()
    }
}

fn rules(facts: &Facts) -> Vec<&'static str> {
    violations(facts).into_iter().map(|violation| violation.rule).collect()
}

fn after(change: impl FnOnce(&mut Facts)) -> Vec<&'static str> {
    let mut facts = correct();
    change(&mut facts);
    rules(&facts)
}

#[test]
fn a_correct_run_violates_no_rule() {
    assert_eq!(violations(&correct()), []);
}

#[test]
fn lost_orders_lost_commands_and_unfinished_work_are_reported() {
    assert_eq!(after(|facts| facts.orders.clear()), ["an acknowledged order is stored"]);
    let stuck = after(|facts| facts.orders.values_mut().for_each(|stored| *stored = order("WAITING", &json!({}))));
    assert_eq!(stuck, ["every order is final", "an acknowledged completion is kept"]);
    let cancelled = after(|facts| facts.accepted.values_mut().for_each(|accepted| accepted.cancelled = true));
    assert_eq!(cancelled, ["an acknowledged cancellation is kept"]);
    let another =
        after(|facts| facts.accepted.values_mut().for_each(|accepted| accepted.submitted = Some("Mocha".into())));
    assert_eq!(another, ["an acknowledged drink is kept"]);
    assert_eq!(after(|facts| facts.counts[0].value = 1), ["every count of open orders is 0"]);
    assert_eq!(after(|facts| facts.counts[0].value = -1), ["every count of open orders is 0"]);
    assert_eq!(after(|facts| facts.dead_letters = [("Q".into(), 1)].into()), ["no dead-letter message is left"]);
    assert_eq!(after(|facts| facts.running = 1), ["no execution runs"]);
    assert_eq!(
        after(|facts| facts.versions = [("bar".parse().unwrap(), 1)].into()),
        ["the newest settings are published"]
    );
    let token = after(|facts| facts.orders.values_mut().for_each(|stored| stored.has_token = true));
    assert_eq!(token, ["a final order has no task token"]);
}

#[test]
fn an_order_with_no_outcome_two_outcomes_or_another_closer_is_reported() {
    assert_eq!(after(|facts| facts.events.clear()), ["events and table agree"]);
    assert_eq!(after(|facts| facts.events.push(cancelled())), ["events and table agree"]);
    let by_another =
        after(|facts| facts.orders.values_mut().for_each(|stored| stored.closed_by_user_id = Some("zoe".into())));
    let held = "a barista who closes an order in the queue has held its claim";
    assert_eq!(by_another, ["events and table agree", held]);
}

fn made(barista: &str, version: u64, at: &str) -> BusEvent {
    let claim = json!({
        "baristaUserId": barista, "previousBaristaUserId": "", "claimVersion": version, "claimedAt": at, "at": at
    });
    event("OrderManager.MakeOrder", &claim)
}

#[test]
fn a_published_claim_that_differs_from_another_event_or_from_the_table_is_reported() {
    const AT: &str = "2026-01-01T00:00:00.000Z";
    assert_eq!(after(|facts| facts.events.extend([made("bea", 1, AT), made("bea", 1, AT)])), [""; 0]);
    let twice = after(|facts| facts.events.extend([made("bea", 1, AT), made("bea", 1, "2026-01-01T00:00:01.000Z")]));
    assert_eq!(twice, ["events about the same version of a claim are equal"]);
    let another = after(|facts| facts.events.push(made("ben", 1, AT)));
    assert_eq!(another, ["events and table agree about a claim"]);
    let newer = after(|facts| facts.events.push(made("bea", 2, AT)));
    assert_eq!(newer, ["events and table agree about a claim"]);
}

#[test]
fn an_order_that_was_closed_without_its_claim_is_reported() {
    let by = |closer: &str, previous: Option<&str>| {
        let mut facts = correct();
        facts.events.clear();
        facts.orders.values_mut().for_each(|stored| {
            stored.closed_by_user_id = Some(closer.into());
            stored.previous_barista_user_id = previous.map(str::to_owned);
        });
        claims::violations(&facts).into_iter().map(|violation| violation.rule).collect::<Vec<_>>()
    };
    assert_eq!(by("ben", None), ["a barista who closes an order in the queue has held its claim"]);
    assert_eq!(by("ben", Some("ben")), [""; 0]);
    assert_eq!(by("admin", None), [""; 0]);
}

#[test]
fn a_requested_order_that_is_not_stored_is_reported() {
    let requested = after(|facts| {
        let mut request = event("Validator.NewOrder", &json!({}));
        request.detail["orderId"] = json!("o2");
        facts.events.push(request);
    });
    assert_eq!(requested, ["a requested order is stored"]);
}

#[test]
fn a_number_that_two_orders_share_is_reported() {
    let shared = after(|facts| {
        let other = order("COMPLETED", &json!({"orderId": "o2", "reason": "completed", "closedBy": "barista"}));
        let mut event = completed();
        event.detail["orderId"] = json!("o2");
        facts.orders.insert("o2".parse().unwrap(), other);
        facts.events.push(event);
    });
    assert_eq!(shared, ["a number is given to one order, and an order has one number"]);
}

#[test]
fn an_unpublished_refusal_is_counted_and_a_refusal_published_with_another_reason_is_a_violation() {
    let refused = |facts: &mut Facts| {
        let stored = order("CANCELLED", &json!({"reason": "closed", "closedBy": "system"}));
        facts.orders = [(stored.order.order_id.clone(), stored)].into();
        facts.accepted.clear();
        facts.events.clear();
    };
    let mut facts = correct();
    refused(&mut facts);
    assert_eq!((rules(&facts), unannounced_refusals(&facts)), (Vec::new(), 1));
    facts.events.push(event("OrderProcessor.ShopUnavailable", &json!({"reason": "full"})));
    assert_eq!(rules(&facts), ["events and table agree"]);
}
