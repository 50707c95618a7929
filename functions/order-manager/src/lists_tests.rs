//! Tests the lists of orders.

use super::*;

#[tokio::test]
async fn lists_require_the_role_and_valid_parameters() {
    let bar = Bar::with(waiting());
    let queue = [("eventId", "bar"), ("status", "WAITING")];
    assert_eq!(bar.ask("GET /orders", &queue, "anna", None).await.0, 403);
    let (status, list) = bar.ask("GET /orders", &queue, "barista-1", None).await;
    assert_eq!((status, &list["orders"][0]["orderId"]), (200, &Value::from("o")));
    let next = [queue[0], queue[1], ("nextToken", list["nextToken"].as_str().unwrap())];
    assert_eq!(bar.ask("GET /orders", &next, "barista-1", None).await.0, 200);
    for digits in ["1", "100", "007"] {
        assert_eq!(bar.ask("GET /orders", &[queue[0], queue[1], ("maxItems", digits)], "barista-1", None).await.0, 200);
    }
    for number in ["0", "101", "+5", "5.0", "5e0", " 5", "\u{663}", "99999999999999999999", "-1", ""] {
        let query = [queue[0], queue[1], ("maxItems", number)];
        let (status, problem) = bar.ask("GET /orders", &query, "barista-1", None).await;
        assert_eq!((status, &problem["field"]), (400, &Value::from("maxItems")), "{number}");
    }
    for wrong in [("maxItems", "x"), ("nextToken", "x"), ("page", "2")] {
        assert_eq!(bar.ask("GET /orders", &[queue[0], queue[1], wrong], "barista-1", None).await.0, 400, "{wrong:?}");
    }
    assert_eq!(bar.ask("GET /orders", &[queue[0], ("status", "DONE")], "barista-1", None).await.0, 400);
    let (status, mine) = bar.ask("GET /myOrders", &[("eventId", "bar")], "anna", None).await;
    assert_eq!((status, mine), (200, serde_json::json!({"orders": []})));
    assert_eq!(*bar.manager.orders.asked.lock().unwrap(), Some(25));
}

#[tokio::test]
async fn a_list_is_oldest_first_unless_the_query_asks_for_the_newest() {
    let bar = Bar::with(waiting());
    let queue = [("eventId", "bar"), ("status", "COMPLETED")];
    let (any, oldest, newest) = (None, Some(("order", "oldest")), Some(("order", "newest")));
    for (order, direction) in
        [(any, Direction::OldestFirst), (oldest, Direction::OldestFirst), (newest, Direction::NewestFirst)]
    {
        let query: Vec<_> = queue.into_iter().chain(order).collect();
        assert_eq!(bar.ask("GET /orders", &query, "barista-1", None).await.0, 200);
        let filter = StatusFilter { status: OrderStatus::Completed, since: None, direction };
        assert_eq!(*bar.manager.orders.filter.lock().unwrap(), Some(filter), "{order:?}");
    }
    let (status, problem) = bar.ask("GET /orders", &[queue[0], queue[1], ("order", "best")], "barista-1", None).await;
    assert_eq!((status, &problem["field"]), (400, &Value::from("order")));
}

#[tokio::test]
async fn a_page_token_from_before_since_and_an_invalid_since_are_refused() {
    let bar = Bar::with(waiting());
    let (_, list) = bar.ask("GET /orders", &[("eventId", "bar"), ("status", "WAITING")], "barista-1", None).await;
    let next = list["nextToken"].as_str().unwrap().to_owned();
    let ask = async |since: &str| {
        let query = [("eventId", "bar"), ("status", "WAITING"), ("since", since), ("nextToken", &next)];
        bar.ask("GET /orders", &query, "barista-1", None).await
    };
    // The order of the page was admitted at 1,800,000,000 s.
    assert_eq!(ask("2027-01-15T08:00:00.000Z").await.0, 200);
    assert_eq!(
        bar.manager.orders.filter.lock().unwrap().unwrap().since,
        Some(Timestamp::from_millis(1_800_000_000_000))
    );
    let (status, problem) = ask("2027-01-15T08:00:00.001Z").await;
    assert_eq!((status, &problem["field"]), (400, &Value::from("nextToken")));
    for wrong in ["", "yesterday", "1800000000", "2027-01-15"] {
        let (status, problem) = ask(wrong).await;
        assert_eq!((status, &problem["field"]), (400, &Value::from("since")), "{wrong}");
    }
}
