//! Tests that the sample batch in `events/invoke` becomes the sample event in `events`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Mutex;

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use adapters::shops::ReadLatestCatalog;
use config_changed::Announcer;
use domain::ids::ShopId;
use domain::shop::Catalog;
use serde_json::Value;

#[derive(Default)]
struct Bus(Mutex<Vec<Entry>>);

impl Publish for Bus {
    async fn publish(&self, entries: Vec<Entry>) -> Result<(), AdapterError> {
        self.0.lock().unwrap().extend(entries);
        Ok(())
    }
}

fn sample(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events").join(path);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Shop table with the menu of the sample event.
struct Shops(Catalog);

impl ReadLatestCatalog for Shops {
    async fn latest_catalog(&self, _: &ShopId) -> Result<Catalog, AdapterError> {
        Ok(self.0.clone())
    }
}

#[tokio::test]
async fn the_sample_batch_is_published_as_the_sample_event() {
    let expected = sample("ConfigService.ConfigChanged.json");
    let catalog = serde_json::from_value(expected["detail"]["NewImage"].clone()).unwrap();
    let announcer = Announcer { shops: Shops(catalog), bus: Bus::default() };
    announcer.announce(serde_json::from_value(sample("invoke/config-changed-edit.json")).unwrap()).await.unwrap();
    let published = announcer.bus.0.into_inner().unwrap();
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].detail_type, expected["detail-type"].as_str().unwrap());
    assert_eq!(serde_json::from_str::<Value>(&published[0].detail).unwrap(), expected["detail"]);
}
