//! Formats the figures as two tables.

use harness::output;

use crate::scaling::figures::{Figures, Level, ScalingFigures};

const FOOTNOTE: &str = "Averages per operation; wait is a median, p99 a percentile.
calls waited: time that AWS calls waited for the emulator. wait and p99: time that the caller waited.
emulator's CPU: 0.0 if its process is not known.";

type Column = (&'static str, usize, fn(&Figures) -> f64);

const WORK: [Column; 8] = [
    ("invocations", 1, |figures| figures.invocations),
    ("calls", 1, |figures| figures.calls),
    ("retries", 2, |figures| figures.retries),
    ("read units", 1, |figures| figures.reads),
    (WRITES, 1, |figures| figures.writes),
    ("functions' CPU, ms", 2, |figures| figures.functions_cpu),
    ("calls waited, ms", 1, |figures| figures.emulator_waited),
    ("emulator's CPU, ms", 1, |figures| figures.emulator_cpu),
];

const WRITES: &str = "write units";

pub(crate) fn render(figures: &ScalingFigures) -> String {
    let stored = table("orders stored", &figures.stored, true);
    let at_once = table("customers at once", &figures.at_once, false);
    format!("{stored}\n\n{at_once}\n\n{FOOTNOTE}")
}

fn table(title: &str, levels: &[Level], with_writes: bool) -> String {
    let work = WORK.iter().map(|(heading, ..)| *heading);
    let mut table = output::table([title, "operation"].into_iter().chain(work).chain(["wait, ms", "p99, ms"]), &[1]);
    for level in levels {
        for figures in &level.figures {
            let mut row = vec![level.level.to_string(), figures.operation.as_str().to_owned()];
            row.extend(WORK.map(|(heading, decimals, value)| {
                // Steps of a crowd have waits only; the meter of a crowd does not know write units.
                let is_known = figures.calls > 0.0 && (with_writes || heading != WRITES);
                if is_known { format!("{:.decimals$}", value(figures)) } else { "-".to_owned() }
            }));
            row.extend([figures.wall_median, figures.wall_p99].map(|wait| format!("{wait:.0}")));
            table.add_row(row);
        }
    }
    table.to_string()
}
