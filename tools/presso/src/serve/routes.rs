//! The routes of `openapi.yaml`, and the requests to them.

use std::collections::{BTreeMap, BTreeSet};

use client::Error;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::{Method, Url};
use serde::Deserialize;
use serde::de::IgnoredAny;

const DOCUMENT: &str = include_str!("../../../../openapi.yaml");

/// Characters of a path that are encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

#[derive(Deserialize)]
struct Document {
    paths: BTreeMap<String, PathItem>,
    components: Components,
}

#[derive(Deserialize)]
struct Components {
    parameters: BTreeMap<String, Parameter>,
}

#[derive(Deserialize)]
struct PathItem {
    #[serde(default)]
    parameters: Vec<Listed>,
    #[serde(flatten)]
    operations: BTreeMap<String, Operation>,
}

#[derive(Deserialize)]
struct Operation {
    #[serde(default)]
    parameters: Vec<Listed>,
    #[serde(rename = "requestBody")]
    body: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Listed {
    Reference {
        #[serde(rename = "$ref")]
        reference: String,
    },
    Parameter(Parameter),
}

#[derive(Clone, Deserialize)]
struct Parameter {
    name: String,
    #[serde(rename = "in")]
    place: String,
    /// True if the value is an object whose members are query parameters of any name. Only pages
    /// have such a parameter.
    #[serde(default)]
    explode: bool,
}

/// A route of the bar.
#[derive(Debug)]
pub(super) struct Route {
    method: Method,
    path: Vec<Segment>,
    query: BTreeSet<String>,
    headers: BTreeSet<String>,
    has_body: bool,
    is_page: bool,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Fixed(String),
    Value,
}

/// A request as it is sent to the bar, without its headers and its body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target<'a> {
    pub(super) route: &'a Route,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
}

/// The reason why a request is not forwarded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    Route,
    Parameter(String),
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        (&self.method, &self.path) == (&other.method, &other.path)
    }
}

impl Eq for Route {}

impl Route {
    /// Returns true if the bar reads this header of a request to the route.
    pub(super) fn reads(&self, header: &str) -> bool {
        self.headers.contains(header)
    }

    pub(super) const fn has_body(&self) -> bool {
        self.has_body
    }

    /// Returns the path at the bar, if `path`, which is divided into segments, fits this route.
    fn target(&self, path: &[&str]) -> Option<String> {
        if path.len() != self.path.len() {
            return None;
        }
        let mut target = String::new();
        for (segment, given) in self.path.iter().zip(path) {
            target.push('/');
            match segment {
                Segment::Fixed(name) if name == given => target.push_str(name),
                Segment::Fixed(_) => return None,
                Segment::Value => target.extend(utf8_percent_encode(&value(given)?, ENCODED)),
            }
        }
        Some(if target.is_empty() { "/".to_owned() } else { target })
    }
}

/// Returns the decoded value of a path parameter. Returns `None` if the value is not UTF-8, has
/// control characters, or could lead to another path on a server that decodes a path before
/// dividing it.
fn value(given: &str) -> Option<String> {
    let value = percent_decode_str(given).decode_utf8().ok()?;
    let leads_elsewhere = |part: &str| ["", ".", ".."].contains(&part);
    let is_safe = !value.split(['/', '\\']).any(leads_elsewhere) && !value.contains(char::is_control);
    is_safe.then(|| value.into_owned())
}

/// All routes of the bar.
#[derive(Debug)]
pub(super) struct Routes(Vec<Route>);

impl Routes {
    /// Reads the routes of the API that this program is built for.
    pub(super) fn of_the_bar() -> Result<Self, Error> {
        Self::read(DOCUMENT)
    }

    fn read(text: &str) -> Result<Self, Error> {
        let unreadable = |error| Error::failed("openapi.yaml cannot be read", Box::new(error) as client::error::Cause);
        let document: Document = yaml_serde::from_str(text).map_err(unreadable)?;
        let mut routes = Vec::new();
        for (path, item) in &document.paths {
            for (method, operation) in &item.operations {
                let method = method.to_uppercase().parse().map_err(|error| Error::failed("openapi.yaml", error))?;
                let listed = item.parameters.iter().chain(&operation.parameters);
                let parameters: Vec<_> = listed.filter_map(|listed| document.parameter(listed)).collect();
                routes.push(Route {
                    method,
                    path: segments(path),
                    query: names(&parameters, "query").map(str::to_owned).collect(),
                    headers: names(&parameters, "header").map(str::to_lowercase).collect(),
                    has_body: operation.body.is_some(),
                    is_page: parameters.iter().any(|parameter| parameter.explode),
                });
            }
        }
        // Fixed names are sorted before values, so that `find` tries them first.
        routes.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self(routes))
    }

    /// Returns the request to the bar for a method, a path and a query. The query of a page loses
    /// the parameters that its route does not have: the page reads them itself.
    pub(super) fn find(&self, method: &Method, path: &str, query: Option<&str>) -> Result<Target<'_>, Unknown> {
        let path = path.strip_prefix('/').ok_or(Unknown::Route)?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let path: Vec<&str> = if path.is_empty() { Vec::new() } else { path.split('/').collect() };
        let mut candidates = self.0.iter().filter(|route| route.method == method);
        let found = candidates.find_map(|route| Some((route, route.target(&path)?)));
        let (route, path) = found.ok_or(Unknown::Route)?;
        let mut query = pairs(query.unwrap_or_default());
        if route.is_page {
            query.retain(|(name, _)| route.query.contains(name));
        }
        match query.iter().find(|(name, _)| !route.query.contains(name)) {
            Some((name, _)) => Err(Unknown::Parameter(name.clone())),
            None => Ok(Target { route, path, query }),
        }
    }
}

impl Document {
    fn parameter(&self, listed: &Listed) -> Option<Parameter> {
        match listed {
            Listed::Parameter(parameter) => Some(parameter.clone()),
            Listed::Reference { reference } => {
                self.components.parameters.get(reference.strip_prefix("#/components/parameters/")?).cloned()
            }
        }
    }
}

/// Returns the names of the parameters in this place, such as `query`.
fn names<'a>(parameters: &'a [Parameter], place: &'a str) -> impl Iterator<Item = &'a str> {
    parameters.iter().filter(move |one| one.place == place).map(|one| one.name.as_str())
}

fn segments(path: &str) -> Vec<Segment> {
    let names = path.split('/').filter(|name| !name.is_empty());
    names.map(|name| if name.starts_with('{') { Segment::Value } else { Segment::Fixed(name.to_owned()) }).collect()
}

/// Returns the decoded names and values of a query.
fn pairs(query: &str) -> Vec<(String, String)> {
    let address = Url::parse(&format!("http://localhost/?{query}"));
    address.map(|address| address.query_pairs().into_owned().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(method: &Method, path: &str, query: &str) -> Result<(String, Vec<(String, String)>), Unknown> {
        let routes = Routes::of_the_bar().unwrap();
        routes.find(method, path, Some(query)).map(|target| (target.path, target.query))
    }

    fn assert_no_route(method: &Method, path: &str) {
        assert_eq!(find(method, path, ""), Err(Unknown::Route), "{method} {path}");
    }

    #[test]
    fn a_path_is_found_with_and_without_a_final_slash_and_its_values_are_encoded() {
        for (path, expected) in [
            ("/", "/"),
            ("/order", "/order"),
            ("/order/", "/order"),
            ("/orders", "/orders"),
            ("/orders/0a1B_-", "/orders/0a1B_-"),
        ] {
            assert_eq!(find(&Method::GET, path, "").unwrap().0, expected, "{path}");
        }
        let availability = find(&Method::PUT, "/menu/Caf%C3%A9%20au%20lait/availability", "eventId=bar").unwrap();
        assert_eq!(availability.0, "/menu/Caf%C3%A9%20au%20lait/availability");
        assert_eq!(
            find(&Method::PUT, "/menu/1%2F2/availability", "eventId=bar").unwrap().0,
            "/menu/1%2F2/availability"
        );
    }

    #[test]
    fn paths_and_methods_that_the_document_lacks_are_no_routes() {
        for path in [
            "/_localstack/health",
            "/_ministack/health",
            "/_aws/execute-api/abc/v1/order",
            "/v1/order",
            "//order",
            "/order//",
            "/order/x",
            "/%6frder",
            "order",
            "",
            "http://127.0.0.1:4566/order",
            "/2015-03-31/functions",
        ] {
            assert_no_route(&Method::GET, path);
        }
        for method in [Method::HEAD, Method::OPTIONS, Method::POST, Method::DELETE, Method::CONNECT, Method::PATCH] {
            assert_no_route(&method, "/order");
        }
        assert_no_route(&Method::POST, "/");
    }

    #[test]
    fn a_value_in_a_path_leads_to_no_other_path() {
        for value in [
            "..",
            ".",
            "%2e%2e",
            "%2E",
            "..%2f..%2f_ministack",
            "a%2f..%2fb",
            "a%5c..%5cb",
            "%2f",
            "a%2f",
            "a%00",
            "%ff",
        ] {
            assert_no_route(&Method::GET, &format!("/orders/{value}"));
        }
    }

    #[test]
    fn a_query_has_only_parameters_of_its_route() {
        let query = find(&Method::GET, "/orders", "eventId=bar&status=WAITING").unwrap().1;
        assert_eq!(query, [("eventId".into(), "bar".into()), ("status".into(), "WAITING".into())]);
        for (name, query) in [("Action", "Action=ListUsers"), ("X-Amz-Credential", "eventId=b&X-Amz-Credential=c")] {
            assert_eq!(find(&Method::GET, "/orders", query), Err(Unknown::Parameter(name.into())));
        }
        // The query of a page is for the page.
        assert_eq!(find(&Method::GET, "/order", "e=bar&Action=x").unwrap().1, []);
        let view = find(&Method::GET, "/barista", "e=bar&view=admin&Action=x").unwrap().1;
        assert_eq!(view, [("view".into(), "admin".into())]);
    }

    #[test]
    fn a_route_reads_the_headers_that_the_document_describes() {
        let routes = Routes::of_the_bar().unwrap();
        let route = |method: Method, path| routes.find(&method, path, None).unwrap().route;
        assert!(route(Method::PUT, "/config").reads("if-match") && route(Method::PUT, "/config").has_body());
        assert!(route(Method::POST, "/orders").reads("idempotency-key"));
        assert!(route(Method::GET, "/order").reads("if-none-match"));
        assert!(!route(Method::GET, "/order").reads("x-amz-target") && !route(Method::GET, "/order").has_body());
    }
}
