//! Tests the order projector with arbitrary payloads.

use bootstrap::testing::{Logged, samples, succeeds_or_fails_with_known_error};

use super::*;

#[test]
fn arbitrary_payloads_are_projected_or_recorded_as_unreadable() {
    let projector = Projector { orders: Orders::default() };
    let samples = samples("order-projector", &[]);
    let token = samples.iter().find_map(|sample| sample["detail"]["TaskToken"].as_str()).unwrap();
    let (logged, _guard) = Logged::begin();
    succeeds_or_fails_with_known_error("order-projector", &["NotProjected"], token, async |payload| {
        projector.project(payload).await
    });
    let errors = logged.at("ERROR");
    assert!(!errors.is_empty(), "nothing was unreadable, so too little was tested");
    assert!(errors.iter().all(|line| !line.to_string().contains(token)), "a line shows a task token");
}
