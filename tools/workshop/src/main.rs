//! `follow`: see `--help`.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use client::Error;
use client::error::causes;
use workshop::LearnerBar;
use workshop::walkthrough::attempts;
use workshop::walkthrough::reader::Reader;

/// Follows the pages of the workshop from top to bottom on the local stack, and tries wrong attempts at each module.
///
/// The learner's bar in workshop/bar is made anew: keep your own elsewhere.
#[derive(Debug, Parser)]
#[command(
    name = "follow",
    version,
    after_help = "Exit codes: 0 the pages hold, 1 something on them does not, 2 wrong usage."
)]
struct Cli {
    /// The pages to follow, by their numbers; those before them must have been followed.
    #[arg(long, value_delimiter = ',', default_values_t = 0..=7_u32)]
    pages: Vec<u32>,
    /// How many wrong attempts of each module are tried.
    #[arg(long, value_name = "COUNT", default_value_t = usize::MAX, hide_default_value = true)]
    attempts: usize,
    /// Leaves the bar of an earlier reader where it is.
    #[arg(long)]
    go_on: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match follow(&Cli::parse()).await {
        Ok(()) => {
            say("the pages hold");
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("error: {}", causes(&error)));
            ExitCode::from(error.exit_code())
        }
    }
}

async fn follow(cli: &Cli) -> Result<(), Error> {
    let mut reader = Reader::new(LearnerBar::find()?, say)?;
    if !cli.go_on {
        reader.tidy()?;
    }
    let attempts = attempts::read(reader.root())?;
    for page in &cli.pages {
        reader.follow(*page).await?;
        if let Some(attempts) = attempts.iter().find(|attempts| attempts.module == *page) {
            reader.fail_at(attempts, cli.attempts).await?;
        }
    }
    Ok(())
}

fn say(line: &str) {
    // Nobody to tell is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{line}");
}
