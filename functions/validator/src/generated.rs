use http_api::testing::contract::{Case, Contract};

use super::*;

#[test]
fn generated_requests_are_answered_as_openapi_yaml_describes() {
    let bar = Bar::open();
    let code = qr_code::code(&QrKey::new([7; 32]), &"bar".parse().unwrap(), Window::at((bar.validator.now)()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // The order of this scan is recorded, so that the generated scans are answered at once.
    bar.record(&runtime.block_on(bar.scan("anna")).1, OrderStatus::Created);
    let cases = ["GET /qr-code", "POST /qr-code"].map(Case::new).to_vec();
    Contract::new(ROUTES, cases, &bar.issuer.authorization("anna", &["admin"]))
        .only("eventId", "bar")
        // After ten wrong codes the answer would be 429.
        .only("token", &code)
        .parameter("page", "https://bar.example/v1/display")
        .check(|_| &bar.validator);
}
