//! Everything that the bus said, as anybody may hear it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use presso::Error;
use presso::bus::{BusEvent, Scope, Tap};
use presso::stack::Stack;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_secs(5);

/// A record of the stack's bus.
#[derive(Debug)]
pub struct Record {
    heard: Arc<Mutex<Vec<BusEvent>>>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), Error>>,
}

impl Record {
    /// Begins to listen.
    pub async fn start(stack: &Stack) -> Result<Self, Error> {
        let mut tap = Tap::open(stack, Scope::Public).await?;
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
        Ok(Self { heard, stop, task })
    }

    /// How many events were heard.
    pub fn count(&self) -> usize {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Ends, and gives what was heard.
    pub async fn stop(self) -> Result<Vec<BusEvent>, Error> {
        self.stop.send(()).ok();
        let removed = self.task.await.map_err(|error| Error::failed("the record of the bus broke", error))?;
        removed?;
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut heard))
    }
}
