//! DynamoDB, EventBridge and Step Functions on loopback, with the answers that each function needs
//! to do its work.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use client::Error;
use domain::qr_code::QrKey;
use domain::shop::ShopSettings;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub const EVENT_ID: &str = "RUSTCONF";
pub const ORDER_ID: &str = "mzxw6ytboi4tqmzrgi3dknbvgq";
pub const CUSTOMER: &str = "anna";

const KEY: [u8; 32] = [7; 32];

pub const fn qr_key() -> QrKey {
    QrKey::new(KEY)
}

/// The names of the calls, in order. Programs run one after the other and share the list.
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

pub type Endpoints = BTreeMap<&'static str, String>;

const SERVICES: [&str; 4] =
    ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_EVENTBRIDGE", "AWS_ENDPOINT_URL_SFN"];

/// Serves each service on loopback until the process ends, over TLS if a configuration is given.
pub async fn serve(tls: Option<&Arc<ServerConfig>>, calls: &Calls) -> Result<Endpoints, Error> {
    let scheme = if tls.is_some() { "https" } else { "http" };
    let mut endpoints = Endpoints::new();
    for service in SERVICES {
        let address = listen(tls.cloned(), calls.clone()).await?;
        endpoints.insert(service, format!("{scheme}://{address}"));
    }
    Ok(endpoints)
}

async fn listen(tls: Option<Arc<ServerConfig>>, calls: Calls) -> Result<SocketAddr, Error> {
    let failed = |error| Error::failed("the AWS services cannot listen on 127.0.0.1", error);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let acceptor = tls.map(TlsAcceptor::from);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).ok();
            let (acceptor, calls) = (acceptor.clone(), calls.clone());
            tokio::spawn(async move {
                match acceptor {
                    None => serve_connection(stream, calls).await,
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            serve_connection(stream, calls).await;
                        }
                    }
                }
            });
        }
    });
    Ok(address)
}

/// Answers the requests of one connection. A process that ends closes it, which is no error.
async fn serve_connection(stream: impl AsyncRead + AsyncWrite + Unpin, calls: Calls) {
    let connection = hyper::server::conn::http1::Builder::new();
    connection.serve_connection(TokioIo::new(stream), service_fn(|request| handle(request, &calls))).await.ok();
}

async fn handle(request: Request<Incoming>, calls: &Calls) -> Result<Response<Full<Bytes>>, Infallible> {
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    calls.add(&operation);
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (status, answer) = answer(&operation, &body).map_or_else(
        || (StatusCode::BAD_REQUEST, json!({"__type": "UnknownOperationException"})),
        |answer| (StatusCode::OK, answer),
    );
    let mut response = Response::new(Full::new(Bytes::from(answer.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/x-amz-json-1.0"));
    Ok(response)
}

fn answer(operation: &str, request: &Value) -> Option<Value> {
    let table = request.get("TableName").and_then(Value::as_str).unwrap_or_default();
    Some(match operation {
        // Priming a connection reads a shop that does not exist.
        "GetItem" | "BatchGetItem" if !request.to_string().contains(EVENT_ID) && table != "orders" => json!({}),
        "GetItem" if table == "orders" => json!({"Item": order()}),
        "GetItem" if table == "shop" => json!({"Item": config()}),
        "BatchGetItem" => json!({"Responses": {"shop": [config(), counter(), secret()]}, "UnprocessedKeys": {}}),
        "UpdateItem" if table == "buckets" => json!({"Attributes": {"takers": {"SS": [CUSTOMER]}}}),
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
    let mut settings = serde_json::to_value(ShopSettings { open: true, ..ShopSettings::default() });
    if let Ok(Value::Object(settings)) = &mut settings {
        settings.insert("eventId".into(), json!(EVENT_ID));
        settings.insert("item".into(), json!("CONFIG"));
    }
    item(&settings.unwrap_or_default())
}

fn counter() -> Value {
    item(&json!({"eventId": EVENT_ID, "item": "FLOOR", "inFlight": 3}))
}

fn secret() -> Value {
    let key = data_encoding::BASE64.encode(&KEY);
    json!({"eventId": {"S": EVENT_ID}, "item": {"S": "SECRET"}, "qrKey": {"B": key}})
}

fn order() -> Value {
    item(&json!({
        "orderId": ORDER_ID, "eventId": EVENT_ID, "userId": CUSTOMER, "status": "CREATED", "statusRank": 1, "claimVersion": 0,
        "createdAt": "2026-11-23T09:30:41.000Z", "updatedAt": "2026-11-23T09:30:42.000Z", "expiresAt": "2026-11-23T09:35:42.000Z",
        "executionArn": "arn:aws:states:us-east-1:123456789012:execution:OrderProcessor:4b8c6f0e", "taskToken": "t".repeat(700),
        "tokenStep": "customer", "tokenRank": 1, "eventStatus": "RUSTCONF#CREATED", "eventUser": "RUSTCONF#anna", "openShard": "0",
    }))
}

fn item(value: &Value) -> Value {
    attribute(value).get("M").cloned().unwrap_or_default()
}

fn attribute(value: &Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(value) => json!({"BOOL": value}),
        Value::Number(value) => json!({"N": value.to_string()}),
        Value::String(value) => json!({"S": value}),
        Value::Array(values) => json!({"L": values.iter().map(attribute).collect::<Vec<Value>>()}),
        Value::Object(values) => {
            json!({"M": values.iter().map(|(name, value)| (name.clone(), attribute(value))).collect::<Map<String, Value>>()})
        }
    }
}
