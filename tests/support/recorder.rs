//! Records the events on a bus twice: all of them, and those without a task token.

use client::Stack;
use client::bus::Scope;
use client::record::Record;

use crate::venue::answered;

/// Two subscriptions to one bus.
pub struct Recorder {
    /// Events that match the pattern for consumers, which excludes task tokens.
    pub public: Record,
    pub everything: Record,
}

impl Recorder {
    pub async fn start(stack: &Stack) -> Self {
        let (public, everything) =
            tokio::join!(Record::start(stack, Scope::Public), Record::start(stack, Scope::Everything));
        Self { public: answered(public), everything: answered(everything) }
    }

    pub async fn stop(&self) {
        let (public, everything) = tokio::join!(self.public.stop(), self.everything.stop());
        public.and(everything).unwrap();
    }
}
