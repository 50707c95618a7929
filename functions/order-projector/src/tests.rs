use std::sync::Mutex;

use serde_json::{Value, json};

use super::*;

#[derive(Default)]
struct Book {
    changes: Mutex<Vec<Change>>,
    broken: bool,
}

impl ProjectOrder for Book {
    async fn project(&self, change: &Change) -> Result<Applied, AdapterError> {
        if self.broken {
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
        "at": "2026-11-23T09:30:00.000Z", "expiresAt": "2026-11-23T09:35:00.000Z", "a field of tomorrow": 1
    })
}

#[tokio::test]
async fn an_event_becomes_a_change_of_its_order() {
    let projector = Projector { orders: Book::default() };
    projector.project(event("OrderProcessor.WorkflowStarted", &started())).await.unwrap();
    assert_eq!(projector.orders.changes.lock().unwrap()[0].about.order_id.as_str(), "o");
}

#[tokio::test]
async fn an_event_that_could_not_be_projected_fails_so_that_lambda_tries_again() {
    let broken = Projector { orders: Book { broken: true, ..Default::default() } };
    let projector = Projector { orders: Book::default() };
    assert!(broken.project(event("OrderProcessor.WorkflowStarted", &started())).await.is_err());
    assert!(projector.project(event("OrderProcessor.WorkflowStarted", &json!({}))).await.is_err());
    assert!(projector.project(event("Validator.NewOrder", &started())).await.is_err());
    assert!(projector.orders.changes.lock().unwrap().is_empty());
}

#[path = "any_bytes.rs"]
mod any_bytes;
