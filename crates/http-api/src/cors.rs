//! CORS: the origin whose pages may read answers.
//!
//! API Gateway names the same origin in its answers to preflights and in errors of its own: see
//! `Api` in `template.yaml`.

use std::str::FromStr;

use aws_lambda_events::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, VARY};

use crate::response::Response;

/// Headers that pages may read besides those that CORS allows anyway, such as `Content-Type`.
pub const EXPOSED_HEADERS: &str = "ETag, Location, Retry-After";

const ANY: &str = "*";

/// An origin as browsers send it, or `*` for any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOrigin(String);

/// Error of a text that is neither `*` nor an origin that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither * nor one origin such as https://bar.example, without a path and in lower case")]
pub struct InvalidOrigin(String);

impl FromStr for AllowedOrigin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        if text == ANY || is_origin(text) { Ok(Self(text.to_owned())) } else { Err(InvalidOrigin(text.to_owned())) }
    }
}

impl AllowedOrigin {
    /// Returns the origin that `CORS_ORIGIN` names, whose pages may read answers. `None` if the
    /// variable is unset or invalid: no page may read answers.
    pub fn from_environment() -> Option<Self> {
        Self::from_setting(bootstrap::environment::optional("CORS_ORIGIN").as_deref())
    }

    /// Returns the origin in the value of `CORS_ORIGIN`. Logs an invalid value and returns `None`.
    pub(crate) fn from_setting(value: Option<&str>) -> Option<Self> {
        match value?.parse() {
            Ok(origin) => Some(origin),
            Err(error) => {
                let error: InvalidOrigin = error;
                tracing::error!(error = bootstrap::failure::error_chain(&error), "CORS_ORIGIN allows no page");
                None
            }
        }
    }

    /// Adds the headers with which a browser lets a page read `response`.
    pub(crate) fn allow(&self, response: Response) -> Response {
        response
            .with_header(ACCESS_CONTROL_ALLOW_ORIGIN, &self.0)
            .with_header(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS)
            .with_header(VARY, "Origin")
    }
}

/// Returns true for an https origin, and for an http origin on the developer's machine, as browsers
/// send them: in lower case and without the default port.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_port = |default: &str| port.is_none_or(|port| port != default && is_port(port));
    match scheme {
        "https" => is_domain(host) && is_port("443"),
        "http" => is_loopback(host) && is_port("80"),
        _ => false,
    }
}

fn is_port(text: &str) -> bool {
    let digits = text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && !text.starts_with('0') && !text.is_empty()
}

fn is_domain(host: &str) -> bool {
    host.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.strip_suffix(".localhost").is_some_and(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_the_configured_origin_may_read_answers() {
        let origin = AllowedOrigin::from_setting(Some("https://bar.example")).unwrap();
        let response = origin.allow(Response::json(200, &()).unwrap());
        assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "https://bar.example");
        assert_eq!(response.headers()[ACCESS_CONTROL_EXPOSE_HEADERS], EXPOSED_HEADERS);
    }

    #[test]
    fn a_setting_that_is_no_origin_allows_no_page() {
        assert_eq!(AllowedOrigin::from_setting(None), None);
        for setting in ["https://bar.example/", "https://a.example,https://b.example", "bar.example", "null"] {
            assert_eq!(AllowedOrigin::from_setting(Some(setting)), None, "{setting}");
        }
    }
}
