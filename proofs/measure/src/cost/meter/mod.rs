//! Proxies the functions' calls to AWS and computes the billed units of each call.
//!
//! The units of a write depend on the item before and after it, which no answer contains. So the
//! meter forwards one write at a time and reads its items before and after. These reads are not
//! counted.

mod call;
mod tables;

use std::sync::{Arc, Mutex as SyncMutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use client::{Error, Stack};
use harness::function::Function;
use harness::proxy::{Answer, Body, Broken, ForwardedRequest, Server, Upstream, unknown_function};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::{HeaderMap, Request, Response};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use self::call::{POST_TO_CONNECTION, Touch, Unit};
use self::tables::Tables;
use crate::cost::units::Item;

#[derive(Debug, Clone, PartialEq)]
pub struct MeteredCall {
    pub function: Function,
    pub operation: String,
    pub trace: String,
    pub is_retry: bool,
    pub units: Vec<Unit>,
    /// Items that a query read and its filter dropped.
    pub filtered_out: u64,
    /// Time from the forwarded request to the emulator's answer.
    pub waited: Duration,
}

pub struct Meter {
    shared: Arc<Shared>,
    pub server: Server,
}

struct Shared {
    upstream: Upstream,
    tables: Tables,
    calls: SyncMutex<Vec<MeteredCall>>,
    turn: Option<Mutex<()>>,
}

impl Meter {
    pub async fn start(upstream: &str, stack: &Stack) -> Result<Self, Error> {
        Self::listen(upstream, stack, Some(Mutex::default())).await
    }

    /// Starts a meter that forwards writes concurrently, and so does not know their units.
    pub async fn start_concurrent(upstream: &str, stack: &Stack) -> Result<Self, Error> {
        Self::listen(upstream, stack, None).await
    }

    async fn listen(upstream: &str, stack: &Stack, turn: Option<Mutex<()>>) -> Result<Self, Error> {
        let (upstream, tables) = (Upstream::new(upstream)?, Tables::read(stack).await?);
        let shared = Arc::new(Shared { upstream, tables, calls: SyncMutex::default(), turn });
        let handler = Arc::clone(&shared);
        let server = Server::start(None, |_| move |_, request| Arc::clone(&handler).handle(request)).await?;
        Ok(Self { shared, server })
    }

    pub fn count(&self) -> usize {
        self.shared.calls().len()
    }

    pub fn calls_after(&self, skipped: usize) -> Vec<MeteredCall> {
        self.shared.calls().iter().skip(skipped).cloned().collect()
    }
}

impl Shared {
    fn calls(&self) -> MutexGuard<'_, Vec<MeteredCall>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn handle(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Broken> {
        let Some((function, request)) = ForwardedRequest::read(request).await? else { return Ok(unknown_function()) };
        // A separate task, so that the call is counted even if the caller disconnects.
        tokio::spawn(self.measure(function, request)).await.map_err(|_| Broken)?.map(Response::from)
    }

    async fn measure(self: Arc<Self>, function: Function, request: ForwardedRequest) -> Result<Answer, Broken> {
        let operation = operation(&request);
        let sent: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let touches = call::touches(&self.tables, &operation, &sent);
        let (answer, units, waited) = match &self.turn {
            Some(turn) if !touches.is_empty() => {
                let _turn = turn.lock().await;
                let before = self.items(&request, &touches).await?;
                let (answer, waited) = self.forward(&request).await?;
                let after = self.items(&request, &touches).await?;
                let result = call::write_result(answer.status, &body(&answer));
                let transaction = operation == "TransactWriteItems";
                let units = call::writes(&self.tables, &touches, &before, &after, transaction, result);
                (answer, units, waited)
            }
            _ => {
                let (answer, waited) = self.forward(&request).await?;
                let bare = if operation == "Query" { call::unfiltered(&sent) } else { None };
                let read = match bare {
                    Some(query) => self.answer(&request, &query).await?,
                    None => body(&answer),
                };
                let mut units = call::reads(&self.tables, &operation, &sent, &read);
                units.extend(call::posted(&operation, &request.body, answer.status));
                (answer, units, waited)
            }
        };
        let call = MeteredCall {
            function,
            operation,
            trace: text(&request.headers, "x-amzn-trace-id"),
            is_retry: is_retry(&text(&request.headers, "amz-sdk-request")),
            units,
            filtered_out: call::filtered_out(&body(&answer)),
            waited,
        };
        self.calls().push(call);
        Ok(answer)
    }

    async fn forward(&self, request: &ForwardedRequest) -> Result<(Answer, Duration), Broken> {
        let began = Instant::now();
        let answer = self.upstream.forward(request).await?;
        Ok((answer, began.elapsed()))
    }

    /// Returns the answer to the same call with another body.
    async fn answer(&self, request: &ForwardedRequest, sent: &Value) -> Result<Value, Broken> {
        let read = ForwardedRequest { body: Bytes::from(sent.to_string()), ..request.clone() };
        Ok(body(&self.upstream.forward(&read).await?))
    }

    async fn items(&self, request: &ForwardedRequest, touches: &[Touch]) -> Result<Vec<Option<Item>>, Broken> {
        let mut items = Vec::new();
        for touch in touches {
            let get = json!({"TableName": touch.table, "Key": touch.key, "ConsistentRead": true});
            let mut read = ForwardedRequest { body: Bytes::from(get.to_string()), ..request.clone() };
            read.headers.insert("x-amz-target", HeaderValue::from_static("DynamoDB_20120810.GetItem"));
            let answer = self.upstream.forward(&read).await?;
            items.push(body(&answer).get("Item").and_then(Value::as_object).cloned());
        }
        Ok(items)
    }
}

/// Returns the operation of a call. A call of the WebSocket API has no header that names its
/// operation, so its path is used.
fn operation(request: &ForwardedRequest) -> String {
    if request.path.contains("/@connections/") {
        return POST_TO_CONNECTION.to_owned();
    }
    request.operation().to_owned()
}

/// Returns true if a header such as `attempt=2; max=3` names another attempt than the first.
fn is_retry(header: &str) -> bool {
    header.split(';').filter_map(|part| part.trim().strip_prefix("attempt=")).any(|attempt| attempt != "1")
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_attempt_after_the_first_is_a_retry() {
        assert!(!is_retry("attempt=1; max=3") && !is_retry("attempt=1") && !is_retry(""));
        assert!(is_retry("attempt=2; max=3") && is_retry("ttl=20261125T080000Z; attempt=3"));
    }
}
