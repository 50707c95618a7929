//! The program `chaos`: `--help` describes it.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use chaos::report::ChaosReport;
use chaos::run::{ChaosRun, Plan};
use clap::Parser;
use client::{Error, SigningKey, Stack};
use harness::progress::{fail, note};

/// Serves customers while faults are injected, and checks that no order is lost, duplicated or
/// stuck.
///
/// It needs a separate stack, which make chaos deploys. At the end it restores the functions, rules
/// and workflow of the stack. A busy machine takes longer, but reaches the same verdict.
#[derive(Debug, Parser)]
#[command(
    name = "chaos",
    version,
    after_help = "Exit codes: 0 no rule violated, 1 a rule violated, a fault injected too rarely, an unknown call, work left at the \
end, or the run failed, 2 wrong usage, 3 the API refused a request, 4 no stack, no credentials or no answer."
)]
struct Cli {
    /// Name of the stack.
    #[arg(long, env = "PRESSO_STACK", default_value = "serverlesspresso-chaos")]
    stack: String,
    /// Private key that signs local tokens.
    #[arg(long, env = "PRESSO_KEY", default_value = ".local/keys/signing-key.pem")]
    key: PathBuf,
    /// Path of the command-line tool, which simulates the crowd and redrives dead-letter messages.
    #[arg(long, default_value = "target/debug/presso")]
    presso: PathBuf,
    /// A short run: 60 customers, each fault at least once on each kind of call, workflow state and
    /// delivery.
    #[arg(long)]
    short: bool,
    /// Number of customers of the crowd; default 500, or 60 in a short run.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    orders: Option<u32>,
    /// Number of customers at the same time.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=500))]
    concurrency: u32,
    /// Minimum hits of each kind of fault on each kind of call, workflow state and delivery;
    /// default 5, or 1 in a short run.
    #[arg(long)]
    minimum: Option<u32>,
    /// Share of the functions' calls that are hit once the minimum is reached, from 0 to 1.
    #[arg(long, default_value_t = 0.03, value_parser = parse_rate)]
    rate: f64,
    /// Seed of the random choices.
    #[arg(long)]
    seed: Option<u64>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn parse_rate(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|rate| (0.0..=1.0).contains(rate)).ok_or_else(|| "not a number from 0 to 1".to_owned())
}

impl Cli {
    fn plan(&self) -> Plan {
        let by_length = |short, full| if self.short { short } else { full };
        Plan {
            orders: self.orders.unwrap_or(by_length(60, 500)),
            concurrency: self.concurrency,
            minimum: self.minimum.unwrap_or(by_length(1, 5)),
            rate: self.rate,
            share: if self.short { 0.04 } else { 0.03 },
            waits: by_length(8, 12),
            seed: self.seed.unwrap_or_else(|| fastrand::u64(..1_000_000)),
            presso: self.presso.clone(),
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli).await {
        Ok(report) => print(&cli, &report),
        Err(error) => fail(&error),
    }
}

async fn run(cli: &Cli) -> Result<ChaosReport, Error> {
    let stack = Stack::find(&cli.stack, None).await?;
    let plan = cli.plan();
    note(&format!(
        "seed {}: {} customers, each fault at least {} times on each kind of call",
        plan.seed, plan.orders, plan.minimum
    ));
    ChaosRun::new(stack, SigningKey::read(&cli.key)?, plan).await?.run().await
}

fn print(cli: &Cli, report: &ChaosReport) -> ExitCode {
    let text = if cli.json { report.to_json().to_string() } else { report.paragraphs().join("\n\n") };
    let written = writeln!(std::io::stdout().lock(), "{text}");
    if report.holds() && written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
