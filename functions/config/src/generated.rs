use http_api::testing::contract::{Case, Contract};

use super::*;

#[test]
fn generated_requests_are_answered_as_the_document_describes() {
    let (mut edited, others) = (Bar::new(), Bar::new());
    edited.service.authenticator = others.issuer.authenticator();
    let mut cases = ["GET /config", "PUT /config", "PUT /menu/{drink}/availability"].map(Case::new).to_vec();
    cases.push(Case::with("PUT /store", &[("state", Some("open"))], ""));
    // The new code of a closed shop is refused.
    cases.push(Case::with("PUT /store", &[("state", Some("closed")), ("newCode", None)], ""));
    Contract::new(ROUTES, cases, &others.issuer.authorization("boss", &["admin"]))
        .parameter("If-Match", "*")
        .parameter("drink", "Latte")
        .check(|case| if case.route == "PUT /config" { &edited.service } else { &others.service });
}
