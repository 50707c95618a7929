//! Tools for the tests of handlers: an issuer whose tokens the real authenticator verifies,
//! arbitrary requests, and requests generated from `openapi.yaml`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "for tests alone"
)]

pub mod contract;
mod document;
mod generate;
mod mutate;

use std::collections::BTreeMap;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use bootstrap::testing::{invoke_with_any_bytes, samples};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::cors::AllowedOrigin;
use crate::identity::Authenticator;
use crate::jwks::Keys;
use crate::{Code, Handler, answer};

/// Issuer of bearer tokens with one key pair.
pub struct Issuer {
    kid: String,
    key: EncodingKey,
    jwk: Value,
}

impl Issuer {
    /// Generates a key with this id.
    pub fn new(kid: &str) -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
        let point = pair.public_key().as_ref();
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "kid": kid, "alg": "ES256", "use": "sig",
            "x": BASE64URL_NOPAD.encode(&point[1..33]), "y": BASE64URL_NOPAD.encode(&point[33..]),
        });
        Self { kid: kid.into(), key: EncodingKey::from_ec_der(pkcs8.as_ref()), jwk }
    }

    /// Signs a bearer token with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_for(Some(&self.kid), claims)
    }

    /// As [`Issuer::sign`], with this key id or none.
    pub fn sign_for(&self, kid: Option<&str>, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = kid.map(str::to_owned);
        self.sign_with(&header, claims)
    }

    /// As [`Issuer::sign`], with this header.
    pub fn sign_with(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.key).unwrap()
    }

    /// Creates the `Authorization` header of a user in these groups, for [`Issuer::authenticator`].
    pub fn authorization(&self, user: &str, groups: &[&str]) -> String {
        let expiry = bootstrap::now().as_secs() + 3_600;
        let claims = json!({"iss": "iss", "aud": "aud", "sub": user, "exp": expiry, "cognito:groups": groups});
        format!("Bearer {}", self.sign(&claims))
    }

    /// Returns the public key.
    pub fn jwk(&self) -> &Value {
        &self.jwk
    }

    /// Returns the public key as a key set.
    pub fn keys(&self) -> Keys {
        Keys::given(serde_json::from_value(json!({"keys": [self.jwk]})).unwrap())
    }

    /// Creates an authenticator for this issuer, named `iss`, and the audience `aud`.
    pub fn authenticator(&self) -> Authenticator {
        Authenticator::new("iss".into(), "aud", "cognito:groups".into(), self.keys())
    }
}

/// Invokes `handler`, that of `function`, with arbitrary payloads, most of them close to the
/// function's samples. `replaced` lists texts of the samples and their replacements, such as the
/// placeholder of the bearer token. Asserts that each answer is well-formed, that each refusal is a
/// problem with a known code, that no answer is 5xx, that some request succeeds, and that at least
/// three different 4xx statuses occur.
pub fn answers_any_request(function: &str, replaced: &[(&str, &str)], handler: &impl Handler) {
    let statuses = statuses_of_any_request(function, replaced, handler);
    let many = statuses.keys().filter(|status| **status / 100 == 4).count();
    assert!(many >= 3, "refused with too few statuses: {statuses:?}");
}

/// As [`answers_any_request`], for a function that refuses with fewer 4xx statuses, but with at
/// least one. Returns how often each status occurred.
pub fn statuses_of_any_request(
    function: &str,
    replaced: &[(&str, &str)],
    handler: &impl Handler,
) -> BTreeMap<u64, u32> {
    let samples = samples(function, replaced);
    let statuses = invoke_with_any_bytes(1_000, samples, async |payload| {
        let origin: Option<AllowedOrigin> = "https://bar.example".parse().ok();
        let response = answer(handler, &payload, origin.as_ref()).await;
        well_formed(&serde_json::to_value(response).map_err(|error| TestCaseError::fail(error.to_string()))?)
    });
    // Without a success and a refusal the generated requests would test too little.
    for kind in [2, 4] {
        assert!(statuses.keys().any(|status| status / 100 == kind), "never {kind}xx: {statuses:?}");
    }
    statuses
}

/// Asserts that an answer is well-formed, and returns its status.
fn well_formed(response: &Value) -> Result<u64, TestCaseError> {
    let status = response["statusCode"].as_u64().unwrap_or_default();
    prop_assert!((200..500).contains(&status), "an unexpected status: {response}");
    let headers = response["headers"].as_object();
    prop_assert!(headers.is_some_and(|headers| headers.values().all(Value::is_string)), "{response}");
    if [204, 304, 307].contains(&status) {
        prop_assert_eq!(&response["body"], "");
        prop_assert!(response["headers"]["content-type"].is_null(), "{}", response);
        return Ok(status);
    }
    let (text, content_type) = (response["body"].as_str().unwrap_or_default(), &response["headers"]["content-type"]);
    if status == 200 && content_type == "text/html; charset=utf-8" {
        prop_assert!(text.is_empty() || text.starts_with("<!doctype html>"), "{}", response);
        return Ok(status);
    }
    if status == 200 && content_type == "image/svg+xml" {
        prop_assert!(text.starts_with("<svg "), "{}", response);
        return Ok(status);
    }
    let body: Value =
        serde_json::from_str(text).map_err(|_| TestCaseError::fail(format!("a body that is not JSON: {response}")))?;
    if status < 400 {
        prop_assert_eq!(content_type, "application/json");
        return Ok(status);
    }
    prop_assert_eq!(content_type, "application/problem+json");
    prop_assert_eq!(&body["status"], &Value::from(status));
    let code = Code::ALL.iter().find(|code| body["code"] == code.as_str());
    prop_assert!(code.is_some_and(|code| u64::from(code.status()) == status), "{}", body);
    prop_assert!(["title", "detail"].iter().all(|name| body[name].as_str().is_some_and(|text| !text.is_empty())));
    Ok(status)
}
