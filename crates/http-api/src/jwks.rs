//! Keys of the issuer: given as a set, or fetched and cached.

mod fetch;

use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use tokio::sync::Mutex;
use tokio::time::Instant;

use self::fetch::{Cause, Issuer};

pub use self::fetch::InsecureAddress;

/// Age of a key set from which on it is fetched again, so that a key that the issuer withdraws is
/// refused after about this time.
const REFRESH_AFTER: Duration = Duration::from_hours(1);
/// Age of a key set from which on it is no longer trusted, even if no newer one could be fetched.
const TRUSTED_FOR: Duration = Duration::from_hours(24);
/// Minimum time between two fetches while a key set is held, whatever key ids the tokens name.
const INTERVAL: Duration = Duration::from_mins(1);
/// Time from the first request whose fetches failed to the next fetch, while no key set is held. It
/// doubles with each such request, up to [`LAST_BACK_OFF`].
const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
const LAST_BACK_OFF: Duration = Duration::from_secs(30);
/// Pause before the second fetch for one request.
const PAUSE: Duration = Duration::from_millis(200);
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);
/// Time-out of a fetch for a request whose key is in the held set.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(1);

/// Error of a key set that could not be fetched.
#[derive(Debug, thiserror::Error)]
#[error("the issuer's keys could not be fetched from {url}")]
pub struct KeysUnavailable {
    url: String,
    next_fetch_in: Duration,
    source: Cause,
}

impl KeysUnavailable {
    /// Returns the time until a request may fetch again, in whole seconds and at least one.
    pub(crate) fn retry_after_secs(&self) -> u32 {
        let seconds = self.next_fetch_in.as_millis().div_ceil(1_000).max(1);
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }
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
    issuer: Issuer,
    cache: Mutex<Cache>,
}

#[derive(Debug, Default)]
struct Cache {
    held: Option<Held>,
    /// Earliest time of the next fetch.
    next_fetch: Option<Instant>,
    /// Number of requests whose fetches failed since a key set was last held.
    failures: u32,
}

#[derive(Debug)]
struct Held {
    set: JwkSet,
    /// Time at which the fetch of the set began.
    since: Instant,
}

impl Keys {
    /// Uses this key set and never fetches.
    pub const fn given(set: JwkSet) -> Self {
        Self(Source::Given(set))
    }

    /// Fetches the key set over `connector` from `url`, or from the address in the OpenID
    /// configuration of `issuer`. All addresses must be https, except on this machine.
    pub fn fetched(issuer: &str, url: Option<&str>, connector: &SharedHttpConnector) -> Result<Self, InsecureAddress> {
        let issuer = Issuer::new(issuer, url, connector.clone())?;
        Ok(Self(Source::Fetched(Box::new(Fetched { issuer, cache: Mutex::default() }))))
    }

    /// Fetches the key set once, unless it is given. A failure starts no back-off: the first
    /// request fetches at once.
    pub(crate) async fn prime(&self) -> Result<(), KeysUnavailable> {
        let Source::Fetched(fetched) = &self.0 else { return Ok(()) };
        let began = Instant::now();
        match fetched.issuer.keys(FETCH_TIMEOUT).await {
            Ok(set) => fetched.cache.lock().await.hold(set, began),
            Err(cause) => return Err(fetched.unavailable(Duration::ZERO, cause)),
        }
        Ok(())
    }

    /// Returns the key with this id. Fetches a key set if none is held, or if the held set is old
    /// or lacks the key, but not before the earliest time of the next fetch.
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
        cache.remove_expired();
        match &cache.held {
            None => self.fetch_first(&mut cache).await?,
            Some(held) if !cache.may_fetch() => return Ok(held.set.find(kid).cloned()),
            Some(held) if held.set.find(kid).is_none() => self.refresh(&mut cache, FETCH_TIMEOUT).await,
            Some(held) if held.since.elapsed() >= REFRESH_AFTER => self.refresh(&mut cache, REFRESH_TIMEOUT).await,
            Some(_) => {}
        }
        Ok(cache.held.as_ref().and_then(|held| held.set.find(kid)).cloned())
    }

    /// Fetches a key set while none is held, and once more if that fails. No bearer token can be
    /// verified meanwhile, so the back-off is short.
    async fn fetch_first(&self, cache: &mut Cache) -> Result<(), KeysUnavailable> {
        if let Some(next) = cache.next_fetch.filter(|_| !cache.may_fetch()) {
            let remaining = next.saturating_duration_since(Instant::now());
            return Err(self.unavailable(remaining, "the last fetch failed a moment ago".into()));
        }
        let mut began = Instant::now();
        let mut fetched = self.issuer.keys(FETCH_TIMEOUT).await;
        if let Err(cause) = &fetched {
            tracing::info!(error = bootstrap::failure::error_chain(cause.as_ref()), "fetching the keys again");
            tokio::time::sleep(PAUSE).await;
            began = Instant::now();
            fetched = self.issuer.keys(FETCH_TIMEOUT).await;
        }
        match fetched {
            Ok(set) => cache.hold(set, began),
            Err(cause) => {
                let wait = cache.back_off();
                cache.next_fetch = Some(later(wait));
                return Err(self.unavailable(wait, cause));
            }
        }
        Ok(())
    }

    /// Fetches a key set that replaces the held set. If the fetch fails, keeps the held set. The
    /// request waits for the fetch, because Lambda runs no code between two requests.
    async fn refresh(&self, cache: &mut Cache, timeout: Duration) {
        let began = Instant::now();
        match self.issuer.keys(timeout).await {
            Ok(set) => cache.hold(set, began),
            Err(cause) => {
                cache.next_fetch = Some(later(INTERVAL));
                let error = bootstrap::failure::error_chain(cause.as_ref());
                tracing::warn!(error, "using the keys of the last fetch");
            }
        }
    }

    fn unavailable(&self, next_fetch_in: Duration, source: Cause) -> KeysUnavailable {
        KeysUnavailable { url: self.issuer.address().to_owned(), next_fetch_in, source }
    }
}

impl Cache {
    fn hold(&mut self, set: JwkSet, since: Instant) {
        tracing::info!(keys = set.keys.len(), "fetched the issuer's keys");
        *self = Self { held: Some(Held { set, since }), next_fetch: Some(later(INTERVAL)), failures: 0 };
    }

    fn remove_expired(&mut self) {
        if self.held.as_ref().is_some_and(|held| held.since.elapsed() >= TRUSTED_FOR) {
            *self = Self::default();
        }
    }

    fn may_fetch(&self) -> bool {
        self.next_fetch.is_none_or(|next| next <= Instant::now())
    }

    /// Counts a failure and returns the time until the next fetch.
    fn back_off(&mut self) -> Duration {
        let wait = FIRST_BACK_OFF.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX));
        self.failures = self.failures.saturating_add(1);
        wait.min(LAST_BACK_OFF)
    }
}

fn later(wait: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wait).unwrap_or(now)
}

#[cfg(test)]
#[path = "jwks_tests.rs"]
mod tests;
