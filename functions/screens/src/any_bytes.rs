use http_api::testing::statuses_of_any_request;

use super::*;

#[test]
fn any_request_is_answered() {
    let statuses = statuses_of_any_request("screens", &[], &service());
    // A mutated request names no route (404) or has a parameter (400).
    assert!([200, 400, 404].iter().all(|status| statuses.contains_key(status)), "{statuses:?}");
}
