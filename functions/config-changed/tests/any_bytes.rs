//! Tests config-changed with arbitrary payloads.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use adapters::shops::ReadLatestCatalog;
use bootstrap::invocation::answer;
use bootstrap::testing::succeeds_or_fails_with_known_error;
use config_changed::Announcer;
use domain::ids::ShopId;
use domain::shop::Catalog;

struct Bus;

impl Publish for Bus {
    async fn publish(&self, _: Vec<Entry>) -> Result<(), AdapterError> {
        Ok(())
    }
}

struct Shops;

impl ReadLatestCatalog for Shops {
    async fn latest_catalog(&self, _: &ShopId) -> Result<Catalog, AdapterError> {
        Ok(Catalog::default())
    }
}

#[test]
fn arbitrary_payloads_are_published_or_end_in_a_known_error() {
    let announcer = Announcer { shops: Shops, bus: Bus };
    succeeds_or_fails_with_known_error("config-changed", &["Unreadable", "NotAnnounced"], "", async |payload| {
        answer(payload, |batch| announcer.announce(batch)).await
    });
}
