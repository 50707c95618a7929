use bootstrap::invocation::answer;
use bootstrap::testing::{answers_or_fails_by_name, samples};

use super::*;

#[test]
fn any_bytes_are_projected_or_fail_by_name_and_show_no_task_token() {
    let projector = Projector { orders: Orders::default() };
    let samples = samples("order-projector", &[]);
    let token = samples.iter().find_map(|sample| sample["detail"]["TaskToken"].as_str()).unwrap();
    let names = ["Unreadable", "NotProjected"];
    answers_or_fails_by_name("order-projector", &names, token, async |payload| {
        answer(payload, |event| projector.project(event)).await
    });
}
