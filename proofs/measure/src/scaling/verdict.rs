//! Finds figures that exceed their limit, scans of a table, and items that a filter drops. A limit
//! is a multiple of the figure at the first level. With more stored orders the number of calls must
//! not grow. Units may grow by a tenth, and CPU time by a factor that allows for a busy machine.

use crate::scaling::figures::{Figures, Level, ScalingFigures};

/// Maximum units, or calls of a crowd, relative to the first level. An item may grow by a digit.
const MOST_UNITS: f64 = 1.1;
/// Maximum CPU time of the functions per attempted call relative to the first level: other programs
/// on the same core cost time too.
const MOST_CPU: f64 = 1.75;
const MOST_CPU_IN_A_CROWD: f64 = 3.0;
/// A submit counts the orders that wait before its order: its query reads an index entry of each.
const MOST_READS_IN_A_CROWD: f64 = 1.3;

type Limit = (&'static str, fn(&Figures) -> f64, f64);

const STORED_LIMITS: [Limit; 4] = [
    ("calls of AWS", |figures| figures.calls, 1.0),
    ("read units", |figures| figures.reads, MOST_UNITS),
    ("write units", |figures| figures.writes, MOST_UNITS),
    ("ms of functions' CPU for each call", Figures::cpu_per_attempt, MOST_CPU),
];

/// Limits with a crowd, per invocation and not per order: if the emulator is too slow for the
/// crowd, calls time out and the workflow retries its states.
const CROWD_LIMITS: [Limit; 3] = [
    ("calls of AWS for each invocation", |figures| figures.calls / figures.invocations.max(1.0), MOST_UNITS),
    ("read units for each invocation", |figures| figures.reads / figures.invocations.max(1.0), MOST_READS_IN_A_CROWD),
    ("ms of functions' CPU for each call", Figures::cpu_per_attempt, MOST_CPU_IN_A_CROWD),
];

pub fn failures(figures: &ScalingFigures) -> Vec<String> {
    let mut failures = Vec::new();
    for (levels, unit, limits) in
        [(&figures.stored, "orders stored", &STORED_LIMITS[..]), (&figures.at_once, "customers at once", &CROWD_LIMITS)]
    {
        for level in levels {
            failures.extend(level.figures.iter().flat_map(|figures| wasteful(level, figures, unit)));
        }
        let Some((first, others)) = levels.split_first() else { continue };
        failures.extend(others.iter().flat_map(|level| grown(first, level, unit, limits)));
    }
    failures
}

fn wasteful(level: &Level, figures: &Figures, unit: &str) -> Vec<String> {
    let at = format!("{} at {} {unit}", figures.operation.as_str(), level.level);
    let mut wasteful = Vec::new();
    if figures.scans > 0 {
        wasteful.push(format!("{at}: {} calls of Scan: a list must come from an index", figures.scans));
    }
    if figures.filtered_out > 0 {
        wasteful.push(format!("{at}: {} items were read and dropped: a key must select them", figures.filtered_out));
    }
    wasteful
}

fn grown(first: &Level, level: &Level, unit: &str, limits: &[Limit]) -> Vec<String> {
    let mut grown = Vec::new();
    for figures in &level.figures {
        let Some(at_first) = first.operation(figures.operation) else { continue };
        for (what, value, most) in limits {
            let (then, now) = (value(at_first), value(figures));
            // A difference below 0.005 is rounding.
            if now > then * most + 0.005 {
                grown.push(format!(
                    "{} takes {now:.2} {what} at {} {unit}, and {then:.2} at {}: the limit is {:.2}",
                    figures.operation.as_str(),
                    level.level,
                    first.level,
                    then * most,
                ));
            }
        }
    }
    grown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaling::figures::{Cpu, Operation};

    fn level(level: u32, change: impl Fn(&mut Figures)) -> Level {
        let mut figures = Figures::new(Operation::Queue, &[], &[], Cpu::default());
        (figures.invocations, figures.calls, figures.reads, figures.functions_cpu) = (1.0, 1.0, 0.5, 0.4);
        change(&mut figures);
        Level { level, figures: vec![figures] }
    }

    fn failures_after(change: impl Fn(&mut Figures)) -> Vec<String> {
        failures(&ScalingFigures { stored: vec![level(10, |_| {}), level(10_000, change)], at_once: Vec::new() })
    }

    #[test]
    fn equal_figures_more_cpu_time_below_the_limit_and_any_of_the_emulator_are_no_failure() {
        assert_eq!(failures_after(|_| {}), Vec::<String>::new());
        assert_eq!(
            failures_after(|figures| (figures.functions_cpu, figures.emulator_cpu) = (0.69, 900.0)),
            Vec::<String>::new()
        );
    }

    #[test]
    fn each_figure_that_grows_is_one_failure_that_names_both_levels() {
        let changes: [fn(&mut Figures); 4] = [
            |figures| figures.calls = 2.0,
            |figures| figures.reads = 62.5,
            |figures| figures.writes = 1.0,
            |figures| figures.functions_cpu = 0.71,
        ];
        for change in changes {
            let failures = failures_after(change);
            assert_eq!(failures.len(), 1, "{failures:#?}");
            assert!(failures[0].contains("at 10000 orders stored, and"), "{failures:#?}");
            assert!(failures[0].contains(" at 10: the limit is"), "{failures:#?}");
        }
    }

    #[test]
    fn a_scan_of_a_table_and_items_dropped_by_a_filter_are_failures() {
        let changes: [fn(&mut Figures); 2] = [|figures| figures.scans = 1, |figures| figures.filtered_out = 40];
        for change in changes {
            assert_eq!(failures_after(change).len(), 1);
        }
    }

    #[test]
    fn a_crowd_may_cause_more_invocations_but_not_more_calls_per_invocation() {
        let crowd = |calls, invocations, reads| {
            let change = |one: &mut Figures| (one.calls, one.invocations, one.reads) = (calls, invocations, reads);
            failures(&ScalingFigures { stored: Vec::new(), at_once: vec![level(1, |_| {}), level(100, change)] })
        };
        assert_eq!(crowd(3.0, 3.0, 1.9), Vec::<String>::new());
        assert_eq!((crowd(3.0, 2.0, 1.0).len(), crowd(3.0, 3.0, 2.1).len()), (1, 1));
    }
}
