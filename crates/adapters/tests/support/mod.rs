//! SDK clients that return prepared answers and record the requests.
#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use adapters::contention::Budget;
use adapters::error::AdapterError;
use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_mocks::{Rule, RuleBuilder, RuleMode, mock_client};
use serde_json::{Value, json};

/// Time for retries. Tests that use it up run with a paused clock.
pub(crate) const BUDGET: Budget = Budget::seconds(5);

/// Error codes of contended and throttled calls.
pub(crate) const BUSY: [&str; 6] = [
    "LimitExceededException",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// HTTP status and body of an answer.
pub(crate) type Answer = (u16, Value);

pub(crate) fn done(body: Value) -> Answer {
    (200, body)
}

pub(crate) fn error(code: &str) -> Answer {
    (400, json!({"__type": format!("com.amazonaws#{code}"), "message": "no"}))
}

/// Returns the answer of a write whose condition failed, with the existing item if one is given.
pub(crate) fn refused(item: Option<&Value>) -> Answer {
    let (status, mut body) = error("ConditionalCheckFailedException");
    if let Some(item) = item {
        body["Item"] = item.clone();
    }
    (status, body)
}

/// Returns the answer of a cancelled transaction, with a reason for each of its writes.
pub(crate) fn cancelled(codes: &[&str]) -> Answer {
    let (status, mut body) = error("TransactionCanceledException");
    body["CancellationReasons"] = codes.iter().map(|code| json!({"Code": code})).collect();
    (status, body)
}

/// Returns a rule that gives `answer` to one such call.
pub(crate) fn once<I, O, E>(call: RuleBuilder<I, O, E>, answer: Answer) -> Rule
where
    I: Debug + Send + Sync + 'static,
    O: Debug + Send + Sync + 'static,
    E: Error + Send + Sync + 'static,
{
    let (status, body) = answer;
    call.sequence().http_status(status, Some(body.to_string())).build()
}

/// Returns a rule that gives `answer` to every such call.
pub(crate) fn always<I, O, E>(call: RuleBuilder<I, O, E>, answer: Answer) -> Rule
where
    I: Debug + Send + Sync + 'static,
    O: Debug + Send + Sync + 'static,
    E: Error + Send + Sync + 'static,
{
    let (status, body) = answer;
    call.sequence().http_status(status, Some(body.to_string())).repeatedly().build()
}

/// Bodies of the requests, in the order in which they were sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent(Arc<Mutex<Vec<Value>>>);

impl Sent {
    pub(crate) fn all(&self) -> Vec<Value> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn only(&self) -> Value {
        let all = self.all();
        assert_eq!(all.len(), 1, "{all:#?}");
        all[0].clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.all().len()
    }
}

impl Intercept for Sent {
    fn name(&self) -> &'static str {
        "Sent"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body: Value = serde_json::from_slice(context.request().body().bytes().unwrap_or_default())?;
        assert_placeholders(&body);
        self.0.lock().unwrap().push(body);
        Ok(())
    }
}

/// Asserts that a request defines exactly the placeholders that its update and its conditions use,
/// as DynamoDB requires.
fn assert_placeholders(request: &Value) {
    let in_transaction = request["TransactItems"].as_array().into_iter().flatten();
    let statements = in_transaction.filter_map(Value::as_object).flat_map(serde_json::Map::values);
    for statement in statements.chain([request]) {
        let expressions = [
            "UpdateExpression",
            "ConditionExpression",
            "KeyConditionExpression",
            "FilterExpression",
            "ProjectionExpression",
        ];
        let words = expressions
            .iter()
            .filter_map(|name| statement[name].as_str())
            .flat_map(|expression| expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '#' || c == ':')));
        let used: BTreeSet<&str> = words.filter(|word| word.starts_with(['#', ':'])).collect();
        let definitions = ["ExpressionAttributeNames", "ExpressionAttributeValues"];
        let objects = definitions.iter().filter_map(|name| statement[name].as_object());
        let defined: BTreeSet<&str> = objects.flat_map(serde_json::Map::keys).map(String::as_str).collect();
        assert_eq!(used, defined, "placeholders used and defined in {statement:#}");
    }
}

// The SDK's own retries are disabled: the tests count the adapter's calls.

pub(crate) fn dynamodb(rules: &[Rule]) -> (aws_sdk_dynamodb::Client, Sent) {
    let sent = Sent::default();
    let client = mock_client!(aws_sdk_dynamodb, RuleMode::Sequential, rules, |config| config
        .interceptor(sent.clone())
        .retry_config(RetryConfig::disabled()));
    (client, sent)
}

pub(crate) fn eventbridge(rules: &[Rule]) -> (aws_sdk_eventbridge::Client, Sent) {
    let sent = Sent::default();
    let client = mock_client!(aws_sdk_eventbridge, RuleMode::Sequential, rules, |config| config
        .interceptor(sent.clone())
        .retry_config(RetryConfig::disabled()));
    (client, sent)
}

pub(crate) fn step_functions(rules: &[Rule]) -> (aws_sdk_sfn::Client, Sent) {
    let sent = Sent::default();
    let client = mock_client!(aws_sdk_sfn, RuleMode::Sequential, rules, |config| config
        .interceptor(sent.clone())
        .retry_config(RetryConfig::disabled()));
    (client, sent)
}

/// Asserts that contention and throttling are retryable errors, and that other errors are not.
pub(crate) async fn distinguishes_retryable_from_failed<T: Debug>(
    call: impl AsyncFn(Answer) -> Result<T, AdapterError>,
) {
    for code in BUSY {
        let answer = call(error(code)).await;
        let as_expected = match code {
            "TransactionConflictException" | "TransactionInProgressException" => {
                matches!(answer, Err(AdapterError::Contended { .. }))
            }
            _ => matches!(answer, Err(AdapterError::Throttled { .. })),
        };
        assert!(as_expected, "{code}: {answer:?}");
    }
    let answer = call(error("InternalServerError")).await;
    assert!(matches!(answer, Err(AdapterError::Failed { .. })), "{answer:?}");
}

pub(crate) fn s(text: &str) -> Value {
    json!({"S": text})
}

pub(crate) fn n(number: i64) -> Value {
    json!({"N": number.to_string()})
}

/// Returns the item of a waiting order without a claim.
pub(crate) fn waiting_order() -> Value {
    json!({
        "orderId": s("order"), "eventId": s("shop"), "userId": s("anna"), "status": s("WAITING"), "statusRank": n(2),
        "eventStatus": s("shop#WAITING"), "eventUser": s("shop#anna"), "openShard": s("1"),
        "orderNumber": n(7), "drinkOrder": drink_item(), "claimVersion": n(2),
        "createdAt": s("1970-01-01T00:00:01.000Z"), "updatedAt": s("1970-01-01T00:00:02.000Z"),
        "expiresAt": s("1970-01-01T00:15:02.000Z"), "executionArn": s("execution"),
        "taskToken": s("token"), "tokenStep": s("barista"), "tokenRank": n(2_000_000),
    })
}

pub(crate) fn drink_item() -> Value {
    json!({"M": {"drink": s("Latte"), "modifiers": {"L": [s("Oat")]}, "icon": s("latte")}})
}
