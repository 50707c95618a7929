//! Any payload is published or fails with a known name.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use adapters::shops::ReadCatalog;
use bootstrap::invocation::answer;
use bootstrap::testing::answers_or_fails_by_name;
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

impl ReadCatalog for Shops {
    async fn catalog(&self, _: &ShopId) -> Result<Catalog, AdapterError> {
        Ok(Catalog::default())
    }
}

#[test]
fn any_bytes_are_announced_or_fail_by_name() {
    let announcer = Announcer { shops: Shops, bus: Bus };
    answers_or_fails_by_name("config-changed", &["Unreadable", "NotAnnounced"], "", async |payload| {
        answer(payload, |batch| announcer.announce(batch)).await
    });
}
