//! A record of all events on a bus, with and without the task tokens.

use client::Stack;
use client::bus::{BusEvent, Scope};
use client::record::Record;

/// Two subscriptions to one bus.
pub struct Recorder {
    public: Record,
    everything: Record,
}

async fn start(stack: &Stack, scope: Scope) -> Record {
    Record::start(stack, scope).await.unwrap_or_else(|error| panic!("{}", client::error::causes(&error)))
}

impl Recorder {
    pub async fn start(stack: &Stack) -> Self {
        let (public, everything) = tokio::join!(start(stack, Scope::Public), start(stack, Scope::Everything));
        Self { public, everything }
    }

    /// Events that match the pattern for consumers, which excludes task tokens.
    pub fn public(&self) -> Vec<BusEvent> {
        self.public.events()
    }

    pub fn everything(&self) -> Vec<BusEvent> {
        self.everything.events()
    }

    pub async fn stop(&self) {
        let (public, everything) = tokio::join!(self.public.stop(), self.everything.stop());
        public.and(everything).unwrap();
    }
}
