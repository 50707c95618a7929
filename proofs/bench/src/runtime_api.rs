//! Plays Lambda's Runtime API on loopback, for one process.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use client::Error;
use harness::proxy::{Answer, Body, Broken, ForwardedRequest, Server};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::{Mutex, mpsc};

#[derive(Debug)]
pub enum RuntimeCall {
    Next(Instant),
    Response(Instant, Bytes),
    Error(Bytes),
}

pub struct RuntimeApi {
    pub server: Server,
    invocations: mpsc::UnboundedSender<Bytes>,
    calls: mpsc::UnboundedReceiver<RuntimeCall>,
}

struct Channels {
    invocations: Mutex<mpsc::UnboundedReceiver<Bytes>>,
    calls: mpsc::UnboundedSender<RuntimeCall>,
}

impl RuntimeApi {
    pub async fn start() -> Result<Self, Error> {
        let (invocations, pending) = mpsc::unbounded_channel();
        let (sender, calls) = mpsc::unbounded_channel();
        let channels = Arc::new(Channels { invocations: Mutex::new(pending), calls: sender });
        let server = Server::start(None, |_| move |_, request| answer(Arc::clone(&channels), request)).await?;
        Ok(Self { server, invocations, calls })
    }

    pub fn invoke(&self, event: Bytes) {
        self.invocations.send(event).ok();
    }

    pub async fn next(&mut self) -> Option<RuntimeCall> {
        self.calls.recv().await
    }
}

async fn answer(channels: Arc<Channels>, request: Request<Incoming>) -> Result<Response<Body>, Broken> {
    let arrived = Instant::now();
    let request = ForwardedRequest::from_request(request).await?;
    if request.method == Method::GET {
        channels.calls.send(RuntimeCall::Next(arrived)).ok();
        let event = channels.invocations.lock().await.recv().await;
        return Ok(event.map_or_else(|| Answer::empty(StatusCode::GONE), invocation).into());
    }
    let response = request.path.ends_with("/response");
    let call = if response { RuntimeCall::Response(arrived, request.body) } else { RuntimeCall::Error(request.body) };
    channels.calls.send(call).ok();
    Ok(Answer::empty(StatusCode::ACCEPTED).into())
}

fn invocation(event: Bytes) -> Answer {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let deadline = (now.as_millis() + 30_000).to_string();
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", deadline.as_str()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:bench"),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"),
        ("content-type", "application/json"),
    ];
    let header = |(name, value)| Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?));
    Answer { status: StatusCode::OK, headers: headers.into_iter().filter_map(header).collect(), body: event }
}
