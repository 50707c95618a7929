//! Injects faults into the workflow's own calls. Step Functions makes these calls, so they pass no
//! proxy, and the faults are written into a copy of the deployed definition. A hash of order id
//! and state selects the orders. Only `EveryAttempt` hits more than the first attempt of a state.

use std::time::Duration;

use client::Error;
use data_encoding::HEXLOWER;
use harness::named_enum;
use harness::workflow::replace_once;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Prefix of the users whose executions hang.
pub const HUNG_USER: &str = "hung-";

/// Time for which a hanging execution waits: longer than the time-out of an execution.
pub const HUNG_FOR: Duration = Duration::from_hours(1);

/// Source of the event that asks the courier to fail the current attempt of a state, after its
/// events were published.
pub const FAILURE_SOURCE: &str = "presso.chaos.fails";

pub const MARK: &str = "chaos: ";

const EVALUATION_ERROR: &str = "States.QueryEvaluationError";
const REJECTED_SOURCE: &str = "aws.chaos";
const ORDER_ID: &str = "$states.context.Execution.Input.detail.orderId";
const FIRST_ATTEMPT: &str = "$states.context.State.RetryCount < 1";

named_enum! {
    Failure {
        /// The first attempt fails before its call.
        Refused = "refused",
        /// The first attempt fails after its call has taken effect.
        ReplyLost = "reply lost",
        /// The first attempt publishes the first of two entries only.
        FirstOnly = "first entry only",
        /// The first attempt publishes the second of two entries only.
        SecondOnly = "second entry only",
        /// The first attempt names a table that does not exist.
        NoSuchTable = "no such table",
        /// Every attempt fails before its call.
        EveryAttempt = "every attempt",
    }
}

/// Failures of a state that publishes two events.
const PUBLISHES: &[Failure] =
    &[Failure::Refused, Failure::ReplyLost, Failure::FirstOnly, Failure::SecondOnly, Failure::EveryAttempt];

/// Failures before the call of a state.
const REFUSED: &[Failure] = &[Failure::EveryAttempt, Failure::Refused];

/// Failures after at least one of the two events was published.
const PUBLISHED: &[Failure] = &[Failure::ReplyLost, Failure::FirstOnly, Failure::SecondOnly];

pub const STATES: &[(&str, &[Failure])] = &[
    ("Admit", &[Failure::Refused, Failure::ReplyLost, Failure::EveryAttempt]),
    ("AwaitCustomer", PUBLISHES),
    ("AssignNumber", &[Failure::NoSuchTable, Failure::ReplyLost, Failure::EveryAttempt]),
    ("AwaitBarista", PUBLISHES),
    ("Finish", PUBLISHES),
];

/// Returns the range of hashes of the orders that a failure hits. The upper end is exclusive.
fn range(state: &str, failure: Failure, share: f64) -> (String, String) {
    let failures = STATES.iter().find(|(name, _)| *name == state).map(|(_, failures)| *failures).unwrap_or_default();
    let index = failures.iter().position(|one| *one == failure).unwrap_or_default();
    let edge = |index: usize| {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "below 65,536"
        )]
        let edge = (share * index as f64 * 65_536.0).min(65_535.0) as u32;
        format!("{edge:04x}")
    };
    (edge(index), edge(index + 1))
}

pub fn is_hit(order_id: &str, state: &str, failure: Failure, share: f64) -> bool {
    let digest = Sha256::digest(format!("{order_id}{state}"));
    let hash = HEXLOWER.encode(digest.get(..2).unwrap_or_default());
    let (from, to) = range(state, failure, share);
    from <= hash && hash < to
}

/// Returns true if no failure hits the order in a state before `state`.
pub fn reaches(order_id: &str, state: &str, share: f64) -> bool {
    let before = STATES.iter().take_while(|(name, _)| *name != state);
    before
        .flat_map(|(name, failures)| failures.iter().map(move |failure| (name, failure)))
        .all(|(name, failure)| !is_hit(order_id, name, *failure, share))
}

pub fn cause(state: &str, failure: Failure) -> String {
    format!("{MARK}{state}: {}", failure.as_str())
}

pub fn parse_cause(text: &str) -> Option<(&'static str, Failure)> {
    let (_, named) = text.split_once(MARK)?;
    let (state, rest) = named.split_once(": ")?;
    let (state, failures) = STATES.iter().find(|(name, _)| *name == state)?;
    failures.iter().find(|failure| rest.starts_with(failure.as_str())).map(|failure| (*state, *failure))
}

fn missing(what: &str) -> Error {
    Error::failed(
        "the workflow cannot be made to fail",
        format!("statemachines/order-processor.asl.json no longer has the expected {what}"),
    )
}

/// Returns a copy of `deployed` in which the waits time out after `waits` seconds, and each failure
/// hits the share `share` of the orders.
pub fn failing(deployed: &str, waits: u32, share: f64) -> Result<String, Error> {
    let hung = format!("$contains($about.userId, '{HUNG_USER}')");
    let mut text = deployed.to_owned();
    for (from, to) in [
        ("\"TimeoutSeconds\": 300", format!("\"TimeoutSeconds\": {waits}")),
        ("\"TimeoutSeconds\": 900", format!("\"TimeoutSeconds\": {waits}")),
        // An order that hangs is overdue from the start.
        (" + 300000)", format!(" + ({hung} ? -60000 : {waits}000))")),
        (" + 900000)", format!(" + {waits}000)")),
    ] {
        text = replace_once(&text, from, &to)?;
    }
    let definition = serde_json::from_str(&text).map_err(|error| Error::failed("the workflow is not JSON", error))?;
    let mut copy = FailingCopy { definition, share };
    copy.retry_without_backoff()?;
    copy.hang(&hung)?;
    copy.fail_admission()?;
    copy.fail_wait("AwaitCustomer")?;
    copy.fail_number()?;
    copy.fail_wait("AwaitBarista")?;
    copy.fail_finish()?;
    Ok(copy.definition.to_string())
}

struct FailingCopy {
    definition: Value,
    share: f64,
}

impl FailingCopy {
    fn at(&mut self, pointer: &str) -> Result<&mut Value, Error> {
        self.definition.pointer_mut(&format!("/States/{pointer}")).ok_or_else(|| missing(pointer))
    }

    fn list(&mut self, pointer: &str) -> Result<&mut Vec<Value>, Error> {
        self.at(pointer)?.as_array_mut().ok_or_else(|| missing(pointer))
    }

    fn hit(&self, state: &str, failure: Failure) -> String {
        let (from, to) = range(state, failure, self.share);
        let hash = format!("$substring($hash({ORDER_ID} & '{state}', 'SHA-256'), 0, 4)");
        format!("({hash} >= '{from}' and {hash} < '{to}')")
    }

    /// Returns a JSONata condition that is true if the failure hits this attempt of the order.
    fn condition(&self, state: &str, failure: Failure) -> String {
        match failure {
            Failure::EveryAttempt => self.hit(state, failure),
            _ => format!("({} and {FIRST_ATTEMPT})", self.hit(state, failure)),
        }
    }

    fn raise(&mut self, pointer: &str, state: &str, failures: &[Failure]) -> Result<(), Error> {
        let each = |failure: &Failure| {
            format!("{} ? $error('{}') : ", self.condition(state, *failure), cause(state, *failure))
        };
        let raised: String = failures.iter().map(each).collect();
        let value = self.at(pointer)?;
        *value = json!(format!("{{% {raised}({}) %}}", expression(value)));
        Ok(())
    }

    fn replace(&mut self, pointer: &str, state: &str, failure: Failure, other: &str) -> Result<(), Error> {
        let condition = self.condition(state, failure);
        let value = self.at(pointer)?;
        *value = json!(format!("{{% {condition} ? '{other}' : ({}) %}}", expression(value)));
        Ok(())
    }

    /// Makes all pauses between retries equally long. Also makes the copy retry evaluation errors,
    /// because here they take the place of errors that a retry resolves.
    fn retry_without_backoff(&mut self) -> Result<(), Error> {
        for (state, _) in STATES {
            let retriers = self.list(&format!("{state}/Retry"))?;
            for retrier in retriers.iter_mut().filter_map(Value::as_object_mut) {
                if let Some(errors) = retrier.get_mut("ErrorEquals").and_then(Value::as_array_mut) {
                    errors.retain(|error| error != EVALUATION_ERROR);
                }
                if retrier.contains_key("IntervalSeconds") {
                    retrier.insert("BackoffRate".into(), json!(1));
                }
            }
            retriers.retain(|retrier| retrier.pointer("/ErrorEquals/0").is_some());
        }
        Ok(())
    }

    fn hang(&mut self, hung: &str) -> Result<(), Error> {
        let times_out =
            |catcher: &&mut Value| catcher.pointer("/ErrorEquals/0").is_some_and(|error| error == "States.Timeout");
        let catcher = self.list("AwaitCustomer/Catch")?.iter_mut().find(times_out).and_then(Value::as_object_mut);
        let catcher = catcher.ok_or_else(|| missing("time-outs"))?;
        catcher.insert("Next".into(), json!("Hang"));
        let states =
            self.definition.pointer_mut("/States").and_then(Value::as_object_mut).ok_or_else(|| missing("states"))?;
        let seconds = format!("{{% {hung} ? {} : 0 %}}", HUNG_FOR.as_secs());
        states.insert("Hang".into(), json!({"Type": "Wait", "Seconds": seconds, "Next": "Finish"}));
        Ok(())
    }

    fn fail_admission(&mut self) -> Result<(), Error> {
        self.raise("Admit/Arguments/FunctionName", "Admit", REFUSED)?;
        self.raise("Admit/Assign/about", "Admit", &[Failure::ReplyLost])
    }

    /// Makes the state of a wait fail before or after publishing. To fail after publishing, the
    /// attempt publishes one more event, `AttemptFails`. The courier receives the event and fails
    /// the task. On AWS, Step Functions itself fails the task when `PutEvents` rejects an entry;
    /// the emulators do not.
    fn fail_wait(&mut self, state: &str) -> Result<(), Error> {
        self.fail_entries(state)?;
        let causes = PUBLISHED.iter().map(|one| format!("{} ? '{}' : ", self.hit(state, *one), cause(state, *one)));
        let causes: String = causes.collect();
        let any: Vec<String> = PUBLISHED.iter().map(|failure| self.condition(state, *failure)).collect();
        let entries = format!("{state}/Arguments/Entries");
        let entry = json!({
            "Source": format!("{{% ({}) ? '{FAILURE_SOURCE}' : 'presso.chaos.goes-on' %}}", any.join(" or ")),
            "EventBusName": self.at(&format!("{entries}/0/EventBusName"))?,
            "DetailType": "AttemptFails",
            "Detail": {
                "TaskToken": "{% $states.context.Task.Token %}",
                "cause": format!("{{% {causes}'' %}}"),
            },
        });
        self.list(&entries)?.push(entry);
        Ok(())
    }

    fn fail_number(&mut self) -> Result<(), Error> {
        let (state, table) = ("AssignNumber", "AssignNumber/Arguments/TableName");
        self.replace(table, state, Failure::NoSuchTable, "no-such-table")?;
        self.raise(table, state, &[Failure::EveryAttempt])?;
        self.raise("AssignNumber/Assign/orderNumber", state, &[Failure::ReplyLost])
    }

    /// Makes `Finish` fail before or after publishing; after publishing, by an error in the
    /// expression of its output. On AWS a rejected entry would make the state fail; the emulators
    /// ignore rejected entries.
    fn fail_finish(&mut self) -> Result<(), Error> {
        self.fail_entries("Finish")?;
        self.raise("Finish/Output/entries", "Finish", PUBLISHED)
    }

    fn fail_entries(&mut self, state: &str) -> Result<(), Error> {
        let entry = |index: usize, field: &str| format!("{state}/Arguments/Entries/{index}/{field}");
        self.raise(&entry(0, "DetailType"), state, REFUSED)?;
        self.replace(&entry(0, "Source"), state, Failure::SecondOnly, REJECTED_SOURCE)?;
        self.replace(&entry(1, "Source"), state, Failure::FirstOnly, REJECTED_SOURCE)
    }
}

fn expression(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let inner = text.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}"));
    inner.map_or_else(|| format!("'{text}'"), |inner| inner.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness::workflow::DEFINITION;

    #[test]
    fn the_copy_of_the_shipped_definition_contains_every_failure() {
        let copy: Value = serde_json::from_str(&failing(DEFINITION, 12, 0.02).unwrap()).unwrap();
        assert_eq!(copy.pointer("/States/AwaitCustomer/TimeoutSeconds"), Some(&json!(12)));
        assert_eq!(copy.pointer("/States/AwaitBarista/TimeoutSeconds"), Some(&json!(12)));
        let entries = copy.pointer("/States/AwaitBarista/Arguments/Entries").and_then(Value::as_array).unwrap();
        assert_eq!(entries.len(), 3);
        let text = copy.to_string();
        for (state, failures) in STATES {
            for failure in failures.iter().filter(|failure| **failure != Failure::NoSuchTable) {
                assert!(text.contains(&cause(state, *failure)), "{state} does not fail: {}", failure.as_str());
            }
        }
        assert!(text.contains("no-such-table"));
        assert!(!text.contains(EVALUATION_ERROR), "evaluation errors are not retried");
    }

    #[test]
    fn at_most_one_failure_hits_an_order_at_each_state() {
        for number in 0..200 {
            let order_id = format!("order-{number}");
            for (state, failures) in STATES {
                let hits = failures.iter().filter(|failure| is_hit(&order_id, state, **failure, 0.15)).count();
                assert!(hits <= 1, "{order_id} fails {hits} times at {state}");
            }
        }
        assert!((0..200).any(|number| is_hit(&format!("order-{number}"), "Finish", Failure::EveryAttempt, 0.03)));
    }

    #[test]
    fn the_injected_failure_is_found_in_the_cause_of_an_error() {
        let text = format!("An error occurred: {} (at the end)", cause("Finish", Failure::FirstOnly));
        assert_eq!(parse_cause(&text), Some(("Finish", Failure::FirstOnly)));
        assert_eq!(parse_cause("Runtime exited"), None);
        assert_eq!(parse_cause("chaos: Nowhere: refused"), None);
    }
}
