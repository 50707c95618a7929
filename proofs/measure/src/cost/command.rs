//! `cost`: what AWS would bill for one order of each kind.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cost::prices::Prices;
use crate::cost::report::Report;
use crate::cost::run::Run;
use crate::cost::scenario::Scenario;
use chaos::run::end;
use clap::Args;
use client::Error;
use client::error::causes;
use client::stack::Stack;
use client::token::SigningKey;
use indicatif::{ProgressBar, ProgressStyle};
use owo_colors::{OwoColorize, Stream};

/// Plays one order of each kind, counts what AWS would bill, holds the counts to the design, and prices them.
///
/// A stack of its own is needed: make cost deploys it. Its functions, its workflow and the schedule of its sweeper are changed
/// meanwhile and put back. Counts decide, not times: a slow machine gives the same verdict.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cost                                 everything\n  cost --only completed                one scenario; \
                  may be given several times\n  cost --json cost.json                for programs, besides the tables\n  cost --prices mine.json              \
                  another region: copy proofs/measure/prices.json\n\n\
                  Exit codes: 0 as designed and within the goal, 1 not, 2 wrong usage, 4 no stack or no answer."
)]
pub struct Cli {
    /// Name of the stack.
    #[arg(long, env = "PRESSO_STACK", default_value = "serverlesspresso-cost")]
    stack: String,
    /// The private key that signs local tokens.
    #[arg(long, env = "PRESSO_KEY", default_value = ".local/keys/signing-key.pem")]
    key: PathBuf,
    /// A price file, instead of the one that the program came with.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Only the scenario of this name.
    #[arg(long, value_name = "SCENARIO", value_parser = parse_scenario)]
    only: Vec<Scenario>,
    /// Write everything that was counted as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn parse_scenario(name: &str) -> Result<Scenario, String> {
    let found = Scenario::ALL.into_iter().find(|scenario| scenario.name() == name);
    found.ok_or_else(|| format!("one of {}", Scenario::ALL.map(Scenario::name).join(", ")))
}

/// Runs the subcommand.
pub async fn run(cli: &Cli) -> ExitCode {
    let done = match Box::pin(count(cli)).await {
        Ok(report) => write_json(cli, &report).and_then(|()| print(&report)),
        Err(error) => Err(error),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let word = "error:".if_supports_color(Stream::Stderr, |text| text.red()).to_string();
            note(&format!("{word} {}", causes(&error)));
            ExitCode::from(error.exit_code())
        }
    }
}

async fn count(cli: &Cli) -> Result<Report, Error> {
    let prices = match &cli.prices {
        Some(path) => Prices::read(path)?,
        None => Prices::shipped()?,
    };
    let key = SigningKey::read(&cli.key)?;
    let run = Run::in_stack(Stack::find(&cli.stack, None).await?, key).await?;
    let scenarios = if cli.only.is_empty() { Scenario::ALL.to_vec() } else { cli.only.clone() };
    let style = ProgressStyle::with_template("{bar:40.cyan} {pos}/{len}  {elapsed}  {msg}");
    let bar = ProgressBar::new(scenarios.len() as u64);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let say = |scenario: Scenario| {
        if !bar.is_hidden() && bar.message().is_empty() {
            bar.set_position(0);
        } else {
            bar.inc(1);
        }
        bar.set_message(scenario.name());
        if !std::io::stderr().is_terminal() {
            note(&format!("playing {}", scenario.name()));
        }
    };
    let played = run.go(&scenarios, end(), say).await;
    bar.finish_and_clear();
    Ok(Report::of(played?, prices))
}

fn write_json(cli: &Cli, report: &Report) -> Result<(), Error> {
    let Some(path) = &cli.json else { return Ok(()) };
    let text = format!("{:#}\n", report.to_json());
    std::fs::write(path, text).map_err(|error| Error::failed(format!("{} cannot be written", path.display()), error))
}

/// Prints the tables, and whether everything is as it must be.
fn print(report: &Report) -> Result<bool, Error> {
    let mut parts = vec![report.scenarios()];
    parts.extend(report.bills());
    parts.push(report.additions().join("\n"));
    parts.push(report.prices());
    parts.push(report.again().join("\n"));
    parts.retain(|part| !part.is_empty());
    let complaints = report.complaints();
    let verdict = if complaints.is_empty() {
        report.praise().if_supports_color(Stream::Stdout, |text| text.green()).to_string()
    } else {
        let word = "not as it must be:".if_supports_color(Stream::Stdout, |text| text.red()).to_string();
        format!("{word}\n  {}", complaints.join("\n  "))
    };
    parts.push(verdict);
    writeln!(std::io::stdout().lock(), "{}", parts.join("\n\n"))
        .map_err(|error| Error::failed("the output cannot be written", error))?;
    Ok(complaints.is_empty())
}

fn note(text: &str) {
    writeln!(std::io::stderr().lock(), "{text}").ok();
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Standalone {
        #[command(flatten)]
        _cli: Cli,
    }

    #[test]
    fn a_scenario_that_is_not_there_is_wrong_usage_and_lists_those_that_are() {
        let error = Standalone::try_parse_from(["cost", "--only", "complete"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("completed, invalid-code"), "{error}");
    }
}
