use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::testing::Issuer;

fn seconds_from_now(seconds: i64) -> i64 {
    bootstrap::now().as_secs() + seconds
}

fn claims() -> Value {
    json!({"iss": "iss", "aud": "aud", "sub": "anna", "exp": seconds_from_now(60), "cognito:groups": ["barista"]})
}

fn with(field: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[field] = value;
    claims
}

fn authenticator(keys: Keys) -> Authenticator {
    Authenticator::new("iss".into(), "aud".into(), "cognito:groups".into(), keys)
}

async fn ask(authenticator: &Authenticator, authorization: &str) -> Result<Caller, Code> {
    let request = Request::new("GET /orders", &[], &[], None).with_header("authorization", authorization);
    authenticator.caller(&request).await.map_err(|problem| problem.code())
}

#[tokio::test]
async fn a_valid_bearer_token_identifies_the_caller_and_grants_the_roles_of_its_groups() {
    let issuer = Issuer::new("k1");
    let authenticator = authenticator(issuer.keys());
    let caller = ask(&authenticator, &format!("Bearer {}", issuer.sign(&claims()))).await.unwrap();
    assert_eq!(caller.user_id.as_str(), "anna");
    assert!(caller.is_barista() && !caller.is_admin());
    let access_token = json!({"iss": "iss", "client_id": "aud", "sub": "anna", "exp": seconds_from_now(60)});
    assert!(ask(&authenticator, &format!("Bearer {}", issuer.sign(&access_token))).await.is_ok());
    let several = with("aud", json!(["other", "aud"]));
    assert!(ask(&authenticator, &format!("bearer {}", issuer.sign(&several))).await.is_ok());
}

#[tokio::test]
async fn a_bearer_token_with_one_wrong_claim_is_refused() {
    let issuer = Issuer::new("k1");
    let authenticator = authenticator(issuer.keys());
    let wrong = [
        ("another issuer", with("iss", json!("other"))),
        ("another audience", with("aud", json!("other"))),
        ("another client", json!({"iss": "iss", "client_id": "x", "sub": "anna", "exp": seconds_from_now(60)})),
        ("an audience of another type", with("aud", json!(7))),
        ("expired", with("exp", json!(seconds_from_now(-120)))),
        ("no expiry", json!({"iss": "iss", "aud": "aud", "sub": "anna"})),
        ("not yet valid", with("nbf", json!(seconds_from_now(300)))),
        ("no subject", json!({"iss": "iss", "aud": "aud", "exp": seconds_from_now(60)})),
        ("a subject that cannot be a key", with("sub", json!("a b"))),
    ];
    for (what, claims) in wrong {
        let answer = ask(&authenticator, &format!("Bearer {}", issuer.sign(&claims))).await;
        assert_eq!(answer, Err(Code::Unauthenticated), "{what}");
    }
}

#[tokio::test]
async fn a_bearer_token_signed_by_another_key_is_refused() {
    let (issuer, impostor) = (Issuer::new("k1"), Issuer::new("k1"));
    let authenticator = authenticator(issuer.keys());
    let mut symmetric = Header::new(Algorithm::HS256);
    symmetric.kid = Some("k1".into());
    let symmetric = encode(&symmetric, &claims(), &EncodingKey::from_secret(b"secret")).unwrap();
    let unsigned = format!(
        "{}.{}.",
        BASE64URL_NOPAD.encode(br#"{"alg":"none","kid":"k1"}"#),
        BASE64URL_NOPAD.encode(claims().to_string().as_bytes())
    );
    let good = issuer.sign(&claims());
    let tampered = good.replacen('.', ".e30", 1);
    let other_key = Issuer::new("k2").sign(&claims());
    for token in [impostor.sign(&claims()), symmetric, unsigned, tampered, other_key, "x".into(), String::new()] {
        assert_eq!(ask(&authenticator, &format!("Bearer {token}")).await, Err(Code::Unauthenticated), "{token}");
    }
    for header in ["", "Bearer", "Basic YTpi", &good] {
        assert_eq!(ask(&authenticator, header).await, Err(Code::Unauthenticated), "{header}");
    }
}

#[tokio::test]
async fn without_an_issuer_every_bearer_token_is_refused() {
    let issuer = Issuer::new("k1");
    let authenticator = Authenticator { trust: None };
    let answer = ask(&authenticator, &format!("Bearer {}", issuer.sign(&claims()))).await;
    assert_eq!(answer, Err(Code::Unauthenticated));
}

/// Serves an issuer's OpenID configuration and its current keys, and counts the requests for keys.
async fn serve(keys: Arc<std::sync::Mutex<Value>>, fetches: Arc<AtomicUsize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let base = url.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 2048];
            let read = stream.read(&mut buffer).await.unwrap_or(0);
            let body = if String::from_utf8_lossy(&buffer[..read]).starts_with("GET /.well-known/openid-configuration")
            {
                json!({"jwks_uri": format!("{base}/keys")}).to_string()
            } else {
                fetches.fetch_add(1, Ordering::SeqCst);
                keys.lock().unwrap().to_string()
            };
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    url
}

#[tokio::test]
async fn keys_are_fetched_once_and_an_unknown_kid_fetches_again_at_most_once_a_minute() {
    let (issuer, next) = (Issuer::new("k1"), Issuer::new("k2"));
    let published = Arc::new(std::sync::Mutex::new(json!({"keys": [issuer.jwk()]})));
    let fetches = Arc::new(AtomicUsize::new(0));
    let url = serve(Arc::clone(&published), Arc::clone(&fetches)).await;
    let authenticator =
        Authenticator::new(url.clone(), "aud".into(), "cognito:groups".into(), Keys::fetched(&url, None));
    let claims = with("iss", json!(url));
    let (old, new) = (format!("Bearer {}", issuer.sign(&claims)), format!("Bearer {}", next.sign(&claims)));
    for _ in 0..3 {
        assert!(ask(&authenticator, &old).await.is_ok());
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
    *published.lock().unwrap() = json!({"keys": [issuer.jwk(), next.jwk()]});
    for _ in 0..3 {
        assert_eq!(ask(&authenticator, &new).await, Err(Code::Unauthenticated));
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 1, "within the minute, an unknown kid fetches nothing");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    assert!(ask(&authenticator, &new).await.is_ok());
    assert_eq!(fetches.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_unreachable_issuer_is_unavailable_and_not_a_bad_bearer_token() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{closed}");
    let issuer = Issuer::new("k1");
    let authenticator = authenticator(Keys::fetched(&url, None));
    for _ in 0..2 {
        let answer = ask(&authenticator, &format!("Bearer {}", issuer.sign(&claims()))).await;
        assert_eq!(answer, Err(Code::Unavailable));
    }
}

#[test]
fn a_missing_role_is_forbidden() {
    let customer = Caller::with_groups("anna".parse().unwrap(), []);
    assert_eq!(require_barista(&customer).unwrap_err().code(), Code::Forbidden);
    assert_eq!(require_admin(&customer).unwrap_err().code(), Code::Forbidden);
    let boss = Caller::with_groups("bert".parse().unwrap(), ["admin"]);
    assert!(require_barista(&boss).is_ok() && require_admin(&boss).is_ok());
}
