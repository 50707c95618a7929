//! Tests the publisher with arbitrary payloads.

use bootstrap::testing::succeeds_or_fails_with_known_error;

use super::*;

#[test]
fn arbitrary_payloads_are_posted_or_ignored() {
    let publisher = publisher(&[("queue#RUSTCONF", vec![connection("tablet", 60, 60)])]);
    succeeds_or_fails_with_known_error("publisher", &[], "", async |payload| publisher.publish(payload).await);
    assert!(!sent(&publisher).is_empty(), "nothing was posted, so too little was tested");
}
