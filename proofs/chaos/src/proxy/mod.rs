//! What stands between the functions and AWS: passes each call on, and injects a fault where the [`Matrix`] says so.

mod answer;
mod call;
pub mod passing;
mod victim;

pub use answer::Answer;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use client::Error;
use futures::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Request, Response};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use self::answer::Part;
use self::call::{Call, Unknown};
use self::passing::{Body, Broken, Passing, Upstream, nobody, respond};
use crate::fault::{Fault, Function, Operation};
use crate::matrix::Matrix;
use crate::workflow::{HUNG, HUNG_FOR};

/// Longer than a function waits for an answer (2 s, in crates/bootstrap).
const TOO_LONG: Duration = Duration::from_millis(2_600);

/// A proxy that listens on the loopback interface until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    matrix: Arc<Mutex<Matrix>>,
    task: JoinHandle<()>,
}

struct Shared {
    here: SocketAddr,
    upstream: Upstream,
    matrix: Arc<Mutex<Matrix>>,
    /// What the functions are called at AWS.
    names: HashMap<Function, String>,
}

impl Proxy {
    /// Listens in front of `upstream`, such as `http://127.0.0.1:4566`, for functions of these names.
    pub async fn before(upstream: &str, matrix: Matrix, names: HashMap<Function, String>) -> Result<Self, Error> {
        let (listener, here) = passing::bind().await?;
        let matrix = Arc::new(Mutex::new(matrix));
        let shared = Arc::new(Shared { here, upstream: Upstream::at(upstream)?, matrix: Arc::clone(&matrix), names });
        let task =
            tokio::spawn(passing::serve(listener, move |peer, request| Arc::clone(&shared).handle(peer, request)));
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

impl Shared {
    fn matrix(&self) -> MutexGuard<'_, Matrix> {
        self.matrix.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn handle(self: Arc<Self>, peer: SocketAddr, request: Request<Incoming>) -> Result<Response<Body>, Broken> {
        let Some((function, passing)) = Passing::read(request).await? else { return Ok(nobody()) };
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
        self.upstream.pass(passing).await
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
