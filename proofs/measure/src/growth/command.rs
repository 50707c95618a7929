//! `growth`: see `--help`.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::growth::run::{AT_ONCE, Run, STORED};
use crate::growth::{figures::All, plot, table, verdict};
use chaos::run::end;
use clap::Args;
use client::Error;
use client::error::causes;
use client::stack::Stack;
use client::token::SigningKey;
use indicatif::{ProgressBar, ProgressStyle};

/// What the queue, my orders, a scan, a choice and a whole order take while stored orders grow from 10 to 10,000, and customers at once
/// from 1 to 100.
///
/// A stack of its own is needed: make growth deploys it. All its orders are deleted. Calls, units and the functions' CPU decide; what
/// the emulator takes is shown apart, and decides nothing.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything stays flat, 1 something does not, 2 wrong usage, 4 no stack or no answer."
)]
pub struct Cli {
    /// Name of the stack.
    #[arg(long, env = "PRESSO_STACK", default_value = "serverlesspresso-growth")]
    stack: String,
    /// The private key that signs local tokens.
    #[arg(long, env = "PRESSO_KEY", default_value = ".local/keys/signing-key.pem")]
    key: PathBuf,
    /// Holds the emulator's process id.
    #[arg(long, value_name = "FILE", default_value = ".local/emulator.pid")]
    emulator: PathBuf,
    /// Writes pictures of the figures into this folder.
    #[arg(long, value_name = "FOLDER")]
    plots: Option<PathBuf>,
    /// Writes every figure as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Runs the subcommand.
pub async fn run(cli: &Cli) -> ExitCode {
    let done = match Box::pin(measure(cli)).await {
        Ok(all) => tell(cli, &all),
        Err(error) => Err(error),
    };
    match done {
        Ok(complaints) if complaints.is_empty() => ExitCode::SUCCESS,
        Ok(complaints) => {
            for complaint in complaints {
                note(&format!("error: {complaint}"));
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            note(&format!("error: {}", causes(&error)));
            ExitCode::from(error.exit_code())
        }
    }
}

async fn measure(cli: &Cli) -> Result<All, Error> {
    let key = SigningKey::read(&cli.key)?;
    let run = Run::in_stack(Stack::find(&cli.stack, None).await?, key, &cli.emulator).await?;
    let progress = ProgressBar::new((STORED.len() + AT_ONCE.len()) as u64);
    let style = ProgressStyle::with_template("{bar:40.cyan} {pos}/{len}  {elapsed}  {msg}");
    progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let say = |what: &str, level: u32| {
        if !progress.message().is_empty() {
            progress.inc(1);
        }
        progress.set_message(format!("{level} {what}"));
        if !std::io::stderr().is_terminal() {
            note(&format!("{level} {what}"));
        }
    };
    let all = run.go(end(), say).await;
    progress.finish_and_clear();
    all
}

/// Prints and writes what was measured; and what is not flat.
fn tell(cli: &Cli, all: &All) -> Result<Vec<String>, Error> {
    writeln!(std::io::stdout().lock(), "{}", table::of(all))
        .map_err(|error| Error::failed("the output cannot be written", error))?;
    if let Some(path) = &cli.json {
        let failed = |error: std::io::Error| Error::failed(format!("{} cannot be written", path.display()), error);
        let text = serde_json::to_string_pretty(all).map_err(|error| failed(error.into()))?;
        std::fs::write(path, text + "\n").map_err(failed)?;
    }
    if let Some(folder) = &cli.plots {
        plot::write(all, folder)?;
    }
    Ok(verdict::complaints(all))
}

fn note(text: &str) {
    writeln!(std::io::stderr().lock(), "{text}").ok();
}
