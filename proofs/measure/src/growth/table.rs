//! The tables that are printed.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::growth::figures::{All, Level};

/// Both tables.
pub fn of(all: &All) -> String {
    let stored = table("orders stored", &all.stored, true);
    let at_once = table("customers at once", &all.at_once, false);
    format!(
        "{stored}\n\n{at_once}\n\nper operation, on average; times in ms. wait, p99: the caller's, for information; calls waited: for the emulator"
    )
}

fn table(of: &str, levels: &[Level], with_writes: bool) -> Table {
    let mut table = Table::new();
    let header = [
        of,
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
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    for level in levels {
        for figures in &level.figures {
            // Of a crowd, only the whole is told apart.
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
    for (number, column) in table.column_iter_mut().enumerate() {
        if number != 1 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
