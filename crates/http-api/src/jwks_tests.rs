use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as SyncMutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Issuer on loopback.
struct Stub {
    url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    keys: SyncMutex<Value>,
    /// Issuer and address of the keys that the OpenID configuration names; `None` for those of the
    /// stub.
    configuration: SyncMutex<Option<(String, String)>>,
    /// Number of requests for keys that are still to be answered with an error.
    failures: AtomicUsize,
    requests: AtomicUsize,
}

impl Stub {
    async fn start(kids: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stub = Self { url: url.clone(), state: Arc::default() };
        stub.publish(kids);
        let state = Arc::clone(&stub.state);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut buffer = [0; 2048];
                let read = stream.read(&mut buffer).await.unwrap_or(0);
                let (status, body) = state.answer(&String::from_utf8_lossy(&buffer[..read]), &url);
                let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            }
        });
        stub
    }

    fn publish(&self, kids: &[&str]) {
        let key = |kid: &&str| json!({"kty": "RSA", "kid": kid, "n": "AQAB", "e": "AQAB"});
        *self.state.keys.lock().unwrap() = json!({"keys": kids.iter().map(key).collect::<Vec<_>>()});
    }

    fn fail(&self, times: usize) {
        self.state.failures.store(times, Ordering::SeqCst);
    }

    /// Returns the number of requests for keys since the last call.
    fn requests(&self) -> usize {
        self.state.requests.swap(0, Ordering::SeqCst)
    }

    fn keys(&self) -> Keys {
        Keys::fetched(&self.url, Some(&format!("{}/keys", self.url)), &bootstrap::clients::connector()).unwrap()
    }

    fn discovered_keys(&self) -> Keys {
        Keys::fetched(&self.url, None, &bootstrap::clients::connector()).unwrap()
    }
}

impl State {
    fn answer(&self, request: &str, url: &str) -> (&'static str, String) {
        if request.starts_with("GET /.well-known/openid-configuration ") {
            let configuration = self.configuration.lock().unwrap().clone();
            let (issuer, keys) = configuration.unwrap_or_else(|| (url.to_owned(), format!("{url}/keys")));
            return ("200 OK", json!({"issuer": issuer, "jwks_uri": keys, "other": 1}).to_string());
        }
        self.requests.fetch_add(1, Ordering::SeqCst);
        let failing = self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match failing {
            Ok(_) => ("503 Service Unavailable", String::new()),
            Err(_) => ("200 OK", self.keys.lock().unwrap().to_string()),
        }
    }
}

async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Returns true if the key is found. The error is the number of seconds until the next attempt.
async fn find(keys: &Keys, kid: &str) -> Result<bool, u32> {
    keys.find(kid).await.map(|key| key.is_some()).map_err(|error| error.retry_after_secs())
}

#[tokio::test]
async fn one_failed_download_is_repeated_within_the_request() {
    let issuer = Stub::start(&["k1"]).await;
    issuer.fail(1);
    assert_eq!(find(&issuer.keys(), "k1").await, Ok(true));
    assert_eq!(issuer.requests(), 2);
}

#[tokio::test]
async fn a_second_after_a_failed_request_the_keys_are_fetched_again() {
    let issuer = Stub::start(&["k1"]).await;
    let keys = issuer.keys();
    issuer.fail(2);
    assert_eq!(find(&keys, "k1").await, Err(1));
    assert_eq!(find(&keys, "k1").await, Err(1), "within the second nothing is fetched");
    assert_eq!(issuer.requests(), 2);
    pass(Duration::from_millis(1_001)).await;
    assert_eq!(find(&keys, "k1").await, Ok(true));
    assert_eq!(issuer.requests(), 1);
}

#[tokio::test]
async fn the_back_off_doubles_up_to_30_seconds_and_retry_after_agrees() {
    let issuer = Stub::start(&["k1"]).await;
    let keys = issuer.keys();
    issuer.fail(usize::MAX);
    for seconds in [1, 2, 4, 8, 16, 30, 30] {
        assert_eq!(find(&keys, "k1").await, Err(seconds));
        pass(Duration::from_millis(u64::from(seconds) * 1_000 - 500)).await;
        assert_eq!(find(&keys, "k1").await, Err(1), "half a second before the next fetch");
        assert_eq!(issuer.requests(), 2);
        pass(Duration::from_millis(500)).await;
    }
    issuer.fail(0);
    assert_eq!(find(&keys, "k1").await, Ok(true));
}

#[tokio::test]
async fn keys_that_were_primed_are_not_fetched_again_and_a_failed_prime_starts_no_back_off() {
    let issuer = Stub::start(&["k1"]).await;
    let keys = issuer.keys();
    keys.prime().await.unwrap();
    assert_eq!(find(&keys, "k1").await, Ok(true));
    assert_eq!(issuer.requests(), 1);
    let keys = issuer.keys();
    issuer.fail(1);
    assert!(keys.prime().await.is_err());
    assert_eq!(find(&keys, "k1").await, Ok(true));
    assert_eq!(issuer.requests(), 2);
    assert!(Keys::given(JwkSet { keys: Vec::new() }).prime().await.is_ok());
}

#[tokio::test]
async fn an_unknown_kid_fetches_again_at_most_once_a_minute() {
    let issuer = Stub::start(&["k1"]).await;
    let keys = issuer.keys();
    for _ in 0..3 {
        assert_eq!(find(&keys, "k1").await, Ok(true));
    }
    issuer.publish(&["k1", "k2"]);
    for _ in 0..3 {
        assert_eq!(find(&keys, "k2").await, Ok(false));
    }
    assert_eq!(issuer.requests(), 1);
    pass(Duration::from_secs(61)).await;
    assert_eq!(find(&keys, "k2").await, Ok(true));
    issuer.fail(usize::MAX);
    pass(Duration::from_secs(61)).await;
    for _ in 0..3 {
        assert_eq!(find(&keys, "k3").await, Ok(false), "the held set stays in use");
        assert_eq!(find(&keys, "k1").await, Ok(true));
    }
    assert_eq!(issuer.requests(), 2);
}

#[tokio::test]
async fn a_key_that_the_issuer_withdraws_is_refused_after_an_hour() {
    let issuer = Stub::start(&["k1", "k2"]).await;
    let keys = issuer.keys();
    assert_eq!(find(&keys, "k1").await, Ok(true));
    issuer.publish(&["k2"]);
    pass(Duration::from_mins(59)).await;
    assert_eq!(find(&keys, "k1").await, Ok(true));
    assert_eq!(issuer.requests(), 1);
    pass(Duration::from_mins(2)).await;
    assert_eq!(find(&keys, "k1").await, Ok(false));
    assert_eq!(find(&keys, "k2").await, Ok(true));
    assert_eq!(issuer.requests(), 1);
}

#[tokio::test]
async fn a_set_that_cannot_be_refreshed_is_kept_and_after_a_day_trusted_no_longer() {
    let issuer = Stub::start(&["k1"]).await;
    let keys = issuer.keys();
    assert_eq!(find(&keys, "k1").await, Ok(true));
    issuer.fail(usize::MAX);
    pass(Duration::from_mins(61)).await;
    for _ in 0..3 {
        assert_eq!(find(&keys, "k1").await, Ok(true));
    }
    assert_eq!(issuer.requests(), 2, "the first fetch and one refresh");
    issuer.publish(&[]);
    issuer.fail(0);
    pass(Duration::from_secs(61)).await;
    assert_eq!(find(&keys, "k1").await, Ok(true), "an empty set does not replace the held set");
    issuer.fail(usize::MAX);
    pass(Duration::from_hours(23)).await;
    assert_eq!(find(&keys, "k1").await, Err(1));
}

#[tokio::test]
async fn a_refresh_that_hangs_delays_the_request_by_a_second_at_most() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let keys = Keys::fetched(&url, Some(&url), &bootstrap::clients::connector()).unwrap();
    let Source::Fetched(fetched) = &keys.0 else { panic!("expected fetched keys") };
    let set = serde_json::from_value(json!({"keys": [{"kty": "RSA", "kid": "k1", "n": "AQAB", "e": "AQAB"}]})).unwrap();
    fetched.cache.lock().await.hold(set, Instant::now());
    pass(Duration::from_mins(61)).await;
    // While nothing else happens, the paused clock moves to the time-out.
    tokio::time::pause();
    let began = Instant::now();
    assert_eq!(find(&keys, "k1").await, Ok(true));
    assert!(began.elapsed() <= Duration::from_millis(1_100), "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_openid_configuration_must_be_the_issuers_own_and_name_a_safe_address() {
    let issuer = Stub::start(&["k1"]).await;
    assert_eq!(find(&issuer.discovered_keys(), "k1").await, Ok(true));
    assert_eq!(issuer.requests(), 1);
    let own = issuer.url.clone();
    // Reaches the stub, but is not a loopback address.
    let any_address = own.replace("127.0.0.1", "0.0.0.0");
    assert_ne!(any_address, own);
    for (named, keys) in [
        ("https://other.example".to_owned(), format!("{own}/keys")),
        (format!("{own}/"), format!("{own}/keys")),
        (own.clone(), format!("{any_address}/keys")),
        (own.clone(), "keys".to_owned()),
    ] {
        *issuer.state.configuration.lock().unwrap() = Some((named.clone(), keys.clone()));
        assert_eq!(find(&issuer.discovered_keys(), "k1").await, Err(1), "{named} {keys}");
    }
    assert_eq!(issuer.requests(), 0);
}

#[test]
fn keys_are_not_fetched_from_an_address_that_is_not_safe() {
    let connector = bootstrap::clients::connector();
    for (issuer, url) in [
        ("http://issuer.example", None),
        ("issuer", None),
        ("issuer", Some("https://issuer.example/keys")),
        ("http://issuer.example", Some("https://issuer.example/keys")),
        ("https://issuer.example", Some("http://issuer.example/keys")),
    ] {
        assert!(Keys::fetched(issuer, url, &connector).is_err(), "{issuer} {url:?}");
    }
    assert!(Keys::fetched("https://issuer.example", None, &connector).is_ok());
}
