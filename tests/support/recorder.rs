//! Everything that a bus said: as everybody hears it, and with what the projector alone may hear.

use client::bus::{BusEvent, Scope};
use client::record::Record;
use client::stack::Stack;

/// A record of one bus.
pub struct Recorder {
    public: Record,
    everything: Record,
}

async fn start(stack: &Stack, scope: Scope) -> Record {
    Record::start(stack, scope).await.unwrap_or_else(|error| panic!("{}", client::error::causes(&error)))
}

impl Recorder {
    /// Subscribes twice.
    pub async fn start(stack: &Stack) -> Self {
        let (public, everything) = tokio::join!(start(stack, Scope::Public), start(stack, Scope::Everything));
        Self { public, everything }
    }

    /// What the pattern that everybody must use lets through.
    pub fn public(&self) -> Vec<BusEvent> {
        self.public.heard()
    }

    /// Every event.
    pub fn everything(&self) -> Vec<BusEvent> {
        self.everything.heard()
    }

    /// Unsubscribes.
    pub async fn stop(&self) {
        let (public, everything) = tokio::join!(self.public.stop(), self.everything.stop());
        public.and(everything).unwrap();
    }
}
