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
use lambda_runtime::tracing::subscriber::{self, filter::LevelFilter};

/// Starts the logs: JSON where Lambda's `LoggingConfig` asks for it, at the level that it names.
///
/// The runtime's own does the same with filters that each part of a program may have, for which it carries regular expressions.
pub fn init_tracing() {
    let level = environment::optional("AWS_LAMBDA_LOG_LEVEL").and_then(|level| level.parse().ok());
    let logs = subscriber::fmt().with_target(false).without_time().with_max_level(level.unwrap_or(LevelFilter::INFO));
    if environment::optional("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json")) {
        logs.json().init();
    } else {
        logs.init();
    }
}

/// The time now.
pub fn now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
