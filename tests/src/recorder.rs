//! Everything that a bus said: as everybody hears it, and with what the projector alone may hear.

use std::sync::{Arc, Mutex};

use presso::bus::{BusEvent, Scope, Tap};
use presso::stack::Stack;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A record of one bus.
pub struct Recorder {
    public: Track,
    everything: Track,
}

struct Track {
    heard: Arc<Mutex<Vec<BusEvent>>>,
    running: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
}

impl Track {
    async fn start(stack: &Stack, scope: Scope) -> Self {
        let mut tap = Tap::open(stack, scope).await.unwrap_or_else(|error| panic!("{}", presso::error::causes(&error)));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (stop, mut stopped) = oneshot::channel();
        let record = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    Some(event) = tap.next(crate::deadline()) => record.lock().unwrap().push(event),
                    _ = &mut stopped => break,
                    else => {}
                }
            }
            tap.remove().await.unwrap();
        });
        Self { heard, running: Mutex::new(Some((stop, task))) }
    }

    async fn stop(&self) {
        let running = self.running.lock().unwrap().take();
        if let Some((stop, task)) = running {
            stop.send(()).unwrap();
            task.await.unwrap();
        }
    }

    fn heard(&self) -> Vec<BusEvent> {
        self.heard.lock().unwrap().clone()
    }
}

impl Recorder {
    /// Subscribes twice.
    pub async fn start(stack: &Stack) -> Self {
        let (public, everything) =
            tokio::join!(Track::start(stack, Scope::Public), Track::start(stack, Scope::Everything));
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
        tokio::join!(self.public.stop(), self.everything.stop());
    }
}
