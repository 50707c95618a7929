//! `chaos`: a crowd in a bar where everything fails now and then.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use chaos::report::Report;
use chaos::run::{Plan, Run, end};
use clap::Parser;
use client::Error;
use client::error::causes;
use client::stack::Stack;
use client::token::SigningKey;

/// Serves a crowd while faults are injected, and checks that no order is lost, doubled or stuck.
///
/// A stack of its own is needed: make chaos deploys it. Everything that is changed there is put back at the end.
#[derive(Debug, Parser)]
#[command(
    name = "chaos",
    version,
    after_help = "Exit codes: 0 every promise was kept, 1 not, 2 wrong usage, 4 no stack or no answer."
)]
struct Cli {
    /// Name of the stack.
    #[arg(long, env = "PRESSO_STACK", default_value = "serverlesspresso-chaos")]
    stack: String,
    /// The private key that signs local tokens.
    #[arg(long, env = "PRESSO_KEY", default_value = ".local/keys/signing-key.pem")]
    key: PathBuf,
    /// The command-line tool, which brings the crowd and sends dead letters back.
    #[arg(long, default_value = "target/debug/presso")]
    presso: PathBuf,
    /// A short run: 60 orders, each combination at least once.
    #[arg(long)]
    short: bool,
    /// How many customers come; 500, or 60 in a short run.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    orders: Option<u32>,
    /// How many are in the bar at once.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=500))]
    concurrency: u32,
    /// How often each kind of fault must hit each kind of call; 5, or 1 in a short run.
    #[arg(long)]
    minimum: Option<u32>,
    /// How often a call is hit beyond that, from 0 to 1.
    #[arg(long, default_value_t = 0.03, value_parser = parse_rate)]
    rate: f64,
    /// The dice: the same number makes the same choices in the same order.
    #[arg(long)]
    seed: Option<u64>,
    /// How long faults may go on, in seconds; 600, or 240 in a short run.
    #[arg(long, value_name = "SECONDS")]
    within: Option<u64>,
    /// Print JSON, for programs.
    #[arg(long)]
    json: bool,
}

fn parse_rate(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|rate| (0.0..=1.0).contains(rate)).ok_or_else(|| "a number from 0 to 1".to_owned())
}

impl Cli {
    fn plan(&self) -> Plan {
        let of = |short, full| if self.short { short } else { full };
        Plan {
            orders: self.orders.unwrap_or(of(60, 500)),
            concurrency: self.concurrency,
            minimum: self.minimum.unwrap_or(of(1, 5)),
            rate: self.rate,
            share: if self.short { 0.04 } else { 0.03 },
            waits: of(8, 12),
            seed: self.seed.unwrap_or_else(|| fastrand::u64(..1_000_000)),
            faults_within: Duration::from_secs(self.within.unwrap_or(if self.short { 240 } else { 600 })),
            end_within: Duration::from_mins(if self.short { 3 } else { 4 }),
            presso: self.presso.clone(),
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli).await {
        Ok(report) => print(&cli, &report),
        Err(error) => {
            note(&format!("error: {}", causes(&error)));
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(cli: &Cli) -> Result<Report, Error> {
    let stack = Stack::find(&cli.stack, None).await?;
    let plan = cli.plan();
    note(&format!("seed {}: {} orders, each combination at least {} times", plan.seed, plan.orders, plan.minimum));
    Run::in_stack(stack, SigningKey::read(&cli.key)?, plan).await?.go(end()).await
}

fn print(cli: &Cli, report: &Report) -> ExitCode {
    let text = if cli.json { report.to_json().to_string() } else { report.lines().join("\n\n") };
    let written = writeln!(std::io::stdout().lock(), "{text}");
    if report.holds() && written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn note(text: &str) {
    writeln!(std::io::stderr().lock(), "{text}").ok();
}
