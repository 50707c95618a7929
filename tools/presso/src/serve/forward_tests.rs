use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use hyper::body::Frame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A bar that records each request and gives each the same answer.
struct Bar {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\netag: \"7\"\r\nset-cookie: a=b\r\n\
                      access-control-allow-origin: *\r\nx-amzn-requestid: 1\r\ncontent-length: 2\r\n\
                      connection: close\r\n\r\n{}";

impl Bar {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/_aws/execute-api/abc/v1", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !is_whole(&request) {
                    caller.read_buf(&mut request).await.unwrap();
                }
                requests.lock().unwrap().push(String::from_utf8(request).unwrap());
                caller.write_all(ANSWER.as_bytes()).await.unwrap();
            }
        });
        Self { url, seen }
    }

    fn front(&self, lan: Option<&str>) -> Front {
        Front::new(&self.url, None, Hosts::new(8080, lan.map(|lan| lan.parse().unwrap()))).unwrap()
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    body.len() >= length.parse().unwrap()
}

fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Request<Full<Bytes>> {
    let builder = Request::builder().method(method).uri(uri);
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(Full::new(Bytes::from(body.to_owned()))).unwrap()
}

const HERE: (&str, &str) = ("host", "localhost:8080");

#[tokio::test]
async fn a_forwarded_request_has_the_bars_host_and_loses_headers_that_its_route_does_not_read() {
    let bar = Bar::start().await;
    let headers = [
        HERE,
        ("authorization", "Bearer guest_x"),
        ("content-type", "application/x-amz-json-1.1"),
        ("cookie", "a=b"),
        ("if-match", "\"7\""),
        ("idempotency-key", "k"),
        ("x-amz-target", "AWSCognitoIdentityProviderService.ListUsers"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-host", "evil.example"),
        ("origin", "https://evil.example"),
    ];
    let answer = bar.front(None).answer(request("PUT", "/config?eventId=a%26b", &headers, "{}")).await;
    assert_eq!(answer.status(), 200);
    let seen = bar.seen();
    let (head, body) = seen[0].split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("PUT /_aws/execute-api/abc/v1/config?eventId=a%26b HTTP/1.1"));
    let mut names: Vec<&str> = lines.filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "authorization", "content-length", "content-type", "host", "if-match"], "{head}");
    let host = bar.url.split('/').nth(2).unwrap();
    assert!(head.contains(&format!("host: {host}")) && head.contains("content-type: application/json"), "{head}");
    assert_eq!(body, "{}");
}

#[tokio::test]
async fn an_answer_loses_the_headers_that_browsers_and_pages_do_not_read() {
    let bar = Bar::start().await;
    let answer = bar.front(None).answer(request("GET", "/config?eventId=bar", &[HERE], "")).await;
    let mut names: Vec<&str> = answer.headers().keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-type", "etag"]);
}

#[tokio::test]
async fn a_credential_of_the_aws_api_is_not_forwarded() {
    let bar = Bar::start().await;
    let headers = [HERE, ("authorization", "AWS4-HMAC-SHA256 Credential=test/20261126/us-east-1/s3/aws4_request")];
    bar.front(None).answer(request("GET", "/orders?eventId=bar", &headers, "")).await;
    assert!(!bar.seen()[0].contains("authorization"), "{:?}", bar.seen());
}

#[tokio::test]
async fn an_invalid_request_is_refused_and_not_forwarded() {
    let bar = Bar::start().await;
    let elsewhere = ("host", "evil.example");
    let large = "x".repeat(MAX_BODY + 1);
    for (sent, status) in [
        (request("GET", "/order", &[elsewhere], ""), 421),
        (request("GET", "/order", &[], ""), 421),
        (request("GET", "/order", &[HERE, elsewhere], ""), 421),
        (request("GET", "http://127.0.0.1:4566/order", &[HERE], ""), 421),
        (request("GET", "/_ministack/health", &[HERE], ""), 404),
        (request("POST", "/", &[HERE, ("x-amz-target", "DynamoDB_20120810.ListTables")], "{}"), 404),
        (request("OPTIONS", "/orders", &[HERE], ""), 404),
        (request("GET", "/orders?Action=ListQueues", &[HERE], ""), 400),
        (request("PUT", "/config?eventId=bar", &[HERE], &large), 413),
    ] {
        let what = format!("{sent:?}");
        let answer = bar.front(None).answer(sent).await;
        assert_eq!(answer.status(), status, "{what:.120}");
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
    }
    assert_eq!(bar.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn a_display_on_this_machine_is_redirected_to_the_address_that_phones_reach() {
    let bar = Bar::start().await;
    let front = bar.front(Some("192.168.1.20"));
    let moved = front.answer(request("GET", "/display/?e=bar", &[HERE], "")).await;
    assert_eq!(moved.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(moved.headers()[LOCATION], "http://192.168.1.20:8080/display?e=bar");
    for (path, host) in [("/display", "192.168.1.20:8080"), ("/barista", "localhost:8080")] {
        let page = front.answer(request("GET", path, &[("host", host)], "")).await;
        assert_eq!(page.status(), 200, "{path}");
    }
    let alone = bar.front(None).answer(request("GET", "/display", &[HERE], "")).await;
    assert_eq!(alone.status(), 200);
}

/// A body that never arrives.
struct Missing;

impl Body for Missing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_body_does_not_arrive_is_answered_408() {
    let bar = Bar::start().await;
    let request = request("PUT", "/config?eventId=a", &[HERE], "").map(|_| Missing);
    let answer = bar.front(None).answer(request).await;
    assert_eq!(answer.status(), 408);
    assert!(bar.seen().is_empty());
}

#[tokio::test]
async fn a_request_without_an_answer_of_the_bar_is_answered_503_with_retry_after() {
    let front = Front::new("http://127.0.0.1:9/v1", None, Hosts::new(8080, None)).unwrap();
    let answer = front.answer(request("GET", "/order", &[HERE], "")).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()[RETRY_AFTER], "2");
}
