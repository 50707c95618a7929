//! A network that loses a reply: the request takes effect, and nobody hears of it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Passes connections on, and cuts the first ones as soon as their reply begins.
pub struct Proxy {
    /// Where it listens.
    pub url: String,
    cut: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Listens in front of `upstream`, such as `http://127.0.0.1:4566`, and cuts `to_cut` connections.
    pub async fn before(upstream: &str, to_cut: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let upstream = upstream.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let cut = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&cut);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (counter, upstream) = (Arc::clone(&counter), upstream.clone());
                tokio::spawn(async move { pass_on(client, &upstream, &counter, to_cut).await });
            }
        });
        Self { url, cut, task }
    }

    /// How many replies were lost.
    pub fn lost(&self) -> usize {
        self.cut.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(mut client: TcpStream, upstream: &str, cut: &AtomicUsize, to_cut: usize) -> io::Result<()> {
    let mut server = TcpStream::connect(upstream).await?;
    if cut.load(Ordering::SeqCst) >= to_cut {
        copy_bidirectional(&mut client, &mut server).await?;
        return Ok(());
    }
    let (mut requests, _) = client.split();
    let (mut replies, mut to_server) = server.split();
    let mut first = [0; 1];
    tokio::select! {
        passed = copy(&mut requests, &mut to_server) => drop(passed?),
        reply = replies.read(&mut first) => if reply? > 0 { cut.fetch_add(1, Ordering::SeqCst); },
    }
    client.shutdown().await
}
