//! Tests that `openapi.yaml` describes the code: the same codes, bounds and shapes.
//! `tests/contracts/routes.rs` compares the routes, because it may depend on the functions.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::board::{Board, BoardOrder, BoardShop};
use domain::claim::Claim;
use domain::display::DisplayRequest;
use domain::drink::{DrinkOrder, DrinkRequest};
use domain::order::{ClosedBy, Order, OrderStatus};
use domain::shop::{SettingsDraft, Shop, ShopSettings};
use domain::text::{Line, Name};
use domain::timestamp::Timestamp;
use http_api::{Code, Problem};
use jsonschema::Validator;
use serde::Serialize;
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document() -> Value {
    let text = std::fs::read_to_string(root().join("openapi.yaml")).unwrap();
    yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("openapi.yaml: {error}"))
}

fn resolve<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    match node["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}")),
        None => node,
    }
}

/// Returns the operations by route, such as `PUT /orders/{id}`.
fn operations(document: &Value) -> BTreeMap<String, &Value> {
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
            operations.insert(format!("{} {path}", method.to_uppercase()), operation);
        }
    }
    operations
}

fn validator(document: &Value, component: &str) -> Validator {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/components/schemas/{component}"),
        "components": document["components"],
    });
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .with_format("name", |text| text.parse::<Name>().is_ok())
        .with_format("line", |text| text.parse::<Line<200>>().is_ok())
        .build(&schema)
        .unwrap()
}

fn assert_valid(document: &Value, component: &str, sample: &impl Serialize) {
    let sample = serde_json::to_value(sample).unwrap();
    let errors: Vec<_> = validator(document, component).iter_errors(&sample).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{sample} is not a valid {component}: {errors:?}");
    let known = document["components"]["schemas"][component]["properties"].as_object().unwrap();
    let unknown: Vec<_> = sample.as_object().unwrap().keys().filter(|field| !known.contains_key(*field)).collect();
    assert!(unknown.is_empty(), "{component} does not describe {unknown:?}");
}

fn template() -> yaml_serde::Value {
    let text = std::fs::read_to_string(root().join("template.yaml")).unwrap();
    yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("template.yaml: {error}"))
}

/// Returns the problems that API Gateway answers itself, with a sample request id.
fn gateway_problems() -> Vec<Value> {
    let template = template();
    let responses = template["Resources"]["Api"]["Properties"]["GatewayResponses"].as_mapping().unwrap();
    let problem = |(kind, response): (&yaml_serde::Value, &yaml_serde::Value)| {
        let text = response["ResponseTemplates"]["application/json"].as_str().unwrap();
        let text = text.replace("$context.requestId", "5d2f4a1b");
        assert!(!text.contains("$context"), "{kind:?}: {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{kind:?}: {error}: {text}"))
    };
    responses.iter().map(problem).collect()
}

#[test]
fn errors_of_the_gateway_itself_are_problems() {
    let document = document();
    for problem in gateway_problems() {
        assert_valid(&document, "Problem", &problem);
        let known = Code::ALL.iter().find(|code| problem["code"] == code.as_str());
        assert!(known.is_none_or(|code| problem["status"] == code.status()), "{problem}");
    }
}

#[test]
fn the_document_lists_each_code_under_its_status() {
    let document = document();
    let listed = &document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"];
    let known: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let gateways = gateway_problems().into_iter().map(|problem| problem["code"].as_str().unwrap().to_owned());
    let gateways: BTreeSet<_> = gateways.filter(|code| !known.contains(&code.as_str())).collect();
    let listed: BTreeSet<_> = listed.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, known.iter().map(|code| (*code).to_owned()).chain(gateways).collect());
    let mut used = BTreeSet::from(["route_not_found".to_owned()]);
    for (route, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let content = &resolve(&document, response)["content"];
            let codes = &content["application/problem+json"]["schema"]["properties"]["code"]["enum"];
            assert_eq!(
                !status.starts_with(['4', '5']),
                codes.is_null(),
                "{route} {status}: exactly the responses with a problem list codes"
            );
            for code in codes.as_array().into_iter().flatten().map(|code| code.as_str().unwrap()) {
                let known = Code::ALL.iter().find(|known| known.as_str() == code);
                assert_eq!(known.map(|known| known.status().to_string()).as_ref(), Some(status), "{route}: {code}");
                used.insert(code.to_owned());
            }
        }
    }
    let unused: Vec<_> = known.into_iter().filter(|code| !used.contains(*code)).collect();
    assert!(unused.is_empty(), "no route answers with {unused:?}");
}

/// Routes that need no credential.
const PUBLIC: &[&str] = &[
    "GET /config",
    "GET /logo",
    "POST /displays/pair",
    "GET /",
    "GET /order",
    "GET /barista",
    "GET /display",
    "GET /bus",
    "GET /sign-in",
];
/// Routes that a display may read, besides `POST /live`.
const DISPLAYS: [&str; 2] = ["GET /qr-code", "GET /board"];
/// Routes that a guest may call, besides `POST /live`.
const CUSTOMERS: [&str; 4] = ["POST /qr-code", "GET /orders/{id}", "PUT /orders/{id}", "GET /myOrders"];

#[test]
fn every_route_but_the_public_ones_requires_a_bearer_credential() {
    let document = document();
    assert_eq!(document["security"], json!([{ "bearer": [] }]));
    let operations = operations(&document);
    for route in PUBLIC.iter().chain(&DISPLAYS).chain(&CUSTOMERS) {
        assert!(operations.iter().any(|(known, _)| known == route), "{route} is no route of the document");
    }
    for (route, operation) in operations {
        let public = PUBLIC.contains(&route.as_str());
        let expected = match &*route {
            _ if public => json!([]),
            "POST /live" => json!([{ "bearer": [] }, { "guest": [] }, { "display": [] }]),
            route if CUSTOMERS.contains(&route) => json!([{ "bearer": [] }, { "guest": [] }]),
            route if DISPLAYS.contains(&route) => json!([{ "bearer": [] }, { "display": [] }]),
            _ => Value::Null,
        };
        assert_eq!(operation["security"], expected, "{route}");
        for status in ["401", "403"] {
            assert_eq!(public, operation["responses"][status].is_null(), "{route} {status}");
        }
    }
}

fn order(status: OrderStatus) -> Order {
    let time = Timestamp::from_millis(1_795_000_000_000);
    Order {
        order_id: "mzxw6ytboi4tqmzrgi3dknbvgq".parse().unwrap(),
        shop_id: "RUSTCONF".parse().unwrap(),
        user_id: "auth0|anna@bar.example".parse().unwrap(),
        status,
        order_number: Some(17),
        drink_order: Some(DrinkOrder { drink: "Latte".into(), modifiers: vec!["Oat".into()], icon: "latte".into() }),
        barista_user_id: Some("bert".parse().unwrap()),
        claimed_at: Some(time),
        claim_version: 1,
        created_at: time,
        updated_at: time,
        expires_at: Some(time),
        reason: Some("completed".into()),
        closed_by: Some(ClosedBy::Barista),
        called_at: Some(time),
    }
}

#[test]
fn the_types_serialize_as_the_document_describes() {
    let document = document();
    for status in OrderStatus::ALL {
        let full = order(status);
        let bare = Order {
            order_number: None,
            drink_order: None,
            barista_user_id: None,
            claimed_at: None,
            expires_at: None,
            reason: None,
            closed_by: None,
            called_at: None,
            ..full.clone()
        };
        assert_valid(&document, "Order", &full);
        assert_valid(&document, "Order", &bare);
        assert_valid(&document, "OrderList", &json!({ "orders": [full, bare], "nextToken": "MjAyNg" }));
    }
    assert_valid(&document, "DrinkOrder", &order(OrderStatus::Waiting).drink_order);
    let shop = Shop { shop_id: "RUSTCONF".parse().unwrap(), settings: ShopSettings::default() };
    assert_valid(&document, "Shop", &shop);
    let board_order = |order: Order| BoardOrder {
        order_number: order.order_number,
        drink_order: order.drink_order,
        created_at: order.created_at,
        updated_at: order.updated_at,
        called_at: order.called_at,
    };
    let orders = [board_order(order(OrderStatus::Completed))];
    let shop = BoardShop { shop_id: "RUSTCONF".parse().unwrap(), open: true, full: false };
    let now = orders[0].updated_at;
    assert_valid(&document, "Board", &Board::new(shop.clone(), &[], &[], now));
    for board in [Board::new(shop.clone(), &orders, &[], now), Board::new(shop, &[], &orders, now)] {
        assert_valid(&document, "Board", &board);
        for entry in board.making.iter().chain(&board.ready) {
            assert_valid(&document, "BoardEntry", entry);
        }
    }
    for code in Code::ALL {
        assert_valid(&document, "Problem", &Problem::new(*code, "detail").with_field("drink").at("abc"));
    }
    let claim = Claim::of(&order(OrderStatus::Waiting));
    for code in [Code::ClaimedByAnother, Code::ClaimChanged] {
        assert_valid(&document, "Problem", &Problem::new(code, "detail").with_members(&claim));
    }
}

#[test]
fn ids_have_the_pattern_of_their_types() {
    let document = document();
    for contract in domain::event::contracts() {
        for (field, component) in [("eventId", "EventId"), ("orderId", "OrderId"), ("userId", "UserId")] {
            let of_type = &contract.schema.as_value()["properties"][field];
            let of_document = &document["components"]["schemas"][component]["pattern"];
            assert!(of_type.is_null() || of_type["pattern"] == *of_document, "{component}: {of_type}");
        }
    }
}

/// Bodies of `PUT /config`. The value before a body is true if the body is valid.
fn edits() -> Vec<(bool, Value)> {
    let drink = |fields: Value| {
        let mut drink = json!({ "drink": "Latte" });
        drink.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({ "menu": [drink] })
    };
    let modifier =
        |name: &str, options: Vec<&str>| drink(json!({ "modifiers": [{ "name": name, "options": options }] }));
    vec![
        (true, json!({})),
        (true, json!({ "menu": ShopSettings::default().catalog.menu })),
        (true, json!({ "drinksPerBarcode": 1, "maxOrdersInQueue": 10_000, "maxOrdersPerUser": 100 })),
        (true, json!({ "drinksPerBarcode": 1_000 })),
        (false, json!({ "drinksPerBarcode": 1_001 })),
        (false, json!({ "maxOrdersInQueue": 10_001 })),
        (false, json!({ "maxOrdersPerUser": 101 })),
        (false, json!({ "maxOrdersPerUser": 0 })),
        (false, json!({ "storeOpen": true })),
        (false, json!({ "menu": [] })),
        (false, json!({ "menu": vec![json!({ "drink": "Latte" }); 51] })),
        (true, drink(json!({ "icon": "x".repeat(60) }))),
        (false, drink(json!({ "icon": "x".repeat(61) }))),
        (false, drink(json!({ "price": 3 }))),
        (false, drink(json!({ "drink": "" }))),
        (false, drink(json!({ "drink": "x".repeat(61) }))),
        (false, drink(json!({ "available": "yes" }))),
        (false, drink(json!({ "drink": "La\u{200b}tte" }))),
        (false, drink(json!({ "icon": "\u{202e}" }))),
        (false, drink(json!({ "drink": " \u{a0}" }))),
        (true, drink(json!({ "drink": " Latte\n" }))),
        (true, json!({ "maxOrdersInQueue": 30.0 })),
        (false, json!({ "maxOrdersInQueue": 30.5 })),
        (false, json!({ "maxOrdersInQueue": "30" })),
        (false, json!({ "menu": null })),
        (true, modifier("Milk", vec!["Oat"])),
        (false, modifier("Milk", vec![])),
        (false, modifier("", vec!["Oat"])),
        (false, modifier("Milk", vec![""])),
        (false, drink(json!({ "modifiers": [{ "name": "Milk" }] }))),
        (false, drink(json!({ "modifiers": vec![json!({ "name": "Milk", "options": ["Oat"] }); 11] }))),
    ]
}

/// Bodies of `PUT /config` with name, colours, logo and names in other languages. The value before
/// a body is true if the body is valid.
fn edits_of_the_look() -> Vec<(bool, Value)> {
    let with = |fields: Value| {
        let mut drink = json!({ "drink": "Latte" });
        drink.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({ "menu": [drink] })
    };
    let modifier = |options: Value| {
        let modifier =
            json!({ "name": "Milk", "names": { "es": "Leche" }, "options": ["Oat"], "optionNames": options });
        with(json!({ "modifiers": [modifier] }))
    };
    vec![
        (true, json!({ "name": "Bar", "colours": { "primary": "#0b6b43", "accent": "#FFFFFF" } })),
        (true, json!({ "colours": {} })),
        (false, json!({ "name": "" })),
        (false, json!({ "colours": { "primary": "#0b6b4" } })),
        (false, json!({ "colours": { "primary": "red" } })),
        (false, json!({ "colours": { "third": "#0b6b43" } })),
        (false, json!({ "logo": "mzxw6ytboi4tqmzrgi3dknbvgq" })),
        (true, with(json!({ "names": { "es": "Café con leche", "pt-BR": "Café com leite" } }))),
        (false, with(json!({ "names": { "es": "" } }))),
        (false, with(json!({ "names": { "es": null } }))),
        (false, with(json!({ "names": { "pt": "Café com leite" } }))),
        (true, modifier(json!({ "Oat": { "es": "De avena" } }))),
        (false, modifier(json!({ "Oat": "De avena" }))),
        (false, modifier(json!({ "Oat": { "de": "Hafer" } }))),
    ]
}

#[test]
fn an_edit_is_valid_exactly_if_the_document_says_so() {
    let validator = validator(&document(), "SettingsEdit");
    for (valid, body) in edits().into_iter().chain(edits_of_the_look()) {
        assert_eq!(validator.is_valid(&body), valid, "openapi.yaml on {body}");
        let accepted = serde_json::from_value::<SettingsDraft>(body.clone()).is_ok_and(|draft| draft.parse().is_ok());
        assert_eq!(accepted, valid, "SettingsDraft on {body}");
    }
}

#[test]
fn a_drink_request_is_valid_exactly_if_the_document_says_so() {
    let validator = validator(&document(), "DrinkRequest");
    for (valid, body) in [
        (true, json!({ "drink": "Latte" })),
        (true, json!({ "drink": "Latte", "modifiers": ["Oat"] })),
        (false, json!({})),
        (false, json!({ "drink": 1 })),
        (false, json!({ "drink": "" })),
        (false, json!({ "drink": "x".repeat(61) })),
        (false, json!({ "drink": "Latte", "modifiers": ["\u{202e}"] })),
        (false, json!({ "drink": "Latte", "modifiers": "Oat" })),
        (false, json!({ "drink": "Latte", "userId": "another" })),
    ] {
        assert_eq!(validator.is_valid(&body), valid, "openapi.yaml on {body}");
        assert_eq!(serde_json::from_value::<DrinkRequest>(body.clone()).is_ok(), valid, "DrinkRequest on {body}");
    }
}

#[test]
fn a_request_for_a_display_is_valid_exactly_if_the_document_says_so() {
    let validator = validator(&document(), "DisplayRequest");
    for (valid, body) in [
        (true, json!({})),
        (true, json!({ "pairingCode": "7k3-qx0", "name": "Entrance" })),
        (true, json!({ "name": "x".repeat(60) })),
        (false, json!({ "name": "x".repeat(61) })),
        (false, json!({ "name": "" })),
        (false, json!({ "name": null })),
        (false, json!({ "pairingCode": null })),
        (false, json!({ "pairingCode": 7 })),
        (false, json!({ "secret": "x" })),
    ] {
        assert_eq!(validator.is_valid(&body), valid, "openapi.yaml on {body}");
        assert_eq!(serde_json::from_value::<DisplayRequest>(body.clone()).is_ok(), valid, "DisplayRequest on {body}");
    }
}
