use http_api::testing::contract::{Case, Contract};

use super::*;

#[test]
fn generated_requests_are_answered_as_openapi_yaml_describes() {
    let issuer = Issuer::new("k");
    let bar = Bar { open_orders: 1, ..Bar::default() };
    let service = service(&bar, &issuer);
    let routes = ["POST /live", "GET /architecture"];
    Contract::new(ROUTES, routes.map(Case::new).to_vec(), &issuer.authorization("boss", &["admin"]))
        .check(|_| &service);
}
