//! Code that the end-to-end suite and the tests in `contracts` share.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "this package is for tests only"
)]

pub mod dead_letters;
pub mod logs;
pub mod merge;
pub mod patterns;
pub mod proxy;
pub mod recorder;
pub mod tables;
pub mod venue;
pub mod world;

pub use dead_letters::DeadLetters;
pub use logs::FunctionLogs;
pub use venue::TestVenue;
pub use world::World;

use std::time::Duration;

use tokio::time::Instant;

/// Maximum time of a wait, long enough for a slow emulator while all tests run.
pub const PATIENCE: Duration = Duration::from_mins(2);

pub fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// Polls `look` until it returns a value. Panics after [`PATIENCE`].
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
