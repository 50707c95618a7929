//! The end: what lies in dead-letter queues is sent back, and the sweeper runs, until nothing is open.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sfn::types::ExecutionStatus;
use client::Error;
use client::stack::Stack;
use domain::ids::EventId;
use serde::Serialize;
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use crate::courier::Courier;
use crate::facts::{self, Facts};
use crate::setting::Parts;
use crate::traffic::sweeps;

const PAUSE: Duration = Duration::from_secs(1);

/// Lambda waits this long between the tries of an asynchronous invocation, at most, on the emulators.
const QUIET: Duration = Duration::from_secs(4);

/// What it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settled {
    /// Letters that were sent back.
    pub redriven: u64,
    /// How often the sweeper ran.
    pub sweeps: u32,
    /// How long faults went on, in seconds.
    pub faults_seconds: u64,
    /// How long sending back and sweeping took, in seconds.
    pub seconds: u64,
    /// Whether nothing was open any more before the time was up.
    pub in_time: bool,
}

/// Sends back and sweeps until nothing is open, nothing runs and no letter is left, or `deadline` passes.
pub async fn settle(
    stack: &Stack,
    parts: &Parts,
    shops: &[EventId],
    courier: &Courier,
    presso: &Path,
    deadline: Instant,
    say: impl Fn(String),
) -> Result<Settled, Error> {
    let begun = Instant::now();
    let mut settled = Settled::default();
    let mut swept_quiet = false;
    while Instant::now() < deadline {
        let letters: u64 = facts::letters(stack, parts).await?.values().sum();
        if letters > 0 {
            settled.redriven += letters;
            if let Some(complaint) = redrive(stack, presso).await? {
                say(complaint);
            }
        }
        let (open, running) = (Facts::read(stack, shops).await?.open(), running(stack).await?);
        say(format!("{open} orders open, {running} executions run, {letters} letters"));
        let quiet = open == 0 && running == 0 && letters == 0 && courier.is_idle(QUIET);
        if quiet && swept_quiet {
            settled.in_time = true;
            break;
        }
        // An order that was never let in is seen by the sweeper alone.
        settled.sweeps += 1;
        let swept = sweeps::invoke(stack, &sweeps::schedule(), InvocationType::RequestResponse).await;
        swept_quiet = quiet && swept;
        sleep(PAUSE).await;
    }
    settled.seconds = begun.elapsed().as_secs();
    Ok(settled)
}

async fn running(stack: &Stack) -> Result<usize, Error> {
    let client = aws_sdk_sfn::Client::new(&stack.aws);
    let list =
        client.list_executions().state_machine_arn(&stack.order_processor_arn).status_filter(ExecutionStatus::Running);
    let running = list.into_paginator().items().send().try_collect().await;
    running.map(|running| running.len()).map_err(|error| Error::failed("the executions cannot be listed", error))
}

/// `presso redrive`, as an operator runs it. Gives what it complains of: what it leaves is sent back next time.
async fn redrive(stack: &Stack, presso: &Path) -> Result<Option<String>, Error> {
    let failed = |error: std::io::Error| Error::failed(format!("{} cannot be run", presso.display()), error);
    let output = Command::new(presso)
        .args(["--stack", &stack.name, "--json", "redrive"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(failed)?;
    let said = String::from_utf8_lossy(&output.stderr);
    Ok((!output.status.success()).then(|| said.trim().lines().last().unwrap_or("presso redrive failed").to_owned()))
}
