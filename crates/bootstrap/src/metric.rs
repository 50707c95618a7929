//! Operational metrics, in CloudWatch's embedded metric format: members of an invocation's log line
//! that CloudWatch turns into metrics, without a call.
//!
//! The crate `metrics_cloudwatch_embedded` writes one set of dimensions per line. All metrics have
//! the one dimension [`DIMENSION`], so that an invocation writes one line: `docs/adr/0027`.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use metrics_cloudwatch_embedded::{Builder, Collector};
use serde_json::{Map, Value};

/// Namespace of all metrics of the functions.
pub const NAMESPACE: &str = "Serverlesspresso";
/// Dimension of all metrics of the functions: Lambda's name of the function, which also contains
/// the name of the stack.
pub const DIMENSION: &str = "FunctionName";
/// Shortest time between two values that one [`Sampled`] records.
const SAMPLED_EVERY: Duration = Duration::from_mins(1);

/// Starts of an execution environment.
pub const COLD_STARTS: &str = "ColdStarts";
/// Events that no retry makes readable.
pub const UNREADABLE_EVENTS: &str = "UnreadableEvents";
/// Open orders of a shop in percent of `maxOrdersInQueue`, at a scan.
pub const CAPACITY_USED: &str = "CapacityUsed";
/// Scans and orders refused because the shop is closed.
pub const REFUSED_SHOP_CLOSED: &str = "RefusedShopClosed";
/// Scans and orders refused because the shop has no capacity left.
pub const REFUSED_SHOP_FULL: &str = "RefusedShopFull";
/// Scans and orders refused because the customer has as many open orders as the shop allows.
pub const REFUSED_CUSTOMER_LIMIT: &str = "RefusedCustomerLimit";
/// Scans refused because the code has no bucket token left, or the customer no attempt.
pub const REFUSED_NO_TOKENS: &str = "RefusedNoTokens";
/// Scans refused because the code is wrong or has expired, or because the customer has sent too
/// many such codes.
pub const REFUSED_WRONG_CODE: &str = "RefusedWrongCode";
/// Orders, executions and unread lists that a scheduled sweep left to the next sweep.
pub const UNSWEPT: &str = "Unswept";
/// Milliseconds from the time of an event until its messages are posted to the sockets.
pub const LAG: &str = "Lag";

/// All metrics of this crate and of the functions.
pub const ALL: [&str; 10] = [
    COLD_STARTS,
    UNREADABLE_EVENTS,
    CAPACITY_USED,
    REFUSED_SHOP_CLOSED,
    REFUSED_SHOP_FULL,
    REFUSED_CUSTOMER_LIMIT,
    REFUSED_NO_TOKENS,
    REFUSED_WRONG_CODE,
    UNSWEPT,
    LAG,
];

static COLLECTOR: OnceLock<&'static Collector> = OnceLock::new();

/// Starts to collect the metrics of `function`. Without this call, as in a test of a handler,
/// metrics are discarded.
pub(crate) fn collect(function: &str) {
    match Builder::new().cloudwatch_namespace(NAMESPACE).with_dimension(DIMENSION, function.to_owned()).init() {
        Ok(collector) => {
            COLLECTOR.get_or_init(|| collector);
        }
        Err(error) => tracing::error!(error = error.as_ref(), "no metrics are written"),
    }
}

/// Counts one occurrence of `name`.
pub fn count(name: &'static str) {
    metrics::counter!(name).increment(1);
}

/// Records a value of `name`.
pub fn value(name: &'static str, value: f64) {
    metrics::histogram!(name).record(value);
}

/// Limits a metric to one value a minute in each execution environment: a line without metrics is
/// 200 bytes shorter (`docs/adr/0027`).
#[derive(Debug, Default)]
pub struct Sampled(Mutex<Option<Instant>>);

impl Sampled {
    /// Creates a limit that lets the first value through.
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Records a value of `name`, unless the last one was recorded less than a minute ago.
    pub fn value(&self, name: &'static str, value: f64) {
        if self.is_due(Instant::now()) {
            self::value(name, value);
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| now.saturating_duration_since(last) >= SAMPLED_EVERY);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

/// Returns one line of `members` and the metrics since the last call; `None` without metrics.
pub(crate) fn line_with(members: &Map<String, Value>) -> Option<String> {
    written(COLLECTOR.get()?, members)
}

fn written(collector: &Collector, members: &Map<String, Value>) -> Option<String> {
    for (name, value) in members {
        collector.set_property(name.clone(), value.clone());
    }
    let mut line = Vec::new();
    let flushed = collector.flush(&mut line);
    for (name, _) in members {
        collector.remove_property(name.as_str());
    }
    flushed.ok()?;
    let line = String::from_utf8(line).ok()?;
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The only test of this crate that collects metrics: the process has one recorder.
    #[test]
    fn metrics_are_members_of_one_line_in_the_embedded_metric_format() {
        let at = 1_800_000_000_000;
        let builder = Builder::new().cloudwatch_namespace(NAMESPACE).with_timestamp(at);
        let collector = builder.with_dimension(DIMENSION, "stack-Validator-1").init().unwrap();
        let Value::Object(members) = json!({"level": "INFO"}) else { panic!() };
        assert_eq!(written(collector, &members), None);
        count(REFUSED_SHOP_FULL);
        value(CAPACITY_USED, 100.0);
        let line = written(collector, &members).unwrap();
        let expected = json!({
            "_aws": {
                "Timestamp": at,
                "CloudWatchMetrics": [{
                    "Namespace": "Serverlesspresso", "Dimensions": [["FunctionName"]],
                    "Metrics": [{"Name": "CapacityUsed"}, {"Name": "RefusedShopFull"}]
                }]
            },
            "FunctionName": "stack-Validator-1", "level": "INFO", "CapacityUsed": [100.0], "RefusedShopFull": 1
        });
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), expected);
        assert_eq!(line.lines().count(), 1);
        assert_eq!(written(collector, &members), None, "a metric is written once");
    }

    #[test]
    fn a_sampled_value_is_due_once_a_minute() {
        let (sampled, begin) = (Sampled::default(), Instant::now());
        let due = [0, 59, 60, 61, 120].map(|seconds| sampled.is_due(begin + Duration::from_secs(seconds)));
        assert_eq!(due, [true, false, true, false, true]);
    }
}
