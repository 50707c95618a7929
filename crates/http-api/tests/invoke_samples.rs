//! Tests credential, ids and bodies of the samples in `events/invoke` of the functions behind the
//! API, except `screens`, whose routes need none of these.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use domain::display::{DisplayRequest, PairingCode};
use domain::drink::DrinkRequest;
use domain::ids::{DisplayId, OrderId, ShopId};
use domain::look::LogoDraft;
use domain::shop::SettingsDraft;
use http_api::Request;
use http_api::request::SMALL_BODY;
use serde_json::{Map, Value};

fn samples(function: &str) -> BTreeMap<String, Request> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/invoke");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let names = entries.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path));
    let own = names.filter(|(name, _)| name.starts_with(&format!("{function}-")));
    // Events of a stream and of the WebSocket API are no requests.
    let own = own.filter(|(name, _)| !["config-changed-edit", "live-connect"].contains(&name.as_str()));
    own.map(|(name, path)| {
        let text = std::fs::read_to_string(path).unwrap();
        let event: ApiGatewayProxyRequest =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, Request::from(event))
    })
    .collect()
}

#[test]
fn each_sample_has_the_credential_and_the_id_that_its_route_requires() {
    for function in ["validator", "config", "order-manager", "displays", "live"] {
        let samples = samples(function);
        assert!(!samples.is_empty(), "{function} has no sample");
        for (name, request) in samples {
            if name == "live-architecture" {
                continue;
            }
            let public = ["config-read", "config-read-logo", "displays-pair"].contains(&name.as_str());
            assert_eq!(request.header("authorization").unwrap().is_none(), public, "{name}");
            let shop_id: Option<ShopId> = request.query_optional("eventId").unwrap();
            let order_id: Option<OrderId> = request.path("id");
            assert!(shop_id.is_some() != order_id.is_some(), "{name} must name either a shop or an order");
            match name.as_str() {
                "config-edit" => drop(request.json::<SettingsDraft>(64 * 1024).unwrap().parse().unwrap()),
                "config-set-logo" => drop(request.json::<LogoDraft>(32 * 1024).unwrap().parse().unwrap()),
                "displays-activate" => {
                    let request: DisplayRequest = request.json(SMALL_BODY).unwrap();
                    request.pairing_code.unwrap().parse::<PairingCode>().unwrap();
                }
                "displays-revoke" => assert!(request.path::<DisplayId>("displayId").is_some()),
                "order-manager-submit" | "order-manager-counter" => {
                    drop(request.json::<DrinkRequest>(SMALL_BODY).unwrap());
                }
                "order-manager-cancel" | "config-set-availability" => {
                    drop(request.json::<Map<String, Value>>(SMALL_BODY).unwrap());
                }
                _ => assert!(request.json::<Value>(SMALL_BODY).is_err(), "{name} has a body that nothing reads"),
            }
        }
    }
}
