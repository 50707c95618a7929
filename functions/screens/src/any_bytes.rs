use http_api::testing::statuses_of_any_request;

use super::*;

#[test]
fn any_request_is_answered() {
    let statuses = statuses_of_any_request("screens", &[], &service());
    // 404: no route. 400: a payload that is no request, or a parameter that the route refuses.
    assert!([200, 400, 404].iter().all(|status| statuses.contains_key(status)), "{statuses:?}");
}
