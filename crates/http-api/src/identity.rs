//! Authentication: the bearer credential of a request is a token of the issuer, a guest secret or a
//! display secret. Tokens are verified here, against a given or fetched key set.

mod groups;
mod token;

use aws_lambda_events::http::header::AUTHORIZATION;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use bootstrap::{clients, environment, record};
use domain::caller::Caller;
use domain::credential::{DisplaySecret, GuestSecret, InvalidSecret};
use domain::ids::InvalidSubject;
use domain::timestamp::Timestamp;
use jsonwebtoken::errors::ErrorKind;

use self::token::Trust;
use crate::jwks::{InsecureAddress, Keys, KeysUnavailable};
use crate::problem::{Code, Problem};
use crate::request::Request;

/// Verifier of bearer tokens and guest secrets. Without an issuer it rejects every token, but
/// accepts guests.
#[derive(Debug)]
pub struct Authenticator {
    trust: Option<Trust>,
}

/// Error of environment variables that name no keys with which tokens can be verified.
#[derive(Debug, thiserror::Error)]
pub enum NoKeys {
    /// `JWT_JWKS` cannot be parsed.
    #[error("JWT_JWKS is not a JSON Web Key Set: give the issuer's, or leave it empty to have it fetched")]
    Unreadable(#[from] serde_json::Error),
    /// `JWT_ISSUER` or `JWT_JWKS_URL` is not safe to fetch keys from.
    #[error("the issuer's keys cannot be fetched: set JWT_ISSUER and JWT_JWKS_URL to https addresses")]
    Insecure(#[from] InsecureAddress),
}

/// Reason for which a bearer credential is rejected. It is logged, so no variant quotes the
/// credential; the caller gets less detail.
#[derive(Debug, thiserror::Error)]
enum Rejection {
    #[error("no issuer is configured: set JwtIssuer and JwtAudience, or IdentityProvider=cognito")]
    NoIssuer,
    #[error("the request has no bearer credential")]
    NoCredential,
    #[error("the secret is malformed")]
    Secret(#[from] InvalidSecret),
    #[error("a display is no person")]
    Display,
    #[error("the algorithm of the bearer token is neither RS256 nor ES256")]
    Algorithm,
    #[error("the bearer token has critical header parameters (crit), of which none is supported")]
    CriticalHeader,
    #[error("no key of the issuer has the kid of the bearer token")]
    UnknownKey,
    #[error("the bearer token cannot be verified")]
    Invalid(#[from] jsonwebtoken::errors::Error),
    #[error("the bearer token is for another audience")]
    Audience,
    #[error("the bearer token is not an access token")]
    NoAccessToken,
    #[error("the bearer token has no sub")]
    NoSubject,
    #[error("no userId can be derived from the sub of the bearer token")]
    Subject(#[from] InvalidSubject),
    #[error(transparent)]
    Keys(#[from] KeysUnavailable),
}

/// Bearer credential by its form.
enum Credential<'a> {
    Guest(GuestSecret),
    Display(DisplaySecret),
    Token(&'a str),
}

impl Authenticator {
    /// Reads the issuer from the environment: `JWT_ISSUER`, `JWT_AUDIENCE` (one or several, with
    /// spaces between), `JWT_GROUPS_CLAIM`. The keys come from `JWT_JWKS` (a key set as JSON), or
    /// are fetched over `connector` from `JWT_JWKS_URL` or from the address in the issuer's OpenID
    /// configuration.
    pub fn from_environment(connector: &SharedHttpConnector) -> Result<Self, NoKeys> {
        let (issuer, audience) = (environment::optional("JWT_ISSUER"), environment::optional("JWT_AUDIENCE"));
        let (Some(issuer), Some(audience)) = (issuer, audience) else {
            tracing::warn!("no issuer or no audience is configured: every bearer token will be rejected");
            return Ok(Self { trust: None });
        };
        let keys = if let Some(text) = environment::optional("JWT_JWKS") {
            Keys::given(serde_json::from_str(&text)?)
        } else {
            let endpoint = clients::endpoint("COGNITO_IDENTITY_PROVIDER");
            let url = environment::optional("JWT_JWKS_URL").map(|url| on_emulator(url, endpoint));
            Keys::fetched(&issuer, url.as_deref(), connector)?
        };
        let groups_claim = environment::optional("JWT_GROUPS_CLAIM").unwrap_or_else(|| "cognito:groups".into());
        Ok(Self::new(issuer, &audience, groups_claim, keys))
    }

    /// Accepts tokens of `issuer` for `audience`, signed with one of `keys`. Several audiences are
    /// separated by spaces.
    pub fn new(issuer: String, audience: &str, groups_claim: String, keys: Keys) -> Self {
        let audiences = audience.split_ascii_whitespace().map(str::to_owned).collect();
        Self { trust: Some(Trust { issuer, audiences, groups_claim, keys }) }
    }

    /// Fetches the issuer's keys in advance, so that the first request need not wait for them: see
    /// [`clients::prime`].
    pub async fn prime(&self) -> Result<(), KeysUnavailable> {
        match &self.trust {
            Some(trust) => trust.keys.prime().await,
            None => Ok(()),
        }
    }

    /// Returns the caller of `request`. Otherwise a problem with the code
    /// [`Code::Unauthenticated`], [`Code::Forbidden`] for a display and for an account whose
    /// subject cannot be accepted, or [`Code::Unavailable`] if the issuer's keys cannot be fetched.
    pub async fn caller(&self, request: &Request) -> Result<Caller, Problem> {
        Ok(self.caller_until(request).await?.0)
    }

    /// As [`Self::caller`], with the end of the credential's validity: that of a token, `None` for
    /// a guest.
    pub async fn caller_until(&self, request: &Request) -> Result<(Caller, Option<Timestamp>), Problem> {
        let verified = self.verify(request).await.map_err(|rejection| {
            record::detail("reason", bootstrap::failure::error_chain(&rejection));
            problem(&rejection)
        })?;
        record::user(&verified.0.user_id);
        Ok(verified)
    }

    async fn verify(&self, request: &Request) -> Result<(Caller, Option<Timestamp>), Rejection> {
        match credential(request)? {
            Credential::Guest(secret) => Ok((Caller::guest(&secret), None)),
            Credential::Display(_) => Err(Rejection::Display),
            Credential::Token(token) => self.trust.as_ref().ok_or(Rejection::NoIssuer)?.verify(token).await,
        }
    }
}

/// If `url` is the address of a Cognito user pool's key set, returns the address of this key set at
/// the emulator's `endpoint`. Without an endpoint, or for any other address, returns `url`.
fn on_emulator(url: String, endpoint: Option<String>) -> String {
    match (endpoint, url.splitn(4, '/').nth(3)) {
        (Some(endpoint), Some(path)) if token::is_cognito(&url) => {
            format!("{}/{path}", endpoint.trim_end_matches('/'))
        }
        _ => url,
    }
}

/// Returns the display secret of `request`, if its credential is a well-formed one. A function that
/// serves displays looks up the hash of the secret; [`Authenticator::caller`] refuses the secret.
pub fn display_secret(request: &Request) -> Option<DisplaySecret> {
    match credential(request) {
        Ok(Credential::Display(secret)) => Some(secret),
        _ => None,
    }
}

fn credential(request: &Request) -> Result<Credential<'_>, Rejection> {
    let text = bearer(request).ok_or(Rejection::NoCredential)?;
    if text.starts_with(GuestSecret::PREFIX) {
        return Ok(Credential::Guest(text.parse()?));
    }
    if text.starts_with(DisplaySecret::PREFIX) {
        return Ok(Credential::Display(text.parse()?));
    }
    Ok(Credential::Token(text))
}

fn bearer(request: &Request) -> Option<&str> {
    let (scheme, credential) = request.header(AUTHORIZATION.as_str()).ok()??.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(credential.trim())
}

fn problem(rejection: &Rejection) -> Problem {
    let unauthenticated = |detail: &str| Problem::new(Code::Unauthenticated, detail);
    match rejection {
        Rejection::Keys(error) => {
            let detail = "the issuer of bearer tokens does not answer; send the same request again";
            Problem::new(Code::Unavailable, detail).with_retry_after(error.retry_after_secs())
        }
        Rejection::NoCredential => unauthenticated("add a bearer token in the header, as in Authorization: Bearer …"),
        Rejection::Secret(error) => unauthenticated(&error.to_string()),
        Rejection::NoIssuer => unauthenticated("this coffee bar accepts no bearer tokens: no issuer is configured"),
        Rejection::Invalid(error) if *error.kind() == ErrorKind::ExpiredSignature => {
            unauthenticated("the bearer token has expired; sign in again")
        }
        Rejection::NoAccessToken => {
            unauthenticated("the bearer token is not an access token; send the access token of the same sign-in")
        }
        Rejection::NoSubject => unauthenticated("the bearer token has no sub, so it identifies no account"),
        Rejection::Algorithm
        | Rejection::CriticalHeader
        | Rejection::UnknownKey
        | Rejection::Invalid(_)
        | Rejection::Audience => unauthenticated("the bearer token is not accepted; sign in again"),
        Rejection::Display => {
            let detail = "a display reads the code and the board of its shop; this route requires a person";
            Problem::new(Code::Forbidden, detail)
        }
        // Not 401: a client would sign in again, and get the same subject.
        Rejection::Subject(error) => {
            let detail = format!("the subject (sub) of this account cannot be accepted: {error}; use another account");
            Problem::new(Code::Forbidden, detail)
        }
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
mod template_tests;

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
