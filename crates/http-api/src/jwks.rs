//! Keys of the issuer: given as a set, or fetched and cached.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use http_body_util::{BodyExt, Limited};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Minimum time between two fetches, whatever key ids the tokens name.
const FETCH_INTERVAL: Duration = Duration::from_mins(1);
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);
const LARGEST_DOCUMENT: usize = 256 * 1024;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Error of a key set that could not be fetched.
#[derive(Debug, thiserror::Error)]
#[error("the issuer's keys could not be fetched from {url}")]
pub struct KeysUnavailable {
    url: String,
    source: Cause,
}

/// Source of the issuer's keys.
#[derive(Debug)]
pub struct Keys(Source);

#[derive(Debug)]
enum Source {
    Given(JwkSet),
    Fetched(Box<Fetched>),
}

#[derive(Debug)]
struct Fetched {
    address: Address,
    cache: Mutex<Cache>,
}

#[derive(Debug)]
enum Address {
    KeySet(String),
    OpenIdConfiguration(String),
}

#[derive(Debug, Default)]
struct Cache {
    set: Option<JwkSet>,
    tried_at: Option<Instant>,
}

#[derive(Deserialize)]
struct OpenIdConfiguration {
    jwks_uri: String,
}

impl Keys {
    /// Uses this key set and never fetches.
    pub const fn given(set: JwkSet) -> Self {
        Self(Source::Given(set))
    }

    /// Fetches the key set from `url`, or from the address in the issuer's OpenID configuration.
    pub fn fetched(issuer: &str, url: Option<String>) -> Self {
        let address = url.map_or_else(
            || {
                Address::OpenIdConfiguration(format!(
                    "{}/.well-known/openid-configuration",
                    issuer.trim_end_matches('/')
                ))
            },
            Address::KeySet,
        );
        Self(Source::Fetched(Box::new(Fetched { address, cache: Mutex::default() })))
    }

    /// Returns the key with this id. An unknown id triggers a fetch, at most once a minute.
    pub(crate) async fn find(&self, kid: &str) -> Result<Option<Jwk>, KeysUnavailable> {
        match &self.0 {
            Source::Given(set) => Ok(set.find(kid).cloned()),
            Source::Fetched(fetched) => fetched.find(kid).await,
        }
    }
}

impl Fetched {
    async fn find(&self, kid: &str) -> Result<Option<Jwk>, KeysUnavailable> {
        let mut cache = self.cache.lock().await;
        let known = cache.set.as_ref().and_then(|set| set.find(kid)).cloned();
        if known.is_some() || cache.tried_at.is_some_and(|tried| tried.elapsed() < FETCH_INTERVAL) {
            return match (&known, &cache.set) {
                (None, None) => Err(self.unavailable("the last fetch failed less than a minute ago")),
                _ => Ok(known),
            };
        }
        cache.tried_at = Some(Instant::now());
        match self.fetch().await {
            Ok(set) => {
                tracing::info!(keys = set.keys.len(), "fetched the issuer's keys");
                let found = set.find(kid).cloned();
                cache.set = Some(set);
                Ok(found)
            }
            Err(error) if cache.set.is_some() => {
                tracing::warn!(error = bootstrap::failure::error_chain(&error), "using the keys of the last fetch");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn fetch(&self) -> Result<JwkSet, KeysUnavailable> {
        let url = match &self.address {
            Address::KeySet(url) => url.clone(),
            Address::OpenIdConfiguration(url) => {
                get::<OpenIdConfiguration>(url).await.map_err(|cause| self.unavailable(cause))?.jwks_uri
            }
        };
        get(&url).await.map_err(|cause| self.unavailable(cause))
    }

    fn unavailable(&self, cause: impl Into<Cause>) -> KeysUnavailable {
        let (Address::KeySet(url) | Address::OpenIdConfiguration(url)) = &self.address;
        KeysUnavailable { url: url.clone(), source: cause.into() }
    }
}

async fn get<T: DeserializeOwned>(url: &str) -> Result<T, Cause> {
    tokio::time::timeout(FETCH_TIMEOUT, get_unbounded(url)).await?
}

/// Fetches are rare: each uses a new connector, so that no connection stays open.
async fn get_unbounded<T: DeserializeOwned>(url: &str) -> Result<T, Cause> {
    let answer = bootstrap::clients::connector().call(HttpRequest::get(url)?).await?;
    if !answer.status().is_success() {
        return Err(format!("the answer has the status {}", answer.status().as_u16()).into());
    }
    let body = Limited::new(answer.into_body(), LARGEST_DOCUMENT).collect().await?.to_bytes();
    Ok(serde_json::from_slice(&body)?)
}
