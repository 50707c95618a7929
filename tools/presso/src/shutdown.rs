//! Ends a command of presso on a signal, without leaving a tap, an order or a changed limit behind.

use std::future::Future;
use std::time::Duration;

use client::bus::Tap;
use client::{Api, Error, wait};
use domain::ids::OrderId;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::cli::{Command, WorkshopAction};
use crate::output;

/// Time for the current step to finish after a signal, if its result is needed to undo it.
const GRACE: Duration = Duration::from_secs(5);

/// Maximum time to remove a tap or to cancel an order.
const CLEAN_UP: Duration = Duration::from_secs(8);

/// A shutdown that SIGINT, SIGTERM or SIGHUP requests.
#[derive(Debug, Clone)]
pub(crate) struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// Listens for signals if `command` has something to clean up. A signal ends other commands at
    /// once.
    pub(crate) fn listen(command: &Command) -> Result<Self, Error> {
        let (sender, receiver) = watch::channel(false);
        if cleans_up(command) {
            let listen = |kind| signal(kind).map_err(|error| Error::failed("signals cannot be received", error));
            let (interrupt, terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
            tokio::spawn(forward(sender, [interrupt, terminate, listen(SignalKind::hangup())?]));
        }
        Ok(Self(receiver))
    }

    /// Waits until a shutdown is requested.
    pub(crate) async fn requested(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|requested| *requested).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Returns true once a shutdown is requested.
    pub(crate) fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Runs `work` until it is done or a shutdown is requested. Use it for work that leaves nothing
    /// behind.
    pub(crate) async fn race<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        tokio::select! {
            biased;
            () = self.requested() => Err(Error::Interrupted("interrupted".into())),
            done = work => done,
        }
    }

    /// Runs `work` until it is done, but not longer than [`GRACE`] after a shutdown is requested,
    /// or after this call if it was requested before. Use it for work whose result is needed to
    /// undo it.
    pub(crate) async fn finish_within_grace<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let grace = async {
            self.requested().await;
            sleep(GRACE).await;
        };
        tokio::select! {
            biased;
            done = work => done,
            () = grace => Err(Error::Interrupted("interrupted before the current step was done".into())),
        }
    }
}

fn cleans_up(command: &Command) -> bool {
    match command {
        Command::Order(_) | Command::Rush(_) | Command::Burst(_) | Command::Watch { .. } | Command::Redrive(_) => true,
        Command::Workshop { action } => matches!(action, WorkshopAction::Run { .. } | WorkshopAction::Check { .. }),
        _ => false,
    }
}

async fn forward(sender: watch::Sender<bool>, signals: [Signal; 3]) {
    let [mut interrupt, mut terminate, mut hangup] = signals;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    sender.send_replace(true);
}

/// Removes `tap`. Returns `outcome`. If the removal fails, returns its error if `outcome` is a
/// success or a closed output, and otherwise prints it.
pub(crate) async fn remove_tap(tap: Tap, outcome: Result<(), Error>) -> Result<(), Error> {
    let name = tap.name().to_owned();
    let removed = timeout(CLEAN_UP, tap.remove())
        .await
        .unwrap_or_else(|_| Err(Error::TimedOut(format!("the rule and the queue {name} were not removed in time"))));
    match (outcome, removed) {
        (Ok(()) | Err(Error::ClosedOutput), Err(error)) => Err(error),
        (outcome, Ok(())) => outcome,
        (outcome, Err(error)) => {
            output::note(client::error::causes(&error));
            outcome
        }
    }
}

/// Cancels an order that is still open when the presso command that placed it ends. Otherwise the
/// order would hold capacity until it times out.
pub(crate) async fn cancel(caller: &Api, order_id: &OrderId, reason: &str) -> Result<(), Error> {
    let deadline = Instant::now() + CLEAN_UP;
    // A presso command may cancel many orders at once. The API may be too busy for some of them.
    let caller = caller.with_attempts(3);
    let cancelling = wait::when_ready(deadline, || caller.cancel(order_id, reason));
    match timeout_at(deadline, cancelling).await {
        // The order has already ended.
        Ok(Err(Error::Refused(problem))) if problem.code == "wrong_status" => Ok(()),
        Ok(cancelled) => cancelled,
        Err(_) => Err(Error::TimedOut(format!("the order {order_id} was not cancelled in time"))),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn commands_with_something_to_clean_up_listen_for_signals() {
        let lines = ["order", "rush", "burst", "watch", "redrive", "workshop run", "workshop check 2", "status"];
        for line in lines {
            let expected = line != "status";
            let cli = Cli::try_parse_from(["presso"].into_iter().chain(line.split(' '))).unwrap();
            assert_eq!(cleans_up(&cli.command), expected, "{line}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn work_may_finish_within_the_grace_period_but_not_later() {
        let (sender, receiver) = watch::channel(false);
        let shutdown = Shutdown(receiver);
        let done_after = |after| async move {
            sleep(after).await;
            Ok(7)
        };
        assert_eq!(shutdown.finish_within_grace(done_after(GRACE * 3)).await.unwrap(), 7);
        sender.send_replace(true);
        assert!(shutdown.is_requested());
        assert_eq!(shutdown.finish_within_grace(done_after(GRACE / 2)).await.unwrap(), 7);
        assert!(matches!(shutdown.finish_within_grace(done_after(GRACE * 3)).await, Err(Error::Interrupted(_))));
        assert!(matches!(shutdown.race(done_after(Duration::ZERO)).await, Err(Error::Interrupted(_))));
    }
}
