//! `measure`: what an order costs on AWS, and whether it stays flat as orders and customers grow.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use measure::{cost, growth};

/// Measures the bar in a stack of its own: `make cost` and `make growth` deploy it.
#[derive(Debug, Parser)]
#[command(name = "measure", version)]
struct Cli {
    #[command(subcommand)]
    measurement: Measurement,
}

#[derive(Debug, Subcommand)]
enum Measurement {
    /// Counts what AWS bills for one order of each kind.
    Cost(cost::command::Cli),
    /// Measures an order as stored orders and customers grow.
    Growth(growth::command::Cli),
}

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().measurement {
        Measurement::Cost(cli) => cost::command::run(&cli).await,
        Measurement::Growth(cli) => growth::command::run(&cli).await,
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
