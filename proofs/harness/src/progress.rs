//! Prints progress and errors to standard error.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use client::Error;
use client::error::Diagnostic;
use indicatif::{ProgressBar, ProgressStyle};

/// Creates a bar of `length` steps. `unit` is printed directly after the number of steps, so it
/// begins with a blank or is empty.
pub fn bar(length: usize, unit: &str) -> ProgressBar {
    let template = format!("{{bar:40.cyan}} {{pos}}/{{len}}{unit}  {{elapsed}}  {{msg}}");
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style)
}

/// Counts the last step of a bar, if there was one, and begins the step `name`. If standard error
/// is no terminal, prints the name as a line.
pub fn step(bar: &ProgressBar, name: &str) {
    if !bar.message().is_empty() {
        bar.inc(1);
    }
    bar.set_message(name.to_owned());
    if !std::io::stderr().is_terminal() {
        note(name);
    }
}

pub fn note(text: &str) {
    writeln!(std::io::stderr().lock(), "{text}").ok();
}

pub fn fail(error: &Error) -> ExitCode {
    note(&Diagnostic(error).to_string());
    ExitCode::from(error.exit_code())
}
