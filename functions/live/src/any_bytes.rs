//! Tests the function live with arbitrary requests and events.

use bootstrap::testing::succeeds_or_fails_with_known_error;
use http_api::testing::answers_any_request;

use super::*;

#[test]
fn any_request_is_answered() {
    let issuer = Issuer::new("k");
    let bar = Bar::default();
    let authorization = issuer.authorization("boss", &["admin"]);
    answers_any_request("live", &[("Bearer PUT-A-TOKEN-HERE", authorization.as_str())], &service(&bar, &issuer));
}

#[test]
fn any_event_of_the_websocket_api_is_answered() {
    let issuer = Issuer::new("k");
    let bar = Bar::default();
    let service = service(&bar, &issuer);
    succeeds_or_fails_with_known_error("live", &[], "no-secret", async |payload| service.answer(payload, None).await);
    assert!(bar.stored.lock().unwrap().is_empty(), "a connection was stored without a ticket");
}
