//! Creates the key pair of a local stack, signs its bearer tokens, and makes guest secrets.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use data_encoding::{BASE64, BASE64_MIME};
use domain::caller::Role;
use domain::credential::{GuestSecret, SECRET_BYTES};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::error::{Cause, Error};

/// Issuer and audience of local tokens.
pub const LOCAL_ISSUER: &str = "presso-local";

const KEY_FILE: &str = "signing-key.pem";
const JWKS_FILE: &str = "jwks.json";

const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// Private key that signs local tokens.
#[derive(Clone)]
pub struct SigningKey {
    key: EncodingKey,
    jwk: Jwk,
    kid: String,
}

impl SigningKey {
    /// Generates a key, as PKCS#8 in PEM.
    pub fn generate_pem() -> Result<String, Error> {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|error| Error::failed("the key pair cannot be generated", error.to_string()))?;
        // MIME lines have 76 characters and end in CR LF; PEM readers accept LF.
        let body = BASE64_MIME.encode(pkcs8.as_ref()).replace('\r', "");
        Ok(format!("{PEM_BEGIN}\n{body}{PEM_END}\n"))
    }

    /// Parses a key in PEM.
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        let unreadable = |why: Cause| Error::failed("the signing key cannot be read", why);
        let body = pem.trim().strip_prefix(PEM_BEGIN).and_then(|rest| rest.strip_suffix(PEM_END));
        let body: String = body.ok_or_else(|| unreadable("not a PKCS#8 PEM".into()))?.split_whitespace().collect();
        let der = BASE64.decode(body.as_bytes()).map_err(|error| unreadable(error.into()))?;
        let key = EncodingKey::from_ec_der(&der);
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(|error| unreadable(error.into()))?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|error| unreadable(error.into()))?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { key, jwk, kid })
    }

    /// Reads a key file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let pem = fs::read_to_string(path).map_err(|error| {
            Error::failed(format!("the signing key {} cannot be read", path.display()), error)
                .with_help("create it with make up, name another one in PRESSO_KEY, or sign in with presso login")
        })?;
        Self::from_pem(&pem)
    }

    /// Returns the public key as a JSON Web Key Set.
    pub fn jwks(&self) -> Value {
        json!({"keys": [self.jwk]})
    }

    /// Signs a token for `user` with these roles.
    pub fn mint(&self, user: &str, roles: &[Role], lifetime: Duration) -> Result<String, Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let groups: Vec<&str> = roles.iter().map(|role| role.group()).collect();
        self.sign(&json!({
            "iss": LOCAL_ISSUER, "aud": LOCAL_ISSUER, "sub": user, "cognito:groups": groups,
            "iat": now.as_secs(), "exp": now.saturating_add(lifetime).as_secs(),
        }))
    }

    /// Signs a token with exactly these claims.
    pub fn sign(&self, claims: &Value) -> Result<String, Error> {
        self.sign_with_kid(Some(&self.kid), claims)
    }

    /// Signs a token whose header has this key id, or none.
    pub fn sign_with_kid(&self, kid: Option<&str>, claims: &Value) -> Result<String, Error> {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = kid.map(str::to_owned);
        encode(&header, claims, &self.key).map_err(|error| Error::failed("the token cannot be signed", error))
    }
}

/// Makes the secret of a new guest, as a phone does.
pub fn new_guest() -> Result<GuestSecret, Error> {
    let mut bytes = [0; SECRET_BYTES];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|error| Error::failed("the guest secret cannot be generated", error.to_string()))?;
    Ok(GuestSecret::new(bytes))
}

/// Creates a private key in `folder` unless it has one, and writes the key set of its public key.
/// Returns the path of the private key.
pub fn ensure_keys(folder: &Path) -> Result<PathBuf, Error> {
    let not_written =
        |error| Error::failed(format!("the keys cannot be written to {}", folder.display()), Box::new(error));
    let path = folder.join(KEY_FILE);
    if !path.exists() {
        fs::create_dir_all(folder).map_err(not_written)?;
        let pem = SigningKey::generate_pem()?;
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(not_written)?;
        file.write_all(pem.as_bytes()).map_err(not_written)?;
    }
    let jwks = SigningKey::read(&path)?.jwks().to_string();
    fs::write(folder.join(JWKS_FILE), jwks).map_err(not_written)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::jwk::JwkSet;
    use jsonwebtoken::{DecodingKey, Validation, decode};

    #[test]
    fn a_minted_token_is_verified_with_the_public_key() {
        let key = SigningKey::from_pem(&SigningKey::generate_pem().unwrap()).unwrap();
        let token = key.mint("anna", &[Role::Barista], Duration::from_mins(1)).unwrap();
        let jwks: JwkSet = serde_json::from_value(key.jwks()).unwrap();
        let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&[LOCAL_ISSUER]);
        validation.set_issuer(&[LOCAL_ISSUER]);
        let public = DecodingKey::from_jwk(jwks.find(&kid).unwrap()).unwrap();
        let claims = decode::<Value>(&token, &public, &validation).unwrap().claims;
        assert_eq!((&claims["sub"], &claims["cognito:groups"]), (&json!("anna"), &json!(["barista"])));
    }

    #[test]
    fn the_private_key_is_created_once_and_readable_only_by_its_owner() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("presso-keys-{:x}", fastrand::u64(..)));
        let path = ensure_keys(&folder).unwrap();
        let first = fs::read_to_string(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        ensure_keys(&folder).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), first);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_text_that_is_not_a_key_is_rejected() {
        for text in ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"] {
            assert!(SigningKey::from_pem(text).is_err());
        }
    }
}
