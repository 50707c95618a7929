//! A proxy that loses replies, so that a request takes effect unseen, or requests.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Forwards connections, except those that it loses.
pub struct Proxy {
    /// Its address.
    pub url: String,
    lost: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

/// The traffic to lose.
#[derive(Clone, Copy)]
enum Loss {
    /// The first replies, this many: their connection is closed as soon as they begin.
    Replies(usize),
    /// Each request that contains this text: it is read and not forwarded.
    Requests(&'static str),
}

impl Proxy {
    /// Listens in front of `upstream`, such as `http://127.0.0.1:4566`, and loses `to_cut` replies.
    pub async fn before(upstream: &str, to_cut: usize) -> Self {
        Self::losing(upstream, Loss::Replies(to_cut)).await
    }

    /// Listens in front of `upstream` and loses each request that contains `mark`.
    pub async fn swallowing(upstream: &str, mark: &'static str) -> Self {
        Self::losing(upstream, Loss::Requests(mark)).await
    }

    async fn losing(upstream: &str, what: Loss) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let upstream = upstream.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let lost = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&lost);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (counter, upstream) = (Arc::clone(&counter), upstream.clone());
                tokio::spawn(async move {
                    match what {
                        Loss::Replies(to_cut) => pass_on(client, &upstream, &counter, to_cut).await,
                        Loss::Requests(mark) => pass_on_without(client, &upstream, &counter, mark).await,
                    }
                });
            }
        });
        Self { url, lost, task }
    }

    /// The number of lost replies or requests.
    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
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

async fn pass_on_without(client: TcpStream, upstream: &str, lost: &AtomicUsize, mark: &str) -> io::Result<()> {
    let (mut replies, mut to_server) = TcpStream::connect(upstream).await?.into_split();
    let (mut requests, mut to_client) = client.into_split();
    let answers = tokio::spawn(async move { copy(&mut replies, &mut to_client).await });
    let (mut buffer, mut request) = (vec![0; 64 * 1024], Vec::new());
    loop {
        let count = requests.read(&mut buffer).await?;
        if count == 0 {
            break;
        }
        let part = buffer.get(..count).unwrap_or_default();
        request.extend_from_slice(part);
        if request.windows(mark.len()).any(|window| window == mark.as_bytes()) {
            lost.fetch_add(1, Ordering::SeqCst);
            // The client waits until its own timeout.
            while requests.read(&mut buffer).await? > 0 {}
            break;
        }
        to_server.write_all(part).await?;
        // The mark may span two reads.
        request.drain(..request.len().saturating_sub(mark.len()));
    }
    answers.abort();
    Ok(())
}
