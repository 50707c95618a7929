//! The program `measure`: `--help` describes it.

use std::process::ExitCode;

use clap::Parser;
use measure::command::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    Cli::parse().run().await
}
