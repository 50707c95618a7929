//! Tests admission with arbitrary payloads.

use bootstrap::invocation::answer;
use bootstrap::testing::succeeds_or_fails_with_known_error;

use super::*;

#[test]
fn arbitrary_payloads_end_in_an_admission_or_a_known_error() {
    let admitter = admitter(Orders::default());
    let names = ["Unreadable", "Duplicate"];
    succeeds_or_fails_with_known_error("admission", &names, "", async |payload| {
        answer(payload, |request| admitter.admit(request)).await
    });
}
