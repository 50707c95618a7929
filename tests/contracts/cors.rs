//! Tests that `template.yaml` (by which API Gateway answers preflights), `openapi.yaml` and the
//! functions agree on the requests that pages of another origin may send. Also tests the limits of
//! routes without credentials.

use std::collections::BTreeSet;

use end_to_end::world::yaml;
use http_api::cors::{AllowedOrigin, EXPOSED_HEADERS};
use serde_json::{Value as Json, json};
use yaml_serde::Value;

/// Maximum number of requests a second to a route without credentials.
const UNAUTHENTICATED_RATE: u64 = 50;
/// Maximum number of requests a second to the page of customers, which reads no table.
const PAGE_RATE: u64 = 200;
/// Headers that need not be exposed. CORS lets pages read the first two; no page reads the last.
const SAFE: [&str; 3] = ["Cache-Control", "Content-Type", "WWW-Authenticate"];
/// Headers of a page or an image that the browser itself reads.
const OF_BROWSERS: [&str; 3] = ["Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options"];

type Names = BTreeSet<String>;

/// The names in a list in single quotes, which API Gateway requires.
fn listed(value: &Value) -> Names {
    let list = value.as_str().unwrap().trim_matches('\'');
    list.split(',').map(|name| name.trim().to_owned()).collect()
}

fn api() -> Value {
    yaml("template.yaml")["Resources"]["Api"]["Properties"].clone()
}

fn texts(values: &Value) -> Vec<&str> {
    values.as_sequence().unwrap().iter().map(|value| value.as_str().unwrap()).collect()
}

/// Method, path and description of each operation of `openapi.yaml`.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_mapping().unwrap() {
        for (method, operation) in item.as_mapping().unwrap() {
            let method = method.as_str().unwrap();
            if method != "parameters" {
                operations.push((method.to_uppercase(), path.as_str().unwrap().to_owned(), operation));
            }
        }
    }
    operations
}

/// Collects the values that occur anywhere in `value` under `key`.
fn under<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Mapping(mapping) => {
            for (name, inner) in mapping {
                if name.as_str() == Some(key) {
                    found.push(inner);
                }
                under(inner, key, found);
            }
        }
        Value::Sequence(values) => values.iter().for_each(|value| under(value, key, found)),
        _ => {}
    }
}

#[test]
fn the_parameter_and_the_functions_accept_the_same_origins() {
    let (cases, template) = (yaml("tests/contracts/origins.yaml"), yaml("template.yaml"));
    let pattern = template["Parameters"]["CorsOrigin"]["AllowedPattern"].as_str().unwrap();
    let parameter = jsonschema::validator_for(&json!({"pattern": pattern})).unwrap();
    for (list, expected) in [("allowed", true), ("refused", false)] {
        for origin in texts(&cases[list]) {
            assert_eq!(parameter.is_valid(&Json::from(origin)), expected, "template.yaml: {origin:?}");
            assert_eq!(origin.parse::<AllowedOrigin>().is_ok(), expected, "the functions: {origin:?}");
        }
    }
}

#[test]
fn a_preflight_allows_every_method_and_header_of_the_api() {
    let (document, cors) = (yaml("openapi.yaml"), api()["Cors"].clone());
    let (methods, headers) = (listed(&cors["AllowMethods"]), listed(&cors["AllowHeaders"]));
    for (method, path, _) in operations(&document) {
        assert!(methods.contains(&method), "{method} {path}");
    }
    let mut parameters = Vec::new();
    under(&document, "parameters", &mut parameters);
    let described = parameters.iter().filter_map(|list| list.as_sequence()).flatten();
    for parameter in described.filter(|parameter| parameter.get("in").is_some_and(|place| place == "header")) {
        let name = parameter["name"].as_str().unwrap();
        assert!(headers.contains(name), "{name}");
    }
    let expected = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"];
    assert_eq!(headers, expected.map(str::to_owned).into());
    assert_eq!(methods, ["GET", "POST", "PUT", "DELETE", "OPTIONS"].map(str::to_owned).into());
}

#[test]
fn pages_read_the_same_headers_of_every_answer() {
    let exposed: Names = EXPOSED_HEADERS.split(", ").map(str::to_owned).collect();
    let (document, properties) = (yaml("openapi.yaml"), api());
    let mut headers = Vec::new();
    under(&document, "headers", &mut headers);
    for name in headers.iter().filter_map(|headers| headers.as_mapping()).flatten().map(|(name, _)| name) {
        let name = name.as_str().unwrap();
        // The keys of `components.headers` are names of components, not of headers.
        let is_component = document["components"]["headers"].get(name).is_some();
        let is_unread = SAFE.contains(&name) || OF_BROWSERS.contains(&name);
        assert!(is_component || is_unread || exposed.contains(name), "{name}");
    }
    for (name, response) in properties["GatewayResponses"].as_mapping().unwrap() {
        let headers = &response["ResponseParameters"]["Headers"];
        assert_eq!(listed(&headers["Access-Control-Expose-Headers"]), exposed, "{name:?}");
        assert_eq!(headers["Access-Control-Allow-Origin"], properties["Cors"]["AllowOrigin"], "{name:?}");
    }
}

#[test]
fn each_route_without_credentials_has_a_limit_of_its_own() {
    let (document, properties) = (yaml("openapi.yaml"), api());
    let settings = properties["MethodSettings"].as_sequence().unwrap();
    let rate_of = |method: &str, path: &str| {
        let path = format!("/{}", path.replace('/', "~1"));
        let own = settings.iter().find(|one| one["ResourcePath"] == path && one["HttpMethod"] == method);
        own.and_then(|own| own["ThrottlingRateLimit"].as_u64())
    };
    for (method, path, operation) in operations(&document) {
        let is_open = operation.get("security").and_then(Value::as_sequence).is_some_and(Vec::is_empty);
        let rate = rate_of(&method, &path);
        let most = if path == "/order" { PAGE_RATE } else { UNAUTHENTICATED_RATE };
        assert!(!is_open || rate.is_some_and(|rate| rate <= most), "{method} {path}: {rate:?}");
    }
    // A setting of a route that does not exist would fail the deployment.
    for setting in settings.iter().filter(|setting| setting["ResourcePath"] != "/*") {
        let path = setting["ResourcePath"].as_str().unwrap().trim_start_matches('/').replace("~1", "/");
        let is_route =
            operations(&document).iter().any(|(method, of, _)| setting["HttpMethod"] == *method && *of == path);
        assert!(is_route, "{path}");
    }
}

#[test]
fn every_change_of_the_api_reaches_its_stage() {
    assert_eq!(api()["AlwaysDeploy"], true);
}
