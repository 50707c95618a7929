use bootstrap::invocation::answer;
use bootstrap::testing::answers_or_fails_by_name;

use super::*;

#[test]
fn any_bytes_are_admitted_or_refused_by_name() {
    let admitter = admitter(Orders::default());
    let names = ["Unreadable", "Duplicate"];
    answers_or_fails_by_name("admission", &names, "", async |payload| {
        answer(payload, |request| admitter.admit(request)).await
    });
}
