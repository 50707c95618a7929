use domain::order::{ClosedBy, OrderStatus};
use end_to_end::venue::{TestVenue, answered, refused};
use serde_json::Value;

async fn definition(bar: &TestVenue) -> Value {
    let client = aws_sdk_sfn::Client::new(&bar.stack.aws);
    let machine =
        client.describe_state_machine().state_machine_arn(&bar.stack.order_processor_arn).send().await.unwrap();
    serde_json::from_str(machine.definition()).unwrap()
}

pub(crate) async fn the_shipped_waits_are_300_and_900_seconds(bar: TestVenue) {
    let definition = definition(&bar).await;
    let wait = |state: &str| definition["States"][state]["TimeoutSeconds"].clone();
    assert_eq!((wait("AwaitCustomer"), wait("AwaitBarista")), (300.into(), 900.into()));
    // The waits, and every task tried as often as its Retry says.
    assert!(definition["TimeoutSeconds"].as_u64().is_some_and(|whole| whole >= 2_100));
    let order_id = bar.choosing(&bar.customer("anna")).await;
    let order = bar.order(&order_id).await;
    let wait = order.expires_at.unwrap().since(order.updated_at).as_secs();
    assert_eq!(wait, 300, "the time that a customer is shown");
    answered(client::wait::when_ready(end_to_end::deadline(), || bar.barista.cancel(&order_id, "")).await);
    bar.empty().await;
}

pub(crate) async fn a_customer_who_does_not_choose_in_time_loses_the_order(bar: TestVenue) {
    let anna = bar.customer("anna");
    let order_id = answered(bar.scan(&anna).await).order_id;
    let order = bar.ended(&order_id).await;
    assert_eq!((order.status, order.closed_by), (OrderStatus::Cancelled, Some(ClosedBy::System)));
    assert_eq!(order.reason.as_deref(), Some("customerTimeOut"));
    bar.empty().await;
    assert_eq!(bar.open_orders_of("anna").await, 0);
    assert_eq!(bar.event(&order_id, "OrderProcessor.OrderTimeOut").await["cause"], "customer");
    assert_eq!(bar.event(&order_id, "OrderProcessor.orderFinished").await["outcome"], "timedOut");
    assert_eq!(refused(anna.submit(&order_id, &end_to_end::venue::latte()).await).code, "wrong_status");
}

pub(crate) async fn a_drink_that_nobody_makes_in_time_is_given_up(bar: TestVenue) {
    let anna = bar.customer("anna");
    let order_id = bar.queued(&anna).await;
    let order = bar.ended(&order_id).await;
    assert_eq!((order.status, order.reason.as_deref()), (OrderStatus::Cancelled, Some("baristaTimeOut")));
    bar.empty().await;
    let event = bar.event(&order_id, "OrderProcessor.OrderTimeOut").await;
    assert_eq!((event["cause"].as_str(), event["orderNumber"].as_u64()), (Some("barista"), order.order_number));
    assert_eq!(refused(bar.barista.complete(&order_id).await).code, "wrong_status");
}
