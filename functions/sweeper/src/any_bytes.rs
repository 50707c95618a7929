//! Tests the sweeper with arbitrary payloads.

use bootstrap::invocation::answer;
use bootstrap::testing::succeeds_or_fails_with_known_error;

use super::*;

#[test]
fn arbitrary_payloads_end_in_a_sweep_or_a_known_error() {
    let sweeper = sweeper(order(OrderStatus::Created, 60), failed());
    succeeds_or_fails_with_known_error("sweeper", &["NotSwept"], "", async |payload| {
        answer(payload, |event| sweeper.handle(event)).await
    });
}
