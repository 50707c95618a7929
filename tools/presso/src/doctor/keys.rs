//! Check of the key set with which the functions verify bearer tokens.

use std::time::Duration;

use client::error::causes;
use client::stack::emulator;
use client::{Error, Stack, http};
use serde::Deserialize;

use super::deployed::Parameters;
use super::finding::{Finding, Purpose, State};

const CHECK: &str = "keys";
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct OpenIdConfiguration {
    jwks_uri: String,
}

/// Source of the key set, as the template gives it to the functions.
#[derive(Debug, PartialEq, Eq)]
enum Source<'a> {
    /// Address of the key set.
    Url(String),
    /// Issuer whose OpenID configuration has the address.
    Issuer(&'a str),
    /// The key set itself.
    Text(&'a str),
    /// No issuer.
    None,
}

fn source<'a>(stack: &Stack, parameters: &'a Parameters, emulator: Option<&str>) -> Source<'a> {
    if let Some(pool) = &stack.user_pool_id {
        let region = stack.aws.region().map_or("us-east-1", AsRef::as_ref);
        let host = emulator.map_or_else(|| format!("https://cognito-idp.{region}.amazonaws.com"), ToOwned::to_owned);
        return Source::Url(format!("{host}/{pool}/.well-known/jwks.json"));
    }
    let get = |name| parameters.get(name);
    match (get("JwtJwks"), get("JwtJwksUrl"), get("JwtIssuer")) {
        (Some(text), _, Some(_)) => Source::Text(text),
        (None, Some(url), Some(_)) => Source::Url(url.to_owned()),
        (None, None, Some(issuer)) => Source::Issuer(issuer),
        (_, _, None) => Source::None,
    }
}

pub(super) async fn finding(stack: &Stack, parameters: &Parameters, purpose: Purpose) -> Finding {
    let source = source(stack, parameters, emulator().as_deref());
    let (origin, set) = match source {
        Source::None => {
            let next = "deploy with IdentityProvider=cognito, or with JwtIssuer of your issuer";
            return Finding::new(CHECK, State::Problem, "no issuer: every bearer token is refused", next);
        }
        Source::Text(text) => ("the parameter JwtJwks".to_owned(), read(text)),
        Source::Url(url) => (url.clone(), fetch(&url).await.and_then(|text| read(&text))),
        Source::Issuer(issuer) => (format!("the configuration of {issuer}"), discover(issuer).await),
    };
    match set {
        Ok(count) => judge(count, &origin, parameters.get("IdentityProvider") == Some("local"), purpose),
        Err(error) => {
            let next = "nobody can sign in without the key set: check its address, and that the issuer answers";
            Finding::new(CHECK, State::Problem, format!("{origin}: {}", causes(&error)), next)
        }
    }
}

fn judge(count: usize, origin: &str, is_local: bool, purpose: Purpose) -> Finding {
    let found = format!("{count} in {origin}");
    match (count, is_local, purpose) {
        (0, ..) => Finding::new(CHECK, State::Problem, found, "nobody can sign in: the issuer must publish its keys"),
        (_, true, Purpose::Prod) => {
            let next = "pages accept links that contain a token: deploy with IdentityProvider=cognito or external";
            Finding::new(CHECK, State::Problem, format!("{found}, of a bar on one machine"), next)
        }
        _ => Finding::ok(CHECK, found),
    }
}

fn read(text: &str) -> Result<usize, Error> {
    let set: KeySet = serde_json::from_str(text).map_err(|error| Error::failed("it is no key set", error))?;
    Ok(set.keys.len())
}

async fn fetch(url: &str) -> Result<String, Error> {
    let client = http::builder(url).timeout(TIMEOUT).build();
    let client = client.map_err(|error| Error::failed("the HTTP client cannot be built", error))?;
    let answer = client.get(url).send().await.and_then(reqwest::Response::error_for_status);
    let answer = answer.map_err(|error| Error::failed("it cannot be fetched", error.without_url()))?;
    answer.text().await.map_err(|error| Error::failed("it cannot be read", error.without_url()))
}

async fn discover(issuer: &str) -> Result<usize, Error> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let configuration: OpenIdConfiguration =
        serde_json::from_str(&fetch(&url).await?).map_err(|error| Error::failed("it names no key set", error))?;
    read(&fetch(&configuration.jwks_uri).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_set_without_keys_and_local_keys_in_prod_are_problems() {
        assert_eq!(judge(2, "x", false, Purpose::Prod).state, State::Ok);
        assert_eq!(judge(0, "x", false, Purpose::Trial).state, State::Problem);
        assert_eq!(judge(1, "x", true, Purpose::Trial).state, State::Ok);
        assert_eq!(judge(1, "x", true, Purpose::Prod).state, State::Problem);
        assert_eq!(read(r#"{"keys": [{"kid": "a"}]}"#).unwrap(), 1);
        assert!(read("<html>").is_err());
    }

    #[test]
    fn user_pool_and_parameters_determine_the_source_of_the_key_set() {
        let stack = |pool: Option<&str>| {
            let aws = aws_config::SdkConfig::builder().region(aws_config::Region::new("eu-west-1")).build();
            let none = String::new;
            Stack {
                name: "bar".into(),
                arn: none(),
                changed_at: None,
                api_url: none(),
                bus_name: none(),
                order_processor_arn: none(),
                orders_table: none(),
                shop_table: none(),
                buckets_table: none(),
                sweeper_function: none(),
                live_url: None,
                connections_table: None,
                user_pool_id: pool.map(ToOwned::to_owned),
                user_pool_client_id: None,
                aws,
            }
        };
        let parameters = Parameters::new(&[("JwtIssuer", "https://issuer"), ("JwtJwksUrl", "https://keys")]);
        assert_eq!(source(&stack(None), &parameters, None), Source::Url("https://keys".into()));
        let pool = "https://cognito-idp.eu-west-1.amazonaws.com/p/.well-known/jwks.json";
        assert_eq!(source(&stack(Some("p")), &parameters, None), Source::Url(pool.into()));
        let parameters = Parameters::new(&[("JwtIssuer", "https://issuer"), ("JwtJwks", "")]);
        assert_eq!(source(&stack(None), &parameters, None), Source::Issuer("https://issuer"));
        assert_eq!(source(&stack(None), &Parameters::new(&[("JwtJwks", "{}")]), None), Source::None);
    }
}
