//! Tests the function live with arbitrary requests and events.

use bootstrap::testing::succeeds_or_fails_with_known_error;
use http_api::testing::statuses_of_any_request;

use super::*;

#[test]
fn any_request_is_answered() {
    let issuer = Issuer::new("k");
    let bar = Bar::default();
    let authorization = issuer.authorization("boss", &["admin"]);
    let replaced = [("Bearer PUT-A-TOKEN-HERE", authorization.as_str())];
    // 403 is not required: a topic that the caller may not receive is rarely generated.
    let statuses = statuses_of_any_request("live", &replaced, &service(&bar, &issuer));
    assert!(statuses.contains_key(&400) && statuses.contains_key(&401), "{statuses:?}");
}

#[test]
fn any_event_of_the_websocket_api_is_answered() {
    let issuer = Issuer::new("k");
    let bar = Bar::default();
    let service = service(&bar, &issuer);
    succeeds_or_fails_with_known_error("live", &[], "", async |payload| service.answer(payload, None).await);
    assert!(bar.stored.lock().unwrap().is_empty(), "a connection was stored without a ticket");
}
