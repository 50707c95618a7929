use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::event::DETAIL_TYPES;

fn sample(name: &str) -> BusEvent {
    let path = format!("{}/../../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Messages of an event by the partition of their topic.
fn received(event: &BusEvent) -> BTreeMap<String, Value> {
    let pushes = pushes(event).unwrap();
    let received: BTreeMap<_, _> =
        pushes.iter().map(|push| (push.topic.to_string(), serde_json::to_value(&push.message).unwrap())).collect();
    assert_eq!(received.len(), pushes.len(), "a topic gets two messages of one event");
    received
}

const CUSTOMER: &str = "customer#RUSTCONF#0b9f2c1e-5a7d-4c1b-9f0e-3d2c1b0a9f8e";

fn topics(name: &str) -> String {
    topics_of(&sample(name))
}

fn topics_of(event: &BusEvent) -> String {
    let mut kinds: Vec<String> =
        received(event).into_keys().map(|topic| topic.split('#').next().unwrap().to_owned()).collect();
    kinds.sort_unstable();
    kinds.join(" ")
}

#[test]
fn each_event_reaches_exactly_the_topics_that_show_it() {
    for (name, expected) in [
        ("Validator.NewOrder", "board bus"),
        ("Validator.NewOrder-without-code", "bus"),
        ("OrderProcessor.TokenIssued", ""),
        ("OrderProcessor.WorkflowStarted", "bus"),
        ("OrderManager.WaitingCompletion", "board bus customer queue"),
        ("OrderManager.MakeOrder", "bus customer queue"),
        ("OrderManager.OrderCompleted", "board bus customer queue"),
        ("OrderManager.OrderCalled", "board bus customer queue"),
        ("OrderManager.OrderCancelled", "board bus customer queue"),
        ("OrderProcessor.OrderTimeOut", "board bus customer queue"),
        ("OrderProcessor.OrderFailed", "board bus customer queue"),
        ("OrderProcessor.orderFinished", "bus"),
        ("ConfigService.ConfigChanged", "board bus queue"),
    ] {
        assert_eq!(topics(name), expected, "{name}");
    }
    let mut refused = sample("OrderProcessor.ShopUnavailable");
    for (reason, expected) in [("full", "board bus customer"), ("closed", "bus customer")] {
        refused.detail["reason"] = json!(reason);
        assert_eq!(topics_of(&refused), expected, "{reason}");
    }
    assert_eq!(DETAIL_TYPES.len(), 13, "add the new detail-type above");
}

#[test]
fn a_message_to_the_board_has_no_order_id_and_no_person() {
    for name in DETAIL_TYPES {
        let event = sample(name);
        for (topic, message) in received(&event).into_iter().filter(|(topic, _)| topic.starts_with("board")) {
            let text = message.to_string();
            for secret in ["orderId", "userId", "barista", "mzxw6ytboi4tqmzrgi3dknbvgq", "0b9f2c1e"] {
                assert!(!text.contains(secret), "{topic} {name}: {text}");
            }
        }
    }
}

#[test]
fn an_order_that_joins_the_queue_is_pushed_with_its_number_drink_and_deadline() {
    let received = received(&sample("OrderManager.WaitingCompletion"));
    let event = sample("OrderManager.WaitingCompletion").detail;
    let order = json!({
        "orderId": event["orderId"], "status": "WAITING", "orderNumber": event["orderNumber"],
        "drinkOrder": event["drinkOrder"], "updatedAt": event["at"], "expiresAt": event["expiresAt"],
    });
    let expected = json!({"v": 1, "kind": "order", "eventId": "RUSTCONF", "at": event["at"], "order": order});
    assert_eq!(received[CUSTOMER], expected);
    let mut expected = expected;
    expected["order"]["userId"] = event["userId"].clone();
    assert_eq!(received["queue#RUSTCONF"], expected);
    let expected = json!({
        "v": 1, "kind": "number", "eventId": "RUSTCONF", "at": event["at"], "number": event["orderNumber"],
        "list": "making", "drink": event["drinkOrder"]["drink"], "since": event["at"],
    });
    assert_eq!(received["board#RUSTCONF"], expected);
}

#[test]
fn a_claim_reaches_the_customer_without_its_time() {
    let received = received(&sample("OrderManager.MakeOrder"));
    assert!(received["queue#RUSTCONF"]["order"]["claimedAt"].is_string());
    assert_eq!(received[CUSTOMER]["order"].get("claimedAt"), None);
    assert!(received[CUSTOMER]["order"]["baristaUserId"].is_string());
    let mut released = sample("OrderManager.MakeOrder");
    released.detail["baristaUserId"] = json!("");
    released.detail.as_object_mut().unwrap().remove("claimedAt");
    let received = pushes(&released).unwrap();
    let order = serde_json::to_value(&received[0].message).unwrap()["order"].clone();
    assert_eq!(order.get("baristaUserId"), None);
    assert!(order["claimVersion"].is_u64());
}

#[test]
fn the_end_of_an_order_that_was_never_in_the_queue_is_pushed_to_its_customer_and_the_bus_alone() {
    let mut cancelled = sample("OrderManager.OrderCancelled");
    let detail = cancelled.detail.as_object_mut().unwrap();
    detail.remove("orderNumber");
    detail.remove("drinkOrder");
    let received = received(&cancelled);
    assert_eq!(received.len(), 2, "{received:?}");
    assert_eq!(received[CUSTOMER]["order"]["status"], "CANCELLED");
}

#[test]
fn no_message_contains_a_task_token_or_an_unlisted_field() {
    for name in DETAIL_TYPES {
        let mut event = sample(name);
        event.detail["unlisted"] = json!("secret-1");
        for message in pushes(&event).unwrap() {
            let text = serde_json::to_string(&message.message).unwrap();
            assert!(!text.contains("secret-1") && !text.contains("unlisted"), "{name}: {text}");
        }
        event.detail["nested"] = json!([{"TaskToken": "secret-2"}]);
        assert_eq!(pushes(&event).unwrap(), [], "{name}");
    }
}

#[test]
fn an_event_of_an_unknown_detail_type_is_shown_by_its_common_fields() {
    let mut event = sample("OrderManager.OrderCompleted");
    event.detail_type = "Extension.Rated".to_owned();
    let received = received(&event);
    assert_eq!(received.len(), 1, "{received:?}");
    let shown = &received["bus#RUSTCONF"]["event"];
    assert_eq!(shown["detail-type"], "Extension.Rated");
    assert_eq!(received["bus#RUSTCONF"].get("producer"), None);
    let names: Vec<&String> = shown["detail"].as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 5, "{names:?}");
    event.detail = json!({"x": 1});
    assert_eq!(pushes(&event).unwrap(), []);
}

#[test]
fn a_malformed_event_is_an_error() {
    let mut event = sample("OrderManager.OrderCompleted");
    event.detail["orderNumber"] = json!("seventeen");
    assert!(pushes(&event).is_err());
}

#[test]
fn the_settings_on_the_bus_have_neither_menu_nor_links() {
    let shown = received(&sample("ConfigService.ConfigChanged"));
    let image = &shown["bus#RUSTCONF"]["event"]["detail"]["NewImage"];
    assert_eq!(image["storeOpen"], true);
    assert!(image.get("menu").is_none() && image.get("links").is_none(), "{image}");
}
