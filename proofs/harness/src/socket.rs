//! A WebSocket client that collects messages as a web page receives them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use client::Error;
use futures::StreamExt;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A message, its size, and the time at which it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub at: Instant,
    pub bytes: usize,
    pub message: Value,
}

#[derive(Debug, Default)]
struct State {
    received: Vec<Received>,
    is_closed: bool,
}

/// A socket that collects messages until its connection ends. Dropping it ends the connection
/// without a close frame, as a phone may do.
#[derive(Debug)]
pub struct Socket {
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Socket {
    /// Opens a socket at `url`. The inner error is the HTTP status with which the server refuses.
    pub async fn open(url: &str) -> Result<Result<Self, u16>, Error> {
        let stream = match connect_async(url).await {
            Ok((stream, _)) => stream,
            Err(SocketError::Http(answer)) => return Ok(Err(answer.status().as_u16())),
            Err(error) => return Err(Error::Unreachable { what: "the socket".to_owned(), source: error.into() }),
        };
        let state = Arc::new(Mutex::new(State::default()));
        let task = tokio::spawn(collect(stream, Arc::clone(&state)));
        Ok(Ok(Self { state, task }))
    }

    /// Returns what was received so far, in the order of its arrival.
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).received.clone()
    }

    /// Returns the messages that were received so far.
    pub fn messages(&self) -> Vec<Value> {
        self.received().into_iter().map(|received| received.message).collect()
    }

    pub fn is_closed(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).is_closed
    }

    /// Returns the first received message that `is_wanted` accepts. Waits for it if it has not
    /// arrived yet; returns `None` after `patience`.
    pub async fn receives(&self, patience: Duration, is_wanted: impl Fn(&Value) -> bool) -> Option<Received> {
        let deadline = Instant::now() + patience;
        loop {
            let found = self.received().into_iter().find(|received| is_wanted(&received.message));
            if found.is_some() || Instant::now() > deadline {
                return found;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn collect(mut stream: WebSocketStream<MaybeTlsStream<TcpStream>>, state: Arc<Mutex<State>>) {
    while let Some(Ok(message)) = stream.next().await {
        if let Message::Text(text) = message {
            let message = serde_json::from_str(&text).unwrap_or_default();
            let received = Received { at: Instant::now(), bytes: text.len(), message };
            state.lock().unwrap_or_else(PoisonError::into_inner).received.push(received);
        }
    }
    state.lock().unwrap_or_else(PoisonError::into_inner).is_closed = true;
}
