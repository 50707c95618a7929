//! Requests, parsed strictly: unknown parameters and fields are rejected.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::str::FromStr;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::http::HeaderMap;
use aws_lambda_events::http::header::AUTHORIZATION;
use aws_lambda_events::query_map::QueryMap;
use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use crate::body::{self, MalformedBody};
use crate::echo;
use crate::problem::{Code, Problem};
use crate::response::{CACHE_CONTROL, ETAG, Response};

/// Maximum size of a body, in bytes, unless the route says otherwise.
pub const SMALL_BODY: usize = 4 * 1024;

/// Request that API Gateway matched to a route.
#[derive(Debug, Clone)]
pub struct Request {
    route: String,
    path: HashMap<String, String>,
    query: HashMap<String, Vec<String>>,
    headers: HeaderMap,
    body: Option<String>,
    is_base64_encoded: bool,
    id: String,
    address_path: String,
}

impl From<ApiGatewayProxyRequest> for Request {
    fn from(event: ApiGatewayProxyRequest) -> Self {
        let resource = event.resource.or(event.request_context.resource_path).unwrap_or_default();
        let query = if event.multi_value_query_string_parameters.is_empty() {
            event.query_string_parameters
        } else {
            event.multi_value_query_string_parameters
        };
        let mut headers = event.headers;
        // `Debug` then does not show the credential.
        headers.iter_mut().filter(|(name, _)| **name == AUTHORIZATION).for_each(|(_, value)| value.set_sensitive(true));
        Self {
            route: format!("{} {resource}", event.http_method),
            path: event.path_parameters,
            query: parameters(&query),
            headers,
            body: event.body,
            is_base64_encoded: event.is_base64_encoded,
            id: event.request_context.request_id.unwrap_or_default(),
            address_path: event.request_context.path.unwrap_or_default(),
        }
    }
}

/// Converts the parameters without the map's own iterator, which panics at a name without a value.
fn parameters(query: &QueryMap) -> HashMap<String, Vec<String>> {
    serde_json::to_value(query).and_then(serde_json::from_value).unwrap_or_default()
}

/// Error of an event that is not an API Gateway request, or that has a header with an illegal
/// value. It has only line and column, because serde's message quotes the value, which may be a
/// credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event is not a request of API Gateway: it is unreadable at line {line}, column {column}")]
pub struct UnreadableRequest {
    line: usize,
    column: usize,
}

impl From<serde_json::Error> for UnreadableRequest {
    fn from(error: serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}

impl FromStr for Request {
    type Err = UnreadableRequest;

    fn from_str(event: &str) -> Result<Self, UnreadableRequest> {
        Ok(serde_json::from_str::<ApiGatewayProxyRequest>(event)?.into())
    }
}

impl Request {
    /// Returns method and resource, such as `PUT /orders/{id}`.
    pub fn route(&self) -> &str {
        &self.route
    }

    /// Looks the request up in `routes`, a function's table. Any other route is a problem with the
    /// code [`Code::RouteNotFound`].
    pub fn find_in<R: Copy>(&self, routes: &[(&str, R)]) -> Result<R, Problem> {
        let found = routes.iter().find(|(route, _)| *route == self.route);
        found
            .map(|(_, handler)| *handler)
            .ok_or_else(|| Problem::new(Code::RouteNotFound, format!("{} is not a route of this API", self.route)))
    }

    /// Returns API Gateway's id of the request.
    pub fn request_id(&self) -> &str {
        &self.id
    }

    /// Returns the path of the address that the caller used, with the stage or the base path of a
    /// custom domain. Empty if the gateway does not pass it.
    pub fn address_path(&self) -> &str {
        &self.address_path
    }

    /// Returns the response of a resource with the `ETag` `tag`, or 304 if the caller has the
    /// resource with this tag. `caching` is the `Cache-Control` of both.
    pub fn versioned(
        &self,
        tag: &str,
        caching: &str,
        response: impl FnOnce() -> Result<Response, Problem>,
    ) -> Result<Response, Problem> {
        let response = if self.has_version(tag)? { Response::empty(304) } else { response()? };
        Ok(response.with_header(ETAG, tag).with_header(CACHE_CONTROL, caching))
    }

    /// Returns true if the header `If-None-Match` contains `tag` or `*`. A cache may have marked
    /// the tag as weak.
    fn has_version(&self, tag: &str) -> Result<bool, Problem> {
        let known = self.header("if-none-match")?.unwrap_or_default();
        let mut known = known.split(',').map(str::trim);
        Ok(known.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag))
    }

    /// Returns a header's value. Values other than visible ASCII are rejected instead of being
    /// treated as absent.
    pub fn header(&self, name: &str) -> Result<Option<&str>, Problem> {
        let value = self.headers.get(name).map(|value| value.to_str()).transpose();
        let name = header_name(name);
        value.map_err(|_| invalid(&name, &format!("the header {name} must be plain ASCII text")))
    }

    /// Rejects query parameters other than `known`.
    pub fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.query.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let parameters = match known {
                    [] => "the route has no parameters".to_owned(),
                    known => format!("its parameters are {}", known.join(", ")),
                };
                let name = echo::cut(name);
                let detail = format!("{name:?} is not a parameter of this route; {parameters}");
                Err(Problem::new(Code::InvalidParameter, detail).with_field(name))
            }
        }
    }

    /// Parses an optional query parameter.
    pub fn query_optional<T>(&self, name: &str) -> Result<Option<T>, Problem>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        match self.query.get(name).map(Vec::as_slice).unwrap_or_default() {
            [] => Ok(None),
            [value] => value.parse().map(Some).map_err(|error| invalid(name, &error)),
            _ => Err(invalid(name, &format!("{name} must be given once"))),
        }
    }

    /// Parses a required query parameter.
    pub fn query<T>(&self, name: &str) -> Result<T, Problem>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        self.query_optional(name)?.ok_or_else(|| missing(name))
    }

    /// Parses an optional query parameter that must be one of the texts of `choices`. Returns the
    /// value beside the text.
    pub fn query_choice<T, const N: usize>(&self, name: &str, choices: [(&str, T); N]) -> Result<Option<T>, Problem> {
        let Some(text) = self.query_optional::<String>(name)? else { return Ok(None) };
        let names = choices.each_ref().map(|(choice, _)| *choice);
        let chosen = choices.into_iter().find(|(choice, _)| *choice == text);
        let (_, value) = chosen.ok_or_else(|| invalid(name, &format!("{name} must be {}", names.join(" or "))))?;
        Ok(Some(value))
    }

    /// Parses an optional query parameter that is a whole number in this range, written in digits
    /// alone.
    pub fn query_digits(&self, name: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, Problem> {
        let Some(text) = self.query_optional::<String>(name)? else { return Ok(None) };
        let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let number = digits.and_then(|digits| digits.parse().ok()).filter(|number| range.contains(number));
        let rule = || match range.end() {
            &u64::MAX => format!("{name} must be a whole number, in digits alone"),
            end => format!("{name} must be {} to {end}, in digits alone", range.start()),
        };
        number.map(Some).ok_or_else(|| invalid(name, &rule()))
    }

    /// Parses a path parameter. `None` if it is missing or does not parse.
    pub fn path<T>(&self, name: &str) -> Option<T>
    where
        T: FromStr,
    {
        self.path.get(name)?.parse().ok()
    }

    /// Returns a path parameter as the gateway passed it and, if that differs, percent-decoded.
    /// Some gateways decode path parameters and others do not.
    pub fn path_spellings(&self, name: &str) -> Vec<String> {
        let Some(passed) = self.path.get(name) else { return Vec::new() };
        let decoded = percent_decode_str(passed).decode_utf8().ok().filter(|decoded| decoded != passed);
        [passed.clone()].into_iter().chain(decoded.map(Into::into)).collect()
    }

    /// Parses the body as a JSON object of at most `max` bytes.
    pub fn json<T: DeserializeOwned>(&self, max: usize) -> Result<T, Problem> {
        let bytes = self.bytes(max)?;
        if bytes.trim_ascii().is_empty() {
            return Err(Problem::new(Code::MalformedBody, "a JSON body is required"));
        }
        body::parse(&bytes).map_err(|MalformedBody { field, rule }| {
            let at = field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default();
            let detail = format!("the body does not have the shape that this route requires: {at}{rule}");
            field.into_iter().fold(Problem::new(Code::MalformedBody, detail), Problem::with_field)
        })
    }

    /// As [`Request::json`]; an empty body gives the default.
    pub fn json_or_default<T: DeserializeOwned + Default>(&self, max: usize) -> Result<T, Problem> {
        if self.body.as_deref().unwrap_or_default().is_empty() { Ok(T::default()) } else { self.json(max) }
    }

    fn bytes(&self, max: usize) -> Result<Vec<u8>, Problem> {
        let body = self.body.as_deref().unwrap_or_default();
        let too_large =
            || Problem::new(Code::BodyTooLarge, format!("the body of this route must have at most {max} bytes"));
        if !self.is_base64_encoded {
            return if body.len() > max { Err(too_large()) } else { Ok(body.as_bytes().to_vec()) };
        }
        if body.len() > max.saturating_mul(2) {
            return Err(too_large());
        }
        let bytes = BASE64
            .decode(body.as_bytes())
            .map_err(|_| Problem::new(Code::MalformedBody, "the body is not valid base64; send it as plain JSON"))?;
        if bytes.len() > max { Err(too_large()) } else { Ok(bytes) }
    }
}

/// Returns the usual spelling of a header's name, such as `If-None-Match`.
fn header_name(name: &str) -> String {
    let words = name.split('-').map(|word| match word.split_at_checked(1) {
        Some((first, rest)) => format!("{}{rest}", first.to_ascii_uppercase()),
        None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join("-")
}

/// Returns the problem of a required query parameter that is missing.
pub fn missing(name: &str) -> Problem {
    invalid(name, &format!("{name} is missing; add it to the query"))
}

fn invalid(name: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::InvalidParameter, error.to_string()).with_field(name)
}

/// Construction of requests for the tests of handlers.
#[cfg(any(test, feature = "test-util"))]
impl Request {
    /// Creates a request of `route` (method and resource) with these path and query parameters and
    /// this body.
    pub fn new(route: &str, path: &[(&str, &str)], query: &[(&str, &str)], body: Option<&str>) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let query = query.iter().map(own).map(|(name, value)| (name, vec![value])).collect();
        Self {
            route: route.to_owned(),
            path: path.iter().map(own).collect(),
            query,
            headers: HeaderMap::new(),
            body: body.map(str::to_owned),
            is_base64_encoded: false,
            id: "test".to_owned(),
            address_path: String::new(),
        }
    }

    /// Sets the path of the address.
    #[must_use]
    pub fn at(mut self, address_path: &str) -> Self {
        address_path.clone_into(&mut self.address_path);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = value.parse() {
            self.headers.insert(name, value);
        }
        self
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
