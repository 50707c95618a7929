//! Plays DynamoDB, EventBridge, Step Functions and the keys of a user pool on loopback, with the
//! answers for each function.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use client::Error;
use domain::qr_code::QrKey;
use domain::shop::{Catalog, ShopState};
use harness::proxy::{Answer, Body, Broken, ForwardedRequest, Server};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use rustls::ServerConfig;
use serde::Serialize;
use serde_json::{Value, json};
use tokio_rustls::TlsAcceptor;

pub const EVENT_ID: &str = "RUSTCONF";
pub const ORDER_ID: &str = "mzxw6ytboi4tqmzrgi3dknbvgq";
pub const CUSTOMER: &str = "anna";

const KEY: [u8; 32] = [7; 32];

pub const fn qr_key() -> QrKey {
    QrKey::new(KEY)
}

/// Names of the AWS calls, in the order of their arrival; empty for a fetch of the key set. The
/// programs run one at a time and share the list.
#[derive(Debug, Clone, Default)]
pub struct Calls(Arc<Mutex<Vec<String>>>);

impl Calls {
    fn add(&self, operation: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(operation.to_owned());
    }

    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

const SERVICES: [&str; 4] =
    ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_EVENTBRIDGE", "AWS_ENDPOINT_URL_SFN"];

#[derive(Debug)]
pub struct Services {
    pub endpoints: BTreeMap<&'static str, String>,
    _servers: Vec<Server>,
}

impl Services {
    pub async fn start(tls: Option<&Arc<ServerConfig>>, calls: &Calls, jwks: &Value) -> Result<Self, Error> {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (mut endpoints, mut servers) = (BTreeMap::new(), Vec::new());
        for service in SERVICES {
            let (acceptor, calls, jwks) = (tls.cloned().map(TlsAcceptor::from), calls.clone(), jwks.clone());
            let handle = |_| move |_, request| handle(request, calls.clone(), jwks.clone());
            let server = Server::start(acceptor, handle).await?;
            endpoints.insert(service, format!("{scheme}://{}", server.address));
            servers.push(server);
        }
        Ok(Self { endpoints, _servers: servers })
    }
}

async fn handle(request: Request<Incoming>, calls: Calls, jwks: Value) -> Result<Response<Body>, Broken> {
    let request = ForwardedRequest::from_request(request).await?;
    // A request without an operation fetches the key set.
    let operation = request.operation();
    calls.add(operation);
    let body = serde_json::from_slice(&request.body).unwrap_or_default();
    let answer = if operation.is_empty() { Some(jwks) } else { answer(operation, &body) };
    let answer = answer.map_or_else(
        || Answer::json(StatusCode::BAD_REQUEST, &json!({"__type": "UnknownOperationException"})),
        |answer| Answer::json(StatusCode::OK, &answer),
    );
    Ok(answer.into())
}

fn answer(operation: &str, request: &Value) -> Option<Value> {
    let table = request.get("TableName").and_then(Value::as_str).unwrap_or_default();
    Some(match operation {
        // A function opens its connection by reading a shop that does not exist.
        "GetItem" | "BatchGetItem" if !request.to_string().contains(EVENT_ID) && table != "orders" => json!({}),
        "GetItem" if table == "orders" => json!({"Item": order()}),
        "GetItem" if request.to_string().contains("DISPLAY#") => json!({"Item": display()}),
        "GetItem" if table == "shop" && request.to_string().contains("STATE") => json!({"Item": state()}),
        "GetItem" if request.to_string().contains("SECRET") => json!({"Item": secret()}),
        "GetItem" if table == "shop" => json!({"Item": config()}),
        "BatchGetItem" => {
            json!({"Responses": {"shop": [state(), config(), floor(), secret()]}, "UnprocessedKeys": {}})
        }
        "UpdateItem" if table == "buckets" => json!({"Attributes": {"taken": {"N": "1"}}}),
        "UpdateItem" | "TransactWriteItems" | "PutItem" | "SendTaskSuccess" => json!({}),
        "Query" => json!({"Items": [], "Count": 0, "ScannedCount": 0}),
        "ListExecutions" => json!({"executions": []}),
        "PutEvents" => {
            let count = request.get("Entries").and_then(Value::as_array).map_or(0, Vec::len);
            json!({"FailedEntryCount": 0, "Entries": vec![json!({"EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860"}); count]})
        }
        _ => return None,
    })
}

fn config() -> Value {
    shop_item("CONFIG", Catalog::default())
}

fn state() -> Value {
    shop_item("STATE", ShopState { open: true, ..ShopState::default() })
}

fn shop_item(name: &str, value: impl Serialize) -> Value {
    let mut value = serde_json::to_value(value).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        members.insert("eventId".into(), json!(EVENT_ID));
        members.insert("item".into(), json!(name));
    }
    item(value)
}

fn floor() -> Value {
    item(json!({"eventId": EVENT_ID, "item": "FLOOR", "inFlight": 3}))
}

fn secret() -> Value {
    let key = data_encoding::BASE64.encode(&KEY);
    json!({"eventId": {"S": EVENT_ID}, "item": {"S": "SECRET"}, "qrKey": {"B": key}})
}

fn display() -> Value {
    item(json!({
        "displayId": "mzxw6ytboi4tqmzr", "name": "Entrance", "createdAt": "2026-11-23T09:30:41.000Z",
        "expiresAt": "9999-12-23T09:30:41.000Z",
    }))
}

fn order() -> Value {
    item(json!({
        "orderId": ORDER_ID, "eventId": EVENT_ID, "userId": CUSTOMER, "status": "CREATED", "statusRank": 1, "claimVersion": 0,
        "createdAt": "2026-11-23T09:30:41.000Z", "updatedAt": "2026-11-23T09:30:42.000Z", "expiresAt": "2026-11-23T09:35:42.000Z",
        "executionArn": "arn:aws:states:us-east-1:123456789012:execution:OrderProcessor:4b8c6f0e", "taskToken": "t".repeat(700),
        "tokenStep": "customer", "tokenRank": 1, "eventStatus": "RUSTCONF#CREATED", "eventUser": "RUSTCONF#anna", "openShard": "0",
    }))
}

fn item(value: impl Serialize) -> Value {
    let item: Result<serde_dynamo::Item, _> = serde_dynamo::to_item(value);
    item.ok().and_then(|item| serde_json::to_value(item).ok()).unwrap_or_default()
}
