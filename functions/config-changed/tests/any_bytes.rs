//! Any payload is published or fails with a known name.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use bootstrap::invocation::answer;
use bootstrap::testing::answers_or_fails_by_name;
use config_changed::Announcer;

struct Bus;

impl Publish for Bus {
    async fn publish(&self, _: Vec<Entry>) -> Result<(), AdapterError> {
        Ok(())
    }
}

#[test]
fn any_bytes_are_announced_or_fail_by_name() {
    let announcer = Announcer { bus: Bus };
    answers_or_fails_by_name("config-changed", &["Unreadable", "NotAnnounced"], "", async |payload| {
        answer(payload, |batch| announcer.announce(batch)).await
    });
}
