//! A record of everything that a bus says, until it is stopped.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::bus::{BusEvent, Scope, Tap};
use crate::error::Error;
use crate::stack::Stack;

const PATIENCE: Duration = Duration::from_secs(5);

/// Who listens, and how to have it leave.
type Running = (oneshot::Sender<()>, JoinHandle<Result<(), Error>>);

/// What a bus said so far.
#[derive(Debug)]
pub struct Record {
    heard: Arc<Mutex<Vec<BusEvent>>>,
    running: Mutex<Option<Running>>,
}

impl Record {
    /// Begins to listen.
    pub async fn start(stack: &Stack, scope: Scope) -> Result<Self, Error> {
        let mut tap = Tap::open(stack, scope).await?;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (stop, mut stopped) = oneshot::channel();
        let record = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    event = tap.next(Instant::now() + PATIENCE) => {
                        record.lock().unwrap_or_else(PoisonError::into_inner).extend(event);
                    }
                    _ = &mut stopped => break,
                }
            }
            tap.remove().await
        });
        Ok(Self { heard, running: Mutex::new(Some((stop, task))) })
    }

    /// How many events were heard.
    pub fn count(&self) -> usize {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// What was heard.
    pub fn heard(&self) -> Vec<BusEvent> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Listens no longer, and removes the subscription.
    pub async fn stop(&self) -> Result<(), Error> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((stop, task)) = running else { return Ok(()) };
        stop.send(()).ok();
        task.await.map_err(|error| Error::failed("the record of the bus broke", error))?
    }
}
