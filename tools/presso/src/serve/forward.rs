//! Forwards the requests of browsers to the bar, and its answers to the browsers.

use std::time::Duration;

use client::{Error, http};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Bytes};
use hyper::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HOST, HeaderName, HeaderValue, LOCATION,
    REFERRER_POLICY, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde_json::json;
use tokio::time::timeout;

use super::hosts::Hosts;
use super::routes::{Routes, Target, Unknown};
use super::socket::Sockets;

/// Headers of an answer that browsers and pages read. Others are dropped, such as those for callers
/// of other origins, whom this program does not serve.
const ANSWERED: [HeaderName; 9] = [
    CACHE_CONTROL,
    CONTENT_SECURITY_POLICY,
    CONTENT_TYPE,
    ETAG,
    LOCATION,
    REFERRER_POLICY,
    RETRY_AFTER,
    WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
];

/// Routes whose answers have the address of a socket.
const SOCKETS_IN: [&str; 2] = ["/live", "/qr-code"];

/// Largest body that any route may need. The bar enforces the limits of each route itself.
const MAX_BODY: usize = 128 * 1024;
/// Maximum time for receiving the body of a request.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

type Answer = Response<Full<Bytes>>;

/// The bar's routes at the addresses of this program.
#[derive(Debug)]
pub(super) struct Front {
    routes: Routes,
    hosts: Hosts,
    bar: String,
    sockets: Option<Sockets>,
    client: Client,
}

/// The reason why a request has no answer of the bar.
#[derive(Debug)]
pub(super) enum Refusal {
    Host,
    Unknown(Unknown),
    TooLarge,
    TooSlow,
    NoAnswer,
}

impl Front {
    /// Serves the bar at `api_url`, whose sockets are at `live_url`.
    pub(super) fn new(api_url: &str, live_url: Option<&str>, hosts: Hosts) -> Result<Self, Error> {
        let client = http::builder(api_url)
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .redirect(Policy::none())
            .build()
            .map_err(|error| Error::failed("the HTTP client cannot be built", error))?;
        let (bar, sockets) = (api_url.trim_end_matches('/').to_owned(), live_url.and_then(Sockets::new));
        Ok(Self { routes: Routes::of_the_bar()?, hosts, bar, sockets, client })
    }

    /// Answers a request with the answer of the bar, or with a problem that says why there is none.
    pub(super) async fn answer<B>(&self, request: Request<B>) -> Answer
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        self.forward(request).await.unwrap_or_else(|refusal| refusal.answer())
    }

    async fn forward<B>(&self, mut request: Request<B>) -> Result<Answer, Refusal>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        let upgrade = hyper::upgrade::on(&mut request);
        let (head, body) = request.into_parts();
        let host = self.host(&head).ok_or(Refusal::Host)?;
        if let Some(sockets) = self.sockets.as_ref().filter(|sockets| sockets.are_asked_for(&head)) {
            return sockets.open(&head, upgrade).await;
        }
        let query = head.uri.query();
        let target = self.routes.find(&head.method, head.uri.path(), query).map_err(Refusal::Unknown)?;
        if let Some(base) = self.hosts.moved(host).filter(|_| target.path == "/display") {
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            return Ok(moved(&format!("{base}/display{query}")));
        }
        let mut url =
            Url::parse(&format!("{}{}", self.bar, target.path)).map_err(|_| Refusal::Unknown(Unknown::Route))?;
        if !target.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&target.query);
        }
        let mut sent = self.client.request(head.method.clone(), url);
        for (name, value) in read_by(&target, &head) {
            sent = sent.header(name, value);
        }
        if target.route.has_body() {
            let body = timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await;
            let body = body.map_err(|_| Refusal::TooSlow)?.map_err(|_| Refusal::TooLarge)?;
            sent = sent.header(CONTENT_TYPE, "application/json").body(body.to_bytes());
        }
        let has_socket = head.method == Method::POST && SOCKETS_IN.contains(&target.path.as_str());
        let answer = answered(sent.send().await.map_err(|_| Refusal::NoAnswer)?).await?;
        Ok(self.at_host(host, has_socket, answer))
    }

    /// Replaces the host of the sockets by `host`: in the policy of a page and, if `has_socket`, in
    /// the body of the answer.
    fn at_host(&self, host: &str, has_socket: bool, answer: Whole) -> Answer {
        let Whole { status, mut headers, mut body } = answer;
        if let Some(sockets) = &self.sockets {
            let policy = headers.get(CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
            if let Some(policy) = policy.and_then(|text| HeaderValue::from_str(&sockets.rewritten(text, host)).ok()) {
                headers.insert(CONTENT_SECURITY_POLICY, policy);
            }
            if let (true, Ok(text)) = (has_socket, std::str::from_utf8(&body)) {
                body = Bytes::from(sockets.rewritten(text, host));
            }
        }
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }

    /// Returns the host that a request names, if it names only one and that is this program.
    /// Returns `None` for a request to a proxy, which also names a host in its address.
    fn host<'a>(&self, head: &'a Parts) -> Option<&'a str> {
        let mut hosts = head.headers.get_all(HOST).iter();
        let host = hosts.next()?.to_str().ok()?;
        let is_for_a_proxy = head.uri.authority().is_some();
        (hosts.next().is_none() && !is_for_a_proxy && self.hosts.allows(host)).then_some(host)
    }
}

/// Returns the headers of a request that its route reads. `Authorization` is among them only with a
/// bearer credential: other schemes are for the AWS API.
fn read_by<'a>(target: &'a Target<'_>, head: &'a Parts) -> impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)> {
    head.headers.iter().filter(|(name, value)| match **name {
        AUTHORIZATION => {
            let scheme = value.as_bytes().get(..7);
            scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"Bearer "))
        }
        _ => target.route.reads(name.as_str()),
    })
}

/// Answer of the bar with the headers in [`ANSWERED`].
struct Whole {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

async fn answered(answer: reqwest::Response) -> Result<Whole, Refusal> {
    let (status, given) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.map_err(|_| Refusal::NoAnswer)?;
    let headers = ANSWERED.into_iter().filter_map(|name| given.get(&name).map(|value| (name, value.clone())));
    Ok(Whole { status, headers: headers.collect(), body })
}

fn moved(location: &str) -> Answer {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

impl Refusal {
    /// Returns a problem in the form of the API.
    fn answer(&self) -> Answer {
        let (status, code, title, detail) = match self {
            Self::Host => (421, "invalid_request", "Another host", "the request names another host".to_owned()),
            Self::Unknown(Unknown::Route) => {
                (404, "route_not_found", "There is no such route", "openapi.yaml describes the routes".to_owned())
            }
            Self::Unknown(Unknown::Parameter(name)) => {
                (400, "invalid_parameter", "A parameter is invalid", format!("the route has no parameter {name}"))
            }
            Self::TooLarge => {
                (413, "body_too_large", "The body is too large", format!("a body has at most {MAX_BODY} bytes"))
            }
            Self::TooSlow => (408, "invalid_request", "The body did not arrive in time", "send it again".to_owned()),
            Self::NoAnswer => (503, "unavailable", "The bar does not answer", "make up starts it".to_owned()),
        };
        let problem = json!({"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail});
        let mut response = Response::new(Full::new(Bytes::from(problem.to_string())));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(self, Self::NoAnswer) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

#[cfg(test)]
#[path = "forward_tests.rs"]
mod tests;
