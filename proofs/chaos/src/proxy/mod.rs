//! Proxies the functions' calls to AWS, and injects the faults that the [`Matrix`] chooses.

mod answers;
mod call;
mod victim;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use client::Error;
use futures::stream;
use harness::function::Function;
use harness::proxy::{Answer, Body, Broken, ForwardedRequest, Server, Upstream, unknown_function};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Request, Response};
use serde_json::Value;
use tokio::time::sleep;

use self::answers::PartialPublish;
use self::call::{Call, UnknownCall};
use crate::fault::{Fault, Operation};
use crate::matrix::Matrix;
use crate::workflow::{HUNG_FOR, HUNG_USER};

/// Longer than the time-out of one attempt of the functions' SDK (2 s).
const TOO_LONG: Duration = Duration::from_millis(2_600);

#[derive(Debug)]
pub struct Proxy {
    matrix: Arc<Mutex<Matrix>>,
    pub server: Server,
}

struct Shared {
    address: SocketAddr,
    upstream: Upstream,
    matrix: Arc<Mutex<Matrix>>,
    deployed_names: BTreeMap<Function, String>,
}

impl Proxy {
    pub async fn start(
        upstream: &str,
        matrix: Matrix,
        deployed_names: BTreeMap<Function, String>,
    ) -> Result<Self, Error> {
        let matrix = Arc::new(Mutex::new(matrix));
        let (upstream, shared_matrix) = (Upstream::new(upstream)?, Arc::clone(&matrix));
        let server = Server::start(None, |address| {
            let shared = Arc::new(Shared { address, upstream, matrix: shared_matrix, deployed_names });
            move |peer, request| Arc::clone(&shared).handle(peer, request)
        });
        Ok(Self { matrix, server: server.await? })
    }

    pub fn matrix(&self) -> MutexGuard<'_, Matrix> {
        self.matrix.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn matrix(&self) -> MutexGuard<'_, Matrix> {
        self.matrix.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn handle(self: Arc<Self>, peer: SocketAddr, request: Request<Incoming>) -> Result<Response<Body>, Broken> {
        let Some((function, request)) = ForwardedRequest::read(request).await? else { return Ok(unknown_function()) };
        let call = match Call::read(function, &request.headers, &request.body) {
            Ok(call) => call,
            Err(UnknownCall(name)) => {
                self.matrix().record_unknown(name);
                return self.upstream.forward(&request).await.map(Response::from);
            }
        };
        let chosen = self.matrix().choose(call.kind, &call.attempts_of);
        let Some(fault) = chosen else {
            let answer = self.upstream.forward(&request).await?;
            let describes = call.kind.operation == Operation::DescribeExecution;
            return Ok(if describes { with_earlier_start(answer) } else { answer }.into());
        };
        // A separate task, so that a fault takes effect even if the caller disconnects.
        tokio::spawn(self.inject(fault, call, request, peer)).await.map_err(|_| Broken)?
    }

    async fn inject(
        self: Arc<Self>,
        fault: Fault,
        call: Call,
        request: ForwardedRequest,
        peer: SocketAddr,
    ) -> Result<Response<Body>, Broken> {
        let roll = self.matrix().roll();
        if fault.kills() {
            return self.kill_caller(fault, &call, &request, peer).await;
        }
        self.matrix().record(call.kind, fault);
        match fault {
            Fault::Throttle => Ok(answers::throttle(&call, roll).into()),
            Fault::Conflict => Ok(answers::conflict(&call, roll).into()),
            Fault::ServerError => Ok(answers::server_error(roll).into()),
            Fault::Partial => {
                let publish = PartialPublish::new(&request.body, roll);
                let accepted = match &publish.forwarded {
                    Some(body) => {
                        Some(self.upstream.forward(&ForwardedRequest { body: body.clone(), ..request }).await?)
                    }
                    None => None,
                };
                Ok(publish.answer(accepted, roll).into())
            }
            Fault::CutReply => self.upstream.forward(&request).await.map(cut),
            Fault::LateReply => {
                self.upstream.forward(&request).await?;
                sleep(TOO_LONG).await;
                Err(Broken)
            }
            Fault::LostRequest | Fault::KillBefore | Fault::KillAfter => {
                sleep(TOO_LONG).await;
                Err(Broken)
            }
        }
    }

    async fn kill_caller(
        &self,
        fault: Fault,
        call: &Call,
        request: &ForwardedRequest,
        peer: SocketAddr,
    ) -> Result<Response<Body>, Broken> {
        let answer = if fault == Fault::KillAfter { Some(self.upstream.forward(request).await?) } else { None };
        let name = self.deployed_names.get(&call.kind.function).cloned().unwrap_or_default();
        let address = self.address;
        let killed = tokio::task::spawn_blocking(move || victim::kill(peer, address, &name)).await.unwrap_or(false);
        if killed {
            self.matrix().record(call.kind, fault);
            return Err(Broken);
        }
        // No process was killed: the caller gets the answer, and the fault is not counted.
        match answer {
            Some(answer) => Ok(answer.into()),
            None => self.upstream.forward(request).await.map(Response::from),
        }
    }
}

/// Shifts the start of a hanging execution back by [`HUNG_FOR`] in an answer of
/// `DescribeExecution`, so that the sweeper stops the execution at once.
fn with_earlier_start(answer: Answer) -> Answer {
    let Ok(mut execution) = serde_json::from_slice::<Value>(&answer.body) else { return answer };
    let hangs = execution.get("input").and_then(Value::as_str).is_some_and(|input| input.contains(HUNG_USER));
    let started = execution.get("startDate").and_then(Value::as_f64);
    let (true, Some(started), Some(fields)) = (hangs, started, execution.as_object_mut()) else { return answer };
    fields.insert("startDate".into(), (started - HUNG_FOR.as_secs_f64()).into());
    answers::with_body(answer, &execution)
}

fn cut(answer: Answer) -> Response<Body> {
    let announced = answer.body.len().max(2);
    let half: Bytes = answer.body.slice(..answer.body.len() / 2);
    let frames = stream::iter([Ok(Frame::data(half)), Err(Broken)]);
    let mut response = Response::new(BodyExt::boxed(StreamBody::new(frames)));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(announced));
    response
}
