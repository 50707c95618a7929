//! Prints tables and JSON to stdout, progress and errors to stderr.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::ops::Deref;
use std::time::Duration;

use client::Error;
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use owo_colors::{OwoColorize, Stream};
use serde::Serialize;
use tokio::task::JoinHandle;

const MIN_WIDTH: u16 = 40;
const SPINNER_TICK: Duration = Duration::from_millis(120);
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Creates a table with these headings; without a header line if there are none.
pub(crate) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    // A pseudo-terminal may report a width of zero, into which nothing fits.
    if table.width().is_none_or(|width| width >= MIN_WIDTH) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    if !headings.is_empty() {
        table.set_header(headings.iter().map(bold));
    }
    table
}

/// Prints a table, without the spaces that fill up the cells of its last column.
pub(crate) fn print_table(table: &Table) -> Result<(), Error> {
    line(trimmed(table))
}

fn trimmed(table: &Table) -> String {
    table.trim_fmt()
}

/// Creates a table cell in bold, if stdout supports it.
pub(crate) fn bold(text: impl ToString) -> Cell {
    let cell = Cell::new(text);
    if supports_color() { cell.add_attribute(Attribute::Bold) } else { cell }
}

/// Creates a table cell in this color, if stdout supports it. `text` must not contain escape codes:
/// the table would count them in the width of the column.
pub(crate) fn colored(text: impl ToString, color: Color) -> Cell {
    let cell = Cell::new(text);
    if supports_color() { cell.fg(color) } else { cell }
}

fn supports_color() -> bool {
    "x".if_supports_color(Stream::Stdout, |text| text.bold()).to_string() != "x"
}

/// Prints one line to stdout. Unlike `println!`, it does not panic if the reader has closed the
/// pipe.
pub(crate) fn line(text: impl Display) -> Result<(), Error> {
    write_line(&mut io::stdout().lock(), text)
}

/// Prints `value` as one line of JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Error> {
    line(serde_json::to_string(value).map_err(|error| Error::failed("the output has no JSON form", error))?)
}

/// Prints one line to stderr. Errors are ignored.
pub(crate) fn note(text: impl Display) {
    write_line(&mut io::stderr().lock(), text).ok();
}

/// Shows the progress of a long step on stderr: a bar on a terminal, otherwise a line every 5 s.
pub(crate) struct Progress {
    bar: ProgressBar,
    lines: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows the number of units done, of `total`.
    pub(crate) fn count(total: usize, unit: &'static str) -> Self {
        let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX));
        let template = format!("{{bar:40.cyan}} {{pos}}/{{len}} {unit}  {{elapsed}}  {{msg}}");
        Self::start(bar, &template, move |bar| {
            format!("{}/{} {unit}", bar.position(), bar.length().unwrap_or_default())
        })
    }

    /// Shows the name of a step of unknown length.
    pub(crate) fn step(name: impl Into<String>) -> Self {
        let bar = ProgressBar::new_spinner().with_message(name.into());
        bar.enable_steady_tick(SPINNER_TICK);
        Self::start(bar, "{spinner:.cyan} {msg}  {elapsed}", |bar| {
            format!("{}: {} s", bar.message(), bar.elapsed().as_secs())
        })
    }

    fn start(bar: ProgressBar, template: &str, line: impl Fn(&ProgressBar) -> String + Send + 'static) -> Self {
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = bar.with_style(style);
        let lines = (!io::stderr().is_terminal()).then(|| {
            let bar = bar.clone();
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(LINE_INTERVAL).await;
                    note(line(&bar));
                }
            })
        });
        Self { bar, lines }
    }
}

impl Deref for Progress {
    type Target = ProgressBar;

    fn deref(&self) -> &ProgressBar {
        &self.bar
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        if let Some(lines) = &self.lines {
            lines.abort();
        }
    }
}

fn write_line(out: &mut impl Write, text: impl Display) -> Result<(), Error> {
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Error::ClosedOutput,
        _ => Error::failed("the output cannot be written", error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_line_of_a_table_ends_in_spaces() {
        let mut printed = table(&["name", "value"]);
        printed.add_row(["files", "deployed"]).add_row(["last error", &"x".repeat(300)]);
        assert!(printed.to_string().lines().any(|line| line.ends_with(' ')));
        let printed = trimmed(&printed);
        assert!(printed.lines().all(|line| line == line.trim_end()), "{printed:?}");
    }

    #[test]
    fn a_closed_pipe_counts_as_success_and_a_full_disk_as_a_failure() {
        let mut written = Vec::new();
        write_line(&mut written, 7).unwrap();
        assert_eq!(written, b"7\n");
        let closed = write_line(&mut Failing(ErrorKind::BrokenPipe), "x").unwrap_err();
        assert!(matches!(closed, Error::ClosedOutput), "{closed}");
        let full = write_line(&mut Failing(ErrorKind::StorageFull), "x").unwrap_err();
        assert_eq!((closed.exit_code(), full.exit_code()), (0, 1));
    }
}
