//! `bench`: see `--help`.

mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bench::error::Error;
use bench::figures::{All, Figures};
use bench::process::{self, Sample, Surroundings};
use bench::subject::{Signer, Subject};
use bench::tls::Authority;
use bench::{aws, verdict};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

/// Runs each function's shipped binary as Lambda does, and measures it beside a function that does nothing.
///
/// AWS is a stand-in on loopback, over TLS; no emulator runs. Programs take turns, so that a busy moment hits all of them. CPU time,
/// sizes and ratios decide; wall time is shown and decides nothing. `make bench` builds what is measured first.
///
/// A function that answers with an error, or makes other calls of AWS than its work takes, is not measured at all.
///
/// Exit codes: 0 all is within budgets and no worse than the baseline; 1 something is not; 2 wrong usage; 4 nothing could be measured.
#[derive(Debug, Parser)]
#[command(version, verbatim_doc_comment)]
struct Cli {
    /// The folder with a folder for each function, in which its bootstrap lies.
    #[arg(long, default_value = "target/shipped/lambda")]
    built: PathBuf,
    /// How often each program is started.
    #[arg(long, default_value_t = 25)]
    runs: usize,
    /// How many invocations follow the first one.
    #[arg(long, default_value_t = 40)]
    warm: usize,
    /// Only functions whose name has one of these words in it.
    #[arg(long, value_delimiter = ',')]
    functions: Vec<String>,
    /// Measures another program that speaks the Runtime API beside ours, such as 'node index.mjs'.
    #[arg(long, value_name = "COMMAND")]
    against: Option<String>,
    /// What that program is invoked with; {} if no file is named.
    #[arg(long, value_name = "FILE", requires = "against")]
    against_event: Option<PathBuf>,
    /// The figures that nothing may be much worse than.
    #[arg(long, default_value = "proofs/bench/baseline.json")]
    baseline: PathBuf,
    /// Writes the baseline anew from what is measured, and compares with nothing.
    #[arg(long, conflicts_with = "functions")]
    write_baseline: bool,
    /// Writes every figure here too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match bench(&Cli::parse()).await {
        Ok(complaints) if complaints.is_empty() => ExitCode::SUCCESS,
        Ok(complaints) => {
            for complaint in complaints {
                eprintln!("error: {complaint}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprint!("error: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                eprint!(": {error}");
                cause = error.source();
            }
            eprintln!();
            ExitCode::from(if matches!(error, Error::Usage(_)) { 2 } else { 4 })
        }
    }
}

/// What is not as it should be.
async fn bench(cli: &Cli) -> Result<Vec<String>, Error> {
    if cli.runs == 0 || cli.warm == 0 {
        return Err(Error::Usage("--runs and --warm must be 1 at least".into()));
    }
    let all = measure(cli).await?;
    println!("{}", table::of(&all));
    if let Some(path) = &cli.json {
        write_json(path, &all)?;
    }
    let mut complaints = verdict::over_budget(&all);
    if cli.write_baseline {
        write_json(&cli.baseline, &verdict::baseline(&all))?;
        return Ok(complaints);
    }
    let text = match std::fs::read_to_string(&cli.baseline) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("nothing to compare with yet: --write-baseline writes {}", cli.baseline.display());
            return Ok(complaints);
        }
        Err(error) => return Err(Error::failed(format!("{} cannot be read", cli.baseline.display()), error)),
    };
    let baseline = serde_json::from_str(&text)
        .map_err(|error| Error::failed(format!("{} is no baseline", cli.baseline.display()), error))?;
    complaints.extend(verdict::worse(&all, &baseline));
    Ok(complaints)
}

fn write_json(path: &Path, what: &impl serde::Serialize) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::failed(format!("{} cannot be written", path.display()), error);
    let text = serde_json::to_string_pretty(what).map_err(|error| failed(error.into()))?;
    std::fs::write(path, text + "\n").map_err(failed)
}

async fn measure(cli: &Cli) -> Result<All, Error> {
    let folder = std::env::temp_dir().join(format!("bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| Error::failed("no temporary folder can be made", error))?;
    let measured = measure_in(cli, &folder).await;
    std::fs::remove_dir_all(&folder).ok();
    measured
}

async fn measure_in(cli: &Cli, folder: &Path) -> Result<All, Error> {
    let signer = Signer::new()?;
    let mut subjects = Subject::all(Path::new("."), &cli.built, &cli.functions, &signer)?;
    if let Some(command) = &cli.against {
        subjects.push(Subject::other(command, cli.against_event.as_deref())?);
    }
    let authority = Authority::new(folder)?;
    let calls = aws::Calls::default();
    let tls = aws::serve(Some(&authority.server), &calls).await?;
    let plain = aws::serve(None, &calls).await?;
    let log = folder.join("log");
    let mut samples: Vec<[Vec<Sample>; 2]> = vec![Default::default(); subjects.len()];
    let style = ProgressStyle::with_template("{bar:40.cyan} {pos}/{len} starts  {elapsed}  {msg}");
    let progress = ProgressBar::new((cli.runs * subjects.len() * 2) as u64);
    progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    for _ in 0..cli.runs {
        for (subject, samples) in subjects.iter().zip(&mut samples) {
            progress.set_message(subject.name.clone());
            for (endpoints, samples) in [&tls, &plain].into_iter().zip(samples) {
                let around = Surroundings { endpoints, roots: &authority.roots, log: &log, calls: &calls };
                samples.push(process::run(subject, &subject.event(&signer)?, around, cli.warm).await?);
                progress.inc(1);
            }
        }
    }
    progress.finish_and_clear();
    let mut all = All::new();
    for (subject, [over_tls, plain]) in subjects.iter().zip(samples) {
        let sizes = subject.bootstrap.as_deref().map_or(Ok((0, 0)), sizes)?;
        let figures = Figures { calls: subject.calls(), ..Figures::of(&over_tls, &plain, sizes) };
        all.insert(subject.name.clone(), figures);
    }
    Ok(all)
}

/// The bytes of the zip that would be deployed, and of the program in it.
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
