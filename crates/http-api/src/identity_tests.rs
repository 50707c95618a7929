use std::io;
use std::sync::{Arc, Mutex};

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use lambda_runtime::tracing::subscriber;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tracing::instrument::WithSubscriber;

use super::*;
use crate::testing::Issuer;

const GUEST: &str = "Bearer guest_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const DISPLAY: &str = "Bearer display_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

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
    Authenticator::new("iss".into(), "aud", "cognito:groups".into(), keys)
}

fn request(authorization: &str) -> Request {
    Request::new("GET /orders", &[], &[], None).with_header("authorization", authorization)
}

async fn problem_of(authenticator: &Authenticator, authorization: &str) -> Option<Problem> {
    authenticator.caller(&request(authorization)).await.err()
}

async fn ask(authenticator: &Authenticator, authorization: &str) -> Result<Caller, Code> {
    authenticator.caller(&request(authorization)).await.map_err(|problem| problem.code())
}

/// Bytes that are logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the lines that `authenticator` logs about a request, and the reason of a rejection.
async fn logged(authenticator: &Authenticator, authorization: &str) -> Vec<String> {
    let (log, request) = (Log::default(), request(authorization));
    let writer = log.clone();
    let lines = subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let (_, members) = bootstrap::record::recorded(authenticator.caller(&request).with_subscriber(lines)).await;
    let bytes = log.0.lock().unwrap();
    let written = String::from_utf8_lossy(&bytes);
    let reason = members.get("reason").map(ToString::to_string);
    written.lines().map(str::to_owned).chain(reason).collect()
}

#[tokio::test]
async fn a_valid_bearer_token_identifies_the_caller_and_grants_the_roles_of_its_groups() {
    let issuer = Issuer::new("k1");
    let authenticator = authenticator(issuer.keys());
    let caller = ask(&authenticator, &format!("Bearer {}", issuer.sign(&claims()))).await.unwrap();
    assert_eq!(caller.user_id.as_str(), "anna");
    assert!(caller.is_barista() && !caller.is_admin() && !caller.is_guest());
    let access_token = json!({"iss": "iss", "client_id": "aud", "sub": "anna", "exp": seconds_from_now(60)});
    assert!(ask(&authenticator, &format!("Bearer {}", issuer.sign(&access_token))).await.is_ok());
    let several = with("aud", json!(["other", "aud"]));
    assert!(ask(&authenticator, &format!("bearer {}", issuer.sign(&several))).await.is_ok());
}

#[tokio::test]
async fn a_bearer_token_with_one_wrong_or_missing_claim_is_refused() {
    let issuer = Issuer::new("k1");
    let authenticator = authenticator(issuer.keys());
    let wrong = [
        ("another issuer", with("iss", json!("other"))),
        ("no issuer", json!({"aud": "aud", "sub": "anna", "exp": seconds_from_now(60)})),
        ("another audience", with("aud", json!("other"))),
        ("another client", json!({"iss": "iss", "client_id": "x", "sub": "anna", "exp": seconds_from_now(60)})),
        ("an audience of another type", with("aud", json!(7))),
        ("no audience", json!({"iss": "iss", "sub": "anna", "exp": seconds_from_now(60)})),
        ("expired", with("exp", json!(seconds_from_now(-120)))),
        ("no expiry", json!({"iss": "iss", "aud": "aud", "sub": "anna"})),
        ("not yet valid", with("nbf", json!(seconds_from_now(300)))),
        ("no subject", json!({"iss": "iss", "aud": "aud", "exp": seconds_from_now(60)})),
        ("a subject of another type", with("sub", json!(7))),
        ("an ID token", with("token_use", json!("id"))),
        ("a token_use of another type", with("token_use", json!(["access"]))),
    ];
    for (what, claims) in wrong {
        let answer = ask(&authenticator, &format!("Bearer {}", issuer.sign(&claims))).await;
        assert_eq!(answer, Err(Code::Unauthenticated), "{what}");
    }
    assert!(ask(&authenticator, &format!("Bearer {}", issuer.sign(&with("token_use", json!("access"))))).await.is_ok());
}

#[tokio::test]
async fn a_token_of_cognito_is_accepted_only_as_an_access_token() {
    let issuer = Issuer::new("k1");
    let pool = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc";
    let authenticator = Authenticator::new(pool.into(), "app other-app", "cognito:groups".into(), issuer.keys());
    for (token_use, accepted) in [(json!("access"), true), (json!("id"), false), (json!(null), false)] {
        let claims = json!({
            "iss": pool, "client_id": "app", "sub": "anna", "exp": seconds_from_now(60), "token_use": token_use
        });
        let answer = ask(&authenticator, &format!("Bearer {}", issuer.sign(&claims))).await;
        assert_eq!(answer.is_ok(), accepted, "{token_use}");
    }
    let unnamed = json!({"iss": pool, "client_id": "app", "sub": "anna", "exp": seconds_from_now(60)});
    assert!(ask(&authenticator, &format!("Bearer {}", issuer.sign(&unnamed))).await.is_err());
}

#[tokio::test]
async fn a_forged_or_malformed_bearer_token_is_refused() {
    let (issuer, impostor) = (Issuer::new("k1"), Issuer::new("k1"));
    let authenticator = authenticator(issuer.keys());
    let mut symmetric = Header::new(Algorithm::HS256);
    symmetric.kid = Some("k1".into());
    let with_secret = |secret: &[u8]| encode(&symmetric, &claims(), &EncodingKey::from_secret(secret)).unwrap();
    let coordinate = |name: &str| BASE64URL_NOPAD.decode(issuer.jwk()[name].as_str().unwrap().as_bytes()).unwrap();
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let mut critical = Header::new(Algorithm::ES256);
    (critical.kid, critical.crit) = (Some("k1".into()), Some(vec!["b64".into()]));
    let unsigned = |alg: &str| {
        let header = json!({"alg": alg, "kid": "k1"}).to_string();
        let encoded = |text: String| BASE64URL_NOPAD.encode(text.as_bytes());
        format!("{}.{}.", encoded(header), encoded(claims().to_string()))
    };
    let good = issuer.sign(&claims());
    let tampered = good.replacen('.', ".e30", 1);
    for token in [
        impostor.sign(&claims()),
        with_secret(b"secret"),
        with_secret(&point),
        with_secret(issuer.jwk().to_string().as_bytes()),
        issuer.sign_with(&critical, &claims()),
        unsigned("none"),
        unsigned("None"),
        unsigned("ES256"),
        tampered,
        issuer.sign_for(Some("k2"), &claims()),
        issuer.sign_for(None, &claims()),
        issuer.sign_for(Some(""), &claims()),
        good.rsplit_once('.').unwrap().0.to_owned(),
        format!("{good}.x"),
        "x".into(),
        String::new(),
    ] {
        assert_eq!(ask(&authenticator, &format!("Bearer {token}")).await, Err(Code::Unauthenticated), "{token}");
    }
    for header in ["", "Bearer", "Basic YTpi", &good] {
        assert_eq!(ask(&authenticator, header).await, Err(Code::Unauthenticated), "{header}");
    }
}

#[tokio::test]
async fn without_an_issuer_a_guest_is_accepted_and_every_bearer_token_refused() {
    let issuer = Issuer::new("k1");
    let authenticator = Authenticator { trust: None };
    let answer = ask(&authenticator, &format!("Bearer {}", issuer.sign(&claims()))).await;
    assert_eq!(answer, Err(Code::Unauthenticated));
    assert!(ask(&authenticator, GUEST).await.unwrap().is_guest());
}

#[tokio::test]
async fn a_guest_secret_identifies_a_customer_and_any_other_form_is_refused() {
    let authenticator = authenticator(Issuer::new("k1").keys());
    let guest = ask(&authenticator, GUEST).await.unwrap();
    assert_eq!(guest.user_id.as_str(), "guest-4nqerwn5ssyjukpm5ygixctsnv");
    assert!(guest.is_guest() && guest.roles.is_empty());
    for wrong in [
        "Bearer guest_".to_owned(),
        format!("{GUEST}A"),
        GUEST[..GUEST.len() - 1].to_owned(),
        format!("{}B", &GUEST[..GUEST.len() - 1]),
        format!("{}+", &GUEST[..GUEST.len() - 1]),
        format!("{GUEST}="),
        format!("{GUEST}, {GUEST}"),
        GUEST.replace("guest_", "guest-"),
        GUEST.replace("guest_", "GUEST_"),
        GUEST.replace("Bearer", "Guest"),
        GUEST.replace("Bearer ", ""),
    ] {
        let problem = problem_of(&authenticator, &wrong).await.unwrap();
        assert_eq!(problem.code(), Code::Unauthenticated, "{wrong}");
        assert!(!problem.to_string().contains("AAAA"), "{problem}");
    }
}

#[tokio::test]
async fn a_display_secret_is_recognised_but_forbidden_where_a_person_is_needed() {
    let authenticator = authenticator(Issuer::new("k1").keys());
    assert_eq!(ask(&authenticator, DISPLAY).await, Err(Code::Forbidden));
    let secret = display_secret(&request(DISPLAY)).unwrap();
    assert_eq!(secret.hash(), "20e70110c9c4cc305481356b579c4824db7de56f4bde2a294ab9a049aaf4de73");
    let malformed = format!("{}B", &DISPLAY[..DISPLAY.len() - 1]);
    assert_eq!(ask(&authenticator, &malformed).await, Err(Code::Unauthenticated));
    for other in [&malformed, GUEST, "Bearer x", ""] {
        assert!(display_secret(&request(other)).is_none(), "{other}");
    }
}

#[tokio::test]
async fn a_subject_of_up_to_255_ascii_characters_without_a_reserved_prefix_is_accepted() {
    let issuer = Issuer::new("k1");
    let authenticator = authenticator(issuer.keys());
    for (subject, user_id) in
        [("auth0|a.b@c", "auth0|a.b@c"), ("a b", "sub-zbuhucfklvxnebcdfd5gu2l2xduw3q2cshumea2k5dby436mnvsq")]
    {
        let token = issuer.sign(&with("sub", json!(subject)));
        assert_eq!(ask(&authenticator, &format!("Bearer {token}")).await.unwrap().user_id.as_str(), user_id);
    }
    for subject in ["a#b", &"x".repeat(129), &"x".repeat(255)] {
        let token = issuer.sign(&with("sub", json!(subject)));
        assert!(ask(&authenticator, &format!("Bearer {token}")).await.is_ok(), "{subject}");
    }
}

#[tokio::test]
async fn a_subject_that_cannot_be_accepted_is_refused_without_asking_to_sign_in_again() {
    let issuer = Issuer::new("k1");
    let authenticator = authenticator(issuer.keys());
    for subject in ["", &"x".repeat(256), "é", "guest-1", "counter-1", "sub-1"] {
        let token = issuer.sign(&with("sub", json!(subject)));
        let problem = problem_of(&authenticator, &format!("Bearer {token}")).await.unwrap();
        assert_eq!(problem.code(), Code::Forbidden, "{subject:?}");
        let text = problem.to_string();
        assert!(text.contains("subject") && !text.contains("sign in"), "{text}");
    }
}

#[tokio::test]
async fn roles_come_from_the_configured_groups_claim_in_several_formats() {
    let issuer = Issuer::new("k1");
    let named = |claim: &str| Authenticator::new("iss".into(), "aud", claim.into(), issuer.keys());
    for (claim, value, barista, admin) in [
        ("groups", json!({"groups": "admin barista"}), true, true),
        ("groups", json!({"groups": "barista,night"}), true, false),
        ("groups", json!({"groups": ["/barista"]}), true, false),
        ("groups", json!({"groups": "baristas"}), false, false),
        ("https://x/groups", json!({"https://x/groups": ["admin"]}), true, true),
        ("realm_access.roles", json!({"realm_access": {"roles": ["barista"]}}), true, false),
        ("groups", json!({"cognito:groups": ["admin"]}), false, false),
    ] {
        let mut claims = json!({"iss": "iss", "aud": "aud", "sub": "anna", "exp": seconds_from_now(60)});
        claims.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        let caller = ask(&named(claim), &format!("Bearer {}", issuer.sign(&claims))).await.unwrap();
        assert_eq!((caller.is_barista(), caller.is_admin()), (barista, admin), "{claim}: {value}");
    }
}

#[tokio::test]
async fn a_groups_claim_with_values_but_no_role_is_logged_without_its_values() {
    let issuer = Issuer::new("k1");
    let authenticator = authenticator(issuer.keys());
    let lines = async |groups: Value| {
        logged(&authenticator, &format!("Bearer {}", issuer.sign(&with("cognito:groups", groups)))).await
    };
    let line = lines(json!(["night shift", "Barista"])).await;
    assert_eq!(line.len(), 1, "{line:?}");
    assert!(line[0].contains("cognito:groups") && line[0].contains("values=2"), "{line:?}");
    assert!(!line[0].contains("night") && !line[0].contains("Barista"), "{line:?}");
    for groups in [json!(["barista", "other"]), json!([]), json!(null)] {
        assert_eq!(lines(groups.clone()).await, [""; 0], "{groups}");
    }
}

#[tokio::test]
async fn no_secret_is_logged() {
    let issuer = Issuer::new("k1");
    let authenticator = authenticator(issuer.keys());
    let expired = issuer.sign(&with("exp", json!(seconds_from_now(-120))));
    for (authorization, secret) in [
        (GUEST.to_owned(), "AAAA"),
        (format!("{GUEST}A"), "AAAA"),
        (DISPLAY.to_owned(), "AAAA"),
        (format!("Bearer {expired}"), expired.as_str()),
    ] {
        let lines = logged(&authenticator, &authorization).await.join("\n");
        for part in secret.split('.') {
            assert!(!lines.contains(part), "{lines}");
        }
        assert_eq!(lines.is_empty(), authorization == GUEST, "{lines}");
    }
}

#[tokio::test]
async fn an_unreachable_issuer_gives_unavailable_and_not_unauthenticated() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let issuer = Issuer::new("k1");
    let keys = Keys::fetched(&format!("http://{closed}"), None, &bootstrap::clients::connector()).unwrap();
    let authenticator = authenticator(keys);
    for _ in 0..2 {
        let problem = problem_of(&authenticator, &format!("Bearer {}", issuer.sign(&claims()))).await.unwrap();
        assert_eq!((problem.code(), problem.retry_after_secs()), (Code::Unavailable, Some(1)));
    }
    assert!(ask(&authenticator, GUEST).await.is_ok(), "a guest needs no issuer");
}

#[test]
fn only_the_jwks_url_of_a_user_pool_is_redirected_to_the_emulator() {
    let pool = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abc/.well-known/jwks.json";
    let other = "https://issuer.example/.well-known/jwks.json";
    let emulator = || Some("http://127.0.0.1:4566/".to_owned());
    assert_eq!(on_emulator(pool.into(), emulator()), "http://127.0.0.1:4566/us-east-1_abc/.well-known/jwks.json");
    assert_eq!(on_emulator(pool.into(), None), pool);
    assert_eq!(on_emulator(other.into(), emulator()), other);
}

#[test]
fn a_missing_role_is_forbidden() {
    let customer = Caller::with_groups("anna".parse().unwrap(), []);
    assert_eq!(require_barista(&customer).unwrap_err().code(), Code::Forbidden);
    assert_eq!(require_admin(&customer).unwrap_err().code(), Code::Forbidden);
    let boss = Caller::with_groups("bert".parse().unwrap(), ["admin"]);
    assert!(require_barista(&boss).is_ok() && require_admin(&boss).is_ok());
}
