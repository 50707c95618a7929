//! Downloads the key set of an issuer.

use std::net::IpAddr;
use std::time::Duration;

use aws_lambda_events::http::Uri;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use http_body_util::{BodyExt, Limited};
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use serde::de::DeserializeOwned;

const LARGEST_DOCUMENT: usize = 256 * 1024;

pub(super) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Error of an address from which keys cannot be fetched safely: a host on the way could replace
/// them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an https address; http is accepted on this machine alone")]
pub struct InsecureAddress(String);

/// Issuer, and the address of its key set or of its OpenID configuration.
#[derive(Debug)]
pub(super) struct Issuer {
    name: String,
    address: Address,
    connector: SharedHttpConnector,
}

#[derive(Debug)]
enum Address {
    KeySet(String),
    OpenIdConfiguration(String),
}

#[derive(Deserialize)]
struct OpenIdConfiguration {
    issuer: String,
    jwks_uri: String,
}

impl Issuer {
    pub(super) fn new(
        name: &str,
        key_set: Option<&str>,
        connector: SharedHttpConnector,
    ) -> Result<Self, InsecureAddress> {
        require_secure(name)?;
        let address = match key_set {
            Some(url) => Address::KeySet(url.to_owned()),
            None => {
                Address::OpenIdConfiguration(format!("{}/.well-known/openid-configuration", name.trim_end_matches('/')))
            }
        };
        let issuer = Self { name: name.to_owned(), address, connector };
        require_secure(issuer.address())?;
        Ok(issuer)
    }

    pub(super) fn address(&self) -> &str {
        let (Address::KeySet(url) | Address::OpenIdConfiguration(url)) = &self.address;
        url
    }

    /// Downloads the key set. `timeout` limits the whole download, including the OpenID
    /// configuration.
    pub(super) async fn keys(&self, timeout: Duration) -> Result<JwkSet, Cause> {
        tokio::time::timeout(timeout, self.download()).await?
    }

    async fn download(&self) -> Result<JwkSet, Cause> {
        let keys: JwkSet = match &self.address {
            Address::KeySet(url) => self.get(url).await?,
            Address::OpenIdConfiguration(url) => {
                let found: OpenIdConfiguration = self.get(url).await?;
                if found.issuer != self.name {
                    return Err(
                        format!("this is the configuration of {:?}, not of {:?}", found.issuer, self.name).into()
                    );
                }
                require_secure(&found.jwks_uri)?;
                self.get(&found.jwks_uri).await?
            }
        };
        // An empty set would replace a good one, and every token would be refused.
        if keys.keys.is_empty() {
            return Err("the key set is empty".into());
        }
        Ok(keys)
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, Cause> {
        let answer = self.connector.call(HttpRequest::get(url)?).await?;
        if !answer.status().is_success() {
            return Err(format!("{url} answered with the status {}", answer.status().as_u16()).into());
        }
        let body = Limited::new(answer.into_body(), LARGEST_DOCUMENT).collect().await?.to_bytes();
        Ok(serde_json::from_slice(&body)?)
    }
}

fn require_secure(url: &str) -> Result<(), InsecureAddress> {
    let uri = url.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let secure = match uri.as_ref().and_then(Uri::scheme_str) {
        Some("https") => !host.is_empty(),
        Some("http") => is_loopback(host),
        _ => false,
    };
    if secure { Ok(()) } else { Err(InsecureAddress(url.to_owned())) }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_unless_they_are_on_this_machine() {
        for url in [
            "https://issuer.example",
            "https://issuer.example:8443/realms/bar?x=1",
            "http://localhost:4566/pool",
            "http://127.0.0.1/keys",
            "http://127.9.9.9:1/keys",
            "http://[::1]:8080/keys",
        ] {
            assert_eq!(require_secure(url), Ok(()), "{url}");
        }
        for url in [
            "",
            "presso-local",
            "issuer.example/keys",
            "//issuer.example",
            "https://",
            "http://issuer.example/keys",
            "http://10.0.0.1/keys",
            "http://0.0.0.0/keys",
            "http://localhost.example/keys",
            "http://127.0.0.1.example/keys",
            "http://127.0.0.1@issuer.example/keys",
            "http://localhost:80@issuer.example/keys",
            "http://[::2]/keys",
            "ftp://localhost/keys",
            "file:///etc/passwd",
        ] {
            assert_eq!(require_secure(url), Err(InsecureAddress(url.to_owned())), "{url}");
        }
    }
}
