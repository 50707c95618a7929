#[path = "any_bytes.rs"]
mod any_bytes;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use bootstrap::testing::measured;
use domain::live::Topic;
use serde_json::{Value, json};

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

#[derive(Default)]
struct Connections {
    stored: BTreeMap<String, Vec<Connection>>,
    deleted: Mutex<Vec<String>>,
    asked: Mutex<Vec<String>>,
    /// Topic whose connections cannot be found.
    broken: Option<&'static str>,
}

impl FindConnections for Connections {
    async fn newest(&self, topic: &Topic) -> Result<Vec<Connection>, AdapterError> {
        let topic = topic.to_string();
        self.asked.lock().unwrap().push(topic.clone());
        if self.broken.is_some_and(|broken| topic.starts_with(broken)) {
            return Err(AdapterError::Throttled { operation: "Query connections" });
        }
        Ok(self.stored.get(&topic).cloned().unwrap_or_default())
    }
}

impl DeleteConnection for Connections {
    async fn delete(&self, _: &Topic, connection: &Connection) -> Result<(), AdapterError> {
        self.deleted.lock().unwrap().push(connection.id.clone());
        Ok(())
    }
}

/// Fake of the sockets. A connection is gone or broken if its id says so; otherwise it is open.
#[derive(Default)]
struct Sockets(Mutex<Vec<(String, Value)>>);

impl PostMessage for Sockets {
    async fn post(&self, id: &str, message: &str) -> Result<Posted, AdapterError> {
        match id {
            id if id.contains("gone") => Ok(Posted::Gone),
            id if id.contains("broken") => Err(AdapterError::Throttled { operation: "PostToConnection" }),
            id => {
                self.0.lock().unwrap().push((id.to_owned(), serde_json::from_str(message).unwrap()));
                Ok(Posted::Sent)
            }
        }
    }
}

fn connection(id: &str, age_secs: u64, left_secs: i64) -> Connection {
    let until = Timestamp::from_millis(NOW.as_millis() + left_secs * 1_000);
    Connection { id: id.to_owned(), opened_at: NOW.minus(Duration::from_secs(age_secs)), until }
}

fn publisher(stored: &[(&str, Vec<Connection>)]) -> Publisher<Connections, Sockets> {
    let stored = stored.iter().map(|(topic, connections)| ((*topic).to_owned(), connections.clone())).collect();
    let connections = Connections { stored, ..Connections::default() };
    Publisher { connections, sockets: Sockets::default(), now: || NOW, lag: Sampled::new() }
}

fn completed() -> Payload {
    let detail = json!({
        "orderId": "o", "userId": "anna", "eventId": "bar", "Message": "m", "at": "2026-11-23T09:30:00.000Z",
        "orderNumber": 7, "drinkOrder": {"drink": "Latte", "modifiers": [], "icon": "latte"},
        "reason": "completed", "closedBy": "barista", "closedByUserId": "bea",
    });
    let event = json!({
        "id": "1", "source": domain::event::SOURCE, "detail-type": "OrderManager.OrderCompleted",
        "time": "2026-11-23T09:30:00Z", "detail": detail,
    });
    serde_json::value::to_raw_value(&event).unwrap()
}

fn sent(publisher: &Publisher<Connections, Sockets>) -> Vec<String> {
    let mut sent: Vec<String> = publisher.sockets.0.lock().unwrap().iter().map(|(id, _)| id.clone()).collect();
    sent.sort_unstable();
    sent
}

#[tokio::test]
async fn each_topic_gets_its_own_message() {
    let publisher = publisher(&[
        ("customer#bar#anna", vec![connection("phone", 60, 60)]),
        ("queue#bar", vec![connection("tablet", 60, 60), connection("tablet-2", 60, 60)]),
        ("board#bar", vec![connection("screen", 60, 60)]),
        ("bus#bar", vec![connection("projector", 60, 60)]),
        ("customer#bar#ben", vec![connection("another-phone", 60, 60)]),
        ("queue#other", vec![connection("another-tablet", 60, 60)]),
    ]);
    publisher.publish(completed()).await.unwrap();
    assert_eq!(sent(&publisher), ["phone", "projector", "screen", "tablet", "tablet-2"]);
    let kinds: BTreeMap<String, Value> =
        publisher.sockets.0.lock().unwrap().iter().map(|(id, message)| (id.clone(), message["kind"].clone())).collect();
    assert_eq!(
        (&kinds["phone"], &kinds["screen"], &kinds["projector"]),
        (&json!("order"), &json!("number"), &json!("event"))
    );
}

#[tokio::test]
async fn the_time_from_an_event_to_its_messages_is_sampled() {
    let mut publisher = publisher(&[]);
    publisher.now = || "2026-11-23T09:30:02.500Z".parse().unwrap();
    let (_, first) = measured(publisher.publish(completed())).await;
    assert_eq!(first, [(metric::LAG.to_owned(), 2_500.0)]);
    let (_, second) = measured(publisher.publish(completed())).await;
    assert_eq!(second, []);
}

#[tokio::test]
async fn a_connection_past_its_time_receives_nothing() {
    let publisher = publisher(&[("queue#bar", vec![connection("over", 60, 0), connection("last-moment", 60, 1)])]);
    publisher.publish(completed()).await.unwrap();
    assert_eq!(sent(&publisher), ["last-moment"]);
}

#[tokio::test]
async fn a_gone_connection_is_deleted_unless_it_was_opened_a_moment_ago() {
    let publisher = publisher(&[(
        "queue#bar",
        vec![connection("gone", 30, 60), connection("gone-but-new", 29, 60), connection("here", 60, 60)],
    )]);
    publisher.publish(completed()).await.unwrap();
    assert_eq!(sent(&publisher), ["here"]);
    assert_eq!(*publisher.connections.deleted.lock().unwrap(), ["gone"]);
}

#[tokio::test]
async fn a_failed_post_and_a_failed_query_do_not_stop_the_other_messages() {
    let mut publisher = publisher(&[
        ("queue#bar", vec![connection("broken", 60, 60), connection("here", 60, 60)]),
        ("board#bar", vec![connection("screen", 60, 60)]),
    ]);
    publisher.connections.broken = Some("customer");
    let failure = publisher.publish(completed()).await.unwrap_err();
    assert!(failure.to_string().starts_with("NotPushed"), "{failure}");
    assert_eq!(sent(&publisher), ["here", "screen"]);
}

#[tokio::test]
async fn an_event_without_messages_asks_for_no_connections() {
    let publisher = publisher(&[]);
    for payload in
        [json!(null), json!({}), json!({"detail-type": "OrderManager.OrderCompleted", "detail": {"eventId": "bar"}})]
    {
        publisher.publish(serde_json::value::to_raw_value(&payload).unwrap()).await.unwrap();
    }
    let mut event: Value = serde_json::from_str(completed().get()).unwrap();
    event["detail"]["TaskToken"] = json!("secret");
    publisher.publish(serde_json::value::to_raw_value(&event).unwrap()).await.unwrap();
    assert!(publisher.connections.asked.lock().unwrap().is_empty());
}

/// Calls of one event: a query for each topic, and a post for each connection that receives it.
#[tokio::test]
async fn the_calls_for_an_event_do_not_grow_with_the_number_of_phones() {
    for phones in [1, 100, 1_000] {
        let mut stored: Vec<(String, Vec<Connection>)> =
            (0..phones).map(|one| (format!("customer#bar#guest-{one}"), vec![connection("phone", 60, 60)])).collect();
        stored.push(("customer#bar#anna".into(), vec![connection("own-phone", 60, 60)]));
        stored.push(("queue#bar".into(), vec![connection("tablet", 60, 60)]));
        let stored: Vec<(&str, Vec<Connection>)> =
            stored.iter().map(|(topic, list)| (topic.as_str(), list.clone())).collect();
        let publisher = publisher(&stored);
        publisher.publish(completed()).await.unwrap();
        let calls = (publisher.connections.asked.lock().unwrap().len(), sent(&publisher).len());
        assert_eq!(calls, (4, 2), "with {phones} phones");
    }
}
