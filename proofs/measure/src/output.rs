//! Output that both measurements share: files, text, exit codes and tables.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use client::Error;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use harness::progress::fail;
use owo_colors::{OwoColorize, Stream};
use serde::Serialize;

pub(crate) fn write_json(path: Option<&Path>, value: &impl Serialize) -> Result<(), Error> {
    let Some(path) = path else { return Ok(()) };
    let failed = |error: std::io::Error| Error::failed(format!("{} cannot be written", path.display()), error);
    let text = serde_json::to_string_pretty(value).map_err(|error| failed(error.into()))?;
    std::fs::write(path, text + "\n").map_err(failed)
}

pub(crate) fn print(text: &str) -> Result<(), Error> {
    writeln!(std::io::stdout().lock(), "{text}").map_err(|error| Error::failed("the output cannot be written", error))
}

/// The exit code of a measurement, given its complaints. Prints an error.
pub(crate) fn exit_code(complaints: Result<Vec<String>, Error>) -> ExitCode {
    match complaints {
        Ok(complaints) if complaints.is_empty() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => fail(&error),
    }
}

/// The last paragraph of the output: `praise` in green, or the complaints.
pub(crate) fn verdict(complaints: &[String], praise: &str) -> String {
    if complaints.is_empty() {
        return praise.if_supports_color(Stream::Stdout, |text| text.green()).to_string();
    }
    let word = "wrong:".if_supports_color(Stream::Stdout, |text| text.red()).to_string();
    format!("{word}\n  {}", complaints.join("\n  "))
}

/// An empty table whose columns, except those at `left`, are aligned right.
pub(crate) fn table(headings: &[&str], left: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(headings);
    for (index, column) in table.column_iter_mut().enumerate() {
        if !left.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
