//! Compares the figures with the budgets and with the committed baseline. Wall time is not
//! compared. A ratio of CPU times is that of two lower quartiles, because other processes can only
//! add CPU time.

use std::collections::BTreeMap;

use crate::figures::{All, Figures, Times};
use crate::subject::NOOP;

// Limits in multiples of the baseline. Sizes do not vary. On a busy machine CPU time varies, and
// that of a warm invocation varies more than that of a start: while a compilation ran on the same
// cores, a warm invocation took 1.4 times its usual CPU time.
const START_TOLERANCE: f64 = 1.2;
const WARM_TOLERANCE: f64 = 1.6;
const SIZE_TOLERANCE: f64 = 1.05;
const MEMORY_TOLERANCE: f64 = 1.15;

const MAX_ZIP_MB: f64 = 4.5;
const MAX_FIRST_CPU_MS: f64 = 5.0;
/// Maximum CPU time of one AWS call in a warm invocation, as a multiple of that of a no-op
/// invocation. The CPU time of one no-op invocation is subtracted first. Most of the rest is the
/// SDK: it serialises, signs, sends and parses each call. A call of `config` takes the most: it
/// reads the menu in three languages.
const MAX_WARM_RATIO_PER_CALL: f64 = 6.5;
const MAX_PEAK_MB: f64 = 12.5;
const MAX_START_RATIO: f64 = 2.5;
/// Budget for a function that opens a connection at its start, if that makes its first invocation
/// faster.
const MAX_PRIMED_START_RATIO: f64 = 4.0;

/// A figure that is compared with the baseline: its name there, its description, its value (a
/// multiple of the no-op function's figure, or MB), and the limit as a multiple of the baseline.
type Ratio = (&'static str, &'static str, fn(&Figures, &Figures) -> f64, f64);

const RATIOS: [Ratio; 6] = [
    ("start", "start, in no-op starts of CPU", |one, noop| cpu(&one.start, &noop.start), START_TOLERANCE),
    (
        "startAndFirst",
        "start and first invocation, in no-op starts of CPU",
        |one, noop| cpu(&one.start_and_first, &noop.start),
        START_TOLERANCE,
    ),
    (
        "warm",
        "warm invocation over TLS, in no-op invocations of CPU",
        |one, noop| cpu(&one.warm, &noop.warm),
        WARM_TOLERANCE,
    ),
    (
        "warmWithoutTls",
        "warm invocation without TLS, in no-op invocations of CPU",
        |one, noop| cpu(&one.warm_without_tls, &noop.warm_without_tls),
        WARM_TOLERANCE,
    ),
    ("peak", "peak memory, in the no-op function's", |one, noop| ratio(one.peak_mb, noop.peak_mb), MEMORY_TOLERANCE),
    ("zipMb", "zip, in MB", |one, _| one.zip_mb, SIZE_TOLERANCE),
];

pub type Baseline = BTreeMap<String, BTreeMap<String, f64>>;

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn cpu(part: &Times, whole: &Times) -> f64 {
    ratio(part.cpu.quarter, whole.cpu.quarter)
}

fn functions(all: &All) -> impl Iterator<Item = (&String, &Figures)> {
    all.iter().filter(|(name, figures)| *name != NOOP && figures.zip_mb > 0.0)
}

pub fn baseline(all: &All) -> Baseline {
    let noop = all.get(NOOP).cloned().unwrap_or_default();
    let rounded = |value: f64| (value * 1_000.0).round() / 1_000.0;
    let ratios = |figures| RATIOS.map(|(name, _, value, _)| (name.to_owned(), rounded(value(figures, &noop)))).into();
    functions(all).map(|(name, figures)| (name.clone(), ratios(figures))).collect()
}

/// Returns true if the function opens a connection at its start, and this makes its first
/// invocation faster: the first invocation takes less CPU time than a later one and a no-op start
/// together.
fn primed(figures: &Figures, noop: &Figures) -> bool {
    figures.primed && figures.first.cpu.quarter < figures.warm.cpu.quarter + noop.start.cpu.quarter
}

pub fn over_budget(all: &All) -> Vec<String> {
    let noop = all.get(NOOP).cloned().unwrap_or_default();
    let mut over = Vec::new();
    for (name, figures) in functions(all) {
        let start = cpu(&figures.start, &noop.start);
        let max_start = if primed(figures, &noop) { MAX_PRIMED_START_RATIO } else { MAX_START_RATIO };
        let calls = u32::try_from(figures.calls.max(1)).unwrap_or(u32::MAX);
        let call = (cpu(&figures.warm_without_tls, &noop.warm_without_tls) - 1.0) / f64::from(calls);
        for (what, is, most, unit) in [
            ("the zip has", figures.zip_mb, MAX_ZIP_MB, "MB"),
            ("the start takes", start, max_start, "no-op starts of CPU"),
            ("the first invocation takes", figures.first.cpu.median, MAX_FIRST_CPU_MS, "ms of CPU"),
            ("each AWS call of a warm invocation takes", call, MAX_WARM_RATIO_PER_CALL, "no-op invocations of CPU"),
            ("memory peaks at", figures.peak_mb, MAX_PEAK_MB, "MB"),
        ] {
            if is > most {
                over.push(format!("{name}: {what} {is:.2} {unit}; the budget is {most}"));
            }
        }
    }
    over
}

pub fn worse(all: &All, baseline: &Baseline) -> Vec<String> {
    let noop = all.get(NOOP).cloned().unwrap_or_default();
    let mut worse = Vec::new();
    for (name, figures) in functions(all) {
        for (ratio, what, value, tolerance) in RATIOS {
            let Some(was) = baseline.get(name).and_then(|ratios| ratios.get(ratio)) else {
                worse.push(format!("{name}: not in the baseline: make bench BENCH=--write-baseline"));
                break;
            };
            let (is, limit) = (value(figures, &noop), was * tolerance);
            if is > limit {
                worse.push(format!("{name}: {what}: {is:.2}; the baseline is {was:.2}, the limit {limit:.2}"));
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
    fn every_exceeded_budget_is_reported() {
        assert_eq!(over_budget(&measured(figures(4.0, 3.0, 0.2))), Vec::<String>::new());
        let many = Figures { peak_mb: 13.0, zip_mb: 4.6, ..figures(6.0, 5.1, 0.9) };
        let over = over_budget(&measured(many));
        assert_eq!(over.len(), 5, "{over:#?}");
        assert!(over.iter().all(|line| line.starts_with("sweeper: ")), "{over:#?}");
    }

    #[test]
    fn a_start_may_take_more_if_priming_makes_the_first_invocation_faster() {
        let start_of = |primed, first| over_budget(&measured(Figures { primed, ..figures(6.9, first, 0.2) })).len();
        assert_eq!(start_of(true, 0.5), 0);
        assert_eq!(start_of(false, 0.5), 1);
        assert_eq!(start_of(true, 2.3), 1, "the first invocation was not faster");
    }

    #[test]
    fn the_budget_of_a_warm_invocation_grows_with_its_calls() {
        let with = |calls| over_budget(&measured(Figures { calls, ..figures(4.0, 3.0, 0.8) })).len();
        assert_eq!((with(1), with(3)), (1, 0));
    }

    #[test]
    fn a_function_slower_than_the_baseline_is_reported_but_a_slower_machine_is_not() {
        let baseline = baseline(&measured(figures(4.0, 3.0, 0.2)));
        let mut slow_machine = measured(figures(8.0, 6.0, 0.4));
        slow_machine.insert(NOOP.to_owned(), figures(4.0, 0.2, 0.2));
        for figures in slow_machine.values_mut() {
            figures.start_and_first.cpu.quarter = figures.start.cpu.quarter + figures.first.cpu.quarter;
        }
        assert_eq!(worse(&slow_machine, &baseline), Vec::<String>::new());
        let one = worse(&measured(figures(5.2, 3.0, 0.2)), &baseline);
        assert!(one.len() == 1 && one[0].contains("start, in no-op starts of CPU"), "{one:#?}");
        let four = worse(&measured(Figures { peak_mb: 9.3, zip_mb: 3.2, ..figures(4.0, 3.0, 0.4) }), &baseline);
        assert_eq!(four.len(), 4, "{four:#?}");
        let unknown = worse(&measured(figures(4.0, 3.0, 0.2)), &Baseline::new());
        assert!(unknown[0].contains("not in the baseline"), "{unknown:#?}");
    }
}
