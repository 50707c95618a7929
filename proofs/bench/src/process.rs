//! Runs one process from start to last invocation, and measures CPU time, wall time and memory.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use client::Error;
use client::error::Cause;
use harness::process::cpu_time;
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
    pub start: Cost,
    pub first: Cost,
    pub warm: Vec<Cost>,
    pub peak_kib: u64,
    pub primed: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Sandbox<'a> {
    pub services: &'a Services,
    /// File with the root certificates that the process trusts.
    pub roots: &'a Path,
    pub log: &'a Path,
    pub calls: &'a Calls,
}

struct Running<'a> {
    subject: &'a Subject,
    sandbox: Sandbox<'a>,
    api: RuntimeApi,
    started: Instant,
    pid: u32,
}

/// Starts the program of `subject`, sends it `event` once and then `warm` times more, and stops it.
pub async fn run(subject: &Subject, event: &str, sandbox: Sandbox<'_>, warm: usize) -> Result<Sample, Error> {
    let api = RuntimeApi::start().await?;
    let started = Instant::now();
    let mut child = start(subject, &api, sandbox)?;
    let pid = child.id().unwrap_or_default();
    let sample = Running { subject, sandbox, api, started, pid }.invoke_all(event, warm).await;
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

impl Running<'_> {
    async fn invoke_all(&mut self, event: &str, warm: usize) -> Result<Sample, Error> {
        let mut sample = Sample::default();
        let polled = self.next_poll().await?;
        let mut cpu = quiet_cpu(self.pid).await?;
        sample.start = Cost { wall: polled.duration_since(self.started), cpu };
        sample.primed = !self.sandbox.calls.take().is_empty();
        for number in 0..=warm {
            let begun = Instant::now();
            self.api.invoke(Bytes::from(event.to_owned()));
            let answered = self.next_answer().await?;
            self.next_poll().await?;
            let now = quiet_cpu(self.pid).await?;
            if let Some(what) = self.subject.wrong_calls(&self.sandbox.calls.take()) {
                return Err(self.incomplete(&what));
            }
            let cost = Cost { wall: answered.duration_since(begun), cpu: now.saturating_sub(cpu) };
            cpu = now;
            if number == 0 {
                sample.first = cost;
            } else {
                sample.warm.push(cost);
            }
        }
        sample.peak_kib = look_up(self.pid)?.status().map_err(unreadable)?.vmhwm.unwrap_or_default();
        Ok(sample)
    }

    async fn next(&mut self) -> Result<RuntimeCall, Error> {
        match timeout(CALL_TIMEOUT, self.api.next()).await {
            Ok(Some(RuntimeCall::Error(body))) => {
                Err(self.incomplete(&format!("failed with {}", String::from_utf8_lossy(&body))))
            }
            Ok(Some(call)) => Ok(call),
            Ok(None) | Err(_) => Err(self.incomplete(&format!("made no request for {} s", CALL_TIMEOUT.as_secs()))),
        }
    }

    async fn next_poll(&mut self) -> Result<Instant, Error> {
        loop {
            if let RuntimeCall::Next(at) = self.next().await? {
                return Ok(at);
            }
        }
    }

    async fn next_answer(&mut self) -> Result<Instant, Error> {
        loop {
            if let RuntimeCall::Response(at, body) = self.next().await? {
                return self.subject.failure(&body).map_or(Ok(at), |what| Err(self.incomplete(&what)));
            }
        }
    }

    fn incomplete(&self, what: &str) -> Error {
        Error::Unexpected(format!("{} {what}; the end of its log:\n{}", self.subject.name, end_of(self.sandbox.log)))
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

fn at_rest(pid: u32) -> Result<bool, Error> {
    let mut threads = look_up(pid)?.tasks().map_err(unreadable)?.flatten();
    // A thread that has ended since it was listed has no state.
    Ok(!threads.any(|thread| thread.stat().is_ok_and(|stat| stat.state == 'R')))
}

/// Returns the CPU time once no thread runs, or after 500 readings a millisecond apart.
async fn quiet_cpu(pid: u32) -> Result<Duration, Error> {
    let mut before = cpu_time(pid).map_err(unreadable)?;
    for _ in 0..500 {
        sleep(Duration::from_millis(1)).await;
        let now = cpu_time(pid).map_err(unreadable)?;
        if now == before && at_rest(pid)? {
            break;
        }
        before = now;
    }
    Ok(before)
}
