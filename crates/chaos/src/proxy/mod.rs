//! What stands between the functions and AWS: passes each call on, and injects a fault where the [`Matrix`] says so.

mod answer;
mod call;
mod victim;

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderValue, TRANSFER_ENCODING};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use presso::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use self::answer::{Answer, Part};
use self::call::{Call, Unknown};
use crate::fault::{Fault, Function, Operation};
use crate::matrix::Matrix;
use crate::workflow::{HUNG, HUNG_FOR};

/// Longer than a function waits for an answer (2 s, in crates/bootstrap).
const TOO_LONG: Duration = Duration::from_millis(2_600);

type Body = BoxBody<Bytes, Broken>;

/// The connection ends without a proper answer, on purpose.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection is broken by a fault")]
struct Broken;

impl From<Infallible> for Broken {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A proxy that listens on the loopback interface until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    matrix: Arc<Mutex<Matrix>>,
    task: JoinHandle<()>,
}

struct Shared {
    here: SocketAddr,
    upstream: String,
    http: reqwest::Client,
    matrix: Arc<Mutex<Matrix>>,
    /// What the functions are called at AWS.
    names: HashMap<Function, String>,
}

/// A request as it is passed on.
#[derive(Clone)]
struct Passing {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Proxy {
    /// Listens in front of `upstream`, such as `http://127.0.0.1:4566`, for functions of these names.
    pub async fn before(upstream: &str, matrix: Matrix, names: HashMap<Function, String>) -> Result<Self, Error> {
        let failed = |error: std::io::Error| Error::failed("the fault proxy cannot listen", error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let here = listener.local_addr().map_err(failed)?;
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .build()
            .map_err(|error| Error::failed("the fault proxy cannot pass anything on", error))?;
        let matrix = Arc::new(Mutex::new(matrix));
        let upstream = upstream.trim_end_matches('/').to_owned();
        let shared = Arc::new(Shared { here, upstream, http, matrix: Arc::clone(&matrix), names });
        let task = tokio::spawn(async move {
            while let Ok((client, peer)) = listener.accept().await {
                tokio::spawn(serve(client, peer, Arc::clone(&shared)));
            }
        });
        Ok(Self { url: format!("http://{here}"), matrix, task })
    }

    /// The address that `function` is to take for AWS.
    pub fn url_for(&self, function: Function) -> String {
        format!("{}/{}", self.url, function.as_str())
    }

    /// The counts.
    pub fn matrix(&self) -> MutexGuard<'_, Matrix> {
        self.matrix.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(client: TcpStream, peer: SocketAddr, shared: Arc<Shared>) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { shared.handle(peer, request).await }
    });
    // A connection that a fault breaks is an error here, and meant.
    http1::Builder::new().serve_connection(TokioIo::new(client), service).await.ok();
}

impl Shared {
    fn matrix(&self) -> MutexGuard<'_, Matrix> {
        self.matrix.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn handle(self: Arc<Self>, peer: SocketAddr, request: Request<Incoming>) -> Result<Response<Body>, Broken> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
        let Some((function, path)) = call::split(head.uri.path()) else { return Ok(nobody()) };
        let passing = Passing { method: head.method, path: path.to_owned(), headers: head.headers, body };
        let call = match Call::read(function, &passing.headers, &passing.body) {
            Ok(call) => call,
            Err(Unknown(name)) => {
                self.matrix().record_unknown(name);
                return self.pass(&passing).await.map(respond);
            }
        };
        let chosen = self.matrix().choose(call.kind, &call.attempts_of);
        let Some(fault) = chosen else {
            let answer = self.pass(&passing).await?;
            return Ok(respond(if call.kind.operation == Operation::DescribeExecution {
                aged(answer)
            } else {
                answer
            }));
        };
        // On its own: a caller that leaves does not take back what it has sent.
        tokio::spawn(self.hit(fault, call, passing, peer)).await.map_err(|_| Broken)?
    }

    async fn hit(
        self: Arc<Self>,
        fault: Fault,
        call: Call,
        passing: Passing,
        peer: SocketAddr,
    ) -> Result<Response<Body>, Broken> {
        let roll = self.matrix().roll();
        if fault.kills() {
            return self.hit_the_caller(fault, &call, &passing, peer).await;
        }
        self.matrix().record(call.kind, fault);
        match fault {
            Fault::Throttle => Ok(respond(answer::throttle(&call, roll))),
            Fault::Conflict => Ok(respond(answer::conflict(&call, roll))),
            Fault::ServerError => Ok(respond(answer::server_error(roll))),
            Fault::Partial => {
                let part = Part::of(&passing.body, roll);
                let to_part = match &part.forwarded {
                    Some(body) => Some(self.pass(&Passing { body: body.clone(), ..passing }).await?),
                    None => None,
                };
                Ok(respond(part.answer(to_part, roll)))
            }
            Fault::CutReply => self.pass(&passing).await.map(cut),
            Fault::LateReply => {
                self.pass(&passing).await?;
                sleep(TOO_LONG).await;
                Err(Broken)
            }
            Fault::LostRequest | Fault::KillBefore | Fault::KillAfter => {
                sleep(TOO_LONG).await;
                Err(Broken)
            }
        }
    }

    async fn hit_the_caller(
        &self,
        fault: Fault,
        call: &Call,
        passing: &Passing,
        peer: SocketAddr,
    ) -> Result<Response<Body>, Broken> {
        let effect = if fault == Fault::KillAfter { Some(self.pass(passing).await?) } else { None };
        let name = self.names.get(&call.kind.function).cloned().unwrap_or_default();
        let here = self.here;
        let killed = tokio::task::spawn_blocking(move || victim::kill(peer, here, &name)).await.unwrap_or(false);
        if killed {
            self.matrix().record(call.kind, fault);
            return Err(Broken);
        }
        // Where its process cannot be reached, the call goes its way, and the combination stays behind.
        match effect {
            Some(answer) => Ok(respond(answer)),
            None => self.pass(passing).await.map(respond),
        }
    }

    async fn pass(&self, passing: &Passing) -> Result<Answer, Broken> {
        let mut headers = passing.headers.clone();
        for name in [HOST, CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING] {
            headers.remove(name);
        }
        let url = format!("{}{}", self.upstream, passing.path);
        let request = self.http.request(passing.method.clone(), url).headers(headers).body(passing.body.clone());
        let answer = request.send().await.map_err(|_| Broken)?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove(TRANSFER_ENCODING);
        headers.remove(CONNECTION);
        let body = answer.bytes().await.map_err(|_| Broken)?;
        Ok(Answer { status, headers, body })
    }
}

/// An execution that hangs has hung for an hour by the time that it is looked at: nobody waits here until it has.
fn aged(answer: Answer) -> Answer {
    let read = serde_json::from_slice::<serde_json::Value>(&answer.body);
    let Ok(mut execution) = read else { return answer };
    let hangs = execution.get("input").and_then(|input| input.as_str()).is_some_and(|input| input.contains(HUNG));
    let started = execution.get("startDate").and_then(serde_json::Value::as_f64);
    let (true, Some(started), Some(fields)) = (hangs, started, execution.as_object_mut()) else { return answer };
    fields.insert("startDate".into(), (started - HUNG_FOR.as_secs_f64()).into());
    let mut headers = answer.headers;
    headers.remove(CONTENT_LENGTH);
    Answer { status: answer.status, headers, body: Bytes::from(execution.to_string()) }
}

fn nobody() -> Response<Body> {
    let mut response = Response::new(BodyExt::boxed(Full::new(Bytes::new()).map_err(Broken::from)));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn respond(answer: Answer) -> Response<Body> {
    let mut response = Response::new(BodyExt::boxed(Full::new(answer.body).map_err(Broken::from)));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    // The body's own length counts.
    response.headers_mut().remove(CONTENT_LENGTH);
    response
}

/// Half of the body that was announced, then nothing.
fn cut(answer: Answer) -> Response<Body> {
    let announced = answer.body.len().max(2);
    let half = answer.body.slice(..answer.body.len() / 2);
    let frames = stream::iter([Ok(Frame::data(half)), Err(Broken)]);
    let mut response = Response::new(BodyExt::boxed(StreamBody::new(frames)));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(announced));
    response
}
