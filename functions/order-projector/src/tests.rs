use std::sync::Mutex;

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

fn event(detail_type: &str, detail: &Value) -> EventBridgeEvent {
    let envelope = json!({"detail-type": detail_type, "source": domain::event::SOURCE, "detail": detail});
    serde_json::from_value(envelope).unwrap()
}

fn started() -> Value {
    json!({
        "orderId": "o", "userId": "anna", "eventId": "bar", "Message": "started",
        "at": "2026-11-23T09:30:00.000Z", "expiresAt": "2026-11-23T09:35:00.000Z", "unknownField": 1
    })
}

#[tokio::test]
async fn an_event_becomes_a_change_of_its_order() {
    let projector = Projector { orders: Orders::default() };
    projector.project(event("OrderProcessor.WorkflowStarted", &started())).await.unwrap();
    assert_eq!(projector.orders.changes.lock().unwrap()[0].about.order_id.as_str(), "o");
}

#[tokio::test]
async fn a_failed_projection_fails_the_invocation_so_that_lambda_retries() {
    let contended = Projector { orders: Orders { contended: true, ..Default::default() } };
    let projector = Projector { orders: Orders::default() };
    assert!(contended.project(event("OrderProcessor.WorkflowStarted", &started())).await.is_err());
    assert!(projector.project(event("OrderProcessor.WorkflowStarted", &json!({}))).await.is_err());
    assert!(projector.project(event("Validator.NewOrder", &started())).await.is_err());
    assert!(projector.orders.changes.lock().unwrap().is_empty());
}

#[path = "any_bytes.rs"]
mod any_bytes;
