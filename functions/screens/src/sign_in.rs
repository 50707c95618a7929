//! Issuer and client with which people sign in, as `GET /sign-in` returns them.

use bootstrap::{clients, environment};
use serde::Serialize;

/// Way in which people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SignInKind {
    /// With a code by e-mail, through the API of the user pool.
    Cognito,
    /// With an authorisation code and PKCE, at a page of the issuer.
    Oidc,
    /// With links of `presso`, whose tokens a key of this machine signs.
    Local,
    /// Not at all.
    None,
}

/// Answer of `GET /sign-in`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    local: bool,
    kind: SignInKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cognito_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    self_sign_up: Option<bool>,
}

/// Error of the environment variables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSignIn {
    /// `IDENTITY_PROVIDER` has an unknown value.
    #[error("IDENTITY_PROVIDER is {0:?}: set it to cognito, external or local in template.yaml")]
    Provider(String),
    /// An address has no origin that a content security policy could name.
    #[error("{0:?} is not an address that a page can call: it must begin with https:// or http://, and a host")]
    Address(String),
}

impl SignIn {
    /// Reads the environment of the function.
    pub fn from_environment() -> Result<Self, InvalidSignIn> {
        // On an emulator the user pool answers at the address of the emulator.
        let emulator = clients::endpoint("COGNITO_IDENTITY_PROVIDER");
        let emulator = emulator.map(|endpoint| format!("{}/", endpoint.trim_end_matches('/')));
        Self::read(|name| match (name, &emulator) {
            ("COGNITO_ENDPOINT", Some(_)) => emulator.clone(),
            _ => environment::optional(name),
        })
    }

    /// Reads the variables. Without an issuer the kind is [`SignInKind::None`], whatever else is
    /// set.
    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidSignIn> {
        let issuer = variable("SIGN_IN_ISSUER");
        let kind = match (variable("IDENTITY_PROVIDER").as_deref(), &issuer) {
            (_, None) => SignInKind::None,
            (Some("cognito"), _) => SignInKind::Cognito,
            (Some("external"), _) => SignInKind::Oidc,
            (Some("local"), _) => SignInKind::Local,
            (other, _) => return Err(InvalidSignIn::Provider(other.unwrap_or_default().to_owned())),
        };
        let of = |owner, name| if kind == owner { variable(name) } else { None };
        let has_client = matches!(kind, SignInKind::Cognito | SignInKind::Oidc);
        let sign_in = Self {
            local: kind == SignInKind::Local,
            kind,
            issuer,
            client_id: variable("SIGN_IN_CLIENT_ID").filter(|_| has_client),
            cognito_endpoint: of(SignInKind::Cognito, "COGNITO_ENDPOINT"),
            authorization_endpoint: of(SignInKind::Oidc, "AUTHORIZATION_ENDPOINT"),
            token_endpoint: of(SignInKind::Oidc, "TOKEN_ENDPOINT"),
            scope: of(SignInKind::Oidc, "SIGN_IN_SCOPE"),
            self_sign_up: of(SignInKind::Cognito, "SELF_SIGN_UP").map(|open| open == "true"),
        };
        if let Some(address) = sign_in.called().find(|address| origin(address).is_none()) {
            return Err(InvalidSignIn::Address(address.clone()));
        }
        Ok(sign_in)
    }

    /// Returns the origins that a page calls to sign in.
    pub fn origins(&self) -> Vec<String> {
        self.called().filter_map(|address| origin(address)).map(str::to_owned).collect()
    }

    /// Returns the addresses that scripts of a page call. A page navigates to the authorisation
    /// endpoint and does not call it.
    fn called(&self) -> impl Iterator<Item = &String> {
        self.cognito_endpoint.iter().chain(&self.token_endpoint)
    }
}

/// Returns scheme, host and port of an address, if a policy can contain them.
fn origin(address: &str) -> Option<&str> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| address.starts_with(scheme))?;
    let rest = address.get(scheme.len()..)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let is_host = !host.is_empty() && host.bytes().all(is_plain);
    is_host.then(|| address.get(..scheme.len() + host.len())).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const COGNITO: &str = "https://cognito-idp.eu-west-1.amazonaws.com";

    /// Reads an environment with these two values, in which all other variables are set. Each kind
    /// uses some of them.
    fn read(provider: &str, issuer: &str) -> Result<SignIn, InvalidSignIn> {
        SignIn::read(|name| {
            let value = match name {
                "IDENTITY_PROVIDER" => provider,
                "SIGN_IN_ISSUER" => issuer,
                "SIGN_IN_CLIENT_ID" => "client",
                "COGNITO_ENDPOINT" => "https://cognito-idp.eu-west-1.amazonaws.com/",
                "AUTHORIZATION_ENDPOINT" => "https://issuer.example/authorize?audience=bar",
                "TOKEN_ENDPOINT" => "https://tokens.issuer.example:8443/oauth/token",
                "SIGN_IN_SCOPE" => "openid",
                "SELF_SIGN_UP" => "false",
                other => panic!("{other} is read"),
            };
            Some(value.to_owned()).filter(|value| !value.is_empty())
        })
    }

    fn json(sign_in: &SignIn) -> Value {
        serde_json::to_value(sign_in).unwrap()
    }

    #[test]
    fn a_user_pool_is_called_at_its_endpoint() {
        let found = read("cognito", "https://pool").unwrap();
        let expected = json!({
            "local": false, "kind": "cognito", "issuer": "https://pool", "clientId": "client",
            "cognitoEndpoint": format!("{COGNITO}/"), "selfSignUp": false,
        });
        assert_eq!(json(&found), expected);
        assert_eq!(found.origins(), [COGNITO]);
    }

    #[test]
    fn another_issuer_has_a_page_and_an_address_for_tokens() {
        let found = read("external", "https://issuer.example/").unwrap();
        let expected = json!({
            "local": false, "kind": "oidc", "issuer": "https://issuer.example/", "clientId": "client",
            "authorizationEndpoint": "https://issuer.example/authorize?audience=bar",
            "tokenEndpoint": "https://tokens.issuer.example:8443/oauth/token", "scope": "openid",
        });
        assert_eq!(json(&found), expected);
        assert_eq!(found.origins(), ["https://tokens.issuer.example:8443"]);
    }

    #[test]
    fn only_a_provider_named_local_is_local() {
        assert_eq!(
            json(&read("local", "presso-local").unwrap()),
            json!({"local": true, "kind": "local", "issuer": "presso-local"})
        );
        for (provider, issuer) in [("external", "presso-local"), ("local", ""), ("cognito", "")] {
            assert_eq!(json(&read(provider, issuer).unwrap())["local"], false, "{provider} {issuer}");
        }
        assert_eq!(json(&read("external", "").unwrap()), json!({"local": false, "kind": "none"}));
        assert_eq!(read("Local", "x"), Err(InvalidSignIn::Provider("Local".into())));
    }

    #[test]
    fn only_an_http_address_with_a_plain_host_has_an_origin() {
        for address in ["https://a.example;script-src", "https://a b", "ftp://a.example", "https://", "a.example", "*"]
        {
            assert_eq!(origin(address), None, "{address}");
        }
        for address in ["https://a.example", "http://127.0.0.1:4566/", "http://[::1]:8080?x"] {
            let found = origin(address).unwrap();
            assert!(!found.contains(['?', ' ']) && !found.ends_with('/'), "{found}");
        }
    }
}
