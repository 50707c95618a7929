use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use client::{Api, now};
use domain::call::{CALL_INTERVAL, CALL_WINDOW};
use domain::ids::OrderId;
use end_to_end::eventually;
use end_to_end::venue::{TestVenue, answered, refused};
use serde_json::Value;

async fn completed(venue: &TestVenue, customer: &Api) -> OrderId {
    let order_id = venue.queued(customer).await;
    assert_eq!(refused(venue.barista.call_customer(&order_id).await).code, "wrong_status");
    answered(venue.complete(&order_id).await);
    venue.ended(&order_id).await;
    order_id
}

fn calls(venue: &TestVenue, order_id: &OrderId) -> Vec<Value> {
    let events = venue.events(order_id).into_iter();
    events.filter(|event| event.detail_type == "OrderManager.OrderCalled").map(|event| event.detail).collect()
}

pub(crate) async fn a_completed_order_is_called_and_a_retry_repeats_the_call(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = completed(&venue, &anna).await;
    let first = answered(venue.barista.call_customer(&order_id).await);
    let again = answered(venue.barista("other").call_customer(&order_id).await);
    assert!(again == first || again.called_at >= first.called_at.plus(CALL_INTERVAL), "{again:?} after {first:?}");
    assert_eq!(answered(anna.order(&order_id).await).called_at, Some(again.called_at));
    let published = eventually("both calls are published", || async {
        Some(calls(&venue, &order_id)).filter(|calls| calls.len() >= 2)
    })
    .await;
    let times = [first, again].map(|call| Value::from(call.called_at.to_string()));
    for event in published {
        assert!(times.contains(&event["calledAt"]) && event["at"] == event["calledAt"], "{event}");
        assert_eq!(event["orderNumber"], 1);
    }
    let earlier = first.called_at.minus(Duration::from_mins(1)).to_string();
    venue.set_order(&order_id, "calledAt", AttributeValue::S(earlier)).await;
    let later = answered(venue.barista.call_customer(&order_id).await);
    assert!(later.called_at >= again.called_at, "a later call moves the time forward");
    venue.empty().await;
}

pub(crate) async fn an_order_is_called_for_ten_minutes_after_its_completion(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = completed(&venue, &anna).await;
    assert_eq!(refused(anna.call_customer(&order_id).await).status, 403);
    assert_eq!(refused(venue.customer("bert").call_customer(&order_id).await).status, 404);
    let before = venue.order(&order_id).await;
    let long_ago = now().minus(CALL_WINDOW + Duration::from_secs(1)).to_string();
    venue.set_order(&order_id, "updatedAt", AttributeValue::S(long_ago)).await;
    let late = refused(venue.barista.call_customer(&order_id).await);
    assert_eq!((late.status, late.code.as_str()), (409, "too_late_to_call"));
    assert_eq!((venue.order(&order_id).await.called_at, calls(&venue, &order_id).len()), (None, 0));
    venue.set_order(&order_id, "updatedAt", AttributeValue::S(before.updated_at.to_string())).await;
    answered(venue.barista.call_customer(&order_id).await);
    venue.empty().await;
}

pub(crate) async fn a_cancelled_order_is_not_called(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    venue.cancel(&anna, &order_id).await;
    venue.ended(&order_id).await;
    assert_eq!(refused(venue.barista.call_customer(&order_id).await).code, "wrong_status");
}
