use client::wait;
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use end_to_end::deadline;
use end_to_end::venue::{TestVenue, answered, refused};
use serde_json::json;

fn own_id(venue: &TestVenue, name: &str) -> OrderId {
    format!("{}-{name}", venue.shop_id).parse().unwrap()
}

async fn refused_order(venue: &TestVenue, order_id: &OrderId, reason: &str) {
    let order = venue.ended(order_id).await;
    assert_eq!((order.status, order.closed_by), (OrderStatus::Cancelled, Some(ClosedBy::System)));
    assert_eq!(order.reason.as_deref(), Some(reason));
    assert_eq!(venue.event(order_id, "OrderProcessor.ShopUnavailable").await["reason"], reason);
    assert_eq!(venue.event(order_id, "OrderProcessor.orderFinished").await["outcome"], "refused");
}

pub(crate) async fn a_closed_shop_refuses_scans_and_events(venue: TestVenue) {
    answered(venue.admin.set_open(&venue.shop_id, false).await);
    let tokens = answered(venue.admin.qr_code(&venue.shop_id).await).available_tokens;
    assert_eq!(refused(venue.scan(&venue.customer("anna")).await).code, "store_closed");
    assert_eq!(answered(venue.admin.qr_code(&venue.shop_id).await).available_tokens, tokens, "no token was taken");
    let order_id = own_id(&venue, "late");
    venue.publish("Validator.NewOrder", &venue.new_order(&order_id, "anna")).await;
    refused_order(&venue, &order_id, "closed").await;
    assert_eq!((venue.in_flight().await, venue.open_orders_of("anna").await), (0, 0));
}

pub(crate) async fn a_full_shop_refuses_until_an_order_ends(venue: TestVenue) {
    venue.limits(10, 1, 1).await;
    let anna = venue.customer("anna");
    let first = venue.choosing(&anna).await;
    assert_eq!(refused(venue.scan(&venue.customer("bert")).await).code, "store_full");
    let order_id = own_id(&venue, "one-too-many");
    venue.publish("Validator.NewOrder", &venue.new_order(&order_id, "bert")).await;
    refused_order(&venue, &order_id, "full").await;
    assert_eq!((venue.in_flight().await, venue.open_orders_of("bert").await), (1, 0));
    venue.cancel(&anna, &first).await;
    let second = venue.choosing(&venue.customer("bert")).await;
    venue.cancel(&venue.barista, &second).await;
}

pub(crate) async fn open_orders_of_a_customer_are_limited(venue: TestVenue) {
    let anna = venue.customer("anna");
    let first = venue.choosing(&anna).await;
    let order_id = own_id(&venue, "second-cup");
    venue.publish("Validator.NewOrder", &venue.new_order(&order_id, "anna")).await;
    refused_order(&venue, &order_id, "customerLimit").await;
    assert_eq!((venue.in_flight().await, venue.open_orders_of("anna").await), (1, 1));
    venue.cancel(&anna, &first).await;
    let third = own_id(&venue, "third-cup");
    venue.publish("Validator.NewOrder", &venue.new_order(&third, "anna")).await;
    answered(wait::order_is(&anna, &third, OrderStatus::Created, deadline()).await);
    venue.cancel(&anna, &third).await;
}

pub(crate) async fn a_duplicate_of_a_new_order_changes_nothing(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.queued(&anna).await;
    let before = venue.with_token(&order_id, "barista").await;
    for _ in 0..2 {
        venue.publish("Validator.NewOrder", &venue.new_order(&order_id, "anna")).await;
    }
    // The bus has delivered the duplicates by the time at which a later order is admitted.
    let marker = venue.choosing(&venue.customer("bert")).await;
    assert_eq!(venue.stored(&order_id).await, Some(before));
    assert_eq!((venue.in_flight().await, venue.open_orders_of("anna").await), (2, 1));
    answered(venue.complete(&order_id).await);
    answered(wait::when_ready(deadline(), || venue.barista.cancel(&marker, "")).await);
    assert_eq!(venue.ended(&order_id).await.status, OrderStatus::Completed);
    venue.empty().await;
}

/// A wrong event must not end an order of another shop or customer.
pub(crate) async fn an_event_that_names_another_shop_or_customer_changes_nothing(venue: TestVenue) {
    venue.limits(10, 5, 1).await;
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    let before = venue.order(&order_id).await;
    let elsewhere = format!("{}-elsewhere", venue.shop_id);
    for (shop, user) in [(elsewhere.as_str(), "anna"), (venue.shop_id.as_str(), "mallory")] {
        let failed = json!({
            "orderId": order_id.as_str(), "userId": user, "eventId": shop, "Message": "A producer's",
            "at": bootstrap::now().to_string(), "cause": "made up"
        });
        venue.publish("OrderProcessor.OrderFailed", &failed).await;
    }
    // The bus has delivered these events by the time at which a later order is admitted.
    let marker = venue.choosing(&venue.customer("bert")).await;
    assert_eq!(venue.order(&order_id).await, before);
    assert_eq!(
        (venue.in_flight().await, venue.open_orders_of("anna").await, venue.open_orders_of("mallory").await),
        (2, 1, 0)
    );
    for order_id in [&order_id, &marker] {
        answered(wait::when_ready(deadline(), || venue.barista.cancel(order_id, "")).await);
    }
    venue.empty().await;
}
