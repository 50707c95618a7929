//! Formats results, and writes them to standard output and to files.

use std::io::Write;
use std::path::Path;

use client::Error;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

pub fn print(text: &str) -> Result<(), Error> {
    writeln!(std::io::stdout().lock(), "{text}").map_err(|error| Error::failed("the output cannot be written", error))
}

pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::failed(format!("{} cannot be written", path.display()), error);
    let text = serde_json::to_string_pretty(value).map_err(|error| failed(error.into()))?;
    std::fs::write(path, text + "\n").map_err(failed)
}

/// Returns a table without rows. `left` has the indexes of the left-aligned columns.
pub fn table<'a>(headings: impl IntoIterator<Item = &'a str>, left: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(headings);
    for (index, column) in table.column_iter_mut().enumerate() {
        if !left.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
