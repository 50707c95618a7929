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
    Execution::Failed { at: Some(Timestamp::from_millis(5)), cause: "ABORTED".into(), outcome }
}

#[test]
fn an_order_is_overdue_after_its_grace_period() {
    let order = stored(OrderStatus::Created);
    let deadline = order.order.expires_at.unwrap();
    assert!(!is_overdue(&order, deadline.plus(GRACE)));
    assert!(is_overdue(&order, deadline.plus(GRACE).plus(Duration::from_millis(1))));
    let mut ended = order;
    ended.order.expires_at = None;
    assert!(!is_overdue(&ended, NOW));
}

#[test]
fn an_ended_order_needs_no_action_and_only_an_execution_that_runs_too_long_is_stopped() {
    assert_eq!(decide(&stored(OrderStatus::Completed), &broken(None), NOW), SweepAction::Leave);
    let running = |since| decide(&stored(OrderStatus::Waiting), &Execution::Running { since }, NOW);
    assert_eq!(running(NOW.minus(LONGEST_RUN)), SweepAction::Leave);
    assert_eq!(running(NOW.minus(LONGEST_RUN + Duration::from_millis(1))), SweepAction::Stop);
}

#[test]
fn a_recorded_outcome_is_published_even_if_the_workflow_failed_in_finish() {
    let order = stored(OrderStatus::Created);
    let published = decide(&order, &Execution::Succeeded { output: outcome("order") }, NOW);
    assert!(matches!(&published, SweepAction::Publish(entries) if entries.len() == 1), "{published:?}");
    assert_eq!(decide(&order, &broken(Some(outcome("order"))), NOW), published);
}

#[test]
fn an_outcome_of_another_order_or_an_unreadable_one_is_a_failure() {
    let order = stored(OrderStatus::Created);
    for output in ["", "{}", r#"{"entries":[]}"#, &outcome("another")] {
        for execution in [Execution::Succeeded { output: output.to_owned() }, broken(Some(output.to_owned()))] {
            let action = decide(&order, &execution, NOW);
            assert!(matches!(action, SweepAction::Fail(_)), "{output}: {action:?}");
        }
    }
}

#[test]
fn the_event_of_a_failure_has_the_time_of_the_failure_or_else_of_the_deadline() {
    let order = stored(OrderStatus::Created);
    let at = |execution| match decide(&order, &execution, NOW) {
        SweepAction::Fail(event) => event.about.at,
        other => panic!("expected Fail, got {other:?}"),
    };
    assert_eq!(at(broken(None)), Timestamp::from_millis(5));
    let unknown = Execution::Failed { at: None, cause: String::new(), outcome: None };
    assert_eq!(at(unknown), order.order.expires_at.unwrap());
}
