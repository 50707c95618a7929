//! Records the events of a [`Scope`] on a bus until [`Record::stop`].

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::bus::{BusEvent, Scope, Tap};
use crate::error::Error;
use crate::stack::Stack;

/// Record of the events that its tap has received so far.
#[derive(Debug)]
pub struct Record {
    recorded: Mutex<Recorded>,
}

#[derive(Debug)]
struct Recorded {
    tap: Option<Tap>,
    events: Vec<BusEvent>,
}

impl Record {
    /// Subscribes to the bus of `stack`.
    pub async fn start(stack: &Stack, scope: Scope) -> Result<Self, Error> {
        let tap = Some(Tap::open(stack, scope).await?);
        Ok(Self { recorded: Mutex::new(Recorded { tap, events: Vec::new() }) })
    }

    /// Returns the number of recorded events.
    pub fn count(&self) -> usize {
        self.recorded().events.len()
    }

    /// Returns the recorded events, in the order in which the tap received them.
    pub fn events(&self) -> Vec<BusEvent> {
        self.recorded().events.clone()
    }

    /// Removes the subscription.
    pub async fn stop(&self) -> Result<(), Error> {
        let tap = self.recorded().tap.take();
        if let Some(tap) = tap { tap.remove().await } else { Ok(()) }
    }

    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        let Recorded { tap, events } = &mut *recorded;
        events.extend(tap.iter_mut().flat_map(Tap::received));
        recorded
    }
}
