//! A proxy in front of the emulator. It loses requests, loses replies, or holds one request back. A
//! request whose reply is lost takes effect, but its caller receives no answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use harness::environment::emulator;
use harness::proxy::{Body, Broken, ForwardedRequest, Server, Upstream};
use hyper::body::Incoming;
use hyper::{Request, Response};
use tokio::sync::Notify;

/// Forwards requests, except those that it loses. It stops when it is dropped.
pub struct Proxy {
    pub url: String,
    lost: Arc<AtomicUsize>,
    _server: Server,
}

/// Gate at which the first request with this text in a header waits.
pub struct Hold {
    mark: &'static str,
    used: AtomicBool,
    arrived: Notify,
    released: Notify,
}

impl Hold {
    pub fn on(mark: &'static str) -> Arc<Self> {
        Arc::new(Self { mark, used: AtomicBool::new(false), arrived: Notify::new(), released: Notify::new() })
    }

    /// Waits until the request has arrived.
    pub async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Lets the request go on.
    pub fn release(&self) {
        self.released.notify_one();
    }

    async fn pass(&self, request: &ForwardedRequest) {
        if has(request, self.mark) && !self.used.swap(true, Ordering::SeqCst) {
            self.arrived.notify_one();
            self.released.notified().await;
        }
    }
}

fn has(request: &ForwardedRequest, mark: &str) -> bool {
    request.headers.values().any(|value| value.to_str().is_ok_and(|value| value.contains(mark)))
}

#[derive(Clone)]
pub enum Loss {
    /// No loss. The gate holds one request back.
    Held(Arc<Hold>),
    /// This number of replies, the first ones. The proxy closes the connection instead of replying.
    Replies(usize),
    /// Each request with this text in a header: the proxy neither forwards nor answers it.
    Requests(&'static str),
}

impl Proxy {
    pub async fn losing(kind: Loss) -> Self {
        let endpoint = Upstream::new(&emulator().unwrap()).unwrap();
        let lost = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&lost);
        let handler = move |_, request| forward(endpoint.clone(), Arc::clone(&counter), kind.clone(), request);
        let server = Server::start(None, |_| handler).await.unwrap();
        Self { url: format!("http://{}", server.address), lost, _server: server }
    }

    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }
}

async fn forward(
    endpoint: Upstream,
    lost: Arc<AtomicUsize>,
    kind: Loss,
    request: Request<Incoming>,
) -> Result<Response<Body>, Broken> {
    let request = ForwardedRequest::from_request(request).await?;
    match &kind {
        Loss::Requests(mark) if has(&request, mark) => {
            lost.fetch_add(1, Ordering::SeqCst);
            std::future::pending::<()>().await;
        }
        Loss::Held(hold) => hold.pass(&request).await,
        _ => {}
    }
    let answer = endpoint.forward(&request).await?;
    let one_more = |limit| lost.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| (n < limit).then_some(n + 1));
    match kind {
        Loss::Replies(limit) if one_more(limit).is_ok() => Err(Broken),
        _ => Ok(answer.into()),
    }
}
