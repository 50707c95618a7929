//! What any proxy between the functions and AWS does: listens, reads a request whole, and passes it on.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use client::Error;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::answer::Answer;
use super::call;
use crate::fault::Function;

/// The body of an answer.
pub type Body = BoxBody<Bytes, Broken>;

/// The connection ends without a proper answer.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection is broken")]
pub struct Broken;

impl From<Infallible> for Broken {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A request as it is passed on.
#[derive(Debug, Clone)]
pub struct Passing {
    /// Its method.
    pub method: Method,
    /// Its path at AWS.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Passing {
    /// Reads a request, and which function sent it; nothing, if its path names none.
    pub async fn read(request: Request<Incoming>) -> Result<Option<(Function, Self)>, Broken> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
        let Some((function, path)) = call::split(head.uri.path()) else { return Ok(None) };
        Ok(Some((function, Self { method: head.method, path: path.to_owned(), headers: head.headers, body })))
    }
}

/// What stands behind a proxy.
#[derive(Debug, Clone)]
pub struct Upstream {
    url: String,
    http: reqwest::Client,
}

impl Upstream {
    /// AWS at `url`, such as `http://127.0.0.1:4566`.
    pub fn at(url: &str) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .build()
            .map_err(|error| Error::failed("the proxy cannot pass anything on", error))?;
        Ok(Self { url: url.trim_end_matches('/').to_owned(), http })
    }

    /// Passes a request on.
    pub async fn pass(&self, passing: &Passing) -> Result<Answer, Broken> {
        let mut headers = passing.headers.clone();
        for name in [HOST, CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING] {
            headers.remove(name);
        }
        let url = format!("{}{}", self.url, passing.path);
        let request = self.http.request(passing.method.clone(), url).headers(headers).body(passing.body.clone());
        let answer = request.send().await.map_err(|_| Broken)?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove(TRANSFER_ENCODING);
        headers.remove(CONNECTION);
        let body = answer.bytes().await.map_err(|_| Broken)?;
        Ok(Answer { status, headers, body })
    }
}

/// Listens on the loopback interface.
pub async fn bind() -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |error: std::io::Error| Error::failed("the proxy cannot listen", error);
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
    let here = listener.local_addr().map_err(failed)?;
    Ok((listener, here))
}

/// Answers each request by `handle`, which is told who asks.
pub async fn serve<H, F>(listener: TcpListener, handle: H)
where
    H: Fn(SocketAddr, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<Body>, Broken>> + Send + 'static,
{
    while let Ok((client, peer)) = listener.accept().await {
        let handle = handle.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| handle(peer, request));
            // A connection that breaks is an error here, and meant.
            http1::Builder::new().serve_connection(TokioIo::new(client), service).await.ok();
        });
    }
}

/// The answer to a request of nobody.
pub fn nobody() -> Response<Body> {
    let mut response = Response::new(BodyExt::boxed(Full::new(Bytes::new()).map_err(Broken::from)));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// An answer as it goes back.
pub fn respond(answer: Answer) -> Response<Body> {
    let mut response = Response::new(BodyExt::boxed(Full::new(answer.body).map_err(Broken::from)));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    // The body's own length counts.
    response.headers_mut().remove(CONTENT_LENGTH);
    response
}
