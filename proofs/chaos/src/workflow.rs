//! The workflow's own calls run inside AWS, where no proxy stands between. They fail in a copy of the shipped definition, written
//! here from that definition and never shipped: which order is hit where follows from a hash of its id, so that a retry of the same
//! order meets what was meant for it.

use std::time::Duration;

use client::Error;
use client::stack::Stack;
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::fault::Function;
use crate::setting::Parts;

/// The shipped definition.
const SHIPPED: &str = include_str!("../../../statemachines/order-processor.asl.json");

/// What the user ids begin with whose executions hang.
pub const HUNG: &str = "hung-";

/// How long such an execution seems to have hung, longer than any may run.
pub const HUNG_FOR: Duration = Duration::from_hours(1);

/// The source of an event which says that an attempt of a state fails after what it has published.
pub const FAILS: &str = "presso.chaos.fails";

/// The cause of everything that fails on purpose begins like this.
pub const MARK: &str = "chaos: ";

const REFUSED_SOURCE: &str = "aws.chaos";
const ORDER_ID: &str = "$states.context.Execution.Input.detail.orderId";
const FIRST_ATTEMPT: &str = "$states.context.State.RetryCount < 1";

/// How a call of the workflow fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// It is not made, once.
    Refused,
    /// It takes effect, and the state fails all the same, once.
    ReplyLost,
    /// The first of two entries is published, the other is not, once.
    FirstOnly,
    /// The second of two entries is published, the other is not, once.
    SecondOnly,
    /// It goes to a table that is not there, once.
    NoSuchTable,
    /// It is not made, however often it is tried.
    ToTheEnd,
}

impl Failure {
    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::ReplyLost => "reply lost",
            Self::FirstOnly => "first entry only",
            Self::SecondOnly => "second entry only",
            Self::NoSuchTable => "no such table",
            Self::ToTheEnd => "to the end",
        }
    }
}

const PUBLISHES: &[Failure] =
    &[Failure::Refused, Failure::ReplyLost, Failure::FirstOnly, Failure::SecondOnly, Failure::ToTheEnd];

/// Each state of the workflow that calls, and how its call fails.
pub const STATES: &[(&str, &[Failure])] = &[
    ("Admit", &[Failure::Refused, Failure::ReplyLost, Failure::ToTheEnd]),
    ("AwaitCustomer", PUBLISHES),
    ("AssignNumber", &[Failure::NoSuchTable, Failure::ReplyLost, Failure::ToTheEnd]),
    ("AwaitBarista", PUBLISHES),
    ("Finish", PUBLISHES),
];

/// The hashes of the orders that fail like this: from the first, up to the second.
fn range(state: &str, failure: Failure, share: f64) -> (String, String) {
    let failures = STATES.iter().find(|(name, _)| *name == state).map(|(_, failures)| *failures).unwrap_or_default();
    let place = failures.iter().position(|one| *one == failure).unwrap_or_default();
    let edge = |place: usize| {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "below 65,536"
        )]
        let edge = (share * place as f64 * 65_536.0).min(65_535.0) as u32;
        format!("{edge:04x}")
    };
    (edge(place), edge(place + 1))
}

/// Whether the call of `state` fails like this for an order.
pub fn is_hit(order_id: &str, state: &str, failure: Failure, share: f64) -> bool {
    let digest = Sha256::digest(format!("{order_id}{state}"));
    let hash = HEXLOWER.encode(digest.get(..2).unwrap_or_default());
    let (from, to) = range(state, failure, share);
    from <= hash && hash < to
}

/// Whether nothing at all fails for an order before `state`.
pub fn reaches(order_id: &str, state: &str, share: f64) -> bool {
    let before = STATES.iter().take_while(|(name, _)| *name != state);
    before
        .flat_map(|(name, failures)| failures.iter().map(move |failure| (name, failure)))
        .all(|(name, failure)| !is_hit(order_id, name, *failure, share))
}

/// The cause of a failure on purpose.
pub fn cause(state: &str, failure: Failure) -> String {
    format!("{MARK}{state}: {}", failure.as_str())
}

/// The failure that a cause names, if it is one on purpose.
pub fn parse_cause(text: &str) -> Option<(&'static str, Failure)> {
    let (_, named) = text.split_once(MARK)?;
    let (state, rest) = named.split_once(": ")?;
    let (state, failures) = STATES.iter().find(|(name, _)| *name == state)?;
    failures.iter().find(|failure| rest.starts_with(failure.as_str())).map(|failure| (*state, *failure))
}

/// The shipped definition with this stack's names in it.
pub fn shipped(stack: &Stack, parts: &Parts) -> Result<String, Error> {
    let name = parts.functions.get(&Function::Admission).map(String::as_str).unwrap_or_default();
    let (region_and_account, _) = stack.order_processor_arn.split_once(":stateMachine:").unwrap_or_default();
    let admission = format!("{}:function:{name}", region_and_account.replacen(":states:", ":lambda:", 1));
    let filled = SHIPPED
        .replace("${AdmissionFunctionArn}", &admission)
        .replace("${BusName}", &stack.bus_name)
        .replace("${ShopTable}", &stack.shop_table);
    if filled.contains("${") { Err(moved("its placeholders")) } else { Ok(filled) }
}

fn moved(what: &str) -> Error {
    Error::failed(
        "the workflow cannot be made to fail",
        format!("{what} have moved in statemachines/order-processor.asl.json"),
    )
}

/// The definition `shipped`, with waits of `waits` seconds and each failure in `share` of the orders.
pub fn failing(shipped: &str, waits: u32, share: f64) -> Result<String, Error> {
    let hung = format!("$contains($about.userId, '{HUNG}')");
    let mut text = shipped.to_owned();
    for (from, to) in [
        ("\"TimeoutSeconds\": 300", format!("\"TimeoutSeconds\": {waits}")),
        ("\"TimeoutSeconds\": 900", format!("\"TimeoutSeconds\": {waits}")),
        // Who hangs is overdue at once.
        (" + 300000)", format!(" + ({hung} ? -60000 : {waits}000))")),
        (" + 900000)", format!(" + {waits}000)")),
    ] {
        if text.matches(from).count() != 1 {
            return Err(moved("the waits"));
        }
        text = text.replace(from, &to);
    }
    let definition = serde_json::from_str(&text).map_err(|error| Error::failed("the workflow is not JSON", error))?;
    let mut copy = Copy { definition, share };
    copy.retry_soon()?;
    copy.hang(&hung)?;
    copy.fail_admission()?;
    copy.fail_wait("AwaitCustomer")?;
    copy.fail_number()?;
    copy.fail_wait("AwaitBarista")?;
    copy.fail_finish()?;
    Ok(copy.definition.to_string())
}

struct Copy {
    definition: Value,
    share: f64,
}

impl Copy {
    fn at(&mut self, pointer: &str) -> Result<&mut Value, Error> {
        self.definition
            .pointer_mut(&format!("/States/{pointer}"))
            .ok_or_else(|| moved(&format!("the parts of {pointer}")))
    }

    /// Whether an order is one that fails like this.
    fn is_hit(&self, state: &str, failure: Failure) -> String {
        let (from, to) = range(state, failure, self.share);
        let hash = format!("$substring($hash({ORDER_ID} & '{state}', 'SHA-256'), 0, 4)");
        format!("({hash} >= '{from}' and {hash} < '{to}')")
    }

    fn once(&self, state: &str, failure: Failure) -> String {
        format!("({} and {FIRST_ATTEMPT})", self.is_hit(state, failure))
    }

    /// Has the expression at `pointer` fail where a condition holds.
    fn raise(&mut self, pointer: &str, conditions: &[(String, String)]) -> Result<(), Error> {
        let place = self.at(pointer)?;
        let otherwise = expression(place);
        let raised: Vec<String> =
            conditions.iter().map(|(condition, cause)| format!("{condition} ? $error('{cause}') : ")).collect();
        *place = json!(format!("{{% {}({otherwise}) %}}", raised.concat()));
        Ok(())
    }

    /// Has the value at `pointer` be another where `condition` holds.
    fn replace(&mut self, pointer: &str, condition: &str, other: &str) -> Result<(), Error> {
        let place = self.at(pointer)?;
        let otherwise = expression(place);
        *place = json!(format!("{{% {condition} ? '{other}' : ({otherwise}) %}}"));
        Ok(())
    }

    /// Refused once, or each time.
    fn refuse(&mut self, state: &str, pointer: &str) -> Result<(), Error> {
        let to_the_end = (self.is_hit(state, Failure::ToTheEnd), cause(state, Failure::ToTheEnd));
        let refused = (self.once(state, Failure::Refused), cause(state, Failure::Refused));
        self.raise(pointer, &[to_the_end, refused])
    }

    /// The shipped pauses between retries are for AWS on a bad day.
    fn retry_soon(&mut self) -> Result<(), Error> {
        for (state, _) in STATES {
            let retriers = self.at(&format!("{state}/Retry"))?.as_array_mut().ok_or_else(|| moved("the retries"))?;
            for retrier in retriers.iter_mut().filter_map(Value::as_object_mut) {
                if retrier.contains_key("IntervalSeconds") {
                    retrier.insert("BackoffRate".into(), json!(1));
                }
            }
        }
        Ok(())
    }

    /// Some executions hang once the customer's time is up.
    fn hang(&mut self, hung: &str) -> Result<(), Error> {
        let catchers = self.at("AwaitCustomer/Catch")?.as_array_mut().ok_or_else(|| moved("the catchers"))?;
        let times_out =
            |catcher: &&mut Value| catcher.pointer("/ErrorEquals/0").is_some_and(|error| error == "States.Timeout");
        let catcher =
            catchers.iter_mut().find(times_out).and_then(Value::as_object_mut).ok_or_else(|| moved("the time-outs"))?;
        catcher.insert("Next".into(), json!("Hang"));
        let states =
            self.definition.pointer_mut("/States").and_then(Value::as_object_mut).ok_or_else(|| moved("the states"))?;
        let seconds = format!("{{% {hung} ? {} : 0 %}}", HUNG_FOR.as_secs());
        states.insert("Hang".into(), json!({"Type": "Wait", "Seconds": seconds, "Next": "Finish"}));
        Ok(())
    }

    fn fail_admission(&mut self) -> Result<(), Error> {
        self.refuse("Admit", "Admit/Arguments/FunctionName")?;
        let lost = (self.once("Admit", Failure::ReplyLost), cause("Admit", Failure::ReplyLost));
        self.raise("Admit/Assign/about", &[lost])
    }

    /// A wait that fails after it has published says so itself; the courier hears it and fails the attempt, as Step Functions does
    /// when `PutEvents` has not taken every entry. Neither emulator does.
    fn fail_wait(&mut self, state: &str) -> Result<(), Error> {
        let entries = format!("{state}/Arguments/Entries");
        let bus = self.at(&format!("{entries}/0/EventBusName"))?.clone();
        self.replace(&format!("{entries}/0/Source"), &self.once(state, Failure::SecondOnly), REFUSED_SOURCE)?;
        self.replace(&format!("{entries}/1/Source"), &self.once(state, Failure::FirstOnly), REFUSED_SOURCE)?;
        self.refuse(state, &format!("{entries}/0/DetailType"))?;
        let fails = [Failure::ReplyLost, Failure::FirstOnly, Failure::SecondOnly];
        let which: Vec<String> = fails
            .iter()
            .map(|failure| format!("{} ? '{}' : ", self.is_hit(state, *failure), cause(state, *failure)))
            .collect();
        let any: Vec<String> = fails.iter().map(|failure| self.once(state, *failure)).collect();
        let entry = json!({
            "Source": format!("{{% ({}) ? '{FAILS}' : 'presso.chaos.goes-on' %}}", any.join(" or ")),
            "EventBusName": bus,
            "DetailType": "AttemptFails",
            "Detail": {"TaskToken": "{% $states.context.Task.Token %}", "cause": format!("{{% {}'' %}}", which.concat())},
        });
        let list = self.at(&entries)?.as_array_mut().ok_or_else(|| moved("the entries"))?;
        list.push(entry);
        Ok(())
    }

    fn fail_number(&mut self) -> Result<(), Error> {
        let state = "AssignNumber";
        let to_the_end = (self.is_hit(state, Failure::ToTheEnd), cause(state, Failure::ToTheEnd));
        self.replace("AssignNumber/Arguments/TableName", &self.once(state, Failure::NoSuchTable), "no-such-table")?;
        self.raise("AssignNumber/Arguments/TableName", &[to_the_end])?;
        let lost = (self.once(state, Failure::ReplyLost), cause(state, Failure::ReplyLost));
        self.raise("AssignNumber/Assign/orderNumber", &[lost])
    }

    /// Where `PutEvents` does not take every entry, Step Functions fails the state; MiniStack does not, so its output does.
    fn fail_finish(&mut self) -> Result<(), Error> {
        let (state, entries) = ("Finish", "Finish/Arguments/Entries");
        self.refuse(state, &format!("{entries}/0/DetailType"))?;
        self.replace(&format!("{entries}/0/Source"), &self.once(state, Failure::SecondOnly), REFUSED_SOURCE)?;
        self.replace(&format!("{entries}/1/Source"), &self.once(state, Failure::FirstOnly), REFUSED_SOURCE)?;
        let fails = [Failure::ReplyLost, Failure::FirstOnly, Failure::SecondOnly];
        let conditions: Vec<(String, String)> =
            fails.iter().map(|failure| (self.once(state, *failure), cause(state, *failure))).collect();
        self.raise("Finish/Output/entries", &conditions)
    }
}

/// A value of the definition as an expression.
fn expression(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let inner = text.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}"));
    inner.map_or_else(|| format!("'{text}'"), |inner| inner.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_definition_can_be_made_to_fail() {
        let copy: Value = serde_json::from_str(&failing(SHIPPED, 12, 0.02).unwrap()).unwrap();
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
    }

    #[test]
    fn an_order_fails_in_one_way_at_most_at_each_state() {
        for number in 0..200 {
            let order_id = format!("order-{number}");
            for (state, failures) in STATES {
                let hits = failures.iter().filter(|failure| is_hit(&order_id, state, **failure, 0.15)).count();
                assert!(hits <= 1, "{order_id} fails {hits} times at {state}");
            }
        }
        assert!((0..200).any(|number| is_hit(&format!("order-{number}"), "Finish", Failure::ToTheEnd, 0.03)));
    }

    #[test]
    fn a_cause_says_what_was_meant_to_fail() {
        let text = format!("An error occurred: {} (at the end)", cause("Finish", Failure::FirstOnly));
        assert_eq!(parse_cause(&text), Some(("Finish", Failure::FirstOnly)));
        assert_eq!(parse_cause("Runtime exited"), None);
        assert_eq!(parse_cause("chaos: Nowhere: refused"), None);
    }
}
