//! `workshop-test`: tests that the pages of the workshop work, and that their checks find wrong
//! solutions.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use client::Error;
use client::error::Diagnostic;
use workshop::LearnerBar;
use workshop::walkthrough::attempts;
use workshop::walkthrough::reader::Reader;

/// Follows pages of the workshop on the local stack. After each page with a check, applies wrong
/// solutions and requires that the check finds them.
///
/// Renames an existing workshop/bar first, unless --go-on is given.
#[derive(Debug, Parser)]
#[command(
    name = "workshop-test",
    version,
    after_help = "Exit codes: 0 each of the pages works, 1 a step failed or a wrong solution was not found, 2 wrong usage."
)]
struct Cli {
    /// Numbers of the pages to follow. Each page needs the results of the pages before it.
    #[arg(long, value_delimiter = ',', default_values_t = 0..=7_u32)]
    pages: Vec<u32>,
    /// Maximum number of wrong solutions to try per page; without this option, all are tried.
    #[arg(long, value_name = "COUNT", default_value_t = usize::MAX, hide_default_value = true)]
    attempts: usize,
    /// Run each block of commands that must succeed a second time. It must succeed again, whatever
    /// it prints.
    #[arg(long)]
    twice: bool,
    /// Instead of following pages, make the mistakes of workshop/mistakes.yaml, and print the
    /// sentence that the reader is shown for each. The value names some of them, such as A,K;
    /// without a value, all are made.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', num_args = 0..=1, default_missing_value = "all")]
    mistakes: Option<Vec<String>>,
    /// Continue with the workshop/bar of an earlier run instead of renaming it.
    #[arg(long)]
    go_on: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Cli::parse()).await {
        Ok(done) => {
            say(done);
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&Diagnostic(&error).to_string());
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(cli: &Cli) -> Result<&'static str, Error> {
    let mut reader = Reader::new(LearnerBar::find()?, cli.twice, say)?;
    if !cli.go_on
        && let Some(kept) = reader.set_bar_aside()?
    {
        say(&format!("your bar is kept in {}", kept.display()));
    }
    if let Some(ids) = &cli.mistakes {
        reader.make_mistakes(ids).await?;
        return Ok("each mistake is explained");
    }
    let attempts = attempts::read(reader.root())?;
    for page in &cli.pages {
        reader.follow(*page).await?;
        if let Some(attempts) = attempts.iter().find(|attempts| attempts.module == *page) {
            reader.try_attempts(attempts, cli.attempts).await?;
        }
    }
    Ok("each of the pages works")
}

fn say(line: &str) {
    // The test continues if the program that reads its output has ended.
    let _ = writeln!(std::io::stderr(), "{line}");
}
