//! The command line of the bench: measures, prints the table, and compares with the budgets and the
//! baseline.

mod table;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bench::aws::{Calls, Services};
use bench::figures::{All, Figures};
use bench::process::{self, Sample, Sandbox};
use bench::subject::Subject;
use bench::tls::Authority;
use bench::verdict;
use clap::Parser;
use client::{Error, SigningKey};
use harness::output::write_json;
use harness::progress;

/// Runs each function's shipped binary as Lambda does, and compares it with a function that only
/// answers (the no-op function).
///
/// AWS services on loopback answer over TLS; no emulator runs. Programs take turns, so that a busy
/// moment affects all of them. CPU time, memory and sizes are checked; wall time is only printed.
/// `make bench` builds the functions first.
///
/// A function that fails, or makes other AWS calls than its work takes, ends the bench.
///
/// Exit codes: 0 budgets and baseline are met, 1 a budget or the baseline is exceeded, 2 wrong
/// usage, 4 the bench did not finish.
#[derive(Debug, Parser)]
#[command(version, verbatim_doc_comment)]
struct Cli {
    /// Folder that contains <function>/bootstrap for each function.
    #[arg(long, default_value = "target/shipped/lambda")]
    built: PathBuf,
    /// Number of starts of each program over TLS; as many starts are made without TLS.
    #[arg(long, default_value = "25")]
    runs: NonZeroUsize,
    /// Number of invocations after the first one, for each start.
    #[arg(long, default_value = "40")]
    warm: NonZeroUsize,
    /// Measure only functions whose name contains one of these words, and the no-op function.
    #[arg(long, value_delimiter = ',')]
    functions: Vec<String>,
    /// Also measure another program that speaks the Runtime API, such as 'node index.mjs'.
    #[arg(long, value_name = "COMMAND")]
    against: Option<String>,
    /// File with the event for the program of --against; {} by default.
    #[arg(long, value_name = "FILE", requires = "against")]
    against_event: Option<PathBuf>,
    /// File with the baseline: the ratios that a function must not exceed by more than a tolerance.
    #[arg(long, default_value = "proofs/bench/baseline.json")]
    baseline: PathBuf,
    /// Write the measured ratios to the baseline instead of comparing them with it.
    #[arg(long, conflicts_with = "functions")]
    write_baseline: bool,
    /// Also write every figure to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match bench(&Cli::parse()).await {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(findings) => {
            for finding in findings {
                eprintln!("error: {finding}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            progress::fail(&error);
            ExitCode::from(if matches!(error, Error::Usage(_)) { 2 } else { 4 })
        }
    }
}

async fn bench(cli: &Cli) -> Result<Vec<String>, Error> {
    let all = measure(cli).await?;
    println!("{}", table::table(&all));
    if let Some(path) = &cli.json {
        write_json(path, &all)?;
    }
    let mut findings = verdict::over_budget(&all);
    if cli.write_baseline {
        write_json(&cli.baseline, &verdict::baseline(&all))?;
        return Ok(findings);
    }
    let text = match std::fs::read_to_string(&cli.baseline) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("no baseline: --write-baseline writes {}", cli.baseline.display());
            return Ok(findings);
        }
        Err(error) => return Err(Error::failed(format!("{} cannot be read", cli.baseline.display()), error)),
    };
    let baseline = serde_json::from_str(&text)
        .map_err(|error| Error::failed(format!("{} is not a baseline", cli.baseline.display()), error))?;
    findings.extend(verdict::worse(&all, &baseline));
    Ok(findings)
}

async fn measure(cli: &Cli) -> Result<All, Error> {
    let folder = std::env::temp_dir().join(format!("bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| Error::failed("no temporary folder can be created", error))?;
    let measured = measure_in(cli, &folder).await;
    std::fs::remove_dir_all(&folder).ok();
    measured
}

async fn measure_in(cli: &Cli, folder: &Path) -> Result<All, Error> {
    let key = SigningKey::from_pem(&SigningKey::generate_pem()?)?;
    let mut subjects = Subject::all(Path::new("."), &cli.built, &cli.functions, &key)?;
    if let Some(command) = &cli.against {
        subjects.push(Subject::other(command, cli.against_event.as_deref())?);
    }
    let authority = Authority::new(folder)?;
    let calls = Calls::default();
    let tls = Services::start(Some(&authority.server), &calls, &key.jwks()).await?;
    let plain = Services::start(None, &calls, &key.jwks()).await?;
    let log = folder.join("log");
    let mut samples: Vec<[Vec<Sample>; 2]> = vec![Default::default(); subjects.len()];
    let progress = progress::bar(cli.runs.get() * subjects.len() * 2, " starts");
    for _ in 0..cli.runs.get() {
        for (subject, samples) in subjects.iter().zip(&mut samples) {
            progress.set_message(subject.name.clone());
            for (services, samples) in [&tls, &plain].into_iter().zip(samples) {
                let sandbox = Sandbox { services, roots: &authority.roots, log: &log, calls: &calls };
                samples.push(process::run(subject, &subject.event(&key)?, sandbox, cli.warm.get()).await?);
                progress.inc(1);
            }
        }
    }
    progress.finish_and_clear();
    let mut all = All::new();
    for (subject, [over_tls, plain]) in subjects.iter().zip(samples) {
        let sizes = subject.bootstrap.as_deref().map_or(Ok((0, 0)), sizes)?;
        let figures = Figures::new(&over_tls, &plain, subject.expected_calls().len(), sizes);
        all.insert(subject.name.clone(), figures);
    }
    Ok(all)
}

/// Returns the sizes of the deployed zip and of the program in it, in bytes.
fn sizes(bootstrap: &Path) -> Result<(u64, u64), Error> {
    let failed = |error: std::io::Error| Error::failed(format!("{} cannot be packed", bootstrap.display()), error);
    let program = std::fs::read(bootstrap).map_err(failed)?;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("bootstrap", options).map_err(|error| failed(error.into()))?;
    std::io::Write::write_all(&mut zip, &program).map_err(failed)?;
    let packed = zip.finish().map_err(|error| failed(error.into()))?.into_inner();
    Ok((packed.len() as u64, program.len() as u64))
}
