//! Reports a burst and checks the guarantees that the shop must keep during it.

use std::collections::BTreeMap;

use client::{Error, stack};
use domain::ids::OrderId;
use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};

use super::ScanAnswer;
use super::aftermath::{Executions, Outcome};
use crate::cli::BurstArgs;
use crate::output;

const MAX_MILLIS: u64 = 600_000;

/// Code of an answer that is neither an order nor a problem document.
pub(super) const NOT_A_PROBLEM: &str = "(not a problem document)";

/// Code of the answer to a scan if the QR code has no bucket token left.
const NO_TOKENS: &str = "no_tokens";

/// Next step after a burst for which the emulator was too slow.
const OVERLOADED: &str = "the emulator is overloaded, not the bar: wait until your machine is idle and run the burst \
                          again, or send fewer scans, such as --scans 30";

/// Statuses of a failed execution.
const FAILED: [&str; 3] = ["FAILED", "TIMED_OUT", "ABORTED"];

/// Counts and latencies of a burst.
#[derive(Debug)]
pub(super) struct BurstReport {
    scans: u32,
    within: u32,
    capacity: u32,
    behind_emulator: bool,
    /// Latencies in milliseconds by status and code; status 0 if there was no answer.
    answers: BTreeMap<(u16, String), Histogram<u64>>,
    acknowledged: Vec<OrderId>,
    outcomes: BTreeMap<Outcome, usize>,
    pub(super) executions: Executions,
    /// Orders in flight after the scans, including those whose scan had no answer.
    pub(super) in_flight: i64,
    pub(super) most_in_flight: i64,
    pub(super) left_in_flight: i64,
}

impl BurstReport {
    pub(super) fn new(args: &BurstArgs) -> Self {
        Self {
            scans: args.scans,
            within: args.within,
            capacity: args.capacity,
            behind_emulator: stack::emulator().is_some(),
            answers: BTreeMap::new(),
            acknowledged: Vec::new(),
            outcomes: BTreeMap::new(),
            executions: Executions::default(),
            in_flight: 0,
            most_in_flight: 0,
            left_in_flight: 0,
        }
    }

    pub(super) fn add(&mut self, answer: ScanAnswer) -> Result<(), Error> {
        let millis = match self.answers.entry((answer.status.unwrap_or(0), answer.code)) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new.insert(
                Histogram::new_with_max(MAX_MILLIS, 3)
                    .map_err(|error| Error::failed("latencies cannot be recorded", error))?,
            ),
        };
        millis.saturating_record(u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX));
        self.acknowledged.extend(answer.order_id);
        Ok(())
    }

    /// Returns the orders whose scan was acknowledged.
    pub(super) fn acknowledged(&self) -> &[OrderId] {
        &self.acknowledged
    }

    pub(super) fn add_outcomes(&mut self, outcomes: impl IntoIterator<Item = Outcome>) {
        for outcome in outcomes {
            *self.outcomes.entry(outcome).or_default() += 1;
        }
    }

    fn count(&self, outcome: &Outcome) -> i64 {
        self.outcomes.get(outcome).map_or(0, |count| i64::try_from(*count).unwrap_or(i64::MAX))
    }

    /// Returns the broken guarantees, one text each.
    fn broken(&self) -> Vec<String> {
        let capacity = i64::from(self.capacity);
        let mut broken = Vec::new();
        let mut must = |holds: bool, what: String| {
            if !holds {
                broken.push(what);
            }
        };
        let answers: u64 = self.answers.values().map(Histogram::len).sum();
        must(answers == u64::from(self.scans), format!("{answers} of {} scans were accounted for", self.scans));
        for ((status, code), millis) in &self.answers {
            let count = millis.len();
            let expected = matches!((*status, code.as_str()), (200 | 201 | 429, _) | (409, "store_full"));
            must(expected || *status == 0, format!("{count} scans were answered {status} {code}"));
            must(*status != 0, format!("{count} scans had no answer"));
            // On AWS, the template defines a problem document for throttled requests. An emulator
            // answers them with another body.
            let own_body = *status == 429 && self.behind_emulator;
            let documented = code != NOT_A_PROBLEM || own_body;
            must(documented, format!("{count} answers with status {status} had no problem document (RFC 9457)"));
        }
        let (in_flight, acknowledged) = (self.in_flight, i64::try_from(self.acknowledged.len()).unwrap_or(i64::MAX));
        must(
            in_flight == capacity || acknowledged < capacity,
            format!("{in_flight} orders were admitted instead of {capacity}"),
        );
        let admitted = self.count(&Outcome::Admitted);
        must(
            admitted <= in_flight,
            format!("{admitted} acknowledged orders were admitted, but only {in_flight} are in flight"),
        );
        for (outcome, count) in &self.outcomes {
            let expected = *outcome == Outcome::Admitted || *outcome == Outcome::Refused("full".to_owned());
            must(expected, format!("{count} acknowledged orders: {}", words(outcome)));
        }
        let seen = self.most_in_flight;
        must(seen <= capacity, format!("the shop had {seen} orders in flight, with capacity for {capacity}"));
        for status in FAILED {
            let count = self.executions.count(status);
            must(count == 0, format!("{count} executions are {status}"));
        }
        must(self.left_in_flight == 0, format!("the shop still has {} orders in flight", self.left_in_flight));
        broken
    }

    pub(super) fn print(&self, as_json: bool) -> Result<(), Error> {
        let broken = self.broken();
        if as_json {
            output::json(&self.to_json(&broken))?;
        } else {
            self.print_tables()?;
        }
        if let Some(note) = self.note() {
            output::note(note);
        }
        if broken.is_empty() {
            return Ok(());
        }
        let error = Error::Unexpected(broken.join("; "));
        Err(if self.is_emulator_overloaded() { error.with_help(OVERLOADED) } else { error })
    }

    /// Returns true if an emulator answered a scan with 5xx or not at all: it could not keep up.
    fn is_emulator_overloaded(&self) -> bool {
        self.behind_emulator && self.answers.keys().any(|(status, _)| *status == 0 || *status >= 500)
    }

    /// Explains scans that found no bucket token. The burst alone cannot use up the tokens, because
    /// it raises their number to that of its scans.
    fn note(&self) -> Option<String> {
        let refused = self.answers.get(&(429, NO_TOKENS.to_owned()))?.len();
        Some(format!(
            "{refused} scans found no token: the code was scanned before the burst. Name a new shop with --event-id, \
             or wait for the next code"
        ))
    }

    fn print_tables(&self) -> Result<(), Error> {
        let mut answers = output::table(&["answer", "scans", "p50 (ms)", "p99 (ms)", "max (ms)"]);
        for ((status, code), millis) in &self.answers {
            let at = |quantile| millis.value_at_quantile(quantile).to_string();
            let name = if *status == 0 { code.clone() } else { format!("{status} {code}") };
            answers.add_row([name, millis.len().to_string(), at(0.5), at(0.99), millis.max().to_string()]);
        }
        output::print_table(&answers)?;
        let mut outcomes = output::table(&["outcome of acknowledged orders", "orders"]);
        for (outcome, count) in &self.outcomes {
            outcomes.add_row([words(outcome), count.to_string()]);
        }
        output::print_table(&outcomes)?;
        let mut executions = output::table(&["status of executions", "number in the whole stack"]);
        for (status, count) in &self.executions.0 {
            executions.add_row([status.clone(), count.to_string()]);
        }
        output::print_table(&executions)?;
        let Self { scans, within, capacity, in_flight, most_in_flight: most, left_in_flight: left, .. } = self;
        output::line(format_args!(
            "{scans} scans within {within} s, capacity {capacity}: {in_flight} admitted, at most {most} in flight, {left} at the end"
        ))
    }

    fn to_json(&self, broken: &[String]) -> Value {
        let answers: Vec<Value> = self
            .answers
            .iter()
            .map(|((status, code), millis)| {
                let at = |quantile| millis.value_at_quantile(quantile);
                json!({
                    "status": (*status != 0).then_some(status), "code": code, "scans": millis.len(),
                    "p50Ms": at(0.5), "p99Ms": at(0.99), "maxMs": millis.max(),
                })
            })
            .collect();
        let outcomes: Map<String, Value> =
            self.outcomes.iter().map(|(outcome, count)| (words(outcome), json!(count))).collect();
        json!({
            "scans": self.scans, "withinSecs": self.within, "capacity": self.capacity, "answers": answers, "acknowledged": outcomes,
            "executions": self.executions.0, "inFlight": self.in_flight, "mostInFlight": self.most_in_flight, "leftInFlight": self.left_in_flight,
            "broken": broken,
        })
    }
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Admitted => "admitted".to_owned(),
        Outcome::Refused(reason) => format!("refused: {reason}"),
        Outcome::Ended(reason) => format!("ended: {reason}"),
        Outcome::Lost => "lost".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answer(status: Option<u16>, code: &str) -> ScanAnswer {
        let order_id = (code == "order").then(|| "o".parse().unwrap());
        ScanAnswer { status, code: code.into(), order_id, took: Duration::from_millis(10) }
    }

    /// Returns the report of four scans with capacity for two, with every guarantee kept.
    fn good() -> BurstReport {
        let mut report = BurstReport::new(&BurstArgs { scans: 4, within: 1, capacity: 2, kind: None, requests: 600 });
        let codes = [(201, "order"), (201, "order"), (201, "order"), (409, "store_full")];
        for (status, code) in codes {
            report.add(answer(Some(status), code)).unwrap();
        }
        report.add_outcomes([Outcome::Admitted, Outcome::Admitted, Outcome::Refused("full".into())]);
        (report.in_flight, report.most_in_flight) = (2, 2);
        report
    }

    #[test]
    fn a_burst_that_keeps_every_guarantee_succeeds() {
        assert_eq!(good().broken(), Vec::<String>::new());
    }

    #[test]
    fn failed_answers_of_an_emulator_have_a_help_and_those_of_aws_do_not() {
        for (status, code) in [(Some(502), NOT_A_PROBLEM), (Some(503), "unavailable"), (None, "no answer")] {
            let mut report = good();
            report.behind_emulator = true;
            assert!(!report.is_emulator_overloaded());
            report.add(answer(status, code)).unwrap();
            let error = report.print(true).unwrap_err();
            assert!(error.help().unwrap().contains("--scans 30"), "{error}");
            report.behind_emulator = false;
            assert_eq!(report.print(true).unwrap_err().help(), None);
        }
    }

    #[test]
    fn scans_without_a_token_are_explained() {
        let mut report = good();
        assert_eq!(report.note(), None);
        report.add(answer(Some(429), NO_TOKENS)).unwrap();
        report.add(answer(Some(429), NO_TOKENS)).unwrap();
        let note = report.note().unwrap();
        assert!(note.starts_with("2 scans found no token") && note.contains("--event-id"), "{note}");
    }

    #[test]
    fn each_broken_guarantee_is_named() {
        type Spoil = fn(&mut BurstReport);
        let cases: [(&str, Spoil); 12] = [
            ("429 had no problem document", |report| {
                report.behind_emulator = false;
                report.add(answer(Some(429), NOT_A_PROBLEM)).unwrap();
            }),
            ("answered 503", |report| report.add(answer(Some(503), "unavailable")).unwrap()),
            ("answered 400 invalid_code", |report| report.add(answer(Some(400), "invalid_code")).unwrap()),
            ("1 scans had no answer", |report| report.add(answer(None, "no answer")).unwrap()),
            ("4 of 5 scans", |report| report.scans = 5),
            ("1 orders were admitted instead of 2", |report| report.in_flight = 1),
            ("3 acknowledged orders were admitted", |report| report.add_outcomes([Outcome::Admitted])),
            ("lost", |report| report.add_outcomes([Outcome::Lost])),
            ("refused: customerLimit", |report| report.add_outcomes([Outcome::Refused("customerLimit".into())])),
            ("had 3", |report| report.most_in_flight = 3),
            ("are FAILED", |report| report.executions.0.extend([("FAILED".to_owned(), 1)])),
            ("still has", |report| report.left_in_flight = 1),
        ];
        for (named, spoil) in cases {
            let mut report = good();
            spoil(&mut report);
            let broken = report.broken().join("; ").replace("5 of 4 scans were accounted for; ", "");
            assert!(broken.contains(named), "{named}: {broken}");
            assert_eq!(report.to_json(&report.broken())["broken"].as_array().unwrap().len(), report.broken().len());
        }
    }
}
