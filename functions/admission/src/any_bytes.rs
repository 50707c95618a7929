use bootstrap::invocation::answer;
use bootstrap::testing::fails_by_name_at_worst;

use super::*;

#[test]
fn any_bytes_are_admitted_or_refused_by_name() {
    let admitter = admitter(Book::default());
    let names = ["Unreadable", "Duplicate"];
    fails_by_name_at_worst("admission", &names, "", async |payload| {
        answer(payload, |request| admitter.admit(request)).await
    });
}
