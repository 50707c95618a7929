//! What the tests of handlers need: an issuer whose tokens the real authenticator verifies.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::identity::Authenticator;
use crate::jwks::Keys;

/// A signing key and its public half.
pub struct Issuer {
    kid: String,
    key: EncodingKey,
    jwk: Value,
}

#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::missing_panics_doc, reason = "for tests alone")]
impl Issuer {
    /// An issuer with a new key of this name.
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

    /// A token with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.kid.clone());
        encode(&header, claims, &self.key).unwrap()
    }

    /// The header of somebody who is signed in, with these groups, for [`Issuer::authenticator`].
    pub fn authorization(&self, user: &str, groups: &[&str]) -> String {
        let expiry = bootstrap::now().as_secs() + 60;
        let claims = json!({"iss": "iss", "aud": "aud", "sub": user, "exp": expiry, "cognito:groups": groups});
        format!("Bearer {}", self.sign(&claims))
    }

    /// The public key.
    pub fn jwk(&self) -> &Value {
        &self.jwk
    }

    /// The public key as a key set.
    pub fn keys(&self) -> Keys {
        Keys::given(serde_json::from_value(json!({"keys": [self.jwk]})).unwrap())
    }

    /// Trusts this issuer, under the name `iss`, for the audience `aud`.
    pub fn authenticator(&self) -> Authenticator {
        Authenticator::new("iss".into(), "aud".into(), "cognito:groups".into(), self.keys())
    }
}
