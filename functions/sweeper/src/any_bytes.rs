use bootstrap::invocation::answer;
use bootstrap::testing::answers_or_fails_by_name;

use super::*;

#[test]
fn any_bytes_are_swept_or_fail_by_name() {
    let sweeper = sweeper(order(OrderStatus::Created, 60), failed());
    answers_or_fails_by_name("sweeper", &["NotSwept"], "", async |payload| {
        answer(payload, |event| sweeper.handle(event)).await
    });
}
