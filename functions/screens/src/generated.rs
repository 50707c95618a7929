use http_api::testing::contract::{Case, Contract};

use super::*;

#[test]
fn generated_requests_are_answered_as_openapi_yaml_describes() {
    let cases = ROUTES.iter().map(|(route, _)| Case::new(route)).collect();
    let service = service();
    Contract::new(ROUTES, cases, "Bearer ignored").parameter("If-None-Match", "*").check(|_| &service);
}
