//! The subcommand `cost`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use client::Error;
use client::stack::Stack;
use client::token::SigningKey;
use harness::progress::{bar, step};

use crate::cost::prices::Prices;
use crate::cost::report::CostReport;
use crate::cost::run::CostRun;
use crate::cost::scenario::Scenario;
use crate::output::{exit_code, print, verdict, write_json};

/// Plays one order of each kind, counts all that AWS bills for, compares the counts with the
/// design, and prices them.
///
/// It needs a separate stack, which make cost deploys. It changes the functions, the workflow and
/// the sweeper's schedule there, and restores them. Counts decide, not times: a slow machine gives
/// the same verdict.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cost                                 everything
  cost --only completed                one scenario; may be given several times
  cost --json cost.json                the counts as JSON, besides the tables
  cost --prices mine.json              another region: copy proofs/measure/prices.json

Exit codes: 0 as designed and within the goal, 1 not, 2 wrong usage, 4 no stack or no answer.")]
pub struct Cli {
    /// Name of the stack.
    #[arg(long, env = "PRESSO_STACK", default_value = "serverlesspresso-cost")]
    stack: String,
    /// Private key that signs local tokens.
    #[arg(long, env = "PRESSO_KEY", default_value = ".local/keys/signing-key.pem")]
    key: PathBuf,
    /// Price file, instead of the built-in one.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Play only the scenario of this name.
    #[arg(long, value_name = "SCENARIO", value_parser = parse_scenario)]
    only: Vec<Scenario>,
    /// Write all counts as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn parse_scenario(name: &str) -> Result<Scenario, String> {
    let names = || Scenario::ALL.iter().map(|scenario| scenario.as_str()).collect::<Vec<_>>().join(", ");
    Scenario::parse(name).ok_or_else(|| format!("not one of {}", names()))
}

pub async fn run(cli: &Cli) -> ExitCode {
    exit_code(Box::pin(measure(cli)).await)
}

async fn measure(cli: &Cli) -> Result<Vec<String>, Error> {
    let prices = match &cli.prices {
        Some(path) => Prices::read(path)?,
        None => Prices::shipped()?,
    };
    let key = SigningKey::read(&cli.key)?;
    let run = CostRun::new(Stack::find(&cli.stack, None).await?, key).await?;
    let scenarios = if cli.only.is_empty() { Scenario::ALL } else { &cli.only };
    let progress = bar(scenarios.len(), "");
    let played = run.run(scenarios, |scenario| step(&progress, &format!("playing {}", scenario.as_str()))).await;
    progress.finish_and_clear();
    let report = CostReport::new(played?, prices);
    write_json(cli.json.as_deref(), &report.to_json())?;
    let complaints = report.complaints();
    let mut paragraphs = report.paragraphs();
    paragraphs.push(verdict(&complaints, report.praise()));
    print(&paragraphs.join("\n\n"))?;
    Ok(complaints)
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
    fn an_unknown_scenario_is_wrong_usage_and_the_known_ones_are_listed() {
        let error = Standalone::try_parse_from(["cost", "--only", "complete"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("completed, invalid-code"), "{error}");
    }
}
