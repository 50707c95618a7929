use client::wait;
use domain::ids::UserId;
use domain::order::{ClosedBy, OrderStatus};
use end_to_end::deadline;
use end_to_end::venue::{TestVenue, answered, refused};
use serde_json::{Value, json};

pub(crate) async fn an_order_goes_from_scan_to_completion(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    assert_eq!(venue.in_flight().await, 1);
    assert_eq!(venue.open_orders_of("anna").await, 1);
    venue.choose(&anna, &order_id).await;
    let waiting = answered(wait::order_is(&anna, &order_id, OrderStatus::Waiting, deadline()).await);
    assert_eq!(waiting.order_number, Some(1));
    assert_eq!(
        waiting.drink_order.map(|drink| (drink.drink, drink.modifiers)),
        Some(("Latte".into(), vec!["Oat".into()]))
    );
    answered(venue.complete(&order_id).await);
    let done = venue.ended(&order_id).await;
    assert_eq!((done.status, done.closed_by), (OrderStatus::Completed, Some(ClosedBy::Barista)));
    assert_eq!((done.reason.as_deref(), done.expires_at), (Some("completed"), None));
    assert_eq!(done.barista_user_id.as_ref().map(UserId::as_str), Some("barista"));
    venue.empty().await;
    assert_eq!(venue.open_orders_of("anna").await, 0);
    for (detail_type, member, value) in [
        ("Validator.NewOrder", "userId", json!("anna")),
        ("OrderProcessor.TokenIssued", "attempt", json!(0)),
        ("OrderProcessor.WorkflowStarted", "eventId", json!(venue.shop_id.as_str())),
        ("OrderManager.WaitingCompletion", "orderNumber", json!(1)),
        ("OrderManager.MakeOrder", "claimVersion", json!(1)),
        ("OrderManager.OrderCompleted", "closedByUserId", json!("barista")),
        ("OrderProcessor.orderFinished", "outcome", json!("completed")),
    ] {
        assert_eq!(venue.event(&order_id, detail_type).await[member], value, "{detail_type}");
    }
    let stored = venue.stored(&order_id).await.unwrap();
    for gone in ["taskToken", "openShard", "expiresAt"] {
        assert!(!stored.contains_key(gone), "{gone} is still stored");
    }
    assert!(stored.contains_key("ttl"));
}

/// AWS bills a Standard workflow by its transitions.
pub(crate) async fn an_order_that_completes_takes_five_transitions(venue: TestVenue) {
    let order_id = venue.queued(&venue.customer("anna")).await;
    answered(venue.complete(&order_id).await);
    venue.ended(&order_id).await;
    let execution = venue.stored(&order_id).await.unwrap()["executionArn"].as_s().unwrap().clone();
    let client = aws_sdk_sfn::Client::new(&venue.stack.aws);
    let entered = end_to_end::eventually("the execution has ended", || async {
        let history = client.get_execution_history().execution_arn(&execution).max_results(1_000);
        let history = history.send().await.unwrap();
        let is = |end: &str| history.events().iter().filter(|event| event.r#type().as_str().ends_with(end)).count();
        (is("ExecutionSucceeded") == 1).then(|| is("StateEntered"))
    })
    .await;
    assert_eq!(entered, 5);
    venue.empty().await;
}

pub(crate) async fn order_numbers_of_a_shop_begin_at_1_and_increase(venue: TestVenue) {
    venue.limits(10, 10, 1).await;
    let mut numbers = Vec::new();
    for name in ["anna", "bert", "cleo"] {
        let order_id = venue.queued(&venue.customer(name)).await;
        numbers.push(venue.order(&order_id).await.order_number.unwrap());
        answered(venue.complete(&order_id).await);
    }
    assert_eq!(numbers, [1, 2, 3]);
    venue.empty().await;
}

pub(crate) async fn orders_of_a_closed_shop_are_still_served(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    let shop = answered(venue.admin.set_open(&venue.shop_id, false).await);
    assert!(!shop.settings.state.open);
    assert_eq!(refused(venue.scan(&venue.customer("bert")).await).code, "store_closed");
    venue.choose(&anna, &order_id).await;
    answered(wait::order_is(&anna, &order_id, OrderStatus::Waiting, deadline()).await);
    answered(venue.complete(&order_id).await);
    assert_eq!(venue.ended(&order_id).await.status, OrderStatus::Completed);
    venue.empty().await;
    let again: Value = venue.event(&order_id, "OrderProcessor.orderFinished").await;
    assert_eq!(again["outcome"], "completed");
}
