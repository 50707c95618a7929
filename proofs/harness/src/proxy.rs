//! An HTTP proxy between the functions and the emulator. A handler reads the whole request before
//! it forwards it. The first path segment of a request names the function that sent it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use client::Error;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue, TRANSFER_ENCODING};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::function::Function;

pub type Body = BoxBody<Bytes, Broken>;

#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection is broken")]
pub struct Broken;

impl From<Infallible> for Broken {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

#[derive(Debug, Clone)]
pub struct ForwardedRequest {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl ForwardedRequest {
    pub async fn from_request(request: Request<Incoming>) -> Result<Self, Broken> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { method: head.method, path, headers: head.headers, body })
    }

    /// Reads a request and the function that sent it; `None` if the path names no function.
    pub async fn read(request: Request<Incoming>) -> Result<Option<(Function, Self)>, Broken> {
        let request = Self::from_request(request).await?;
        let found = split(&request.path).map(|(function, path)| (function, path.to_owned()));
        Ok(found.map(|(function, path)| (function, Self { path, ..request })))
    }

    pub fn operation(&self) -> &str {
        let target = self.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        target.rsplit('.').next().unwrap_or_default()
    }
}

/// Splits a path into the function that its first segment names and the path to forward.
fn split(path: &str) -> Option<(Function, &str)> {
    let path = path.strip_prefix('/')?;
    let (name, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
    Some((Function::parse(name)?, if rest.is_empty() { "/" } else { rest }))
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    pub fn json(status: StatusCode, body: &Value) -> Self {
        let content_type = (CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
        Self { status, headers: [content_type].into_iter().collect(), body: Bytes::from(body.to_string()) }
    }
}

impl From<Answer> for Response<Body> {
    fn from(answer: Answer) -> Self {
        let mut response = Response::new(BodyExt::boxed(Full::new(answer.body).map_err(Broken::from)));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        // Hyper sets the length of the body that is sent.
        response.headers_mut().remove(CONTENT_LENGTH);
        response
    }
}

pub fn unknown_function() -> Response<Body> {
    Answer::empty(StatusCode::NOT_FOUND).into()
}

const SESSION_TOKEN: &str = "x-amz-security-token";

/// Returns the header `signed` with the access key of the emulator's administrator, for which the
/// emulator verifies no signature; `None` if the header has no AWS signature. The signature of the
/// function is not valid here: the proxy changes the path, and sometimes the body.
fn unsigned(signed: &HeaderValue) -> Option<HeaderValue> {
    let (algorithm, rest) = signed.to_str().ok()?.split_once("Credential=")?;
    let (_key, scope) = rest.split_once('/')?;
    HeaderValue::from_str(&format!("{algorithm}Credential=test/{scope}")).ok()
}

#[derive(Debug, Clone)]
pub struct Upstream {
    url: String,
    http: reqwest::Client,
}

impl Upstream {
    /// Creates a client of the endpoint at `url`, such as `http://127.0.0.1:4566`.
    pub fn new(url: &str) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .build()
            .map_err(|error| Error::failed("the HTTP client of the proxy cannot be created", error))?;
        Ok(Self { url: url.trim_end_matches('/').to_owned(), http })
    }

    pub async fn forward(&self, request: &ForwardedRequest) -> Result<Answer, Broken> {
        let mut headers = request.headers.clone();
        for name in [HOST, CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING] {
            headers.remove(name);
        }
        if let Some(signed) = headers.remove(AUTHORIZATION) {
            headers.extend(unsigned(&signed).map(|value| (AUTHORIZATION, value)));
            headers.remove(SESSION_TOKEN);
        }
        let url = format!("{}{}", self.url, request.path);
        let sent = self.http.request(request.method.clone(), url).headers(headers).body(request.body.clone());
        let answer = sent.send().await.map_err(|_| Broken)?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove(TRANSFER_ENCODING);
        headers.remove(CONNECTION);
        let body = answer.bytes().await.map_err(|_| Broken)?;
        Ok(Answer { status, headers, body })
    }
}

#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on a free port of this machine, over TLS if `tls` is given. `handler` is called once
    /// with the server's address, and returns the closure that answers requests. The closure
    /// receives the caller's address and the request.
    pub async fn start<H, F>(tls: Option<TlsAcceptor>, handler: impl FnOnce(SocketAddr) -> H) -> Result<Self, Error>
    where
        H: Fn(SocketAddr, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response<Body>, Broken>> + Send + 'static,
    {
        let failed = |error: std::io::Error| Error::failed("the proxy cannot listen", error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let task = tokio::spawn(serve(listener, tls, handler(address)));
        Ok(Self { address, task })
    }

    pub fn url_for(&self, function: Function) -> String {
        format!("http://{}/{}", self.address, function.as_str())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve<H, F>(listener: TcpListener, tls: Option<TlsAcceptor>, handle: H)
where
    H: Fn(SocketAddr, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<Body>, Broken>> + Send + 'static,
{
    while let Ok((caller, peer)) = listener.accept().await {
        caller.set_nodelay(true).ok();
        let (handle, tls) = (handle.clone(), tls.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request| handle(peer, request));
            // Errors are ignored: a handler returns `Broken` to cut the connection on purpose, and
            // a killed caller breaks it too.
            let http = http1::Builder::new();
            match tls {
                None => http.serve_connection(TokioIo::new(caller), service).await.ok(),
                Some(tls) => match tls.accept(caller).await {
                    Ok(caller) => http.serve_connection(TokioIo::new(caller), service).await.ok(),
                    Err(_) => None,
                },
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_path_segment_names_the_function() {
        assert_eq!(split("/Admission/"), Some((Function::Admission, "/")));
        assert_eq!(split("/Admission"), Some((Function::Admission, "/")));
        assert_eq!(split("/Admission/queue/1"), Some((Function::Admission, "/queue/1")));
        assert_eq!(split("/Unknown/"), None);
    }
    #[test]
    fn a_forwarded_signature_names_the_administrator_and_keeps_its_scope() {
        let signed = "AWS4-HMAC-SHA256 Credential=ASIA1/20261127/us-east-1/dynamodb/aws4_request, SignedHeaders=host";
        let sent = unsigned(&HeaderValue::from_static(signed)).unwrap();
        assert_eq!(sent, signed.replace("ASIA1", "test"));
        assert_eq!(unsigned(&HeaderValue::from_static("Bearer abc")), None);
    }
}
