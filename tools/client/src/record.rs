//! A record of the events on a bus, until it is stopped.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::bus::{BusEvent, Scope, Tap};
use crate::error::Error;
use crate::stack::Stack;

const POLL: Duration = Duration::from_secs(5);

/// The listener, and the sender that stops it.
type Running = (oneshot::Sender<()>, JoinHandle<Result<(), Error>>);

/// The events that a bus has delivered so far.
#[derive(Debug)]
pub struct Record {
    events: Arc<Mutex<Vec<BusEvent>>>,
    running: Mutex<Option<Running>>,
}

impl Record {
    /// Subscribes to the bus of `stack`.
    pub async fn start(stack: &Stack, scope: Scope) -> Result<Self, Error> {
        let mut tap = Tap::open(stack, scope).await?;
        let events = Arc::new(Mutex::new(Vec::new()));
        let (stop, mut stopped) = oneshot::channel();
        let record = Arc::clone(&events);
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    event = tap.next(Instant::now() + POLL) => {
                        record.lock().unwrap_or_else(PoisonError::into_inner).extend(event);
                    }
                    _ = &mut stopped => break,
                }
            }
            tap.remove().await
        });
        Ok(Self { events, running: Mutex::new(Some((stop, task))) })
    }

    /// The number of events.
    pub fn count(&self) -> usize {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The events, in the order of their delivery.
    pub fn events(&self) -> Vec<BusEvent> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Removes the subscription.
    pub async fn stop(&self) -> Result<(), Error> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((stop, task)) = running else { return Ok(()) };
        stop.send(()).ok();
        task.await.map_err(|error| Error::failed("the record of the bus ended early", error))?
    }
}
