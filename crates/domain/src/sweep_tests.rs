use serde_json::json;

use super::*;
use crate::order::OrderStatus;
use crate::projection::tests::stored;

const NOW: Timestamp = Timestamp::from_millis(10_000_000);

fn outcome(order_id: &str) -> String {
    let detail = json!({
        "orderId": order_id, "userId": "customer", "eventId": "ABC", "Message": "m", "at": "2027-01-15T07:00:00.000Z",
        "cause": "customer"
    });
    json!({"entries": [{"DetailType": "OrderProcessor.OrderTimeOut", "Detail": detail}]}).to_string()
}

fn broken(outcome: Option<String>) -> Execution {
    Execution::Broken { at: Some(Timestamp::from_millis(5)), cause: "ABORTED".into(), outcome }
}

#[test]
fn an_order_is_overdue_once_its_grace_is_over() {
    let order = stored(OrderStatus::Created);
    let deadline = order.order.expires_at.unwrap();
    assert!(!is_overdue(&order, deadline.plus(GRACE)));
    assert!(is_overdue(&order, deadline.plus(GRACE).plus(Duration::from_millis(1))));
    let mut ended = order;
    ended.order.expires_at = None;
    assert!(!is_overdue(&ended, NOW));
}

#[test]
fn what_has_ended_and_what_runs_is_left_alone() {
    assert_eq!(decide(&stored(OrderStatus::Completed), &broken(None), NOW), SweepAction::Leave);
    let running = |since| decide(&stored(OrderStatus::Waiting), &Execution::Running { since }, NOW);
    assert_eq!(running(NOW.minus(LONGEST_RUN)), SweepAction::Leave);
    assert_eq!(running(NOW.minus(LONGEST_RUN + Duration::from_millis(1))), SweepAction::Stop);
}

#[test]
fn an_outcome_that_the_workflow_decided_is_told_even_where_it_broke_while_telling() {
    let order = stored(OrderStatus::Created);
    let told = decide(&order, &Execution::Succeeded { output: outcome("order") }, NOW);
    assert!(matches!(&told, SweepAction::Publish(entries) if entries.len() == 1), "{told:?}");
    assert_eq!(decide(&order, &broken(Some(outcome("order"))), NOW), told);
}

#[test]
fn what_was_decided_about_another_order_or_cannot_be_read_is_a_failure() {
    let order = stored(OrderStatus::Created);
    for output in ["", "{}", r#"{"entries":[]}"#, &outcome("another")] {
        for execution in [Execution::Succeeded { output: output.to_owned() }, broken(Some(output.to_owned()))] {
            let verdict = decide(&order, &execution, NOW);
            assert!(matches!(verdict, SweepAction::Fail(_)), "{output}: {verdict:?}");
        }
    }
}

#[test]
fn a_failure_is_told_with_the_same_time_whenever_it_is_asked_for() {
    let order = stored(OrderStatus::Created);
    let at = |execution| match decide(&order, &execution, NOW) {
        SweepAction::Fail(event) => event.about.at,
        other => panic!("{other:?}"),
    };
    assert_eq!(at(broken(None)), Timestamp::from_millis(5));
    let unknown = Execution::Broken { at: None, cause: String::new(), outcome: None };
    assert_eq!(at(unknown), order.order.expires_at.unwrap());
}
