//! Authentication: a bearer JWT, verified in the function against a given or fetched key set.

use aws_lambda_events::http::header::AUTHORIZATION;
use bootstrap::environment;
use domain::caller::Caller;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use crate::jwks::{Keys, KeysUnavailable};
use crate::problem::{Code, Problem};
use crate::request::Request;

/// Tolerated difference between the issuer's clock and this one, in seconds.
const LEEWAY_SECS: u64 = 30;

/// Verifier of bearer tokens. Without an issuer it rejects every token.
#[derive(Debug)]
pub struct Authenticator {
    trust: Option<Trust>,
}

#[derive(Debug)]
struct Trust {
    issuer: String,
    audience: String,
    groups_claim: String,
    keys: Keys,
}

/// Error of a key set in `JWT_JWKS` that cannot be parsed.
#[derive(Debug, thiserror::Error)]
#[error("JWT_JWKS is not a JSON Web Key Set: give the issuer's, or leave it empty to have it fetched")]
pub struct UnreadableKeys(#[from] serde_json::Error);

/// Reason for which a bearer token is rejected. It is logged; the caller gets less detail.
#[derive(Debug, thiserror::Error)]
enum Rejection {
    #[error("no issuer is configured: set JwtIssuer and JwtAudience, or IdentityProvider=cognito")]
    NoIssuer,
    #[error("the request has no bearer token")]
    NoBearerToken,
    #[error("the algorithm of the bearer token is neither RS256 nor ES256")]
    Algorithm,
    #[error("no key of the issuer has the kid of the bearer token")]
    UnknownKey,
    #[error("the bearer token cannot be verified")]
    Invalid(#[from] jsonwebtoken::errors::Error),
    #[error("the bearer token is for another audience")]
    Audience,
    #[error("the sub of the bearer token is not a valid userId")]
    Subject,
    #[error(transparent)]
    Keys(#[from] KeysUnavailable),
}

impl Authenticator {
    /// Reads the issuer from the environment: `JWT_ISSUER`, `JWT_AUDIENCE`, `JWT_GROUPS_CLAIM`. The
    /// keys come from `JWT_JWKS` (a key set as JSON), from `JWT_JWKS_URL`, or from the issuer's
    /// OpenID configuration.
    pub fn from_environment() -> Result<Self, UnreadableKeys> {
        let (issuer, audience) = (environment::optional("JWT_ISSUER"), environment::optional("JWT_AUDIENCE"));
        let (Some(issuer), Some(audience)) = (issuer, audience) else {
            tracing::warn!("no issuer or no audience is configured: every bearer token will be rejected");
            return Ok(Self { trust: None });
        };
        let keys = match environment::optional("JWT_JWKS") {
            Some(text) => Keys::given(serde_json::from_str(&text)?),
            None => Keys::fetched(&issuer, environment::optional("JWT_JWKS_URL")),
        };
        let groups_claim = environment::optional("JWT_GROUPS_CLAIM").unwrap_or_else(|| "cognito:groups".into());
        Ok(Self::new(issuer, audience, groups_claim, keys))
    }

    /// Accepts tokens of `issuer` for `audience`, signed with one of `keys`.
    pub const fn new(issuer: String, audience: String, groups_claim: String, keys: Keys) -> Self {
        Self { trust: Some(Trust { issuer, audience, groups_claim, keys }) }
    }

    /// Returns the caller of `request`. Otherwise a problem with the code
    /// [`Code::Unauthenticated`], or [`Code::Unavailable`] if the issuer's keys cannot be fetched.
    pub async fn caller(&self, request: &Request) -> Result<Caller, Problem> {
        self.verify(request).await.map_err(|rejection| {
            tracing::info!(reason = bootstrap::failure::error_chain(&rejection), "unauthenticated");
            match rejection {
                Rejection::Keys(_) => Problem::new(
                    Code::Unavailable,
                    "the issuer of bearer tokens does not answer; send the same request again",
                )
                .with_retry_after(5),
                Rejection::Invalid(error) if *error.kind() == jsonwebtoken::errors::ErrorKind::ExpiredSignature => {
                    Problem::new(Code::Unauthenticated, "the bearer token has expired; sign in again")
                }
                Rejection::NoBearerToken => Problem::new(
                    Code::Unauthenticated,
                    "add a bearer token in the header, as in Authorization: Bearer …",
                ),
                _ => Problem::new(Code::Unauthenticated, "the bearer token is not accepted; sign in again"),
            }
        })
    }

    async fn verify(&self, request: &Request) -> Result<Caller, Rejection> {
        let token = bearer_token(request).ok_or(Rejection::NoBearerToken)?;
        let trust = self.trust.as_ref().ok_or(Rejection::NoIssuer)?;
        let header = decode_header(token)?;
        if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256) {
            return Err(Rejection::Algorithm);
        }
        let kid = header.kid.ok_or(Rejection::UnknownKey)?;
        let key = trust.keys.find(&kid).await?.ok_or(Rejection::UnknownKey)?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&trust.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECS;
        // Cognito's access tokens have no `aud`; they name their client in `client_id`.
        validation.validate_aud = false;
        let claims = decode::<Map<String, Value>>(token, &DecodingKey::from_jwk(&key)?, &validation)?.claims;
        if !is_for(&claims, &trust.audience) {
            return Err(Rejection::Audience);
        }
        let user_id = claims.get("sub").and_then(Value::as_str).and_then(|sub| sub.parse().ok());
        Ok(Caller::with_groups(user_id.ok_or(Rejection::Subject)?, groups(&claims, &trust.groups_claim)))
    }
}

fn bearer_token(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header(AUTHORIZATION.as_str()).ok()??.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn is_for(claims: &Map<String, Value>, audience: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(aud)) => aud == audience,
        Some(Value::Array(auds)) => auds.iter().any(|aud| aud == audience),
        Some(_) => false,
        None => claims.get("client_id").is_some_and(|client| client == audience),
    }
}

fn groups<'a>(claims: &'a Map<String, Value>, claim: &str) -> Vec<&'a str> {
    match claims.get(claim) {
        Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(group)) => vec![group],
        _ => Vec::new(),
    }
}

/// Requires the group `barista` or `admin`; otherwise a problem with the code [`Code::Forbidden`].
pub fn require_barista(caller: &Caller) -> Result<(), Problem> {
    require(caller.is_barista(), "barista")
}

/// Requires the group `admin`; otherwise a problem with the code [`Code::Forbidden`].
pub fn require_admin(caller: &Caller) -> Result<(), Problem> {
    require(caller.is_admin(), "admin")
}

fn require(is_member: bool, group: &str) -> Result<(), Problem> {
    let detail = || format!("requires membership of the group {group}");
    if is_member { Ok(()) } else { Err(Problem::new(Code::Forbidden, detail())) }
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
