use data_encoding::BASE64;
use http_api::testing::contract::{Case, Contract};

use super::*;

#[test]
fn generated_requests_are_answered_as_openapi_yaml_describes() {
    let (mut edited, mut pictured, others) = (Bar::new(), Bar::new(), Bar::new());
    edited.service.authenticator = others.issuer.authenticator();
    pictured.service.authenticator = others.issuer.authenticator();
    pictured.service.shops.1 = Mutex::new(Some(logo()));
    let mut cases = ["GET /config", "PUT /config", "PUT /menu/{drink}/availability"].map(Case::new).to_vec();
    cases.extend(["GET /logo", "PUT /logo", "DELETE /logo"].map(Case::new));
    cases.push(Case::with("PUT /store", &[("state", Some("open"))], ""));
    // `newCode=true` with `state=closed` would be refused, so this case never sends `newCode`.
    cases.push(Case::with("PUT /store", &[("state", Some("closed")), ("newCode", None)], ""));
    Contract::new(ROUTES, cases, &others.issuer.authorization("boss", &["admin"]))
        .parameter("If-Match", "*")
        .parameter("drink", "Latte")
        .parameter("If-None-Match", &format!("\"{}\"", logo().tag()))
        .field("data", &BASE64.encode(logo().svg.as_bytes()))
        .check(|case| match case.route {
            "PUT /config" => &edited.service,
            "GET /logo" => &pictured.service,
            _ => &others.service,
        });
}
