//! Lambda's Runtime API on loopback, for one process.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use client::Error;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

#[derive(Debug)]
pub enum RuntimeCall {
    Next(Instant),
    Response(Instant, Bytes),
    Error(Bytes),
}

pub struct RuntimeApi {
    pub address: SocketAddr,
    invocations: mpsc::UnboundedSender<Bytes>,
    calls: mpsc::UnboundedReceiver<RuntimeCall>,
    server: JoinHandle<()>,
}

struct Channels {
    invocations: Mutex<mpsc::UnboundedReceiver<Bytes>>,
    calls: mpsc::UnboundedSender<RuntimeCall>,
}

impl RuntimeApi {
    pub async fn start() -> Result<Self, Error> {
        let failed = |error| Error::failed("the Runtime API cannot listen on 127.0.0.1", error);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (invocations, pending) = mpsc::unbounded_channel();
        let (sender, calls) = mpsc::unbounded_channel();
        let channels = Arc::new(Channels { invocations: Mutex::new(pending), calls: sender });
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let channels = Arc::clone(&channels);
                tokio::spawn(async move {
                    let service = service_fn(|request| answer(Arc::clone(&channels), request));
                    // A process that ends closes its connection, which is no error.
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await
                        .ok();
                });
            }
        });
        Ok(Self { address, invocations, calls, server })
    }

    pub fn invoke(&self, event: Bytes) {
        self.invocations.send(event).ok();
    }

    pub async fn next(&mut self) -> Option<RuntimeCall> {
        self.calls.recv().await
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(channels: Arc<Channels>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let arrived = Instant::now();
    let path = request.uri().path().to_owned();
    if request.method() == Method::GET {
        channels.calls.send(RuntimeCall::Next(arrived)).ok();
        return Ok(match channels.invocations.lock().await.recv().await {
            Some(event) => invocation(event),
            None => status(StatusCode::GONE),
        });
    }
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let response = path.ends_with("/response");
    let call = if response { RuntimeCall::Response(arrived, body) } else { RuntimeCall::Error(body) };
    channels.calls.send(call).ok();
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
