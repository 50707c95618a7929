use super::*;
use domain::drink::DrinkRequest;
use domain::ids::ShopId;

fn with_body(body: &str) -> Request {
    Request::new("PUT /orders/{id}", &[("id", "x")], &[], Some(body))
}

#[test]
fn a_body_of_another_shape_is_refused() {
    for body in ["", "{", "[]", "1", r#"{"drink":1}"#, "{}", r#"{"drink":"Latte","size":"XL"}"#, "\u{0}"] {
        let problem = with_body(body).json::<DrinkRequest>(SMALL_BODY).unwrap_err();
        assert_eq!(problem.code(), Code::MalformedBody, "{body}");
        assert_eq!(body.is_empty(), problem.to_string() == "malformed_body: a JSON body is required", "{body}");
    }
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let body = format!("{{\"drink\":\"{}\"}}", "x".repeat(1_000_000));
    let problem = with_body(&body).json::<DrinkRequest>(SMALL_BODY).unwrap_err();
    assert_eq!(problem.code(), Code::BodyTooLarge);
    // The second one is no base64: its size is checked before it is decoded.
    for encoded in ["A", "%"] {
        let mut request = with_body(&encoded.repeat(1_000_000));
        request.is_base64_encoded = true;
        assert_eq!(request.json::<DrinkRequest>(SMALL_BODY).unwrap_err().code(), Code::BodyTooLarge, "{encoded}");
    }
}

#[test]
fn a_body_in_base64_is_decoded() {
    let mut request = with_body(&BASE64.encode(br#"{"drink":"Latte"}"#));
    request.is_base64_encoded = true;
    assert_eq!(request.json::<DrinkRequest>(SMALL_BODY).unwrap().drink.as_str(), "Latte");
    request.body = Some("%%%".into());
    assert_eq!(request.json::<DrinkRequest>(SMALL_BODY).unwrap_err().code(), Code::MalformedBody);
}

#[test]
fn neither_debug_output_nor_an_error_quotes_the_credential_of_a_request() {
    let event = |value: &str| {
        let headers = serde_json::json!({"Authorization": value});
        let event = serde_json::json!({
            "httpMethod": "GET", "resource": "/config", "headers": headers, "requestContext": {"httpMethod": "GET"}
        });
        event.to_string().parse::<Request>()
    };
    assert!(!format!("{:?}", event("Bearer secret").unwrap()).contains("secret"));
    let error = event("Bearer secret\u{0}").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
}

#[test]
fn parameters_are_checked_by_name_and_by_value() {
    let request = Request::new("GET /config", &[], &[("eventId", "a b"), ("x", "1")], None);
    assert_eq!(request.query::<ShopId>("eventId").unwrap_err().code(), Code::InvalidParameter);
    assert_eq!(request.query::<ShopId>("other").unwrap_err().code(), Code::InvalidParameter);
    assert_eq!(request.only(&["eventId"]).unwrap_err().code(), Code::InvalidParameter);
    assert!(request.only(&["eventId", "x"]).is_ok());
}

#[test]
fn an_unknown_parameter_is_refused_with_the_known_parameters() {
    let request = Request::new("GET /orders/{id}", &[], &[("x", "1")], None);
    let detail = |known: &[&str]| request.only(known).unwrap_err().to_string();
    assert!(detail(&[]).ends_with(r#""x" is not a parameter of this route; the route has no parameters"#));
    assert!(detail(&["eventId", "page"]).ends_with("its parameters are eventId, page"));
}

#[test]
fn a_parameter_given_twice_is_refused() {
    let mut request = Request::new("GET /config", &[], &[], None);
    request.query = HashMap::from([("eventId".into(), vec!["a".into(), "b".into()])]);
    assert_eq!(request.query::<ShopId>("eventId").unwrap_err().code(), Code::InvalidParameter);
}

#[test]
fn a_parameter_without_a_value_counts_as_missing() {
    let event = r#"{"httpMethod": "GET", "resource": "/config", "multiValueQueryStringParameters": {"eventId": []},
        "headers": {}, "requestContext": {"httpMethod": "GET"}}"#;
    let request: Request = event.parse().unwrap();
    assert!(request.only(&["eventId"]).is_ok());
    assert_eq!(request.query_optional::<ShopId>("eventId").unwrap(), None);
    assert_eq!(request.only(&[]).unwrap_err().code(), Code::InvalidParameter);
}

#[test]
fn the_problem_of_a_malformed_body_names_the_field_at_fault() {
    for (body, field) in [
        (r#"{"menu":7}"#, Some("menu")),
        (r#"{"menu":[{"icon":"x"}]}"#, Some("menu[0].drink")),
        (
            r#"{"menu":[{"drink":"Tea","modifiers":[{"name":"Milk","options":[7]}]}]}"#,
            Some("menu[0].modifiers[0].options[0]"),
        ),
        (r#"{"menu":[["Tea"]]}"#, Some("menu[0]")),
        (r#"{"":{"menu":[[]]}}"#, Some(".menu[0]")),
        (r#"{"maxOrdersInQueue":-1}"#, Some("maxOrdersInQueue")),
        (r#"{"maxOrdersInQueue":30.5}"#, Some("maxOrdersInQueue")),
        (r#"{"maxOrdersInQueue":"30"}"#, Some("maxOrdersInQueue")),
        (r#"{"maxOrdersInQueue":1e400}"#, Some("maxOrdersInQueue")),
        (r#"{"menu":[{"drink":"Tea","available":1e400}]}"#, Some("menu[0].available")),
        (r#"{"menu":[{"drink":"\ud800"}]}"#, Some("menu[0].drink")),
        (r#"{"menu":null}"#, Some("menu")),
        (r#"{"maxOrdersInQueue":1,"maxOrdersInQueue":2}"#, Some("maxOrdersInQueue")),
        (r#"{"storeOpen":true}"#, Some("storeOpen")),
        ("[]", None),
        ("{", None),
    ] {
        let problem = with_body(body).json::<domain::shop::SettingsDraft>(SMALL_BODY).unwrap_err();
        let problem = serde_json::to_value(problem).unwrap();
        assert_eq!((problem["code"].as_str(), problem["field"].as_str()), (Some("malformed_body"), field), "{body}");
    }
}
