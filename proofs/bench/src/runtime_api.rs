//! Lambda's Runtime API on loopback, for one process.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use crate::error::Error;

/// What the process told.
#[derive(Debug)]
pub enum Told {
    /// It asks for its next invocation.
    Polls(Instant),
    /// It answered one.
    Answers(Instant, Bytes),
    /// It failed, at its start or in an invocation.
    Fails(Bytes),
}

/// The API of one process.
pub struct RuntimeApi {
    /// Where it listens.
    pub address: SocketAddr,
    invocations: mpsc::UnboundedSender<Bytes>,
    told: mpsc::UnboundedReceiver<Told>,
    server: JoinHandle<()>,
}

struct Inside {
    invocations: Mutex<mpsc::UnboundedReceiver<Bytes>>,
    told: mpsc::UnboundedSender<Told>,
}

impl RuntimeApi {
    /// Listens on loopback.
    pub async fn start() -> Result<Self, Error> {
        let failed = |error| Error::failed("the Runtime API cannot listen on 127.0.0.1", error);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (invocations, asked) = mpsc::unbounded_channel();
        let (tell, told) = mpsc::unbounded_channel();
        let inside = Arc::new(Inside { invocations: Mutex::new(asked), told: tell });
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let inside = Arc::clone(&inside);
                tokio::spawn(async move {
                    let service = service_fn(|request| answer(Arc::clone(&inside), request));
                    // A process that ends closes its connection: there is nobody to tell.
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await
                        .ok();
                });
            }
        });
        Ok(Self { address, invocations, told, server })
    }

    /// Hands an event to the process that polls.
    pub fn invoke(&self, event: Bytes) {
        self.invocations.send(event).ok();
    }

    /// What the process tells next.
    pub async fn next(&mut self) -> Option<Told> {
        self.told.recv().await
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(inside: Arc<Inside>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let arrived = Instant::now();
    let path = request.uri().path().to_owned();
    if request.method() == Method::GET {
        inside.told.send(Told::Polls(arrived)).ok();
        return Ok(match inside.invocations.lock().await.recv().await {
            Some(event) => invocation(event),
            None => status(StatusCode::GONE),
        });
    }
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let told = if path.ends_with("/response") { Told::Answers(arrived, body) } else { Told::Fails(body) };
    inside.told.send(told).ok();
    Ok(status(StatusCode::ACCEPTED))
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

fn invocation(event: Bytes) -> Response<Full<Bytes>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let deadline = (now.as_millis() + 30_000).to_string();
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", deadline.as_str()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:bench"),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"),
        ("content-type", "application/json"),
    ];
    let mut response = Response::builder();
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Full::new(event)).unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}
