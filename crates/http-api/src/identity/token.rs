//! Verifies the tokens of an issuer.

use domain::caller::Caller;
use domain::ids::UserId;
use domain::timestamp::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::{Rejection, groups};
use crate::jwks::Keys;

/// Tolerated difference between the issuer's clock and this one, in seconds.
const LEEWAY_SECS: u64 = 30;

/// Accepted tokens: their issuer, audiences, groups claim and keys.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) issuer: String,
    pub(super) audiences: Vec<String>,
    pub(super) groups_claim: String,
    pub(super) keys: Keys,
}

impl Trust {
    /// Returns the caller, and the time at which the token expires.
    pub(super) async fn verify(&self, token: &str) -> Result<(Caller, Option<Timestamp>), Rejection> {
        let claims = self.claims(token).await?;
        if !self.audiences.iter().any(|audience| is_for(&claims, audience)) {
            return Err(Rejection::Audience);
        }
        if !self.is_access_token(&claims) {
            return Err(Rejection::NoAccessToken);
        }
        let subject = claims.get("sub").and_then(Value::as_str).ok_or(Rejection::NoSubject)?;
        Ok((self.with_roles(UserId::of_subject(subject)?, &claims), end(&claims)))
    }

    async fn claims(&self, token: &str) -> Result<Map<String, Value>, Rejection> {
        let header = decode_header(token)?;
        if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256) {
            return Err(Rejection::Algorithm);
        }
        // RFC 7515, 4.1.11: the library leaves this check to its user.
        if header.crit.is_some() {
            return Err(Rejection::CriticalHeader);
        }
        let kid = header.kid.ok_or(Rejection::UnknownKey)?;
        let key = self.keys.find(&kid).await?.ok_or(Rejection::UnknownKey)?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECS;
        // Cognito's access tokens have no `aud`; they name their client in `client_id`.
        validation.validate_aud = false;
        Ok(decode(token, &DecodingKey::from_jwk(&key)?, &validation)?.claims)
    }

    /// Returns true if the claim `token_use` is `access`. Without the claim, returns true unless
    /// the issuer is Cognito, which always sets it.
    fn is_access_token(&self, claims: &Map<String, Value>) -> bool {
        match claims.get("token_use") {
            Some(token_use) => token_use == "access",
            None => !is_cognito(&self.issuer),
        }
    }

    fn with_roles(&self, user_id: UserId, claims: &Map<String, Value>) -> Caller {
        let claim = groups::claim(claims, &self.groups_claim);
        let caller = Caller::with_groups(user_id, claim.map(groups::names).unwrap_or_default());
        let values = claim.map_or(0, groups::count);
        if caller.roles.is_empty() && values > 0 {
            tracing::info!(claim = self.groups_claim, values, "the groups claim grants no role");
        }
        caller
    }
}

/// Returns true for the issuer of a Cognito user pool, and for addresses that begin with it.
pub(super) fn is_cognito(issuer: &str) -> bool {
    issuer.starts_with("https://cognito-idp.")
}

/// Returns the time in the claim `exp`, without the fraction of a second that RFC 7519 allows.
fn end(claims: &Map<String, Value>) -> Option<Timestamp> {
    let end = claims.get("exp")?;
    let seconds = end.as_i64().or_else(|| end.to_string().split('.').next()?.parse().ok())?;
    Some(Timestamp::from_millis(seconds.saturating_mul(1_000)))
}

fn is_for(claims: &Map<String, Value>, audience: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(aud)) => aud == audience,
        Some(Value::Array(auds)) => auds.iter().any(|aud| aud == audience),
        Some(_) => false,
        None => claims.get("client_id").is_some_and(|client| client == audience),
    }
}
