//! What a burst showed, and whether that is what was promised.

use std::collections::BTreeMap;

use client::{Error, stack};
use domain::ids::OrderId;
use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};

use super::Answered;
use super::aftermath::{Executions, Fate};
use crate::cli::BurstArgs;
use crate::output;

const LONGEST_MILLIS: u64 = 600_000;

/// The code of an answer that is neither an order nor a problem.
pub(super) const NO_PROBLEM: &str = "(no problem)";

/// Statuses in which no execution may end.
const BROKEN: [&str; 3] = ["FAILED", "TIMED_OUT", "ABORTED"];

/// What a burst showed.
#[derive(Debug)]
pub(super) struct Report {
    scans: u32,
    within: u32,
    room: u32,
    behind_emulator: bool,
    /// How long each kind of answer took, by status and code.
    answers: BTreeMap<(u16, String), Histogram<u64>>,
    acknowledged: Vec<OrderId>,
    fates: BTreeMap<Fate, usize>,
    pub(super) executions: Executions,
    /// Orders in the shop once every one was decided, with those whose customers heard nothing.
    pub(super) inside: i64,
    pub(super) most_in_flight: i64,
    pub(super) left_in_flight: i64,
}

impl Report {
    pub(super) fn new(args: &BurstArgs) -> Self {
        Self {
            scans: args.scans,
            within: args.within,
            room: args.room,
            behind_emulator: stack::emulator().is_some(),
            answers: BTreeMap::new(),
            acknowledged: Vec::new(),
            fates: BTreeMap::new(),
            executions: Executions::default(),
            inside: 0,
            most_in_flight: 0,
            left_in_flight: 0,
        }
    }

    pub(super) fn answered(&mut self, answered: Answered) -> Result<(), Error> {
        let millis = match self.answers.entry((answered.status.unwrap_or(0), answered.code)) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new.insert(
                Histogram::new_with_max(LONGEST_MILLIS, 3)
                    .map_err(|error| Error::failed("no latencies can be kept", error))?,
            ),
        };
        millis.saturating_record(u64::try_from(answered.took.as_millis()).unwrap_or(u64::MAX));
        self.acknowledged.extend(answered.order_id);
        Ok(())
    }

    /// The orders that were promised.
    pub(super) fn acknowledged(&self) -> &[OrderId] {
        &self.acknowledged
    }

    pub(super) fn fates(&mut self, fates: impl Iterator<Item = Fate>) {
        for fate in fates {
            *self.fates.entry(fate).or_default() += 1;
        }
    }

    fn fate(&self, fate: &Fate) -> i64 {
        self.fates.get(fate).map_or(0, |count| i64::try_from(*count).unwrap_or(i64::MAX))
    }

    /// Every promise that did not hold.
    fn broken(&self) -> Vec<String> {
        let room = i64::from(self.room);
        let mut broken = Vec::new();
        let mut must = |holds: bool, what: String| {
            if !holds {
                broken.push(what);
            }
        };
        let answers: u64 = self.answers.values().map(Histogram::len).sum();
        must(answers == u64::from(self.scans), format!("{answers} of {} scans were accounted for", self.scans));
        for ((status, code), millis) in &self.answers {
            must((200..500).contains(status), format!("{} scans were answered {status} {code}", millis.len()));
            // The template has the gateway say it as a problem; an emulator's gateway says it in its own words.
            let own_words = *status == 429 && self.behind_emulator;
            must(code != NO_PROBLEM || own_words, format!("{} answers {status} were no problems", millis.len()));
        }
        let (inside, acknowledged) = (self.inside, i64::try_from(self.acknowledged.len()).unwrap_or(i64::MAX));
        must(inside == room || acknowledged < room, format!("{inside} got in, where there was room for {room}"));
        let admitted = self.fate(&Fate::Admitted);
        must(
            admitted <= inside,
            format!("{admitted} of those who were promised an order got in, and {inside} are inside"),
        );
        for (fate, count) in &self.fates {
            let expected = *fate == Fate::Admitted || *fate == Fate::Refused("full".to_owned());
            must(expected, format!("{count} acknowledged orders: {}", words(fate)));
        }
        let seen = self.most_in_flight;
        must(seen <= room, format!("the shop counted {seen} orders, with room for {room}"));
        for status in BROKEN {
            let count = self.executions.count(status);
            must(count == 0, format!("{count} executions are {status}"));
        }
        must(self.left_in_flight == 0, format!("the shop still counts {} orders", self.left_in_flight));
        broken
    }

    pub(super) fn print(&self, as_json: bool) -> Result<(), Error> {
        let broken = self.broken();
        if as_json {
            output::json(&self.to_json(&broken))?;
        } else {
            self.print_tables()?;
        }
        if broken.is_empty() { Ok(()) } else { Err(Error::TimedOut(broken.join("; "))) }
    }

    fn print_tables(&self) -> Result<(), Error> {
        let mut answers = output::table(&["answer", "scans", "p50 (ms)", "p99 (ms)", "max (ms)"]);
        for ((status, code), millis) in &self.answers {
            let at = |quantile| millis.value_at_quantile(quantile).to_string();
            let name = if *status == 0 { code.clone() } else { format!("{status} {code}") };
            answers.add_row([name, millis.len().to_string(), at(0.5), at(0.99), millis.max().to_string()]);
        }
        output::line(answers)?;
        let mut fates = output::table(&["of those acknowledged", "orders"]);
        for (fate, count) in &self.fates {
            fates.add_row([words(fate), count.to_string()]);
        }
        output::line(fates)?;
        let mut executions = output::table(&["executions that started", "of the whole stack"]);
        for (status, count) in &self.executions.0 {
            executions.add_row([status.clone(), count.to_string()]);
        }
        output::line(executions)?;
        let Self { scans, within, room, inside, most_in_flight: most, left_in_flight: left, .. } = self;
        output::line(format_args!(
            "{scans} scans within {within} s on room for {room}: {inside} got in, at most {most} in flight, {left} left at the end"
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
        let fates: Map<String, Value> = self.fates.iter().map(|(fate, count)| (words(fate), json!(count))).collect();
        json!({
            "scans": self.scans, "withinSecs": self.within, "room": self.room, "answers": answers, "acknowledged": fates,
            "executions": self.executions.0, "inside": self.inside, "mostInFlight": self.most_in_flight, "leftInFlight": self.left_in_flight,
            "broken": broken,
        })
    }
}

fn words(fate: &Fate) -> String {
    match fate {
        Fate::Admitted => "admitted".to_owned(),
        Fate::Refused(reason) => format!("refused: {reason}"),
        Fate::Ended(reason) => format!("ended: {reason}"),
        Fate::Lost => "not heard of".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answered(status: Option<u16>, code: &str) -> Answered {
        let order_id = (code == "order").then(|| "o".parse().unwrap());
        Answered { status, code: code.into(), order_id, took: Duration::from_millis(10) }
    }

    /// Four scans on room for two, as it should be.
    fn good() -> Report {
        let mut report = Report::new(&BurstArgs { scans: 4, within: 1, room: 2 });
        let codes = [(201, "order"), (201, "order"), (201, "order"), (409, "store_full")];
        for (status, code) in codes {
            report.answered(answered(Some(status), code)).unwrap();
        }
        report.fates([Fate::Admitted, Fate::Admitted, Fate::Refused("full".into())].into_iter());
        (report.inside, report.most_in_flight) = (2, 2);
        report
    }

    #[test]
    fn a_burst_that_kept_every_promise_is_a_success() {
        assert_eq!(good().broken(), Vec::<String>::new());
    }

    #[test]
    fn each_promise_that_is_broken_is_named() {
        type Spoil = fn(&mut Report);
        let cases: [(&str, Spoil); 10] = [
            ("429 were no problems", |report| {
                report.behind_emulator = false;
                report.answered(answered(Some(429), NO_PROBLEM)).unwrap();
            }),
            ("answered 503", |report| report.answered(answered(Some(503), "unavailable")).unwrap()),
            ("4 of 5 scans", |report| report.scans = 5),
            ("1 got in", |report| report.inside = 1),
            ("3 of those", |report| report.fates([Fate::Admitted].into_iter())),
            ("not heard of", |report| report.fates([Fate::Lost].into_iter())),
            ("refused: customerLimit", |report| report.fates([Fate::Refused("customerLimit".into())].into_iter())),
            ("counted 3", |report| report.most_in_flight = 3),
            ("are FAILED", |report| report.executions.0.extend([("FAILED".to_owned(), 1)])),
            ("still counts", |report| report.left_in_flight = 1),
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
