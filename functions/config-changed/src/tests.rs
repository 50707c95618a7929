use std::sync::Mutex;

use serde_json::{Value, json};

use super::*;

#[derive(Default)]
struct Bus {
    published: Mutex<Vec<Entry>>,
    broken: bool,
}

impl Publish for Bus {
    async fn publish(&self, entries: Vec<Entry>) -> Result<(), AdapterError> {
        if self.broken {
            return Err(AdapterError::NotPublished { failed: 1, total: 1, code: "InternalFailure".into() });
        }
        self.published.lock().unwrap().extend(entries);
        Ok(())
    }
}

fn batch(event_name: &str, new_image: &Value) -> Event {
    let record = json!({
        "eventID": "1", "eventName": event_name, "awsRegion": "us-east-1",
        "dynamodb": {"ApproximateCreationDateTime": 1_800_000_000, "Keys": {}, "NewImage": new_image, "SizeBytes": 1}
    });
    serde_json::from_value(json!({"Records": [record]})).unwrap()
}

fn image() -> Value {
    json!({
        "eventId": {"S": "bar"}, "item": {"S": "CONFIG"}, "storeOpen": {"BOOL": true}, "menu": {"L": []},
        "drinksPerBarcode": {"N": "10"}, "maxOrdersInQueue": {"N": "20"}, "maxOrdersPerUser": {"N": "1"},
        "version": {"N": "3"}, "qrKey": {"B": "c2VjcmV0"}
    })
}

#[tokio::test]
async fn an_edit_is_published_with_the_new_settings_and_without_secrets() {
    let announcer = Announcer { bus: Bus::default() };
    announcer.announce(batch("MODIFY", &image())).await.unwrap();
    let published = announcer.bus.published.lock().unwrap();
    let detail: Value = serde_json::from_str(&published[0].detail).unwrap();
    assert_eq!(published[0].detail_type, "ConfigService.ConfigChanged");
    assert_eq!(detail["at"], "2027-01-15T08:00:00.000Z");
    assert_eq!((&detail["NewImage"]["storeOpen"], &detail["NewImage"]["version"]), (&json!(true), &json!(3)));
    assert!(!published[0].detail.contains("qrKey"), "{}", published[0].detail);
}

#[tokio::test]
async fn what_could_not_be_published_is_tried_again() {
    let broken = Announcer { bus: Bus { broken: true, ..Default::default() } };
    assert!(broken.announce(batch("INSERT", &image())).await.is_err());
    let announcer = Announcer { bus: Bus::default() };
    assert!(announcer.announce(batch("INSERT", &json!({}))).await.is_err());
}

#[tokio::test]
async fn a_deleted_shop_announces_nothing() {
    let announcer = Announcer { bus: Bus::default() };
    announcer.announce(batch("REMOVE", &json!({}))).await.unwrap();
    assert!(announcer.bus.published.lock().unwrap().is_empty());
}
