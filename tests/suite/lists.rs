use std::collections::HashSet;

use client::wait;
use domain::order::OrderStatus;
use end_to_end::venue::{TestVenue, answered};
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

pub(crate) async fn a_customer_sees_their_own_orders_newest_first(venue: TestVenue) {
    venue.limits(20, 20, 2).await;
    let (anna, bert) = (venue.customer("anna"), venue.customer("bert"));
    let first = venue.choosing(&anna).await;
    let others = venue.choosing(&bert).await;
    answered(wait::when_ready(deadline(), || anna.cancel(&first, "")).await);
    venue.ended(&first).await;
    let mine = eventually("anna's orders are listed", || async {
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
