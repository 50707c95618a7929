//! Forwards sockets to the bar, and replaces their host by this program in the bar's answers.

use http_body_util::{Empty, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST, HeaderName, HeaderValue, UPGRADE};
use hyper::http::request::Parts;
use hyper::upgrade::{OnUpgrade, on};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use reqwest::Url;
use tokio::net::TcpStream;

use super::Permit;
use super::forward::Refusal;

/// Headers of a handshake (RFC 6455). Others, such as the origin, are not forwarded.
const HANDSHAKE: [&str; 4] =
    ["sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol", "sec-websocket-accept"];

/// Sockets of an emulator. Those on AWS have a public address, at which pages reach them.
#[derive(Debug)]
pub(super) struct Sockets {
    /// Scheme, host and port.
    origin: String,
    /// Host and port.
    authority: String,
    path: String,
}

impl Sockets {
    /// Parses the address of the stack's sockets. `None` for an address on AWS.
    pub(super) fn new(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok().filter(|url| url.scheme() == "ws")?;
        let authority = format!("{}:{}", url.host_str()?, url.port_or_known_default()?);
        let origin = address.get(..address.len() - url.path().len())?.to_owned();
        Some(Self { origin, authority, path: url.path().to_owned() })
    }

    /// Returns a text of the bar with `host` as the host of the sockets.
    pub(super) fn rewritten(&self, text: &str, host: &str) -> String {
        text.replace(&self.origin, &format!("ws://{host}"))
    }

    /// Returns true if a request asks for a socket.
    pub(super) fn are_asked_for(&self, head: &Parts) -> bool {
        let upgrade = head.headers.get(UPGRADE).and_then(|value| value.to_str().ok());
        head.uri.path() == self.path && upgrade.is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"))
    }

    /// Opens a socket at the bar, and joins it with the caller's socket once both are open.
    pub(super) async fn open(&self, head: &Parts, caller: OnUpgrade) -> Result<Response<Full<Bytes>>, Refusal> {
        let stream = TcpStream::connect(&self.authority).await.map_err(|_| Refusal::NoAnswer)?;
        stream.set_nodelay(true).ok();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| Refusal::NoAnswer)?;
        tokio::spawn(connection.with_upgrades());
        let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut asked = Request::new(Empty::<Bytes>::new());
        *asked.uri_mut() = format!("{}{query}", self.path).parse().map_err(|_| Refusal::NoAnswer)?;
        copy(&head.headers, asked.headers_mut());
        let host = HeaderValue::from_str(&self.authority).map_err(|_| Refusal::NoAnswer)?;
        asked.headers_mut().insert(HOST, host);
        let opened = sender.send_request(asked).await.map_err(|_| Refusal::NoAnswer)?;
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = opened.status();
        if opened.status() == StatusCode::SWITCHING_PROTOCOLS {
            copy(opened.headers(), answer.headers_mut());
            let permit = head.extensions.get::<Permit>().cloned();
            tokio::spawn(join(caller, on(opened), permit));
        }
        Ok(answer)
    }
}

fn copy(from: &hyper::HeaderMap, to: &mut hyper::HeaderMap) {
    for name in HANDSHAKE {
        if let Some(value) = from.get(name) {
            to.insert(HeaderName::from_static(name), value.clone());
        }
    }
    to.insert(UPGRADE, HeaderValue::from_static("websocket"));
    to.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
}

/// Copies what each side sends to the other one, until both have ended or one fails. Holds the
/// permit until then.
async fn join(caller: OnUpgrade, bar: OnUpgrade, _permit: Option<Permit>) {
    if let (Ok(caller), Ok(bar)) = tokio::join!(caller, bar) {
        tokio::io::copy_bidirectional(&mut TokioIo::new(caller), &mut TokioIo::new(bar)).await.ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(path: &str, upgrade: Option<&str>) -> Parts {
        let builder = Request::builder().uri(path);
        let builder = upgrade.into_iter().fold(builder, |builder, value| builder.header("upgrade", value));
        builder.body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_the_sockets_of_the_bar_are_forwarded() {
        let sockets = Sockets::new("ws://127.0.0.1:4566/_aws/execute-api/abc/v1").unwrap();
        assert!(sockets.are_asked_for(&head("/_aws/execute-api/abc/v1?ticket=x", Some("WebSocket"))));
        for (path, upgrade) in [
            ("/_aws/execute-api/abc/v1", None),
            ("/_aws/execute-api/abc/v1", Some("h2c")),
            ("/_aws/execute-api/other/v1", Some("websocket")),
            ("/_aws/execute-api/abc/v1/@connections/x", Some("websocket")),
            ("/", Some("websocket")),
        ] {
            assert!(!sockets.are_asked_for(&head(path, upgrade)), "{path} {upgrade:?}");
        }
    }

    #[test]
    fn only_the_host_of_the_sockets_is_rewritten() {
        let sockets = Sockets::new("ws://127.0.0.1:4566/_aws/execute-api/abc/v1").unwrap();
        let text = r#"{"url":"ws://127.0.0.1:4566/_aws/execute-api/abc/v1?ticket=a.b","x":"http://127.0.0.1:4566/"}"#;
        let expected =
            r#"{"url":"ws://192.168.1.20:8080/_aws/execute-api/abc/v1?ticket=a.b","x":"http://127.0.0.1:4566/"}"#;
        assert_eq!(sockets.rewritten(text, "192.168.1.20:8080"), expected);
        assert_eq!(
            sockets.rewritten("connect-src 'self' ws://127.0.0.1:4566; img-src", "localhost:8080"),
            "connect-src 'self' ws://localhost:8080; img-src"
        );
    }

    #[test]
    fn sockets_on_aws_keep_their_address() {
        assert!(Sockets::new("wss://abc.execute-api.eu-west-1.amazonaws.com/v1").is_none());
        assert!(Sockets::new("").is_none());
    }
}
