//! The program `model`: explores every state of small shops and prints the number of states.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use indicatif::{ProgressBar, ProgressStyle};
use model::explore::explore;
use model::report::{row, to_json, totals, verdict};
use model::shapes::{LONG, SHORT};

/// Checks the invariants in every state of small shops. Each shop has a number of faults, each of
/// which may occur at any step.
///
/// Exit codes: 0 every invariant holds in every state, and every coverage goal (a situation that
/// must occur) was met, 1 an invariant is violated, or a coverage goal was never met, 2 wrong
/// usage. With --only, coverage goals are not required.
#[derive(Debug, Parser)]
#[command(name = "model", version)]
struct Cli {
    /// Also explore larger shops. This takes several minutes and some gigabytes of memory.
    #[arg(long, env = "MODEL_LONG", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1,
          default_value = "false", default_missing_value = "true")]
    long: bool,
    /// Explore only the shops whose name contains this text.
    #[arg(long, default_value = "")]
    only: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let larger = LONG.iter().filter(|_| cli.long);
    let shapes = SHORT.iter().chain(larger).filter(|shape| shape.name.contains(&cli.only));
    let mut all = Vec::new();
    for shape in shapes {
        let progress = ProgressBar::new_spinner().with_message(shape.name);
        progress.set_style(style());
        let explored = explore(shape, |states| progress.set_position(states as u64));
        progress.finish_and_clear();
        if !cli.json {
            print(&row(&explored));
        }
        all.push(explored);
    }
    if all.is_empty() {
        let why = "no shop of this run has a name that contains the text of --only; larger shops need --long";
        Cli::command().error(ErrorKind::InvalidValue, why).exit();
    }
    match verdict(&all, cli.only.is_empty()) {
        Ok(()) => {
            print(&if cli.json { to_json(&all).to_string() } else { totals(&all) });
            ExitCode::SUCCESS
        }
        Err(why) => {
            if cli.json {
                print(&to_json(&all).to_string());
            }
            writeln!(io::stderr(), "{why}").ok();
            ExitCode::FAILURE
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg}: {human_pos} states, {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn print(line: &str) {
    writeln!(io::stdout(), "{line}").ok();
}
