//! The subcommand `growth`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use client::Error;
use client::stack::Stack;
use client::token::SigningKey;
use harness::progress::{bar, step};

use crate::output::{exit_code, print, verdict, write_json};
use crate::scaling::run::{CROWDS, STORED, ScalingRun};
use crate::scaling::table;
use crate::scaling::verdict::complaints;

/// Measures the queue, a customer's list, a scan, a choice and a whole order while stored orders
/// grow from 10 to 10,000, and customers at once from 1 to 100.
///
/// It needs a separate stack, which make growth deploys, and deletes all of its orders. Calls,
/// units and the functions' CPU decide. The emulator's share is printed and decides nothing.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 all figures stay flat, 1 some do not, 2 wrong usage, 4 no stack or no answer.")]
pub struct Cli {
    /// Name of the stack.
    #[arg(long, env = "PRESSO_STACK", default_value = "serverlesspresso-growth")]
    stack: String,
    /// Private key that signs local tokens.
    #[arg(long, env = "PRESSO_KEY", default_value = ".local/keys/signing-key.pem")]
    key: PathBuf,
    /// File with the emulator's process id.
    #[arg(long, value_name = "FILE", default_value = ".local/emulator.pid")]
    emulator: PathBuf,
    /// Write all figures as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub async fn run(cli: &Cli) -> ExitCode {
    exit_code(Box::pin(measure(cli)).await)
}

async fn measure(cli: &Cli) -> Result<Vec<String>, Error> {
    let key = SigningKey::read(&cli.key)?;
    let run = ScalingRun::new(Stack::find(&cli.stack, None).await?, key, &cli.emulator).await?;
    let progress = bar(STORED.len() + CROWDS.len(), "");
    let figures = run.run(|what, level| step(&progress, &format!("{level} {what}"))).await;
    progress.finish_and_clear();
    let figures = figures?;
    write_json(cli.json.as_deref(), &figures)?;
    let complaints = complaints(&figures);
    print(&format!("{}\n\n{}", table::render(&figures), verdict(&complaints, "flat")))?;
    Ok(complaints)
}
