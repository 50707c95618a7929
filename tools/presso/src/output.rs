//! Tables for people, JSON for programs.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use client::Error;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// A table with these headings.
pub(crate) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_header(headings);
    table
}

/// Prints `text` and ends the line. `println!` would panic where the reader has left.
pub(crate) fn line(text: impl Display) -> Result<(), Error> {
    write_line(&mut io::stdout().lock(), text)
}

/// Prints `value` as one line of JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Error> {
    line(serde_json::to_string(value).map_err(|error| Error::failed("the answer cannot be printed", error))?)
}

/// Says `text` beside the output. Where nobody can read it, nothing is lost.
pub(crate) fn note(text: impl Display) {
    write_line(&mut io::stderr().lock(), text).ok();
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

    struct Full(ErrorKind);

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_left_is_no_failure_but_a_full_disk_is() {
        let mut written = Vec::new();
        write_line(&mut written, 7).unwrap();
        assert_eq!(written, b"7\n");
        let left = write_line(&mut Full(ErrorKind::BrokenPipe), "x").unwrap_err();
        assert!(matches!(left, Error::ClosedOutput), "{left}");
        let full = write_line(&mut Full(ErrorKind::StorageFull), "x").unwrap_err();
        assert_eq!((left.exit_code(), full.exit_code()), (0, 1));
    }
}
