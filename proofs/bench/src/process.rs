//! Runs one process from its start to its last invocation.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use client::Error;
use client::error::Cause;
use hyper::body::Bytes;
use procfs::process::Process;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::aws::{Calls, Services};
use crate::runtime_api::{RuntimeApi, RuntimeCall};
use crate::subject::Subject;

const CALL_TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    pub wall: Duration,
    pub cpu: Duration,
}

#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// From the start of the process to its first request for an invocation.
    pub start: Cost,
    pub first: Cost,
    pub warm: Vec<Cost>,
    pub peak_kib: u64,
    /// True if it called AWS before its first invocation, to open a connection.
    pub primed: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Sandbox<'a> {
    pub services: &'a Services,
    pub roots: &'a Path,
    pub log: &'a Path,
    pub calls: &'a Calls,
}

pub async fn run(subject: &Subject, event: &str, sandbox: Sandbox<'_>, warm: usize) -> Result<Sample, Error> {
    let mut api = RuntimeApi::start().await?;
    let started = Instant::now();
    let mut child = start(subject, &api, sandbox)?;
    let pid = child.id().unwrap_or_default();
    let sample = invoke_all(subject, event, sandbox, &mut api, (pid, started), warm).await;
    child.kill().await.map_err(|error| Error::failed(format!("{} cannot be stopped", subject.name), error))?;
    sample
}

fn start(subject: &Subject, api: &RuntimeApi, sandbox: Sandbox<'_>) -> Result<Child, Error> {
    let failed = |error| Error::failed(format!("{} cannot be started", subject.name), error);
    let log = File::create(sandbox.log).map_err(failed)?;
    let (program, arguments) = subject.command.split_first().ok_or_else(|| Error::Usage("no command".into()))?;
    Command::new(program)
        .args(arguments)
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", api.server.address.to_string().as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", &subject.name),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            ("AWS_SESSION_TOKEN", "a-session-token"),
            ("_HANDLER", "bootstrap"),
            ("LAMBDA_TASK_ROOT", "/var/task"),
            ("LANG", "en_US.UTF-8"),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("TZ", ":UTC"),
        ])
        .envs(&sandbox.services.endpoints)
        .env("SSL_CERT_FILE", sandbox.roots)
        .envs(&subject.environment)
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(failed)?)
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)
}

async fn invoke_all(
    subject: &Subject,
    event: &str,
    sandbox: Sandbox<'_>,
    api: &mut RuntimeApi,
    (pid, started): (u32, Instant),
    warm: usize,
) -> Result<Sample, Error> {
    let log = sandbox.log;
    let mut sample = Sample::default();
    let polled = next_poll(subject, log, api).await?;
    let mut cpu = quiet_cpu(pid).await?;
    sample.start = Cost { wall: polled.duration_since(started), cpu };
    sample.primed = !sandbox.calls.take().is_empty();
    for number in 0..=warm {
        let begun = Instant::now();
        api.invoke(Bytes::from(event.to_owned()));
        let answered = next_answer(subject, log, api).await?;
        next_poll(subject, log, api).await?;
        let now = quiet_cpu(pid).await?;
        if let Some(what) = subject.wrong_calls(&sandbox.calls.take()) {
            return Err(incomplete(subject, &what, log));
        }
        let cost = Cost { wall: answered.duration_since(begun), cpu: now.saturating_sub(cpu) };
        cpu = now;
        if number == 0 {
            sample.first = cost;
        } else {
            sample.warm.push(cost);
        }
    }
    sample.peak_kib = peak_kib(pid)?;
    Ok(sample)
}

async fn next(subject: &Subject, log: &Path, api: &mut RuntimeApi) -> Result<RuntimeCall, Error> {
    match timeout(CALL_TIMEOUT, api.next()).await {
        Ok(Some(RuntimeCall::Error(body))) => {
            Err(incomplete(subject, &format!("failed with {}", String::from_utf8_lossy(&body)), log))
        }
        Ok(Some(call)) => Ok(call),
        Ok(None) | Err(_) => {
            Err(incomplete(subject, &format!("made no request for {} s", CALL_TIMEOUT.as_secs()), log))
        }
    }
}

fn incomplete(subject: &Subject, what: &str, log: &Path) -> Error {
    Error::Unexpected(format!("{} {what}; the end of its log:\n{}", subject.name, end_of(log)))
}

async fn next_poll(subject: &Subject, log: &Path, api: &mut RuntimeApi) -> Result<Instant, Error> {
    loop {
        if let RuntimeCall::Next(at) = next(subject, log, api).await? {
            return Ok(at);
        }
    }
}

async fn next_answer(subject: &Subject, log: &Path, api: &mut RuntimeApi) -> Result<Instant, Error> {
    loop {
        if let RuntimeCall::Response(at, body) = next(subject, log, api).await? {
            let failure = subject.failure(&body);
            return failure.map_or(Ok(at), |what| Err(incomplete(subject, &what, log)));
        }
    }
}

fn end_of(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(5)..).unwrap_or_default().join("\n")
}

fn unreadable(error: impl Into<Cause>) -> Error {
    Error::failed("the process cannot be read in /proc: the bench runs on Linux only", error)
}

fn look_up(pid: u32) -> Result<Process, Error> {
    Process::new(pid.try_into().unwrap_or_default()).map_err(unreadable)
}

fn cpu(pid: u32) -> Result<Duration, Error> {
    harness::process::cpu_time(pid).map_err(unreadable)
}

fn at_rest(pid: u32) -> Result<bool, Error> {
    let mut threads = look_up(pid)?.tasks().map_err(unreadable)?.flatten();
    // A thread that has ended since has no state.
    Ok(!threads.any(|thread| thread.stat().is_ok_and(|stat| stat.state == 'R')))
}

/// The CPU time once no thread runs. Waits for at most half a second.
async fn quiet_cpu(pid: u32) -> Result<Duration, Error> {
    let mut before = cpu(pid)?;
    for _ in 0..500 {
        sleep(Duration::from_millis(1)).await;
        let now = cpu(pid)?;
        if now == before && at_rest(pid)? {
            break;
        }
        before = now;
    }
    Ok(before)
}

fn peak_kib(pid: u32) -> Result<u64, Error> {
    Ok(look_up(pid)?.status().map_err(unreadable)?.vmhwm.unwrap_or_default())
}
