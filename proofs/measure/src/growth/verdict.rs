//! What must stay flat. Counts are held exactly but for retries, CPU time by a ratio that a noisy machine keeps.

use crate::growth::figures::{All, Figures, Level};

/// Units at the last level, in those at the first: an item may grow by a digit, no more.
const MOST_UNITS: f64 = 1.1;
/// CPU of the functions for each try of a call, in that at the first level: a core that does many things at once does each more slowly.
const MOST_CPU: f64 = 1.75;
const MOST_CPU_IN_A_CROWD: f64 = 3.0;

/// Everything that is not flat, a sentence each.
pub fn complaints(all: &All) -> Vec<String> {
    let mut complaints = Vec::new();
    let groups: [(_, _, Holds); 2] =
        [(&all.stored, "orders stored", each_time), (&all.at_once, "customers at once", each_invocation)];
    for (levels, of, held) in groups {
        for level in levels {
            complaints.extend(level.figures.iter().flat_map(|figures| wasteful(level, figures, of)));
        }
        if let Some((first, others)) = levels.split_first() {
            for level in others {
                complaints.extend(grown(first, level, of, held));
            }
        }
    }
    complaints
}

/// What is wrong at any level.
fn wasteful(level: &Level, figures: &Figures, of: &str) -> Vec<String> {
    let name = figures.operation.as_str();
    let at = format!("{name} at {} {of}", level.level);
    let mut wasteful = Vec::new();
    if figures.scans > 0 {
        wasteful.push(format!("{at}: {} calls of Scan: a list must come from an index", figures.scans));
    }
    if figures.unwanted > 0 {
        wasteful.push(format!("{at}: {} items were read and dropped: a key must select them", figures.unwanted));
    }
    wasteful
}

/// What is held: its name, what it was at the first level, what it is, and how many times as much it may be.
type Held = (&'static str, f64, f64, f64);

type Holds = fn(&Figures, &Figures) -> Vec<Held>;

fn each_time(first: &Figures, figures: &Figures) -> Vec<Held> {
    vec![
        ("calls of AWS", first.calls, figures.calls, 1.0),
        ("read units", first.reads, figures.reads, MOST_UNITS),
        ("write units", first.writes, figures.writes, MOST_UNITS),
        ("ms of functions' CPU for each call", first.cpu_per_try(), figures.cpu_per_try(), MOST_CPU),
    ]
}

/// A crowd is held to what each invocation takes: an emulator that is too slow for it makes time-outs, after which a state is tried again.
fn each_invocation(first: &Figures, figures: &Figures) -> Vec<Held> {
    let each = |of: &Figures, total: f64| total / of.invocations.max(1.0);
    vec![
        ("calls of AWS for each invocation", each(first, first.calls), each(figures, figures.calls), MOST_UNITS),
        ("read units for each invocation", each(first, first.reads), each(figures, figures.reads), MOST_UNITS),
        ("ms of functions' CPU for each call", first.cpu_per_try(), figures.cpu_per_try(), MOST_CPU_IN_A_CROWD),
    ]
}

/// What is more than at the first level.
fn grown(first: &Level, level: &Level, of: &str, held: Holds) -> Vec<String> {
    let mut grown = Vec::new();
    for figures in &level.figures {
        let Some(at_first) = first.of(figures.operation) else { continue };
        for (what, then, now, most) in held(at_first, figures) {
            // Half a call in a hundred is no growth.
            if now > then * most + 0.005 {
                grown.push(format!(
                    "{} takes {now:.2} {what} at {} {of}, and {then:.2} at {}: it may take {:.2}",
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
    use crate::growth::figures::{Cpu, Operation};

    fn level(level: u32, change: impl Fn(&mut Figures)) -> Level {
        let mut figures = Figures::of(Operation::Queue, &[], &[], Cpu::default());
        (figures.invocations, figures.calls, figures.reads, figures.functions_cpu) = (1.0, 1.0, 0.5, 0.4);
        change(&mut figures);
        Level { level, figures: vec![figures] }
    }

    fn told(change: impl Fn(&mut Figures)) -> Vec<String> {
        complaints(&All { stored: vec![level(10, |_| {}), level(10_000, change)], at_once: Vec::new() })
    }

    #[test]
    fn what_stays_flat_is_not_told_and_a_busy_machine_is_not_growth() {
        assert_eq!(told(|_| {}), Vec::<String>::new());
        assert_eq!(told(|figures| (figures.functions_cpu, figures.emulator_cpu) = (0.69, 900.0)), Vec::<String>::new());
    }

    #[test]
    fn each_thing_that_grows_is_told_with_where_it_began() {
        let changes: [fn(&mut Figures); 4] = [
            |figures| figures.calls = 2.0,
            |figures| figures.reads = 62.5,
            |figures| figures.writes = 1.0,
            |figures| figures.functions_cpu = 0.71,
        ];
        for change in changes {
            let told = told(change);
            assert!(told.len() == 1 && told[0].contains("at 10000 orders stored, and"), "{told:#?}");
        }
    }

    #[test]
    fn a_scan_and_a_filter_are_told() {
        let changes: [fn(&mut Figures); 2] = [|figures| figures.scans = 1, |figures| figures.unwanted = 40];
        for change in changes {
            assert_eq!(told(change).len(), 1);
        }
    }

    #[test]
    fn a_crowd_may_be_invoked_again_and_an_invocation_may_not_call_more() {
        let crowd = |calls, invocations| {
            let change = |figures: &mut Figures| (figures.calls, figures.invocations) = (calls, invocations);
            complaints(&All { stored: Vec::new(), at_once: vec![level(1, |_| {}), level(100, change)] })
        };
        assert_eq!(crowd(3.0, 3.0), Vec::<String>::new());
        assert_eq!(crowd(3.0, 2.0).len(), 1);
    }
}
