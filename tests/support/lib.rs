//! What the end-to-end tests share: a shop of their own in a deployed stack, people, and everything that the bus said.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "for tests alone"
)]

pub mod dead_letters;
pub mod proxy;
pub mod recorder;
pub mod tables;
pub mod venue;
pub mod world;

pub use dead_letters::DeadLetters;
pub use venue::TestVenue;
pub use world::World;

use std::time::Duration;

use tokio::time::Instant;

/// How long anything may take on a slow emulator with every test at once.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The end of that time.
pub fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// Asks `look` again until it gives something.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let deadline = deadline();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {} s: {what}", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
