//! A proxy between the functions and AWS that reads each call as AWS bills it.
//!
//! A write's units follow from the item before and after it, which no answer tells: so writes go one after the other, with a look
//! at their items on both sides. That takes time, which is not counted, and changes no count.

mod call;
mod tables;

use std::sync::{Arc, Mutex as Guarded, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chaos::fault::Function;
use chaos::proxy::Answer;
use chaos::proxy::passing::{self, Body, Broken, Passing, Upstream, nobody, respond};
use client::Error;
use client::stack::Stack;
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::{HeaderMap, Request, Response};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use self::call::{Touch, Unit};
use self::tables::Tables;
use crate::cost::units::Item;

/// A call that a function made.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Who called.
    pub function: Function,
    /// What.
    pub operation: String,
    /// During which invocation: its trace.
    pub trace: String,
    /// Whether the SDK had tried it before.
    pub again: bool,
    /// What it is billed as.
    pub units: Vec<Unit>,
    /// How many items a `Query` or `Scan` read, and did not return.
    pub unwanted: u64,
    /// How long the answer took, without looks at items.
    pub waited: Duration,
}

/// The proxy. It listens on the loopback interface until it is dropped.
#[derive(Debug)]
pub struct Meter {
    url: String,
    seen: Arc<Guarded<Vec<Seen>>>,
    task: JoinHandle<()>,
}

struct Shared {
    upstream: Upstream,
    tables: Tables,
    seen: Arc<Guarded<Vec<Seen>>>,
    /// One write at a time, so that its units can be told; without it no units of writes are counted.
    turn: Option<Mutex<()>>,
}

impl Meter {
    /// Listens in front of `upstream`, where the tables of `stack` are.
    pub async fn before(upstream: &str, stack: &Stack) -> Result<Self, Error> {
        Self::listen(upstream, stack, Some(Mutex::default())).await
    }

    /// The same for a crowd: writes go side by side, and their units are not counted.
    pub async fn before_a_crowd(upstream: &str, stack: &Stack) -> Result<Self, Error> {
        Self::listen(upstream, stack, None).await
    }

    async fn listen(upstream: &str, stack: &Stack, turn: Option<Mutex<()>>) -> Result<Self, Error> {
        let (listener, here) = passing::bind().await?;
        let seen = Arc::default();
        let shared = Arc::new(Shared {
            upstream: Upstream::at(upstream)?,
            tables: Tables::read(stack).await?,
            seen: Arc::clone(&seen),
            turn,
        });
        let task = tokio::spawn(passing::serve(listener, move |_, request| Arc::clone(&shared).handle(request)));
        Ok(Self { url: format!("http://{here}"), seen, task })
    }

    /// The address that `function` is to take for AWS.
    pub fn url_for(&self, function: Function) -> String {
        format!("{}/{}", self.url, function.as_str())
    }

    /// How many calls were seen.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// The calls after the first `skipped`.
    pub fn seen_after(&self, skipped: usize) -> Vec<Seen> {
        self.lock().iter().skip(skipped).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    async fn handle(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Broken> {
        let Some((function, passing)) = Passing::read(request).await? else { return Ok(nobody()) };
        // On its own: a caller that leaves does not take back what it has sent.
        tokio::spawn(self.measure(function, passing)).await.map_err(|_| Broken)?.map(respond)
    }

    async fn measure(self: Arc<Self>, function: Function, passing: Passing) -> Result<Answer, Broken> {
        let operation = text(&passing.headers, "x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
        let request: Value = serde_json::from_slice(&passing.body).unwrap_or_default();
        let touches = call::touches(&self.tables, &operation, &request);
        let (answer, units, waited) = match &self.turn {
            Some(turn) if !touches.is_empty() => {
                let _turn = turn.lock().await;
                let before = self.items(&passing, &touches).await?;
                let (answer, waited) = self.pass(&passing).await?;
                let after = self.items(&passing, &touches).await?;
                let outcome = call::outcome(answer.status, &body(&answer));
                let transaction = operation == "TransactWriteItems";
                let units = call::writes(&self.tables, &touches, &before, &after, transaction, outcome);
                (answer, units, waited)
            }
            _ => {
                let (answer, waited) = self.pass(&passing).await?;
                let units = call::reads(&self.tables, &operation, &request, &body(&answer));
                (answer, units, waited)
            }
        };
        let seen = Seen {
            function,
            operation,
            trace: text(&passing.headers, "x-amzn-trace-id"),
            again: is_again(&text(&passing.headers, "amz-sdk-request")),
            units,
            unwanted: call::unwanted(&body(&answer)),
            waited,
        };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        Ok(answer)
    }

    async fn pass(&self, passing: &Passing) -> Result<(Answer, Duration), Broken> {
        let began = Instant::now();
        let answer = self.upstream.pass(passing).await?;
        Ok((answer, began.elapsed()))
    }

    /// The items that a call touches, as they are now.
    async fn items(&self, passing: &Passing, touches: &[Touch]) -> Result<Vec<Option<Item>>, Broken> {
        let mut items = Vec::new();
        for touch in touches {
            let get = json!({"TableName": touch.table, "Key": touch.key, "ConsistentRead": true});
            let mut passing = Passing { body: Bytes::from(get.to_string()), ..passing.clone() };
            passing.headers.insert("x-amz-target", HeaderValue::from_static("DynamoDB_20120810.GetItem"));
            let answer = self.upstream.pass(&passing).await?;
            items.push(body(&answer).get("Item").and_then(Value::as_object).cloned());
        }
        Ok(items)
    }
}

/// Whether `attempt=2; max=3` or the like says that this is not the first try.
fn is_again(request: &str) -> bool {
    request.split(';').filter_map(|part| part.trim().strip_prefix("attempt=")).any(|attempt| attempt != "1")
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
    fn a_first_try_is_no_retry() {
        assert!(!is_again("attempt=1; max=3") && !is_again("attempt=1") && !is_again(""));
        assert!(is_again("attempt=2; max=3") && is_again("ttl=20261125T080000Z; attempt=3"));
    }
}
