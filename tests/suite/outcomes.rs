//! Tests that the sweeper, with the role of its function, publishes a completion, a cancellation
//! and a time-out that an execution of the stack's own workflow recorded.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_lambda::types::InvocationType;
use client::wait;
use domain::ids::OrderId;
use end_to_end::venue::{TestVenue, answered};
use end_to_end::{deadline, eventually};
use harness::sweeper;
use serde_json::json;

use crate::faults::end_of_execution;

fn times(venue: &TestVenue, order_id: &OrderId, detail_type: &str) -> usize {
    venue.events(order_id).iter().filter(|event| event.detail_type == detail_type).count()
}

/// Makes an ended order look as if its events had not been projected, and invokes the sweeper. The
/// rank keeps its value, so that the projector does not release the capacity twice.
async fn is_published_again(venue: &TestVenue, order_id: &OrderId, detail_type: &str) {
    venue.ended(order_id).await;
    let stored = venue.stored(order_id).await.unwrap();
    let execution_arn = stored["executionArn"].as_s().unwrap();
    let client = aws_sdk_sfn::Client::new(&venue.stack.aws);
    assert_eq!(end_of_execution(&client, execution_arn).await, "SUCCEEDED");
    let published = [detail_type, "OrderProcessor.orderFinished"];
    for detail_type in published {
        venue.event(order_id, detail_type).await;
    }
    let before = published.map(|detail_type| times(venue, order_id, detail_type));
    venue.set_order(order_id, "status", AttributeValue::S("CREATED".into())).await;
    let event = json!({
        "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
        "detail": {"executionArn": execution_arn, "status": "SUCCEEDED"}
    });
    // A call of the sweeper may fail on a busy machine; its next run repeats it.
    let sweep = async || sweeper::invoke(&venue.stack, &event, InvocationType::RequestResponse).await.then_some(());
    eventually(&format!("the sweeper succeeds for {order_id}"), sweep).await;
    let more = async || {
        let now = published.map(|detail_type| times(venue, order_id, detail_type));
        now.iter().zip(before).all(|(now, before)| *now > before).then_some(())
    };
    eventually(&format!("{detail_type} is published again"), more).await;
}

pub(crate) async fn a_completion_and_a_cancellation_are_published_again(venue: TestVenue) {
    let completed = venue.queued(&venue.customer("anna")).await;
    answered(venue.complete(&completed).await);
    is_published_again(&venue, &completed, "OrderManager.OrderCompleted").await;
    let ben = venue.customer("ben");
    let cancelled = venue.choosing(&ben).await;
    answered(wait::when_ready(deadline(), || ben.cancel(&cancelled, "")).await);
    is_published_again(&venue, &cancelled, "OrderManager.OrderCancelled").await;
}

pub(crate) async fn a_time_out_is_published_again(venue: TestVenue) {
    let order_id = answered(venue.scan(&venue.customer("anna")).await).order_id;
    is_published_again(&venue, &order_id, "OrderProcessor.OrderTimeOut").await;
}
