use client::wait;
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use end_to_end::venue::{TestVenue, answered, refused};
use end_to_end::deadline;
use serde_json::json;

fn own_id(bar: &TestVenue, name: &str) -> OrderId {
    format!("{}-{name}", bar.shop_id).parse().unwrap()
}

async fn refused_order(bar: &TestVenue, order_id: &OrderId, reason: &str) {
    let order = bar.ended(order_id).await;
    assert_eq!((order.status, order.closed_by), (OrderStatus::Cancelled, Some(ClosedBy::System)));
    assert_eq!(order.reason.as_deref(), Some(reason));
    assert_eq!(bar.event(order_id, "OrderProcessor.ShopUnavailable").await["reason"], reason);
    assert_eq!(bar.event(order_id, "OrderProcessor.orderFinished").await["outcome"], "refused");
}

pub(crate) async fn a_closed_shop_refuses_at_the_door_and_behind_the_bus(bar: TestVenue) {
    answered(bar.admin.set_open(&bar.shop_id, false).await);
    let tokens = answered(bar.admin.qr_code(&bar.shop_id).await).available_tokens;
    assert_eq!(refused(bar.scan(&bar.customer("anna")).await).code, "store_closed");
    assert_eq!(answered(bar.admin.qr_code(&bar.shop_id).await).available_tokens, tokens, "no token was taken");
    let order_id = own_id(&bar, "late");
    bar.publish("Validator.NewOrder", &bar.new_order(&order_id, "anna")).await;
    refused_order(&bar, &order_id, "closed").await;
    assert_eq!((bar.in_flight().await, bar.open_orders_of("anna").await), (0, 0));
}

pub(crate) async fn a_full_shop_refuses_and_has_room_again_when_an_order_ends(bar: TestVenue) {
    bar.limits(10, 1, 1).await;
    let anna = bar.customer("anna");
    let first = bar.choosing(&anna).await;
    assert_eq!(refused(bar.scan(&bar.customer("bert")).await).code, "store_full");
    let order_id = own_id(&bar, "one-too-many");
    bar.publish("Validator.NewOrder", &bar.new_order(&order_id, "bert")).await;
    refused_order(&bar, &order_id, "full").await;
    assert_eq!((bar.in_flight().await, bar.open_orders_of("bert").await), (1, 0));
    answered(wait::when_ready(deadline(), || anna.cancel(&first, "")).await);
    bar.empty().await;
    let second = bar.choosing(&bar.customer("bert")).await;
    answered(wait::when_ready(deadline(), || bar.barista.cancel(&second, "")).await);
    bar.empty().await;
}

pub(crate) async fn a_customer_has_as_many_open_orders_as_the_limit_says(bar: TestVenue) {
    let anna = bar.customer("anna");
    let first = bar.choosing(&anna).await;
    let order_id = own_id(&bar, "second-cup");
    bar.publish("Validator.NewOrder", &bar.new_order(&order_id, "anna")).await;
    refused_order(&bar, &order_id, "customerLimit").await;
    assert_eq!((bar.in_flight().await, bar.open_orders_of("anna").await), (1, 1));
    answered(wait::when_ready(deadline(), || anna.cancel(&first, "")).await);
    bar.empty().await;
    let third = own_id(&bar, "third-cup");
    bar.publish("Validator.NewOrder", &bar.new_order(&third, "anna")).await;
    answered(wait::order_is(&anna, &third, OrderStatus::Created, deadline()).await);
    answered(wait::when_ready(deadline(), || anna.cancel(&third, "")).await);
    bar.empty().await;
}

pub(crate) async fn a_duplicate_of_a_new_order_changes_nothing(bar: TestVenue) {
    let anna = bar.customer("anna");
    let order_id = bar.queued(&anna).await;
    let before = bar.with_token(&order_id, "barista").await;
    for _ in 0..2 {
        bar.publish("Validator.NewOrder", &bar.new_order(&order_id, "anna")).await;
    }
    // An order that is asked for after the duplicates is let in after them: the bus has dealt with them by then.
    let marker = bar.choosing(&bar.customer("bert")).await;
    assert_eq!(bar.stored(&order_id).await, Some(before));
    assert_eq!((bar.in_flight().await, bar.open_orders_of("anna").await), (2, 1));
    answered(wait::when_ready(deadline(), || bar.barista.complete(&order_id)).await);
    answered(wait::when_ready(deadline(), || bar.barista.cancel(&marker, "")).await);
    assert_eq!(bar.ended(&order_id).await.status, OrderStatus::Completed);
    bar.empty().await;
}

/// Whoever may publish cannot end, move or steal what they do not name rightly.
pub(crate) async fn an_event_that_names_another_shop_or_customer_changes_nothing(bar: TestVenue) {
    bar.limits(10, 5, 1).await;
    let anna = bar.customer("anna");
    let order_id = bar.choosing(&anna).await;
    let before = bar.order(&order_id).await;
    let elsewhere = format!("{}-elsewhere", bar.shop_id);
    for (shop, user) in [(elsewhere.as_str(), "anna"), (bar.shop_id.as_str(), "mallory")] {
        let failed = json!({
            "orderId": order_id.as_str(), "userId": user, "eventId": shop, "Message": "A producer's",
            "at": bootstrap::now().to_string(), "cause": "made up"
        });
        bar.publish("OrderProcessor.OrderFailed", &failed).await;
    }
    // By the time that another order is in, the bus has dealt with these.
    let marker = bar.choosing(&bar.customer("bert")).await;
    assert_eq!(bar.order(&order_id).await, before);
    assert_eq!(
        (bar.in_flight().await, bar.open_orders_of("anna").await, bar.open_orders_of("mallory").await),
        (2, 1, 0)
    );
    for order_id in [&order_id, &marker] {
        answered(wait::when_ready(deadline(), || bar.barista.cancel(order_id, "")).await);
    }
    bar.empty().await;
}
