use std::collections::HashSet;
use std::time::Duration;

use client::api::Listing;
use client::wait;
use domain::drink::DrinkRequest;
use domain::ids::OrderId;
use domain::order::OrderStatus;
use domain::timestamp::Timestamp;
use end_to_end::venue::{TestVenue, answered, refused};
use end_to_end::{deadline, eventually};
use futures::future::join_all;

pub(crate) async fn the_queue_is_paged_oldest_first(venue: TestVenue) {
    venue.limits(20, 20, 1).await;
    let customers: Vec<_> = (0..5).map(|number| venue.customer(&format!("visitor-{number}"))).collect();
    let orders: HashSet<_> =
        join_all(customers.iter().map(|customer| venue.queued(customer))).await.into_iter().collect();
    let page = |token: Option<String>| {
        let venue = &venue;
        async move { answered(venue.barista.queue(&venue.shop_id, OrderStatus::Waiting, 2, token.as_deref()).await) }
    };
    // The index is eventually consistent.
    let listed = eventually("the queue lists every order", || async {
        let (mut listed, mut token) = (Vec::new(), None);
        loop {
            let list = page(token).await;
            assert!(list.orders.len() <= 2);
            listed.extend(list.orders);
            token = list.next_token;
            if token.is_none() {
                return (listed.len() == orders.len()).then_some(listed);
            }
        }
    })
    .await;
    assert!(listed.is_sorted_by_key(|order| order.created_at));
    assert_eq!(listed.iter().map(|order| order.order_id.clone()).collect::<HashSet<_>>(), orders);
    let cancels = orders.iter().map(|order_id| wait::when_ready(deadline(), || venue.barista.cancel(order_id, "")));
    join_all(cancels).await.into_iter().for_each(answered);
    venue.empty().await;
    eventually("the queue is empty", || async { page(None).await.orders.is_empty().then_some(()) }).await;
}

pub(crate) async fn the_newest_orders_since_a_time_come_first(venue: TestVenue) {
    venue.limits(20, 20, 1).await;
    let mut placed = Vec::new();
    for number in 0..3 {
        placed.push(venue.choosing(&venue.customer(&format!("visitor-{number}"))).await);
    }
    let second = venue.order(&placed[1]).await.created_at;
    let list = async |since, token: Option<String>| {
        let listing = Listing { status: OrderStatus::Created, newest_first: true, since, max_items: 1 };
        answered(venue.barista.list(&venue.shop_id, &listing, token.as_deref()).await)
    };
    let all = async |since| {
        let (mut ids, mut token) = (Vec::new(), None);
        loop {
            let page = list(since, token).await;
            ids.extend(page.orders.into_iter().map(|order| order.order_id));
            token = page.next_token;
            if token.is_none() {
                return ids;
            }
        }
    };
    let newest: Vec<_> = placed.iter().rev().cloned().collect();
    // The index is eventually consistent.
    eventually("the list has every order", || async { (all(None).await == newest).then_some(()) }).await;
    assert_eq!(all(Some(second)).await, newest[..2], "the list includes the order of this time");
    let oldest = list(None, list(None, list(None, None).await.next_token).await.next_token).await;
    assert_eq!(oldest.orders[0].order_id, placed[0]);
    let first = list(None, None).await.next_token;
    let later = after_creation(&venue, &placed[2]).await;
    let listing = Listing { status: OrderStatus::Created, newest_first: true, since: Some(later), max_items: 1 };
    let problem = refused(venue.barista.list(&venue.shop_id, &listing, first.as_deref()).await);
    assert_eq!((problem.code.as_str(), problem.field.as_deref()), ("invalid_parameter", Some("nextToken")));
    for order_id in &placed {
        answered(wait::when_ready(deadline(), || venue.barista.cancel(order_id, "")).await);
    }
    venue.empty().await;
}

/// Returns the time one millisecond after the creation of the order.
async fn after_creation(venue: &TestVenue, order_id: &OrderId) -> Timestamp {
    venue.order(order_id).await.created_at.plus(Duration::from_millis(1))
}

/// An estimate needs five orders that were completed at least ten seconds ago, so the test places
/// orders until one of them has an estimate.
pub(crate) async fn the_estimate_of_an_order_does_not_rise_when_its_position_falls(venue: TestVenue) {
    venue.limits(50, 20, 50).await;
    let first = venue.queued(&venue.customer("anna")).await;
    let placed = answered(venue.barista.queued_order(&first).await).queue;
    assert_eq!((placed.position, placed.waiting_seconds), (Some(0), None), "no order was completed before");
    answered(venue.complete(&first).await);
    let latte = DrinkRequest { drink: "Latte".parse().unwrap(), modifiers: vec![] };
    let counter = async |number: u32| {
        let key = format!("key-{number}");
        let order = || venue.barista.order_at_counter(&venue.shop_id, &key, &latte);
        let order_id = answered(wait::when_ready(deadline(), order).await);
        answered(wait::order_is(&venue.barista, &order_id, OrderStatus::Waiting, deadline()).await);
        order_id
    };
    for number in 0..5 {
        let order_id = counter(number).await;
        answered(venue.complete(&order_id).await);
        assert_eq!(venue.ended(&order_id).await.status, OrderStatus::Completed);
    }
    let ahead = counter(100).await;
    let mut number = 100;
    let (own, before) = loop {
        number += 1;
        let own = counter(number).await;
        let queue = answered(venue.barista.queued_order(&own).await).queue;
        if queue.waiting_seconds.is_some() {
            break (own, queue);
        }
        assert!(number < 150, "no estimate: {queue:?}");
        answered(wait::when_ready(deadline(), || venue.barista.cancel(&own, "")).await);
        venue.ended(&own).await;
    };
    assert_eq!(before.position, Some(1));
    let board = answered(venue.barista.board(&venue.shop_id).await);
    assert!(
        board.waiting_seconds >= before.waiting_seconds,
        "the board estimates the next order: {board:?}, {before:?}"
    );
    answered(venue.complete(&ahead).await);
    let after = eventually("the order is the first of the queue", || async {
        let queue = answered(venue.barista.queued_order(&own).await).queue;
        (queue.position == Some(0)).then_some(queue)
    })
    .await;
    assert!(
        after.waiting_seconds.is_some() && after.waiting_seconds <= before.waiting_seconds,
        "{before:?}, {after:?}"
    );
    answered(venue.complete(&own).await);
    assert_eq!(venue.ended(&own).await.status, OrderStatus::Completed);
    let done = answered(venue.barista.queued_order(&own).await).queue;
    assert_eq!((done.position, done.waiting_seconds), (None, None));
    venue.empty().await;
}

pub(crate) async fn a_customer_sees_their_own_orders_only(venue: TestVenue) {
    venue.limits(20, 20, 2).await;
    let (anna, bert) = (venue.customer("anna"), venue.customer("bert"));
    let first = venue.choosing(&anna).await;
    let others = venue.choosing(&bert).await;
    answered(wait::when_ready(deadline(), || anna.cancel(&first, "")).await);
    venue.ended(&first).await;
    let mine = eventually("anna's cancelled order is listed", || async {
        let mine = answered(anna.my_orders(&venue.shop_id).await).orders;
        mine.iter().any(|order| order.status == OrderStatus::Cancelled).then_some(mine)
    })
    .await;
    assert_eq!(mine.iter().map(|order| &order.order_id).collect::<Vec<_>>(), [&first]);
    let his = eventually("bert's order is listed", || async {
        Some(answered(bert.my_orders(&venue.shop_id).await).orders).filter(|orders| !orders.is_empty())
    })
    .await;
    assert_eq!(his.iter().map(|order| &order.order_id).collect::<Vec<_>>(), [&others]);
    venue.cancel(&bert, &others).await;
}
