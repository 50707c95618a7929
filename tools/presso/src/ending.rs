//! Ending a command early without leaving anything behind.

use std::future::Future;
use std::time::Duration;

use client::api::Api;
use client::bus::Tap;
use client::{Error, wait};
use domain::ids::OrderId;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::cli::Command;
use crate::output;

/// What is being made when the end is asked for gets this long, so that it can be removed by its name.
const GRACE: Duration = Duration::from_secs(5);

/// Each part of the clearing up takes no longer than this.
const CLEARING_UP: Duration = Duration::from_secs(8);

/// Whether somebody has asked for the end: with Ctrl-C, or as a system does, with SIGTERM and SIGHUP.
#[derive(Debug, Clone)]
pub(crate) struct Ending(watch::Receiver<bool>);

impl Ending {
    /// Listens for the end from now on, if `command` has something to clear up. Any other command ends at once, as usual.
    pub(crate) fn of(command: &Command) -> Result<Self, Error> {
        let (tell, told) = watch::channel(false);
        let clears_up = matches!(
            command,
            Command::Order(_) | Command::Rush(_) | Command::Burst(_) | Command::Watch { .. } | Command::Redrive(_)
        );
        if clears_up {
            let listen = |kind| signal(kind).map_err(|error| Error::failed("no signal can be listened to", error));
            let (interrupt, terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
            tokio::spawn(tell_of(tell, [interrupt, terminate, listen(SignalKind::hangup())?]));
        }
        Ok(Self(told))
    }

    /// Waits for the end.
    pub(crate) async fn came(&self) {
        let mut told = self.0.clone();
        if told.wait_for(|came| *came).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether the end was asked for.
    pub(crate) fn has_come(&self) -> bool {
        *self.0.borrow()
    }

    /// What `doing` gives, unless the end comes first. For what leaves nothing behind.
    pub(crate) async fn or_give_up<T>(&self, doing: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        tokio::select! {
            biased;
            () = self.came() => Err(Error::Interrupted("interrupted".into())),
            done = doing => done,
        }
    }

    /// What `doing` gives, even if the end comes meanwhile, but not long after that. For what must be known to be undone.
    pub(crate) async fn or_soon<T>(&self, doing: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let end = async {
            self.came().await;
            sleep(GRACE).await;
        };
        tokio::select! {
            biased;
            done = doing => done,
            () = end => Err(Error::Interrupted("interrupted; what was begun did not get ready in time".into())),
        }
    }
}

async fn tell_of(tell: watch::Sender<bool>, signals: [Signal; 3]) {
    let [mut interrupt, mut terminate, mut hangup] = signals;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    tell.send_replace(true);
    // Without a sender the end would look like one that never comes.
    tell.closed().await;
}

/// Removes `tap`, then gives `walked`, or what went wrong with the removal where nothing else did.
pub(crate) async fn leave(tap: Tap, walked: Result<(), Error>) -> Result<(), Error> {
    let name = tap.name().to_owned();
    let removed = timeout(CLEARING_UP, tap.remove()).await.unwrap_or_else(|_| {
        Err(Error::TimedOut(format!("the rule and the queue {name} could not be removed in time")))
    });
    match (walked, removed) {
        (Ok(()) | Err(Error::ClosedOutput), Err(error)) => Err(error),
        (walked, Ok(())) => walked,
        (walked, Err(error)) => {
            output::note(client::error::causes(&error));
            walked
        }
    }
}

/// Cancels an order that nobody will go on with, so that it does not hold a place until it times out.
pub(crate) async fn cancel(customer: &Api, order_id: &OrderId) -> Result<(), Error> {
    let deadline = Instant::now() + CLEARING_UP;
    // In more attempts than one: many leave at once, and the API may be too busy for all of them.
    let customer = customer.with_attempts(3);
    let cancelling = wait::when_ready(deadline, || customer.cancel(order_id, "interrupted"));
    match timeout_at(deadline, cancelling).await {
        // It has ended by itself.
        Ok(Err(Error::Refused(problem))) if problem.code == "wrong_status" => Ok(()),
        Ok(cancelled) => cancelled,
        Err(_) => Err(Error::TimedOut(format!("the order {order_id} could not be cancelled in time"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_begun_may_get_ready_after_the_end_was_asked_for_but_not_for_long() {
        let (tell, told) = watch::channel(false);
        let ending = Ending(told);
        let ready = |after| async move {
            sleep(after).await;
            Ok(7)
        };
        assert_eq!(ending.or_soon(ready(GRACE * 3)).await.unwrap(), 7);
        tell.send_replace(true);
        assert!(ending.has_come());
        assert_eq!(ending.or_soon(ready(GRACE / 2)).await.unwrap(), 7);
        assert!(matches!(ending.or_soon(ready(GRACE * 3)).await, Err(Error::Interrupted(_))));
        assert!(matches!(ending.or_give_up(ready(Duration::ZERO)).await, Err(Error::Interrupted(_))));
    }
}
