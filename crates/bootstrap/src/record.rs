//! Record of an invocation: request, order, shop, user and outcome. It becomes the summary line of
//! the invocation. Each line of `tracing` in the invocation repeats its request, bus event, order
//! and shop.

use std::cell::RefCell;
use std::io::{Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use domain::ids::{OrderId, ShopId, UserId};
use domain::timestamp::Timestamp;
use lambda_runtime::tracing::subscriber::filter::LevelFilter;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{environment, metric};

/// Outcome if the function names none.
const OK: &str = "ok";
/// Bytes of the hash of a user: enough to distinguish the users of a shop.
const HASHED_BYTES: usize = 8;

static IS_WARM: AtomicBool = AtomicBool::new(false);

tokio::task_local! {
    static RECORD: RefCell<Record>;
}

#[derive(Debug, Clone, Default)]
struct Record {
    members: Map<String, Value>,
    outcome: Option<&'static str>,
    has_failed: bool,
}

/// Handles an invocation, and then writes its line. `request` is Lambda's id of the invocation.
pub async fn observed<T>(request: String, handled: impl Future<Output = T>) -> T {
    let is_cold = !IS_WARM.swap(true, Ordering::Relaxed);
    if is_cold {
        metric::count(metric::COLD_STARTS);
    }
    RECORD
        .scope(RefCell::default(), async {
            detail("request", request);
            let began = Instant::now();
            let answer = handled.await;
            write_line(began.elapsed(), is_cold);
            answer
        })
        .await
}

/// Names the request: API Gateway's id, which the caller sees, in place of Lambda's.
pub fn request(id: &str) {
    detail("request", id);
}

/// Names the order that the invocation is about.
pub fn order(id: &OrderId) {
    detail("order", id.as_str());
}

/// Names the shop that the invocation is about.
pub fn shop(id: &ShopId) {
    detail("shop", id.as_str());
}

/// Names the caller by a hash, which is the same in all lines of a user.
pub fn user(id: &UserId) {
    detail("user", hashed(id));
}

/// Names the outcome. Without this call the outcome is `ok`.
pub fn outcome(outcome: &'static str) {
    update(|record| record.outcome = Some(outcome));
}

/// Names the outcome of a failure: the line has the level ERROR.
pub fn failed(outcome: &'static str) {
    update(|record| (record.outcome, record.has_failed) = (Some(outcome), true));
}

/// Adds another member to the line. Outside an invocation, as in a test of a handler, it is lost.
pub fn detail(name: &'static str, value: impl Into<Value>) {
    update(|record| {
        record.members.insert(name.to_owned(), value.into());
    });
}

/// Returns the members that each line of `tracing` in the invocation repeats.
pub(crate) fn identity() -> Vec<(&'static str, Value)> {
    let of = |record: &RefCell<Record>| {
        let record = record.borrow();
        let member = |name| record.members.get(name).map(|value| (name, value.clone()));
        ["request", "event_id", "order", "shop"].into_iter().filter_map(member).collect()
    };
    RECORD.try_with(of).unwrap_or_default()
}

/// Runs `handled` with a record. Returns its answer and the members that it added to the record.
/// Writes no line.
#[cfg(any(test, feature = "test-util"))]
pub async fn recorded<T>(handled: impl Future<Output = T>) -> (T, Map<String, Value>) {
    let scoped = async { (handled.await, RECORD.try_with(|record| record.borrow().members.clone())) };
    let (answer, members) = RECORD.scope(RefCell::default(), scoped).await;
    (answer, members.unwrap_or_default())
}

fn update(change: impl FnOnce(&mut Record)) {
    // An error means that there is no invocation.
    RECORD.try_with(|record| change(&mut record.borrow_mut())).ok();
}

fn hashed(id: &UserId) -> String {
    let digest = Sha256::digest(id.as_str());
    HEXLOWER.encode(digest.get(..HASHED_BYTES).unwrap_or_default())
}

/// Returns the name that the template gives this function. A program outside Lambda has none.
pub(crate) fn function() -> Option<String> {
    environment::optional("AWS_LAMBDA_FUNCTION_NAME").map(|name| short(&name).to_owned())
}

/// Returns the name that the template gives a function. `function` is the name that CloudFormation
/// generates: stack, name of the template and suffix, joined by hyphens.
fn short(function: &str) -> &str {
    function.rsplit('-').nth(1).unwrap_or(function)
}

fn write_line(elapsed: Duration, is_cold: bool) {
    let Ok(record) = RECORD.try_with(|record| record.borrow().clone()) else { return };
    let is_written = record.is_written_at(LevelFilter::current());
    let members = record.line(crate::now(), function(), elapsed, is_cold);
    // Takes the metrics also if the line is not written. Otherwise a later invocation's line would
    // contain them.
    let with_metrics = metric::line_with(&members);
    if !is_written {
        return;
    }
    let line = with_metrics.unwrap_or_else(|| format!("{}\n", Value::Object(members)));
    // An error is ignored, because the invocation can continue without its line.
    stdout().write_all(line.as_bytes()).ok();
}

impl Record {
    /// Returns true if a function with this log level writes the line.
    fn is_written_at(&self, level: LevelFilter) -> bool {
        level >= if self.has_failed { LevelFilter::ERROR } else { LevelFilter::INFO }
    }

    fn line(self, at: Timestamp, function: Option<String>, elapsed: Duration, is_cold: bool) -> Map<String, Value> {
        let mut line = self.members;
        let mut add = |name: &str, value: Value| line.insert(name.to_owned(), value);
        add("timestamp", at.to_string().into());
        add("level", if self.has_failed { "ERROR" } else { "INFO" }.into());
        add("outcome", self.outcome.unwrap_or(OK).into());
        add("ms", u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).into());
        if let Some(function) = function {
            add("function", function.into());
        }
        if is_cold {
            add("cold", true.into());
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    async fn line(handled: impl Future<Output = ()>) -> Value {
        let recorded = RECORD.scope(RefCell::default(), async {
            handled.await;
            RECORD.with(|record| record.borrow().clone())
        });
        let at = Timestamp::from_millis(1_800_000_000_123);
        Value::Object(recorded.await.line(at, Some("Validator".into()), Duration::from_millis(7), false))
    }

    #[tokio::test]
    async fn the_line_has_identity_outcome_and_duration() {
        let handled = async {
            request("abc");
            shop(&"coffee-bar".parse().unwrap());
            outcome("shop_full");
            assert_eq!(identity().len(), 2);
        };
        let expected = json!({
            "timestamp": "2027-01-15T08:00:00.123Z", "level": "INFO", "function": "Validator",
            "request": "abc", "shop": "coffee-bar", "outcome": "shop_full", "ms": 7
        });
        assert_eq!(line(handled).await, expected);
    }

    #[tokio::test]
    async fn the_line_of_a_failure_has_the_level_error() {
        assert_eq!(line(async { failed("NotSwept") }).await["level"], "ERROR");
        let line = line(async {}).await;
        assert_eq!((&line["level"], &line["outcome"]), (&json!("INFO"), &json!("ok")));
    }

    #[test]
    fn above_the_level_info_only_the_lines_of_failures_are_written() {
        let (succeeded, failed) = (Record::default(), Record { has_failed: true, ..Record::default() });
        for (level, expected) in [
            (LevelFilter::DEBUG, (true, true)),
            (LevelFilter::INFO, (true, true)),
            (LevelFilter::WARN, (false, true)),
            (LevelFilter::ERROR, (false, true)),
            (LevelFilter::OFF, (false, false)),
        ] {
            assert_eq!((succeeded.is_written_at(level), failed.is_written_at(level)), expected, "{level}");
        }
    }

    #[tokio::test]
    async fn a_user_is_named_by_a_hash_that_does_not_change() {
        let of = async |id: &str| line(async { user(&id.parse().unwrap()) }).await["user"].clone();
        assert_eq!(of("bea@example.com").await, of("bea@example.com").await);
        assert_ne!(of("bea@example.com").await, of("ben@example.com").await);
        assert!(!of("bea@example.com").await.to_string().contains("bea"));
    }

    #[test]
    fn outside_an_invocation_nothing_is_recorded() {
        request("abc");
        assert!(identity().is_empty());
    }
}
