//! Tables for people, JSON for programs.

use comfy_table::{ContentArrangement, Table, presets};
use presso::Error;
use serde::Serialize;

/// A table with these headings.
pub(crate) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_header(headings);
    table
}

/// Prints `value` as one line of JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string(value).map_err(|error| Error::failed("the answer cannot be printed", error))?;
    println!("{text}");
    Ok(())
}
