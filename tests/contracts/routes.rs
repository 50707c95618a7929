//! Tests that `openapi.yaml`, `template.yaml`, the functions' `ROUTES` and the samples in
//! `events/invoke` have the same routes. Also tests the limits of routes without credentials, and
//! that each function has a test with generated requests.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod cors;

use std::collections::{BTreeMap, BTreeSet};

use end_to_end::world::{root, yaml};
use http_api::Request;
use yaml_serde::Value;

type Routes = BTreeSet<String>;

fn names<O>(routes: &[(&str, O)]) -> Routes {
    routes.iter().map(|(route, _)| (*route).to_owned()).collect()
}

/// Returns the routes that each function behind the API handles, by the name of its binary.
fn handled() -> BTreeMap<String, Routes> {
    let functions = [
        ("config", names(config::ROUTES)),
        ("displays", names(displays::ROUTES)),
        ("live", names(live::ROUTES)),
        ("order-manager", names(order_manager::ROUTES)),
        ("screens", names(screens::ROUTES)),
        ("validator", names(validator::ROUTES)),
    ];
    functions.into_iter().map(|(function, routes)| (function.to_owned(), routes)).collect()
}

/// Returns the routes that API Gateway sends to each function, by the name of its binary.
fn deployed() -> BTreeMap<String, Routes> {
    let template = yaml("template.yaml");
    let mut deployed = BTreeMap::new();
    for (_, resource) in template["Resources"].as_mapping().unwrap() {
        let events = resource["Properties"].get("Events").and_then(Value::as_mapping);
        let api = events.into_iter().flatten().filter(|(_, event)| event["Type"] == "Api");
        let routes: Routes = api
            .map(|(_, event)| {
                let of = |name| event["Properties"][name].as_str().unwrap();
                format!("{} {}", of("Method").to_uppercase(), of("Path"))
            })
            .collect();
        if !routes.is_empty() {
            let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap();
            deployed.insert(binary.to_owned(), routes);
        }
    }
    deployed
}

/// Returns the routes of the operations that `openapi.yaml` describes.
fn described() -> Routes {
    let document = yaml("openapi.yaml");
    let mut routes = Routes::new();
    for (path, item) in document["paths"].as_mapping().unwrap() {
        let methods = item.as_mapping().unwrap().iter().map(|(method, _)| method.as_str().unwrap());
        let methods = methods.filter(|method| *method != "parameters");
        routes.extend(methods.map(|method| format!("{} {}", method.to_uppercase(), path.as_str().unwrap())));
    }
    routes
}

#[test]
fn the_described_routes_are_those_that_the_functions_handle() {
    assert_eq!(handled().into_values().flatten().collect::<Routes>(), described());
}

#[test]
fn the_routes_of_the_template_are_those_that_the_functions_handle() {
    assert_eq!(deployed(), handled(), "template.yaml against the functions' ROUTES");
}

#[test]
fn each_route_has_a_sample_and_each_sample_a_route() {
    for (function, routes) in handled() {
        let entries = std::fs::read_dir(root().join("events/invoke")).unwrap().map(|entry| entry.unwrap().path());
        let own = entries.filter(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap();
            // Events of a stream and of the WebSocket API are no requests.
            name.starts_with(&format!("{function}-")) && !["config-changed-edit", "live-connect"].contains(&name)
        });
        let sampled = own.map(|path| {
            let request: Request = std::fs::read_to_string(&path).unwrap().parse().unwrap();
            request.route().to_owned()
        });
        assert_eq!(sampled.collect::<Routes>(), routes, "{function}");
    }
}

#[test]
fn a_route_that_writes_without_a_credential_has_a_low_rate_of_its_own() {
    let (document, template) = (yaml("openapi.yaml"), yaml("template.yaml"));
    let settings = template["Resources"]["Api"]["Properties"]["MethodSettings"].as_sequence().unwrap();
    let mut public = 0;
    for (path, item) in document["paths"].as_mapping().unwrap() {
        for (method, operation) in item.as_mapping().unwrap().iter().filter(|(method, _)| *method != "get") {
            if operation["security"].as_sequence().is_none_or(|schemes| !schemes.is_empty()) {
                continue;
            }
            public += 1;
            // `ResourcePath` begins with a slash, and has ~1 for each slash of the route's path.
            let (path, method) = (path.as_str().unwrap(), method.as_str().unwrap().to_uppercase());
            let own = settings.iter().find(|setting| {
                setting["ResourcePath"] == format!("/{}", path.replace('/', "~1")) && setting["HttpMethod"] == method
            });
            let rate = own.and_then(|setting| setting["ThrottlingRateLimit"].as_u64());
            assert!(rate.is_some_and(|rate| rate <= 5), "{method} {path}: {rate:?} a second");
        }
    }
    assert_eq!(public, 1, "POST /displays/pair is the only such route");
}

#[test]
fn each_function_is_tested_with_generated_requests() {
    for function in handled().into_keys() {
        let path = root().join("functions").join(&function).join("src/generated.rs");
        let test = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(
            test.contains("Contract::new(ROUTES,") && test.contains(".check("),
            "{function}: no test generates requests for ROUTES"
        );
    }
}
