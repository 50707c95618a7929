//! Finds AWS credentials in the sources of the AWS CLI. An error of a source names the source and
//! the next step.

mod mfa;
mod source;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileSet;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as Providing;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_sdk_cloudformation::error::ErrorMetadata;
use aws_types::os_shim_internal::{Env, Fs};
use futures::FutureExt;

use self::source::Source;
use crate::error::{Cause, Error};
use crate::{http, pasted};

/// Time limit of a source, such as a `credential_process`; none for a person who types an MFA code.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Error codes of services that reject the credentials themselves, not their permissions.
const REFUSED: [&str; 13] = [
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Loads region, credentials and endpoint from the environment and the profile.
///
/// The credentials are obtained before the first call. During a call, its time-out would end a
/// source that asks a person, and each retry would ask again.
pub(crate) async fn load() -> Result<SdkConfig, Error> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(40))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        .http_client(http::aws_client())
        .identity_cache(IdentityCache::lazy().load_timeout(TIMEOUT).build());
    if let Some(profile) = selected_profile() {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")) {
        loader = loader.region(Region::new(region));
    }
    // The SDK reads the variable itself. Set here, a value also replaces the endpoints of single
    // services, so only a value that had to be cleaned is set.
    if let Some(url) = variable("AWS_ENDPOINT_URL").filter(|url| Some(url) != raw("AWS_ENDPOINT_URL").as_ref()) {
        loader = loader.endpoint_url(url);
    }
    let config = loader.load().await;
    if config.region().is_none() {
        let help = format!("set AWS_REGION, or region in the profile {}", profile_name());
        return Err(Error::Usage("no AWS region is set".to_owned()).with_help(help));
    }
    let profiles = profiles();
    let asking = mfa::Provider::find(&config, &profiles).map(SharedCredentialsProvider::new);
    let limit = if asking.is_some() { Duration::MAX } else { TIMEOUT };
    let Some(source) = asking.or_else(|| config.credentials_provider()) else { return Ok(config) };
    let first = obtain(&source, limit).await?;
    let obtained = Obtained { first: Mutex::new(Some(first)), source };
    Ok(config.into_builder().credentials_provider(SharedCredentialsProvider::new(obtained)).build())
}

async fn obtain(source: &SharedCredentialsProvider, limit: Duration) -> Result<Credentials, Error> {
    let obtained = tokio::time::timeout(limit, source.provide_credentials()).await;
    obtained.map_err(|_| CredentialsError::provider_timed_out(limit)).flatten().map_err(Error::credentials)
}

/// Credentials that were obtained before the first call, and their source for later ones.
#[derive(Debug)]
struct Obtained {
    first: Mutex<Option<Credentials>>,
    source: SharedCredentialsProvider,
}

impl ProvideCredentials for Obtained {
    fn provide_credentials<'a>(&'a self) -> Providing<'a>
    where
        Self: 'a,
    {
        match self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(credentials) => Providing::ready(Ok(credentials)),
            None => self.source.provide_credentials(),
        }
    }
}

/// Returns true if an error, or one of its causes, is about the credentials.
pub(crate) fn is_cause(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let code = error.downcast_ref::<ErrorMetadata>().and_then(ErrorMetadata::code);
        if error.is::<CredentialsError>() || code.is_some_and(|code| REFUSED.contains(&code)) {
            return true;
        }
        // `source` of an I/O error skips its payload and returns the source of the payload.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(payload) => Some(payload),
            None => error.source(),
        };
    }
    false
}

impl Error {
    /// Creates an error of the credentials that the environment selects.
    pub(crate) fn credentials(source: impl Into<Cause>) -> Self {
        let used = Source::find(&profiles());
        Self::Credentials { used: used.to_string(), source: source.into(), help: used.help() }
    }
}

fn raw(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Returns the cleaned value of an environment variable; none if it has only blanks and quotes.
fn variable(name: &str) -> Option<String> {
    raw(name).map(|value| pasted::text(&value)).filter(|value| !value.is_empty())
}

/// Returns the profile that the environment selects. The AWS CLI reads both variables.
fn selected_profile() -> Option<String> {
    variable("AWS_PROFILE").or_else(|| variable("AWS_DEFAULT_PROFILE"))
}

fn profile_name() -> String {
    selected_profile().unwrap_or_else(|| "default".to_owned())
}

/// Returns the profiles in the AWS CLI's files; none if the files cannot be read.
fn profiles() -> ProfileSet {
    let (fs, env, files) = (Fs::real(), Env::real(), EnvConfigFiles::default());
    let profiles = aws_config::profile::load(&fs, &env, &files, selected_profile().map(Cow::Owned));
    // Loading only reads files, so the future is ready at once.
    profiles.now_or_never().and_then(Result::ok).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Silent;

    impl ProvideCredentials for Silent {
        fn provide_credentials<'a>(&'a self) -> Providing<'a>
        where
            Self: 'a,
        {
            Providing::new(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_does_not_answer_is_an_error_after_two_minutes() {
        let started = tokio::time::Instant::now();
        let error = obtain(&SharedCredentialsProvider::new(Silent), TIMEOUT).await.unwrap_err();
        assert!(matches!(error, Error::Credentials { .. }), "{error:?}");
        assert_eq!(started.elapsed(), TIMEOUT);
    }
}
