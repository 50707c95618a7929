//! The command line of `make arm64`: runs each function's program for arm64 under QEMU.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bench::aws::{Calls, Services};
use bench::process::{self, Sandbox};
use bench::subject::Subject;
use bench::symbols::{self, Glibc, Need};
use bench::tls::Authority;
use clap::Parser;
use client::{Error, SigningKey};
use harness::output::write_json;
use harness::progress;
use serde::Serialize;

/// Checks each function's program for arm64, then runs it as Lambda does, under QEMU, which
/// emulates the processor.
///
/// A program that needs a newer C library than Lambda has is refused. If none is refused, each
/// program must start, answer one invocation over TLS, and make exactly the AWS calls that its work
/// takes.
///
/// Exit codes: 0 every program passed, 1 a program needs a newer C library, 2 wrong usage, 4 a
/// program did not start, did not answer, or made other calls.
#[derive(Debug, Parser)]
#[command(name = "arm64", version, verbatim_doc_comment)]
struct Cli {
    /// Folder that contains a folder with the program `bootstrap` for each function.
    #[arg(long, default_value = "target/arm64/lambda")]
    built: PathBuf,
    /// Command that runs a program for arm64; by default QEMU, with the processor of AWS Graviton2
    /// and a C library for arm64.
    #[arg(long, default_value = "qemu-aarch64 -cpu neoverse-n1 -L /usr/aarch64-linux-gnu")]
    emulator: String,
    /// Newest version of the C library that a program may need; Amazon Linux 2023 has 2.34.
    #[arg(long, default_value = "2.34", value_name = "VERSION")]
    glibc: Glibc,
    /// Also write one JSON object per run to this file: name, calls, and the newest version of the
    /// C library that the program needs.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One run of a program.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    name: String,
    newest: String,
    calls: Vec<&'static str>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match check(&Cli::parse()).await {
        Ok(refused) if refused.is_empty() => ExitCode::SUCCESS,
        Ok(refused) => {
            for line in refused {
                eprintln!("error: {line}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            progress::fail(&error);
            ExitCode::from(if matches!(error, Error::Usage(_)) { 2 } else { 4 })
        }
    }
}

/// Returns a message for each need that the C library does not meet. Runs the programs if there is
/// none.
async fn check(cli: &Cli) -> Result<Vec<String>, Error> {
    let key = SigningKey::from_pem(&SigningKey::generate_pem()?)?;
    let subjects = Subject::functions(Path::new("."), &cli.built, &[], &key)?;
    let mut refused = BTreeSet::new();
    let mut newest = Vec::new();
    for subject in &subjects {
        let needs = symbols(subject)?;
        for need in needs.iter().filter(|need| need.exceeds(cli.glibc)) {
            let program = subject.bootstrap.as_deref().unwrap_or(Path::new("")).display();
            refused.insert(format!("{program} needs {need}; the newest allowed version is {}", cli.glibc));
        }
        newest.push(needs.iter().filter_map(Need::glibc).max());
    }
    if !refused.is_empty() {
        return Ok(refused.into_iter().collect());
    }
    let runs = run_all(cli, &subjects, &newest, &key).await?;
    if let Some(path) = &cli.json {
        write_json(path, &runs)?;
    }
    let programs: BTreeSet<_> = subjects.iter().filter_map(|subject| subject.bootstrap.as_deref()).collect();
    let newest = newest.into_iter().max().flatten();
    println!(
        "{} programs: started, answered, calls as expected; newest {}",
        programs.len(),
        newest.map_or_else(|| "GLIBC: none".to_owned(), |version| version.to_string())
    );
    Ok(Vec::new())
}

fn symbols(subject: &Subject) -> Result<BTreeSet<Need>, Error> {
    let path = subject.bootstrap.as_deref().unwrap_or(Path::new(""));
    let failed = |what: &str| format!("{} {what}", path.display());
    let program = std::fs::read(path).map_err(|error| Error::failed(failed("cannot be read"), error))?;
    symbols::needs(&program).map_err(|error| Error::failed(failed("is no ELF program of 64 bits"), error))
}

async fn run_all(
    cli: &Cli,
    subjects: &[Subject],
    newest: &[Option<Glibc>],
    key: &SigningKey,
) -> Result<Vec<Run>, Error> {
    let folder = std::env::temp_dir().join(format!("arm64-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| Error::failed("no temporary folder can be created", error))?;
    let ran = run_in(cli, &folder, subjects, newest, key).await;
    std::fs::remove_dir_all(&folder).ok();
    ran
}

async fn run_in(
    cli: &Cli,
    folder: &Path,
    subjects: &[Subject],
    newest: &[Option<Glibc>],
    key: &SigningKey,
) -> Result<Vec<Run>, Error> {
    let authority = Authority::new(folder)?;
    let calls = Calls::default();
    let services = Services::start(Some(&authority.server), &calls, &key.jwks()).await?;
    let log = folder.join("log");
    let mut runs = Vec::new();
    for (subject, newest) in subjects.iter().zip(newest) {
        let sandbox = Sandbox { services: &services, roots: &authority.roots, log: &log, calls: &calls };
        let emulated = subject.clone().under(&cli.emulator);
        process::run(&emulated, &subject.event(key)?, sandbox, 0).await?;
        let newest = newest.map_or_else(|| "-".to_owned(), |version| version.to_string());
        let calls = subject.expected_calls().to_vec();
        let named = if calls.is_empty() { "no call".to_owned() } else { calls.join(", ") };
        progress::note(&format!("   {:20} {newest:11} started, answered, {named}", subject.name));
        runs.push(Run { name: subject.name.clone(), newest, calls });
    }
    Ok(runs)
}
