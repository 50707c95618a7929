use std::process::Stdio;

use client::api::Api;
use client::http;
use client::venue::latte;
use domain::order::OrderStatus;
use end_to_end::eventually;
use end_to_end::venue::{TestVenue, answered};
use end_to_end::world::root;
use harness::socket::Socket;
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// `presso serve` for the shop of a test. It ends when it is dropped.
struct Served {
    links: Value,
    base: String,
    _program: Child,
}

impl Served {
    async fn start(venue: &TestVenue, options: &[&str]) -> Self {
        let file = std::env::temp_dir().join(format!("presso-serve-{:016x}", fastrand::u64(..)));
        let output = std::fs::File::create(&file).unwrap();
        let port = fastrand::u16(20_000..30_000).to_string();
        let program = Command::new("presso")
            .current_dir(root())
            .args(["serve", "--json", "--event-id", venue.shop_id.as_str(), "--port", &port])
            .args(options)
            .stdout(output)
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("presso cannot be run; first run `. .local/env`");
        let links: Value = eventually("presso serve prints its links", || async {
            serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).ok()
        })
        .await;
        std::fs::remove_file(&file).unwrap();
        let base = links["order"].as_str().unwrap().split("/order#").next().unwrap().to_owned();
        Self { links, base, _program: program }
    }

    fn authority(&self) -> &str {
        self.base.strip_prefix("http://").unwrap()
    }

    /// Returns a client of the API at the address of the pages. Its credential is the parameter
    /// `secret` of the link to `page`.
    fn api(&self, page: &str, secret: &str) -> Api {
        let link = self.links[page].as_str().unwrap();
        let (_, secret) = link.split_once(&format!("&{secret}=")).unwrap();
        answered(Api::new(&self.base)).with_token(secret)
    }

    /// Sends a request as it is given, and returns the status of its answer.
    async fn send(&self, request: &str) -> u16 {
        let address = self.authority().replace("localhost", "127.0.0.1");
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 12];
        connection.read_exact(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()["HTTP/1.1 ".len()..].parse().unwrap()
    }
}

pub(crate) async fn an_order_is_served_with_the_links_alone(venue: TestVenue) {
    let served = Served::start(&venue, &[]).await;
    let (display, barista) = (served.api("display", "secret"), served.api("barista", "token"));
    let code = answered(display.qr_code(&venue.shop_id).await);
    let guest = client::token::new_guest().unwrap();
    let customer = answered(Api::new(&served.base)).with_token(guest.reveal());
    let scan = answered(customer.scan(&venue.shop_id, &code.short_code).await);
    let (deadline, drink) = (end_to_end::deadline(), latte());
    answered(client::wait::when_ready(deadline, || customer.submit(&scan.order_id, &drink)).await);
    answered(client::wait::when_ready(deadline, || barista.complete(&scan.order_id)).await);
    assert_eq!(venue.ended(&scan.order_id).await.status, OrderStatus::Completed);
}

pub(crate) async fn served_pages_differ_from_those_of_the_stack_in_the_host_of_the_sockets_only(venue: TestVenue) {
    let served = Served::start(&venue, &[]).await;
    let here = answered(Api::new(&served.base));
    for path in ["/", "/order", "/barista/", "/display", "/sign-in"] {
        let (page, bars) = (here.request(Method::GET, path), venue.anonymous.request(Method::GET, path));
        let (page, bars) = (answered(here.send(page).await), answered(venue.anonymous.send(bars).await));
        assert_eq!((page.status, &page.body), (200, &bars.body), "{path}");
        for name in ["content-type", "etag", "cache-control"] {
            assert_eq!(page.headers.get(name), bars.headers.get(name), "{path}: {name}");
        }
        // Only the host of the sockets differs.
        let policy = |answer: &client::api::Answer| {
            let policy =
                answer.headers.get("content-security-policy").map(|policy| policy.to_str().unwrap().to_owned());
            let emulator = std::env::var("AWS_ENDPOINT_URL").unwrap().replace("http://", "ws://");
            policy.map(|policy| {
                policy.replace(&emulator, "SOCKETS").replace(&format!("ws://{}", served.authority()), "SOCKETS")
            })
        };
        assert_eq!(policy(&page), policy(&bars), "{path}");
    }
}

pub(crate) async fn sockets_are_reached_at_the_host_of_the_pages(venue: TestVenue) {
    let served = Served::start(&venue, &[]).await;
    let (barista, here) = (served.api("barista", "token"), served.authority());
    let page = barista.request(Method::GET, "/barista");
    let page = answered(barista.send(page).await);
    let policy = page.headers.get("content-security-policy").unwrap().to_str().unwrap().to_owned();
    assert!(policy.contains(&format!(" ws://{here};")) && policy.matches("ws://").count() == 1, "{policy}");
    let live = answered(barista.live(&venue.shop_id, "queue").await);
    assert!(live.url.starts_with(&format!("ws://{here}/")), "{}", live.url);
    let socket = answered(Socket::open(&live.url).await).expect("the socket opens");
    let code = answered(served.api("display", "secret").qr_code(&venue.shop_id).await);
    let customer = answered(Api::new(&served.base)).with_token(client::token::new_guest().unwrap().reveal());
    let scan = answered(customer.scan(&venue.shop_id, &code.short_code).await);
    let phone = scan.live.expect("a scan has a ticket");
    assert!(phone.url.starts_with(&format!("ws://{here}/")), "{}", phone.url);
    let phone = answered(Socket::open(&phone.url).await).expect("the phone's socket opens");
    let drink = latte();
    answered(client::wait::when_ready(end_to_end::deadline(), || customer.submit(&scan.order_id, &drink)).await);
    for socket in [&socket, &phone] {
        let waiting = |message: &Value| message["order"]["status"] == "WAITING";
        assert!(socket.receives(end_to_end::PATIENCE, waiting).await.is_some(), "the message is forwarded");
    }
    let refused = answered(Socket::open(&format!("{}x", live.url)).await);
    assert!(refused.is_err(), "a wrong ticket opens a socket");
    venue.cancel(&customer, &scan.order_id).await;
}

pub(crate) async fn nothing_else_of_the_emulator_is_reachable(venue: TestVenue) {
    let served = Served::start(&venue, &[]).await;
    let here = served.authority();
    let emulator = std::env::var("AWS_ENDPOINT_URL").unwrap();
    let stage = venue.anonymous.request(Method::GET, "").build().unwrap().url().path().to_owned();
    let credential = "Authorization: AWS4-HMAC-SHA256 Credential=test/20261126/us-east-1/dynamodb/aws4_request\r\n";
    let target = "X-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Type: application/x-amz-json-1.0\r\n";
    for (line, headers, status) in [
        ("GET /_localstack/health".to_owned(), String::new(), 404),
        ("GET /_ministack/health".to_owned(), String::new(), 404),
        (format!("GET {stage}/order"), String::new(), 404),
        ("GET /orders/..%2f..%2f..%2f_localstack%2fhealth".to_owned(), String::new(), 404),
        ("GET /orders/%2e%2e/%2e%2e/health".to_owned(), String::new(), 404),
        (format!("GET {emulator}/_localstack/health"), String::new(), 421),
        ("GET /?Action=ListQueues".to_owned(), String::new(), 200),
        ("GET /config?Action=ListQueues".to_owned(), String::new(), 400),
        ("POST /".to_owned(), format!("{credential}{target}"), 404),
        // The route of the bar answers, because headers of AWS are not forwarded.
        ("POST /displays/pair?eventId=_".to_owned(), format!("{credential}{target}"), 201),
        ("GET /2015-03-31/functions/".to_owned(), credential.to_owned(), 404),
    ] {
        let request = format!("{line} HTTP/1.1\r\nHost: {here}\r\n{headers}Content-Length: 0\r\n\r\n");
        assert_eq!(served.send(&request).await, status, "{request}");
    }
    let elsewhere = served.send("GET /order HTTP/1.1\r\nHost: evil.example\r\n\r\n").await;
    assert_eq!(elsewhere, 421);
}

pub(crate) async fn a_link_for_staff_is_printed_on_a_network_only_if_asked_for(venue: TestVenue) {
    let served = Served::start(&venue, &["--lan=127.0.0.2"]).await;
    assert!(served.base.starts_with("http://127.0.0.2:"), "{}", served.links);
    assert_eq!(served.links.get("barista"), None);
    let page = answered(Ok(http::builder(&served.base).build().unwrap()));
    assert_eq!(status(&page, &format!("{}/order", served.base)).await, 200);
    let port = served.base.rsplit_once(':').unwrap().1;
    // The redirect is followed to the address that phones reach.
    assert_eq!(status(&page, &format!("http://localhost:{port}/display")).await, 200);
    let served = Served::start(&venue, &["--lan=127.0.0.2", "--staff"]).await;
    assert!(served.links["barista"].as_str().unwrap().contains("&token="));
}

async fn status(client: &Client, url: &str) -> u16 {
    client.get(url).send().await.unwrap().status().as_u16()
}
