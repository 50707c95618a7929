//! `measure`: see `--help`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use measure::{cost, scaling};

/// Measures a stack that make cost or make growth deploys for it.
#[derive(Debug, Parser)]
#[command(name = "measure", version)]
struct Cli {
    #[command(subcommand)]
    measurement: Measurement,
}

#[derive(Debug, Subcommand)]
enum Measurement {
    /// Counts all that AWS bills for one order of each kind.
    Cost(cost::command::Cli),
    /// Measures how an order scales with stored orders and customers.
    Growth(scaling::command::Cli),
}

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().measurement {
        Measurement::Cost(cli) => cost::command::run(&cli).await,
        Measurement::Growth(cli) => scaling::command::run(&cli).await,
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
}
