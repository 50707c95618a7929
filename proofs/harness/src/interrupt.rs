//! Ends a program's work on Ctrl-C or SIGTERM.

use client::Error;
use tokio::signal::unix::{SignalKind, signal};

async fn interrupted() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Runs `work` until it ends, or until Ctrl-C or SIGTERM interrupts it, which is an error. In both
/// cases the caller then restores the stack.
pub async fn interruptible<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::select! {
        biased;
        () = interrupted() => Err(Error::Interrupted("interrupted; the stack is restored".into())),
        result = work => result,
    }
}
