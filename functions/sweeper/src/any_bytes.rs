use bootstrap::invocation::answer;
use bootstrap::testing::fails_by_name_at_worst;

use super::*;

#[test]
fn any_bytes_are_swept_or_fail_by_name() {
    let sweeper = sweeper(order(OrderStatus::Created, 60), broken());
    fails_by_name_at_worst("sweeper", &["Unreadable", "NotSwept"], "", async |payload| {
        answer(payload, |event| sweeper.handle(event)).await
    });
}
