//! Ends a run: redrives dead-letter messages and sweeps until no work is left or nothing changes.

use std::path::Path;
use std::time::{Duration, Instant};

use aws_sdk_sfn::types::ExecutionStatus;
use client::dead_letters;
use client::{Error, Stack};
use domain::ids::ShopId;
use harness::sweeper::sweep;
use harness::workflow::executions;
use serde::Serialize;
use serde_json::Value;
use tokio::time::sleep;

use crate::courier::Courier;
use crate::crowd::presso;
use crate::facts::Facts;

const PAUSE: Duration = Duration::from_secs(1);

/// Number of rounds in a row that must find no work. One is not enough: a failed asynchronous
/// invocation is retried after some seconds, and the backlog does not contain it until then.
const QUIET_ROUNDS: u32 = 4;

/// Number of rounds in a row without any change after which the run ends. A round takes more than a
/// second, so the sweeper's grace period of 30 s and a wait of 12 s pass within 42 rounds.
const MOST_UNCHANGED: u32 = 60;

const MOST_ROUNDS: u32 = 1_500;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settled {
    pub redriven: usize,
    pub sweeps: u32,
    pub faults_seconds: u64,
    pub seconds: u64,
    pub complete: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    pub open: usize,
    pub running: usize,
    pub dead_letters: usize,
    pub deliveries: usize,
}

impl Backlog {
    const NONE: Self = Self { open: 0, running: 0, dead_letters: 0, deliveries: 0 };
}

#[derive(Debug, Default)]
pub struct Progress {
    last: Option<(Backlog, u32)>,
    unchanged: u32,
    quiet: u32,
}

impl Progress {
    /// Adds a round: its backlog, the number of deliveries so far, and whether its sweep succeeded.
    pub fn add(&mut self, backlog: Backlog, delivered: u32, swept: bool) {
        let unchanged = self.last.replace((backlog, delivered)) == Some((backlog, delivered));
        self.unchanged = if unchanged { self.unchanged + 1 } else { 0 };
        self.quiet = if unchanged && swept && backlog == Backlog::NONE { self.quiet + 1 } else { 0 };
    }

    pub const fn is_settled(&self) -> bool {
        self.quiet >= QUIET_ROUNDS
    }

    pub const fn is_stuck(&self) -> bool {
        self.unchanged >= MOST_UNCHANGED
    }
}

/// Redrives and sweeps until the backlog is empty, or until redrives and sweeps change nothing. The
/// number of rounds is limited instead of the time, so that a slow stack gets as many rounds as a
/// fast one.
pub async fn settle(
    stack: &Stack,
    shops: &[ShopId],
    courier: &Courier,
    program: &Path,
    say: impl Fn(String),
) -> Result<Settled, Error> {
    let began = Instant::now();
    let (mut settled, mut progress) = (Settled::default(), Progress::default());
    while !progress.is_settled() && !progress.is_stuck() && settled.sweeps < MOST_ROUNDS {
        let dead_letters: usize = dead_letters::count(stack).await?.iter().map(|(_, count)| count).sum();
        if dead_letters > 0 {
            let (sent, error) = redrive(stack, program).await?;
            settled.redriven += sent;
            error.into_iter().for_each(&say);
        }
        let open = Facts::read(stack, shops).await?.open();
        let running = executions(stack, Some(ExecutionStatus::Running)).await?.len();
        let backlog = Backlog { open, running, dead_letters, deliveries: courier.in_progress() };
        say(format!("{open} orders open, {running} executions running, {dead_letters} dead-letter messages"));
        // The backlog does not contain requested orders that were never admitted; only a sweep
        // finds them.
        settled.sweeps += 1;
        let swept = sweep(stack).await;
        progress.add(backlog, courier.delivered().values().sum(), swept);
        sleep(PAUSE).await;
    }
    settled.complete = progress.is_settled();
    settled.seconds = began.elapsed().as_secs();
    Ok(settled)
}

/// Runs `presso redrive` as an operator does. Returns how many messages were delivered, and its
/// error message if it fails; the next round redrives the remaining messages.
async fn redrive(stack: &Stack, program: &Path) -> Result<(usize, Option<String>), Error> {
    let output = presso(program, &stack.name, "redrive").await?;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let sent = report.get("sent").and_then(Value::as_u64).and_then(|sent| sent.try_into().ok()).unwrap_or(0);
    let message = String::from_utf8_lossy(&output.stderr);
    let error = message.lines().find(|line| line.starts_with("error:")).unwrap_or("presso redrive failed").to_owned();
    Ok((sent, (!output.status.success()).then_some(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Backlog = Backlog { open: 1, ..Backlog::NONE };

    fn after(rounds: u32, backlog: Backlog, delivered: fn(u32) -> u32, swept: bool) -> Progress {
        let mut progress = Progress::default();
        (0..rounds).for_each(|round| progress.add(backlog, delivered(round), swept));
        progress
    }

    #[test]
    fn a_run_settles_after_successive_rounds_with_a_sweep_and_without_work() {
        assert!(after(QUIET_ROUNDS + 1, Backlog::NONE, |_| 7, true).is_settled());
        assert!(!after(QUIET_ROUNDS, Backlog::NONE, |_| 7, true).is_settled());
        assert!(!after(90, Backlog::NONE, |_| 7, false).is_settled());
        assert!(!after(90, Backlog::NONE, |round| round, true).is_settled());
        assert!(!after(90, OPEN, |_| 7, true).is_settled());
    }

    #[test]
    fn a_run_is_stuck_after_many_rounds_without_a_change_and_not_while_events_are_delivered() {
        assert!(after(MOST_UNCHANGED + 1, OPEN, |_| 7, true).is_stuck());
        assert!(!after(MOST_UNCHANGED, OPEN, |_| 7, true).is_stuck());
        assert!(!after(900, OPEN, |round| round, true).is_stuck());
    }
}
