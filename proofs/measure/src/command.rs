//! Declares and runs the command line of `measure`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use client::{Error, SigningKey, Stack};
use harness::output::{print, write_json};
use harness::progress::{bar, fail, step};
use owo_colors::{OwoColorize, Stream};
use serde::Serialize;

use crate::cost::prices::Prices;
use crate::cost::report::CostReport;
use crate::cost::run::CostRun;
use crate::cost::scenario::Scenario;
use crate::scaling::run::{CROWDS, STORED, ScalingRun};
use crate::scaling::{table, verdict};

/// Measures the stack that make cost or make growth deploys.
#[derive(Debug, Parser)]
#[command(name = "measure", version)]
pub struct Cli {
    #[command(subcommand)]
    measurement: Measurement,
    // Not PRESSO_STACK: `growth` deletes all orders of its stack.
    /// Name of the stack; default serverlesspresso-cost or serverlesspresso-growth.
    #[arg(long, global = true)]
    stack: Option<String>,
    /// Private key that signs local tokens.
    #[arg(long, global = true, env = "PRESSO_KEY", default_value = ".local/keys/signing-key.pem")]
    key: PathBuf,
    /// Write all figures as JSON.
    #[arg(long, global = true, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Measurement {
    /// Plays each scenario: orders, single requests, polls, a sweep. Counts what AWS bills,
    /// compares the counts with the design, and prices them. Assumed are GB-seconds, the share of
    /// requests that are traced, and the overhead of a log line.
    ///
    /// It needs a separate stack, which make cost deploys. It changes the functions, the workflow
    /// and the rules there, and restores them. It fails if a count differs, or if a completed order
    /// costs more than its goal (one for the core, one with screens). Times are not checked. A
    /// scenario that had retries, and whose counts differ, is played up to three times.
    #[command(after_help = "Examples:
  measure cost                         all scenarios
  measure cost --only completed        one scenario; may be given several times
  measure cost --json cost.json        all figures as JSON, besides the tables
  measure cost --prices mine.json      another region: copy proofs/measure/prices.json

Exit codes: 0 counts as designed and within each goal that was checked, 1 a count differs, the goal is missed, or the
run failed, 2 wrong usage, 3 the API refused a request, 4 no stack, no credentials or no answer.")]
    Cost {
        /// Price file, instead of the built-in one.
        #[arg(long, value_name = "FILE")]
        prices: Option<PathBuf>,
        /// Play only the scenario of this name.
        #[arg(long, value_name = "SCENARIO")]
        only: Vec<Scenario>,
    },
    /// Measures five operations with 10 to 10,000 stored orders: the queue, a customer's list, a
    /// scan, a submit and a whole order. Measures the last three also with 1 to 100 customers at
    /// once.
    ///
    /// It needs a separate stack, which make growth deploys. It deletes all orders of that stack.
    /// It fails if a figure exceeds its limit, a call scans a table, or a filter drops items. The
    /// emulator's CPU time and the waits of callers are printed, not checked.
    #[command(after_help = "Exit codes: 0 no figure exceeds its limit, 1 a figure exceeds its limit, \
a call scans a table, a filter drops items, or the run failed, 2 wrong usage, 3 the API refused a request, \
4 no stack, no credentials or no answer.")]
    Growth {
        /// File with the emulator's process id.
        #[arg(long, value_name = "FILE", default_value = ".local/emulator.pid")]
        emulator: PathBuf,
    },
}

struct Outcome {
    paragraphs: Vec<String>,
    failures: Vec<String>,
    success: &'static str,
}

impl Cli {
    pub async fn run(&self) -> ExitCode {
        match self.measure().await.and_then(Outcome::print) {
            Ok(failures) if failures.is_empty() => ExitCode::SUCCESS,
            Ok(_) => ExitCode::FAILURE,
            Err(error) => fail(&error),
        }
    }

    async fn measure(&self) -> Result<Outcome, Error> {
        match &self.measurement {
            Measurement::Cost { prices, only } => self.cost(prices.as_deref(), only).await,
            Measurement::Growth { emulator } => self.growth(emulator).await,
        }
    }

    async fn cost(&self, prices: Option<&Path>, only: &[Scenario]) -> Result<Outcome, Error> {
        let prices = prices.map_or_else(Prices::shipped, Prices::read)?;
        let run = CostRun::new(self.stack("serverlesspresso-cost").await?, self.key()?).await?;
        let scenarios = if only.is_empty() { Scenario::ALL } else { only };
        let progress = bar(scenarios.len(), "");
        let played = run.run(scenarios, |scenario| step(&progress, &format!("playing {}", scenario.as_str()))).await;
        progress.finish_and_clear();
        let report = CostReport::new(played?, prices);
        self.write(&report.to_json())?;
        Ok(Outcome { paragraphs: report.paragraphs(), failures: report.failures(), success: report.success() })
    }

    async fn growth(&self, emulator: &Path) -> Result<Outcome, Error> {
        let run = ScalingRun::new(self.stack("serverlesspresso-growth").await?, self.key()?, emulator).await?;
        let progress = bar(STORED.len() + CROWDS.len(), "");
        let figures = run.run(|what, level| step(&progress, &format!("{level} {what}"))).await;
        progress.finish_and_clear();
        let figures = figures?;
        self.write(&figures)?;
        let (paragraphs, failures) = (vec![table::render(&figures)], verdict::failures(&figures));
        Ok(Outcome { paragraphs, failures, success: "no figure exceeds its limit" })
    }

    async fn stack(&self, default: &str) -> Result<Stack, Error> {
        Stack::find(self.stack.as_deref().unwrap_or(default), None).await
    }

    fn key(&self) -> Result<SigningKey, Error> {
        SigningKey::read(&self.key)
    }

    fn write(&self, figures: &impl Serialize) -> Result<(), Error> {
        self.json.as_ref().map_or(Ok(()), |path| write_json(path, figures))
    }
}

impl Outcome {
    /// Prints the paragraphs, then the failed checks or the success. Returns the failed checks.
    fn print(mut self) -> Result<Vec<String>, Error> {
        self.paragraphs.push(if self.failures.is_empty() {
            self.success.if_supports_color(Stream::Stdout, |text| text.green()).to_string()
        } else {
            let word = "failed checks:".if_supports_color(Stream::Stdout, |text| text.red());
            format!("{word}\n  {}", self.failures.join("\n  "))
        });
        print(&self.paragraphs.join("\n\n"))?;
        Ok(self.failures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn cost_and_growth_are_subcommands() {
        assert!(Cli::try_parse_from(["measure", "cost", "--only", "completed"]).is_ok());
        assert!(Cli::try_parse_from(["measure", "growth"]).is_ok());
    }

    #[test]
    fn an_unknown_scenario_is_a_usage_error_that_lists_the_known_scenarios() {
        let error = Cli::try_parse_from(["measure", "cost", "--only", "complete"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("completed, with-screens, invalid-code"), "{error}");
    }
}
