//! What every function's `main` shares: configuration from the environment, AWS clients, logs, the clock,
//! and how an error looks to whoever invoked the function.

pub mod clients;
pub mod environment;
pub mod failure;
pub mod invocation;
#[cfg(feature = "test-util")]
pub mod testing;

pub use failure::Failure;

use domain::timestamp::Timestamp;

/// Starts the logs: JSON where Lambda's `LoggingConfig` asks for it, at the level that it names.
pub fn init_tracing() {
    lambda_runtime::tracing::init_default_subscriber();
}

/// The time now.
pub fn now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
