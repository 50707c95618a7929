//! What was injected, and what survived.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use serde_json::{Value, json};

use crate::courier::{Mishap, Mishaps};
use crate::fault::{CALLS, Fault};
use crate::histories::Histories;
use crate::matrix::Matrix;
use crate::setting::Route;
use crate::settle::Settled;
use crate::verify::Violation;
use crate::workflow::{Failure, STATES};

/// What a run showed.
#[derive(Debug)]
pub struct Report {
    /// The dice.
    pub seed: u64,
    /// How often each combination was to be reached.
    pub minimum: u32,
    /// The faults of the proxy.
    pub matrix: Matrix,
    /// The mishaps of the courier.
    pub mishaps: Mishaps,
    /// How many events it delivered.
    pub delivered: BTreeMap<Route, u32>,
    /// The failures of the workflow.
    pub histories: Histories,
    /// What was injected too rarely.
    pub behind: Vec<String>,
    /// Redrive and sweep.
    pub settled: Settled,
    /// Orders by how they ended.
    pub ends: BTreeMap<String, u32>,
    /// Orders that were acknowledged.
    pub acknowledged: usize,
    /// Orders that were refused and whose workflow could not say so.
    pub untold_refusals: usize,
    /// What does not hold.
    pub violations: Vec<Violation>,
    /// How long it took, in seconds.
    pub seconds: u64,
}

/// A line of numbers, for programs.
#[derive(Serialize)]
struct Hits<'a> {
    what: String,
    calls: Option<u32>,
    counts: BTreeMap<&'a str, u32>,
}

fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(headings);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

impl Report {
    /// Whether everything was injected often enough, and everything holds.
    pub fn holds(&self) -> bool {
        self.violations.is_empty() && self.behind.is_empty() && self.matrix.unknown().is_empty() && self.settled.in_time
    }

    fn calls(&self) -> Vec<Hits<'static>> {
        let hits = |call: &crate::fault::CallKind| {
            call.faults().map(|fault| (fault.as_str(), self.matrix.count(*call, fault))).collect()
        };
        CALLS
            .iter()
            .map(|call| Hits { what: call.to_string(), calls: Some(self.matrix.calls(*call)), counts: hits(call) })
            .collect()
    }

    fn workflow(&self) -> Vec<Hits<'static>> {
        let count = |state, failure| self.histories.failures.get(&(state, failure)).copied().unwrap_or(0);
        let hits = |(state, failures): &(&'static str, &'static [Failure])| Hits {
            what: (*state).to_owned(),
            calls: None,
            counts: failures.iter().map(|failure| (failure.as_str(), count(state, *failure))).collect(),
        };
        STATES.iter().map(hits).collect()
    }

    fn courier(&self) -> Vec<Hits<'static>> {
        let hits = |route| {
            Mishap::ALL.map(|mishap| (mishap.as_str(), self.mishaps.get(&(route, mishap)).copied().unwrap_or(0)))
        };
        [("events to the workflow", Route::NewOrder), ("events to the projector", Route::Projection)]
            .map(|(what, route)| Hits {
                what: what.to_owned(),
                calls: self.delivered.get(&route).copied(),
                counts: hits(route).into(),
            })
            .into()
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        json!({
            "seed": self.seed, "minimum": self.minimum, "seconds": self.seconds, "holds": self.holds(),
            "calls": self.calls(), "workflow": self.workflow(), "courier": self.courier(),
            "executions": self.histories.ended, "orders": self.ends, "acknowledged": self.acknowledged,
            "settled": self.settled, "untoldRefusals": self.untold_refusals, "behind": self.behind,
            "unknownCalls": self.matrix.unknown(), "violations": self.violations,
        })
    }

    /// For people.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "seed {}; each combination at least {} times; - is one that AWS does not have",
            self.seed, self.minimum
        )];
        lines.push(print(&self.calls(), "calls of functions", &Fault::ALL.map(Fault::as_str)));
        lines.push(print(&self.workflow(), "calls of the workflow", &FAILURES.map(Failure::as_str)));
        lines.push(print(&self.courier(), "deliveries", &Mishap::ALL.map(Mishap::as_str)));
        let named = |counts: &BTreeMap<String, u32>| {
            counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
        };
        lines.push(format!("executions: {}", named(&self.histories.ended)));
        lines.push(format!("orders: {}; {} of them were acknowledged", named(&self.ends), self.acknowledged));
        let Settled { redriven, sweeps, faults_seconds, seconds, .. } = self.settled;
        lines.push(format!(
            "faults for {faults_seconds} s, then {redriven} letters sent back and {sweeps} sweeps in {seconds} s"
        ));
        if self.untold_refusals > 0 {
            lines.push(format!(
                "{} refusals are in the table alone: their workflow could not tell",
                self.untold_refusals
            ));
        }
        lines.extend(self.behind.iter().map(|what| format!("TOO RARE: {what}")));
        lines.extend(
            self.matrix
                .unknown()
                .iter()
                .map(|(name, count)| format!("UNKNOWN CALL: {name}, {count} times: add it to CALLS")),
        );
        lines.extend(
            self.violations.iter().map(|violation| format!("VIOLATED: {}: {}", violation.rule, violation.about)),
        );
        if !self.settled.in_time {
            lines.push("NOT SETTLED: something was still open when the time was up".to_owned());
        }
        let injected = self.matrix.total();
        let verdict = if self.holds() { "every promise was kept" } else { "FAILED" };
        lines.push(format!("{injected} faults injected into calls of functions; {verdict}, after {} s", self.seconds));
        lines
    }
}

const FAILURES: [Failure; 6] = [
    Failure::Refused,
    Failure::ReplyLost,
    Failure::FirstOnly,
    Failure::SecondOnly,
    Failure::NoSuchTable,
    Failure::ToTheEnd,
];

fn print(rows: &[Hits<'_>], title: &str, columns: &[&str]) -> String {
    let counted = rows.iter().any(|row| row.calls.is_some());
    let mut headings = vec![title];
    headings.extend(counted.then_some("calls"));
    headings.extend(columns);
    let mut table = table(&headings);
    for row in rows {
        let mut cells = vec![row.what.clone()];
        cells.extend(counted.then(|| row.calls.map(|calls| calls.to_string()).unwrap_or_default()));
        cells
            .extend(columns.iter().map(|column| row.counts.get(column).map_or_else(|| "-".to_owned(), u32::to_string)));
        table.add_row(cells);
    }
    table.to_string()
}
