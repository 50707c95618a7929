use http_api::testing::answers_any_request;

use super::*;

#[test]
fn any_request_is_answered() {
    let mut bar = Bar::open();
    bar.context().state.drinks_per_barcode = 1_000;
    let authorization = bar.issuer.authorization("anna", &["admin"]);
    let code = qr_code::code(&QrKey::new([7; 32]), &"bar".parse().unwrap(), Window::at((bar.validator.now)()));
    let replaced =
        [("Bearer PUT-A-TOKEN-HERE", authorization.as_str()), ("RUSTCONF", "bar"), ("MFRGGZDFMZTWQ2LK", code.as_str())];
    answers_any_request("validator", &replaced, &bar.validator);
}
