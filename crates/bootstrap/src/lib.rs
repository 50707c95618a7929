//! Starts a function: configuration, AWS clients, logs, metrics, clock, and failures that Lambda
//! can report.
//!
//! A function's `main` calls [`init_tracing`], builds its adapters from [`environment`] and
//! [`clients`], and passes its handler to [`invocation::run`]. The feature `test-util` adds
//! `testing`: payloads, log lines and metrics for the tests of handlers.

pub mod clients;
pub mod environment;
pub mod failure;
pub mod invocation;
pub mod logs;
pub mod metric;
pub mod record;
#[cfg(feature = "test-util")]
pub mod testing;

pub use failure::Failure;

use domain::timestamp::Timestamp;
use lambda_runtime::tracing::subscriber::{self, filter::LevelFilter};

/// Starts the logs: in JSON unless `AWS_LAMBDA_LOG_FORMAT` is `Text`, at the level
/// `AWS_LAMBDA_LOG_LEVEL`, or INFO without it. Lambda sets both variables from the function's
/// `LoggingConfig`. If `AWS_LAMBDA_FUNCTION_NAME` is set, also starts the metrics.
///
/// The subscriber of `lambda_runtime` is not used, because its filters per target need `regex`.
pub fn init_tracing() {
    let level = environment::optional("AWS_LAMBDA_LOG_LEVEL").and_then(|level| level.parse().ok());
    let logs = subscriber::fmt().with_max_level(level.unwrap_or(LevelFilter::INFO));
    if environment::optional("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("text")) {
        logs.with_target(false).without_time().init();
    } else {
        logs.event_format(logs::JsonLines { now }).init();
    }
    if let Some(function) = environment::optional("AWS_LAMBDA_FUNCTION_NAME") {
        metric::collect(&function);
    }
}

/// Returns the current time of the system's clock.
pub fn now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
