//! Formats the result of a run: the injected faults, and the violations.

use std::collections::BTreeMap;

use harness::output;
use serde::Serialize;
use serde_json::{Value, json};

use crate::courier::{Mishap, Mishaps};
use crate::fault::{CALLS, CallKind, Fault};
use crate::histories::Histories;
use crate::matrix::Matrix;
use crate::overrides::Route;
use crate::settle::Settled;
use crate::verify::Violation;
use crate::workflow::{Failure, STATES};

#[derive(Debug)]
pub struct ChaosReport {
    pub seed: u64,
    pub minimum: u32,
    pub matrix: Matrix,
    pub mishaps: Mishaps,
    pub delivered: BTreeMap<Route, u32>,
    pub histories: Histories,
    pub missing: Vec<String>,
    pub settled: Settled,
    pub ends: BTreeMap<String, u32>,
    pub acknowledged: usize,
    pub unannounced_refusals: usize,
    pub violations: Vec<Violation>,
    pub seconds: u64,
}

#[derive(Serialize)]
struct Row<'a> {
    what: String,
    calls: Option<u32>,
    counts: BTreeMap<&'a str, u32>,
}

impl ChaosReport {
    pub fn holds(&self) -> bool {
        self.violations.is_empty()
            && self.missing.is_empty()
            && self.matrix.unknown().is_empty()
            && self.settled.complete
    }

    fn calls(&self) -> Vec<Row<'static>> {
        let counts =
            |call: &CallKind| call.faults().map(|fault| (fault.as_str(), self.matrix.count(*call, fault))).collect();
        CALLS
            .iter()
            .map(|call| Row { what: call.to_string(), calls: Some(self.matrix.calls(*call)), counts: counts(call) })
            .collect()
    }

    fn workflow(&self) -> Vec<Row<'static>> {
        let count = |state, failure| self.histories.failures.get(&(state, failure)).copied().unwrap_or(0);
        let row = |(state, failures): &(&'static str, &'static [Failure])| Row {
            what: (*state).to_owned(),
            calls: None,
            counts: failures.iter().map(|failure| (failure.as_str(), count(state, *failure))).collect(),
        };
        STATES.iter().map(row).collect()
    }

    fn courier(&self) -> Vec<Row<'static>> {
        let count = |route, mishap| self.mishaps.get(&(route, mishap)).copied().unwrap_or(0);
        [("events to the workflow", Route::NewOrder), ("events to the projector", Route::Projection)]
            .map(|(what, route)| Row {
                what: what.to_owned(),
                calls: self.delivered.get(&route).copied(),
                counts: Mishap::ALL.iter().map(|mishap| (mishap.as_str(), count(route, *mishap))).collect(),
            })
            .into()
    }

    pub fn to_json(&self) -> Value {
        json!({
            "seed": self.seed, "minimum": self.minimum, "seconds": self.seconds, "holds": self.holds(),
            "calls": self.calls(), "workflow": self.workflow(), "courier": self.courier(),
            "executions": self.histories.statuses, "orders": self.ends, "acknowledged": self.acknowledged,
            "settled": self.settled, "unannouncedRefusals": self.unannounced_refusals, "tooRare": self.missing,
            "unknownCalls": self.matrix.unknown(), "violations": self.violations,
        })
    }

    pub fn paragraphs(&self) -> Vec<String> {
        let named = |counts: &BTreeMap<String, u32>| {
            counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
        };
        let Settled { redriven, sweeps, faults_seconds, seconds, .. } = self.settled;
        let minimum = self.minimum;
        let mut paragraphs = vec![
            format!(
                "seed {}; required: each fault at least {minimum} times in each row; - is a fault that is not injected there",
                self.seed
            ),
            table(&self.calls(), "calls of functions", Fault::NAMES),
            table(&self.workflow(), "calls of the workflow", Failure::NAMES),
            table(&self.courier(), "deliveries", Mishap::NAMES),
            format!("executions: {}", named(&self.histories.statuses)),
            format!(
                "orders: {}; {} of them acknowledged by the API, or requested on the bus by the run",
                named(&self.ends),
                self.acknowledged
            ),
            format!(
                "faults for {faults_seconds} s, then {redriven} dead-letter messages redriven and {sweeps} sweeps in {seconds} s"
            ),
        ];
        if self.unannounced_refusals > 0 {
            paragraphs.push(format!(
                "{} refusals are stored but not published, because their workflow could not publish",
                self.unannounced_refusals
            ));
        }
        paragraphs.extend(self.failures());
        let injected = self.matrix.total();
        let verdict = if self.holds() { "no rule violated" } else { "FAILED" };
        paragraphs
            .push(format!("{injected} faults injected into calls of functions; {verdict}, after {} s", self.seconds));
        paragraphs
    }

    fn failures(&self) -> Vec<String> {
        let rare = self.missing.iter().map(|what| format!("TOO RARE: {what}"));
        let unknown = self.matrix.unknown().iter();
        let unknown = unknown.map(|(name, count)| format!("UNKNOWN CALL: {name}, {count} times: add it to CALLS"));
        let violations = self.violations.iter();
        let violations = violations.map(|violation| format!("VIOLATED: {}: {}", violation.rule, violation.about));
        let stuck = (!self.settled.complete).then(|| {
            "NOT SETTLED: orders, executions, dead-letter messages or deliveries are left after the last sweep"
                .to_owned()
        });
        rare.chain(unknown).chain(violations).chain(stuck).collect()
    }
}

fn table(rows: &[Row<'_>], title: &str, columns: &[&str]) -> String {
    let has_calls = rows.iter().any(|row| row.calls.is_some());
    let mut headings = vec![title];
    headings.extend(has_calls.then_some("calls"));
    headings.extend(columns);
    let mut table = output::table(headings, &[0]);
    for row in rows {
        let mut cells = vec![row.what.clone()];
        cells.extend(has_calls.then(|| row.calls.map(|calls| calls.to_string()).unwrap_or_default()));
        cells
            .extend(columns.iter().map(|column| row.counts.get(column).map_or_else(|| "-".to_owned(), u32::to_string)));
        table.add_row(cells);
    }
    table.to_string()
}
