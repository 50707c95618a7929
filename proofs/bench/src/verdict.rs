//! What is allowed: the budgets, and what the committed baseline says. Ratios, CPU time and sizes decide; wall time never does.
//! Ratios are those of lower quartiles: what a busy machine adds comes on top of them, and varies more than they do.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::figures::{All, Figures};
use crate::subject::NOOP;

/// How much worse than the baseline a ratio may be. CPU time varies on a busy machine, that of a short call more than that of a start: beside
/// a build on the same cores a warm invocation was seen to take 1.4 times as much. Sizes do not vary.
const START_TOLERANCE: f64 = 1.2;
const WARM_TOLERANCE: f64 = 1.6;
const SIZE_TOLERANCE: f64 = 1.05;
const MEMORY_TOLERANCE: f64 = 1.15;

const MOST_ZIP_MB: f64 = 4.5;
const MOST_FIRST_CPU_MS: f64 = 5.0;
/// Above what the floor's takes, in its warm invocations: a call of AWS is serialised, signed, sent and read by the SDK, which alone takes most of this.
const MOST_WARM_FLOORS_A_CALL: f64 = 4.5;
const MOST_PEAK_MB: f64 = 12.0;
const MOST_START_FLOORS: f64 = 2.5;
/// Where a connection is primed, and the first invocation shows it.
const MOST_PRIMED_START_FLOORS: f64 = 3.5;

/// A function's figures as multiples of the floor's, which has the same machine at the same time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ratios {
    /// CPU until it first asks for an invocation, in starts of the floor.
    pub start: f64,
    /// CPU of start and first invocation, in starts of the floor.
    pub start_and_first: f64,
    /// CPU of a warm invocation without TLS, in the floor's.
    pub warm_without_tls: f64,
    /// CPU of a warm invocation over TLS, in the floor's.
    pub warm: f64,
    /// Peak memory, in the floor's.
    pub peak: f64,
    /// Size of the zip, in MB.
    pub zip_mb: f64,
}

/// What was measured when it was good.
pub type Baseline = BTreeMap<String, Ratios>;

fn in_floors(millis: f64, floor: &Figures) -> f64 {
    ratio(millis, floor.start.cpu.quarter)
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn ratios(figures: &Figures, floor: &Figures) -> Ratios {
    Ratios {
        start: in_floors(figures.start.cpu.quarter, floor),
        start_and_first: in_floors(figures.start_and_first.cpu.quarter, floor),
        warm_without_tls: ratio(figures.warm_without_tls.cpu.quarter, floor.warm_without_tls.cpu.quarter),
        warm: ratio(figures.warm.cpu.quarter, floor.warm.cpu.quarter),
        peak: ratio(figures.peak_mb, floor.peak_mb),
        zip_mb: figures.zip_mb,
    }
}

fn ours(all: &All) -> impl Iterator<Item = (&String, &Figures)> {
    all.iter().filter(|(name, figures)| *name != NOOP && figures.zip_mb > 0.0)
}

/// What to commit.
pub fn baseline(all: &All) -> Baseline {
    let floor = all.get(NOOP).cloned().unwrap_or_default();
    ours(all).map(|(name, figures)| (name.clone(), ratios(figures, &floor).rounded())).collect()
}

impl Ratios {
    fn rounded(self) -> Self {
        let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
        Self {
            start: round(self.start),
            start_and_first: round(self.start_and_first),
            warm_without_tls: round(self.warm_without_tls),
            warm: round(self.warm),
            peak: round(self.peak),
            zip_mb: round(self.zip_mb),
        }
    }
}

/// Whether a primed connection pays: the first invocation takes hardly more than a later one. A handshake alone takes more.
fn primed(figures: &Figures, floor: &Figures) -> bool {
    figures.primed && figures.first.cpu.quarter < figures.warm.cpu.quarter + floor.start.cpu.quarter
}

/// Where a budget is exceeded.
pub fn over_budget(all: &All) -> Vec<String> {
    let floor = all.get(NOOP).cloned().unwrap_or_default();
    let mut over = Vec::new();
    for (name, figures) in ours(all) {
        let start = ratios(figures, &floor).start;
        let most_start = if primed(figures, &floor) { MOST_PRIMED_START_FLOORS } else { MOST_START_FLOORS };
        let calls = u32::try_from(figures.calls.max(1)).unwrap_or(u32::MAX);
        let call = (ratios(figures, &floor).warm_without_tls - 1.0) / f64::from(calls);
        for (what, is, most, unit) in [
            ("its zip has", figures.zip_mb, MOST_ZIP_MB, "MB"),
            ("its start takes the CPU of", start, most_start, "starts of a function that does nothing"),
            ("its first invocation takes", figures.first.cpu.median, MOST_FIRST_CPU_MS, "ms of CPU"),
            (
                "each call of AWS in a warm invocation takes the CPU of",
                call,
                MOST_WARM_FLOORS_A_CALL,
                "invocations of it",
            ),
            ("it holds up to", figures.peak_mb, MOST_PEAK_MB, "MB of memory"),
        ] {
            if is > most {
                over.push(format!("{name}: {what} {is:.2} {unit}; the budget is {most}"));
            }
        }
    }
    over
}

/// What got worse than the baseline by more than the tolerance.
pub fn worse(all: &All, baseline: &Baseline) -> Vec<String> {
    let floor = all.get(NOOP).cloned().unwrap_or_default();
    let mut worse = Vec::new();
    for (name, figures) in ours(all) {
        let is = ratios(figures, &floor);
        let Some(was) = baseline.get(name) else {
            worse.push(format!("{name}: it is not in the baseline: make bench BENCH=--write-baseline"));
            continue;
        };
        for (what, is, was, tolerance) in [
            ("CPU of its start, in the floor's", is.start, was.start, START_TOLERANCE),
            (
                "CPU of start and first invocation, in the floor's start",
                is.start_and_first,
                was.start_and_first,
                START_TOLERANCE,
            ),
            ("CPU of a warm invocation over TLS, in the floor's", is.warm, was.warm, WARM_TOLERANCE),
            (
                "CPU of a warm invocation without TLS, in the floor's",
                is.warm_without_tls,
                was.warm_without_tls,
                WARM_TOLERANCE,
            ),
            ("peak memory, in the floor's", is.peak, was.peak, MEMORY_TOLERANCE),
            ("size of its zip in MB", is.zip_mb, was.zip_mb, SIZE_TOLERANCE),
        ] {
            if is > was * tolerance {
                worse.push(format!(
                    "{name}: {what}: {is:.2}, and was {was:.2} (up to {:.2} is let pass)",
                    was * tolerance
                ));
            }
        }
    }
    worse
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness::spread::Spread;

    fn figures(start: f64, first: f64, warm: f64) -> Figures {
        let mut figures = Figures { peak_mb: 8.0, zip_mb: 3.0, binary_mb: 8.0, ..Figures::default() };
        let spread = |millis| Spread { quarter: millis, median: millis, p99: millis };
        figures.start.cpu = spread(start);
        figures.first.cpu = spread(first);
        figures.start_and_first.cpu = spread(start + first);
        figures.warm.cpu = spread(warm);
        figures.warm_without_tls.cpu = spread(warm);
        figures
    }

    fn measured(function: Figures) -> All {
        [(NOOP.to_owned(), figures(2.0, 0.1, 0.1)), ("sweeper".to_owned(), function)].into()
    }

    #[test]
    fn each_budget_that_is_exceeded_is_told_with_what_was_measured() {
        assert_eq!(over_budget(&measured(figures(4.0, 3.0, 0.2))), Vec::<String>::new());
        let many = Figures { peak_mb: 13.0, zip_mb: 4.6, ..figures(6.0, 5.1, 0.72) };
        let over = over_budget(&measured(many));
        assert_eq!(over.len(), 5, "{over:#?}");
        assert!(over.iter().all(|line| line.starts_with("sweeper: ")), "{over:#?}");
    }

    #[test]
    fn a_start_may_take_more_where_a_primed_connection_shows_in_the_first_invocation() {
        let start_of = |primed, first| over_budget(&measured(Figures { primed, ..figures(6.9, first, 0.2) })).len();
        assert_eq!(start_of(true, 0.5), 0);
        assert_eq!(start_of(false, 0.5), 1);
        assert_eq!(start_of(true, 2.3), 1, "it was primed for nothing");
    }

    #[test]
    fn more_calls_may_take_more() {
        let with = |calls| over_budget(&measured(Figures { calls, ..figures(4.0, 3.0, 0.8) })).len();
        assert_eq!((with(1), with(3)), (1, 0));
    }

    #[test]
    fn what_is_slower_beside_the_floor_is_told_and_a_slower_machine_is_not() {
        let baseline = baseline(&measured(figures(4.0, 3.0, 0.2)));
        let mut slow_machine = measured(figures(8.0, 6.0, 0.4));
        slow_machine.insert(NOOP.to_owned(), figures(4.0, 0.2, 0.2));
        for figures in slow_machine.values_mut() {
            figures.start_and_first.cpu.quarter = figures.start.cpu.quarter + figures.first.cpu.quarter;
        }
        assert_eq!(worse(&slow_machine, &baseline), Vec::<String>::new());
        let told = worse(&measured(figures(5.2, 3.0, 0.2)), &baseline);
        assert!(told.len() == 1 && told[0].contains("CPU of its start"), "{told:#?}");
        let told = worse(&measured(Figures { peak_mb: 9.3, zip_mb: 3.2, ..figures(4.0, 3.0, 0.4) }), &baseline);
        assert_eq!(told.len(), 4, "{told:#?}");
        let unknown = worse(&measured(figures(4.0, 3.0, 0.2)), &Baseline::new());
        assert!(unknown[0].contains("not in the baseline"), "{unknown:#?}");
    }
}
