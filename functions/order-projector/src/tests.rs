use std::sync::Mutex;

use bootstrap::testing::Logged;
use serde_json::{Value, json};

use super::*;

#[derive(Default)]
struct Orders {
    changes: Mutex<Vec<Change>>,
    contended: bool,
}

impl ProjectOrder for Orders {
    async fn project(&self, change: &Change) -> Result<Applied, AdapterError> {
        if self.contended {
            return Err(AdapterError::Contended { operation: "UpdateItem order" });
        }
        self.changes.lock().unwrap().push(change.clone());
        Ok(Applied::Moved)
    }
}

fn event(detail_type: &str, detail: &Value) -> Payload {
    payload(&json!({"id": "1", "detail-type": detail_type, "source": domain::event::SOURCE, "detail": detail}))
}

fn payload(json: &Value) -> Payload {
    serde_json::from_str(&json.to_string()).unwrap()
}

fn started() -> Value {
    json!({
        "orderId": "o", "userId": "anna", "eventId": "bar", "Message": "started",
        "at": "2026-11-23T09:30:00.000Z", "expiresAt": "2026-11-23T09:35:00.000Z", "unknownField": 1
    })
}

#[tokio::test]
async fn an_event_changes_the_order_that_it_names() {
    let projector = Projector { orders: Orders::default() };
    projector.project(event("OrderProcessor.WorkflowStarted", &started())).await.unwrap();
    let changes = projector.orders.changes.lock().unwrap();
    let order_ids: Vec<&str> = changes.iter().map(|change| change.about.order_id.as_str()).collect();
    assert_eq!(order_ids, ["o"], "the event must change the order that it names");
}

#[tokio::test]
async fn a_failed_projection_fails_the_invocation() {
    let contended = Projector { orders: Orders { contended: true, ..Default::default() } };
    assert!(contended.project(event("OrderProcessor.WorkflowStarted", &started())).await.is_err());
}

#[tokio::test]
async fn an_unreadable_event_leaves_one_error_line_and_is_not_retried() {
    let mut without_time = started();
    without_time.as_object_mut().unwrap().remove("at");
    for unreadable in [
        event("OrderProcessor.WorkflowStarted", &without_time),
        event("OrderProcessor.WorkflowStarted", &json!(["o"])),
        event("Validator.NewOrder", &started()),
        payload(&json!({})),
        payload(&json!(null)),
    ] {
        let (logged, _guard) = Logged::begin();
        let projector = Projector { orders: Orders::default() };
        assert_eq!(projector.project(unreadable.clone()).await, Ok(()), "{unreadable}");
        let errors = logged.at("ERROR");
        assert_eq!(errors.len(), 1, "{unreadable}: {errors:?}");
        assert_eq!(errors[0]["message"], "unreadable event");
        assert!(projector.orders.changes.lock().unwrap().is_empty());
    }
}

#[path = "any_bytes.rs"]
mod any_bytes;
