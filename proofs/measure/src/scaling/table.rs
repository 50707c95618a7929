//! The printed tables.

use comfy_table::Table;

use crate::output;
use crate::scaling::figures::{Level, ScalingFigures};

const FOOTNOTE: &str = "Averages per operation; times in ms. calls waited: for the emulator. wait, p99: of the caller.";

pub(super) fn render(figures: &ScalingFigures) -> String {
    let stored = table("orders stored", &figures.stored, true);
    let at_once = table("customers at once", &figures.at_once, false);
    format!("{stored}\n\n{at_once}\n\n{FOOTNOTE}")
}

fn table(title: &str, levels: &[Level], with_writes: bool) -> Table {
    let headings = [
        title,
        "operation",
        "invocations",
        "calls",
        "retries",
        "reads",
        "writes",
        "functions' CPU",
        "calls waited",
        "emulator's CPU",
        "wait",
        "p99",
    ];
    let mut table = output::table(&headings, &[1]);
    for level in levels {
        for figures in &level.figures {
            // For a crowd, counts and CPU exist only for the whole order.
            let counted = |value: String| if figures.calls > 0.0 { value } else { "-".to_owned() };
            let writes = if with_writes { format!("{:.1}", figures.writes) } else { "-".to_owned() };
            table.add_row([
                level.level.to_string(),
                figures.operation.as_str().to_owned(),
                counted(format!("{:.1}", figures.invocations)),
                counted(format!("{:.1}", figures.calls)),
                counted(format!("{:.2}", figures.retries)),
                counted(format!("{:.1}", figures.reads)),
                counted(writes),
                counted(format!("{:.2}", figures.functions_cpu)),
                counted(format!("{:.1}", figures.emulator_waited)),
                counted(format!("{:.1}", figures.emulator_cpu)),
                format!("{:.0}", figures.wall_median),
                format!("{:.0}", figures.wall_p99),
            ]);
        }
    }
    table
}
