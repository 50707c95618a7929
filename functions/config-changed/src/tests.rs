use std::collections::VecDeque;
use std::sync::Mutex;

use domain::shop::Catalog;
use serde_json::{Value, json};

use super::*;

/// Fake of the event bus, whose first calls fail with `errors`.
#[derive(Default)]
struct Bus {
    published: Mutex<Vec<Entry>>,
    errors: Mutex<VecDeque<AdapterError>>,
}

impl Bus {
    fn failing_with(errors: impl IntoIterator<Item = AdapterError>) -> Self {
        Self { errors: Mutex::new(errors.into_iter().collect()), ..Self::default() }
    }

    fn versions(&self) -> Vec<u64> {
        let published = self.published.lock().unwrap();
        let details = published.iter().map(|entry| serde_json::from_str::<Value>(&entry.detail).unwrap());
        details.map(|detail| detail["NewImage"]["version"].as_u64().unwrap()).collect()
    }
}

impl Publish for Bus {
    async fn publish(&self, entries: Vec<Entry>) -> Result<(), AdapterError> {
        if let Some(error) = self.errors.lock().unwrap().pop_front() {
            return Err(error);
        }
        self.published.lock().unwrap().extend(entries);
        Ok(())
    }
}

/// Shop table whose shops have the default menu.
struct Shops;

impl ReadLatestCatalog for Shops {
    async fn latest_catalog(&self, _: &ShopId) -> Result<Catalog, AdapterError> {
        Ok(Catalog::default())
    }
}

fn announcer(bus: Bus) -> Announcer<Shops, Bus> {
    Announcer { shops: Shops, bus }
}

fn refused() -> AdapterError {
    AdapterError::NotPublished { failed: 1, total: 1, code: "InternalFailure".into() }
}

fn record(number: u64, event_name: &str, new_image: &Value) -> Value {
    json!({
        "eventID": "1", "eventName": event_name, "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_800_000_000, "Keys": {}, "NewImage": new_image, "SizeBytes": 1,
            "SequenceNumber": number.to_string()
        }
    })
}

fn image(version: u64) -> Value {
    json!({
        "eventId": {"S": "bar"}, "item": {"S": "STATE"}, "storeOpen": {"BOOL": true}, "codeVersion": {"N": "2"},
        "drinksPerBarcode": {"N": "10"}, "maxOrdersInQueue": {"N": "20"}, "maxOrdersPerUser": {"N": "1"},
        "version": {"N": version.to_string()}, "qrKey": {"B": "c2VjcmV0"}
    })
}

fn batch(records: &[Value]) -> Event {
    serde_json::from_value(json!({"Records": records})).unwrap()
}

/// Publishes a batch and returns the answer to Lambda.
async fn announce(announcer: &Announcer<Shops, Bus>, records: &[Value]) -> Value {
    serde_json::to_value(announcer.announce(batch(records)).await.unwrap()).unwrap()
}

#[tokio::test]
async fn an_edit_is_published_with_the_new_settings_and_without_secrets() {
    let announcer = announcer(Bus::default());
    let answer = announce(&announcer, &[record(1, "MODIFY", &image(3))]).await;
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let published = announcer.bus.published.lock().unwrap();
    let detail: Value = serde_json::from_str(&published[0].detail).unwrap();
    assert_eq!(published[0].detail_type, "ConfigService.ConfigChanged");
    assert_eq!(detail["at"], "2027-01-15T08:00:00.000Z");
    assert_eq!((&detail["NewImage"]["storeOpen"], &detail["NewImage"]["version"]), (&json!(true), &json!(3)));
    assert_eq!(detail["NewImage"]["codeVersion"], 2);
    assert_eq!(detail["NewImage"]["menu"].as_array().unwrap().len(), Catalog::default().menu.len());
    assert!(!published[0].detail.contains("qrKey"), "{}", published[0].detail);
}

#[tokio::test]
async fn a_record_that_has_a_menu_is_published_with_this_menu() {
    let announcer = announcer(Bus::default());
    let mut previous = image(3);
    previous["item"] = json!({"S": "CONFIG"});
    previous["menu"] = json!({"L": []});
    announce(&announcer, &[record(1, "MODIFY", &previous)]).await;
    let published = announcer.bus.published.lock().unwrap();
    let detail: Value = serde_json::from_str(&published[0].detail).unwrap();
    assert_eq!((&detail["NewImage"]["menu"], &detail["NewImage"]["version"]), (&json!([]), &json!(3)));
}

#[tokio::test]
async fn an_unreadable_record_does_not_block_later_records() {
    let announcer = announcer(Bus::default());
    let poisoned = record(2, "MODIFY", &json!({"eventId": {"S": "bar"}, "version": {"S": "two"}}));
    let records = [record(1, "INSERT", &image(1)), poisoned, record(3, "MODIFY", &image(3))];
    let answer = announce(&announcer, &records).await;
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "2"}]}));
    assert_eq!(announcer.bus.versions(), [1, 3]);
}

#[tokio::test]
async fn an_event_that_the_bus_refuses_does_not_block_later_records() {
    let announcer = announcer(Bus::failing_with([refused()]));
    let answer = announce(&announcer, &[record(1, "MODIFY", &image(1)), record(2, "MODIFY", &image(2))]).await;
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "1"}]}));
    assert_eq!(announcer.bus.versions(), [2]);
}

#[tokio::test]
async fn an_unavailable_bus_is_called_once_and_the_rest_of_the_batch_is_retried() {
    let announcer = announcer(Bus::failing_with([AdapterError::Contended { operation: "PutEvents" }]));
    let records = [record(1, "MODIFY", &image(1)), record(2, "MODIFY", &image(2))];
    let answer = announce(&announcer, &records).await;
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "1"}]}));
    assert_eq!(announcer.bus.versions(), [0; 0]);
    announce(&announcer, &records).await;
    assert_eq!(announcer.bus.versions(), [1, 2]);
}

#[tokio::test]
async fn a_record_without_a_sequence_number_fails_the_batch() {
    let announcer = announcer(Bus::default());
    let mut nameless = record(1, "MODIFY", &json!({}));
    nameless["dynamodb"].as_object_mut().unwrap().remove("SequenceNumber");
    assert!(announcer.announce(batch(&[nameless])).await.is_err());
}

#[tokio::test]
async fn the_removal_of_an_item_publishes_nothing() {
    let announcer = announcer(Bus::default());
    announce(&announcer, &[record(1, "REMOVE", &json!({}))]).await;
    assert_eq!(announcer.bus.versions(), [0; 0]);
}
