use http_api::testing::contract::{Case, Contract};

use super::*;

#[test]
fn generated_requests_are_answered_as_openapi_yaml_describes() {
    let bar = Bar::new();
    let routes =
        ["POST /displays/pair", "GET /displays", "POST /displays", "DELETE /displays/{displayId}", "GET /board"];
    Contract::new(ROUTES, routes.map(Case::new).to_vec(), &bar.issuer.authorization("boss", &["admin"]))
        .check(|_| &bar.service);
}
