//! Tests position and estimate of an order in the queue.

use super::*;

/// Returns a bar with an order in the queue, behind three others, and with `completions` completed
/// orders, each of which took a minute.
fn bar(completions: u64) -> Bar {
    let mut bar = Bar::with(waiting());
    let joined = Timestamp::from_millis(1_800_000_000_000);
    let ago = |seconds| joined.minus(Duration::from_secs(seconds));
    bar.manager.orders.completions = (1..=completions)
        .map(|number| Completion { admitted_at: ago(100 * number + 60), completed_at: ago(100 * number) })
        .collect();
    bar
}

async fn position(bar: &Bar, who: &str) -> (Value, Value) {
    let (status, order) = bar.ask("GET /orders/{id}", &[], who, None).await;
    assert_eq!(status, 200);
    (order["position"].clone(), order["waitingSeconds"].clone())
}

#[tokio::test]
async fn an_order_in_the_queue_has_its_position_and_an_estimate() {
    for who in ["anna", "barista-1"] {
        assert_eq!(position(&bar(5), who).await, (3.into(), 240.into()), "{who}");
    }
}

#[tokio::test]
async fn an_order_has_no_estimate_after_fewer_than_five_completions_or_without_a_position() {
    assert_eq!(position(&bar(4), "anna").await, (3.into(), Value::Null));
    let mut bar = bar(5);
    bar.manager.orders.ahead = Ok(None);
    assert_eq!(position(&bar, "anna").await, (Value::Null, Value::Null));
}

#[tokio::test]
async fn an_order_that_is_not_in_the_queue_has_no_position() {
    for order in [choosing(), closed(OrderStatus::Completed, ClosedBy::Barista, "barista-1")] {
        let mut other = bar(5);
        other.manager.orders.order = Mutex::new(order);
        assert_eq!(position(&other, "anna").await, (Value::Null, Value::Null));
    }
}

#[tokio::test]
async fn the_answer_to_a_choice_has_the_position_in_the_queue() {
    let mut bar = bar(5);
    bar.manager.orders.order = Mutex::new(choosing());
    let (status, answer) = bar.ask("PUT /orders/{id}", &[], "anna", LATTE).await;
    assert_eq!((status, &answer["position"]), (202, &3.into()));
}

#[tokio::test]
async fn a_choice_is_accepted_also_if_the_queue_cannot_be_read() {
    let mut bar = bar(5);
    bar.manager.orders.order = Mutex::new(choosing());
    bar.manager.orders.ahead = Err(());
    let (status, answer) = bar.ask("PUT /orders/{id}", &[], "anna", LATTE).await;
    assert_eq!((status, answer.get("position")), (202, None));
}

#[tokio::test]
async fn a_list_has_neither_positions_nor_estimates() {
    let bar = bar(5);
    let (_, list) = bar.ask("GET /orders", &[("eventId", "bar"), ("status", "WAITING")], "barista-1", None).await;
    assert!(list["orders"][0].get("position").is_none() && list["orders"][0].get("waitingSeconds").is_none());
}
