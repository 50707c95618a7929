use client::venue::Venue;
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use end_to_end::venue::{TestVenue, answered, refused};
use serde_json::Value;

async fn definition(venue: &TestVenue) -> Value {
    let client = aws_sdk_sfn::Client::new(&venue.stack.aws);
    let machine =
        client.describe_state_machine().state_machine_arn(&venue.stack.order_processor_arn).send().await.unwrap();
    serde_json::from_str(machine.definition()).unwrap()
}

pub(crate) async fn the_shipped_waits_are_300_and_900_seconds(venue: TestVenue) {
    let definition = definition(&venue).await;
    let wait = |state: &str| definition["States"][state]["TimeoutSeconds"].clone();
    assert_eq!((wait("AwaitCustomer"), wait("AwaitBarista")), (300.into(), 900.into()));
    // The whole execution has time for both waits and for every retry of every task.
    assert!(definition["TimeoutSeconds"].as_u64().is_some_and(|whole| whole >= 2_100));
    let order_id = venue.choosing(&venue.customer("anna")).await;
    let order = venue.order(&order_id).await;
    let wait = order.expires_at.unwrap().since(order.updated_at).as_secs();
    assert_eq!(wait, 300, "the customer's deadline is the end of the wait");
    venue.cancel(&venue.barista, &order_id).await;
}

pub(crate) async fn an_order_without_a_drink_in_time_is_cancelled(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = answered(venue.scan(&anna).await).order_id;
    let order = venue.ended(&order_id).await;
    assert_eq!((order.status, order.closed_by), (OrderStatus::Cancelled, Some(ClosedBy::System)));
    assert_eq!(order.reason.as_deref(), Some("customerTimeOut"));
    venue.empty().await;
    assert_eq!(venue.open_orders_of("anna").await, 0);
    assert_eq!(venue.event(&order_id, "OrderProcessor.OrderTimeOut").await["cause"], "customer");
    assert_eq!(venue.event(&order_id, "OrderProcessor.orderFinished").await["outcome"], "timedOut");
    assert_eq!(refused(anna.submit(&order_id, &end_to_end::venue::latte()).await).code, "wrong_status");
}

/// Places an order that reaches the barista's queue of a stack with short waits. If the customer's
/// wait times out first, as on a slow machine, another customer orders.
pub(crate) async fn queued_in_time(venue: &TestVenue) -> OrderId {
    loop {
        let customer = venue.customer(&format!("visitor-{:08x}", fastrand::u32(..)));
        let order_id = answered(venue.scan(&customer).await).order_id;
        let chosen = Venue::choose(venue, &customer, &order_id).await;
        let queued = match chosen {
            Ok(()) => venue.reaches(&order_id, OrderStatus::Waiting).await,
            late => late,
        };
        let Err(late) = queued else { return order_id };
        let reason = venue.ended(&order_id).await.reason;
        assert_eq!(reason.as_deref(), Some("customerTimeOut"), "{late}");
    }
}

pub(crate) async fn an_order_that_no_barista_completes_in_time_is_cancelled(venue: TestVenue) {
    let order_id = queued_in_time(&venue).await;
    let order = venue.ended(&order_id).await;
    assert_eq!((order.status, order.reason.as_deref()), (OrderStatus::Cancelled, Some("baristaTimeOut")));
    venue.empty().await;
    let event = venue.event(&order_id, "OrderProcessor.OrderTimeOut").await;
    assert_eq!((event["cause"].as_str(), event["orderNumber"].as_u64()), (Some("barista"), order.order_number));
    assert_eq!(refused(venue.barista.complete(&order_id).await).code, "wrong_status");
}
