//! Tests the displays function with arbitrary requests.

use http_api::testing::answers_any_request;

use super::*;

#[test]
fn any_request_is_answered() {
    let bar = Bar::new();
    let secret = domain::credential::DisplaySecret::new([0; 32]);
    let display = Display::new("screen".parse().unwrap(), domain::display::DisplayName::default(), START);
    bar.service.shops.displays.lock().unwrap().insert(key(&"RUSTCONF".parse().unwrap(), &secret.hash()), display);
    let authorization = bar.issuer.authorization("boss", &["admin"]);
    answers_any_request("displays", &[("Bearer PUT-A-TOKEN-HERE", authorization.as_str())], &bar.service);
}
