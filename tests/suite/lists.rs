use std::collections::HashSet;

use client::wait;
use domain::order::OrderStatus;
use end_to_end::venue::{TestVenue, answered};
use end_to_end::{deadline, eventually};
use futures::future::join_all;

pub(crate) async fn the_queue_is_paged_oldest_first(bar: TestVenue) {
    bar.limits(20, 20, 1).await;
    let customers: Vec<_> = (0..5).map(|number| bar.customer(&format!("guest-{number}"))).collect();
    let orders: HashSet<_> =
        join_all(customers.iter().map(|customer| bar.queued(customer))).await.into_iter().collect();
    let page = |token: Option<String>| {
        let bar = &bar;
        async move { answered(bar.barista.queue(&bar.shop_id, OrderStatus::Waiting, 2, token.as_deref()).await) }
    };
    // The list is an index, which may lag behind the orders.
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
    let cancels = orders.iter().map(|order_id| wait::when_ready(deadline(), || bar.barista.cancel(order_id, "")));
    join_all(cancels).await.into_iter().for_each(answered);
    bar.empty().await;
    eventually("the queue is empty", || async { page(None).await.orders.is_empty().then_some(()) }).await;
}

pub(crate) async fn a_customer_sees_their_own_orders_newest_first(bar: TestVenue) {
    bar.limits(20, 20, 2).await;
    let (anna, bert) = (bar.customer("anna"), bar.customer("bert"));
    let first = bar.choosing(&anna).await;
    let others = bar.choosing(&bert).await;
    answered(wait::when_ready(deadline(), || anna.cancel(&first, "")).await);
    bar.ended(&first).await;
    let mine = eventually("anna's orders are listed", || async {
        let mine = answered(anna.my_orders(&bar.shop_id).await).orders;
        mine.iter().any(|order| order.status == OrderStatus::Cancelled).then_some(mine)
    })
    .await;
    assert_eq!(mine.iter().map(|order| &order.order_id).collect::<Vec<_>>(), [&first]);
    let his = answered(bert.my_orders(&bar.shop_id).await).orders;
    assert_eq!(his.iter().map(|order| &order.order_id).collect::<Vec<_>>(), [&others]);
    answered(wait::when_ready(deadline(), || bert.cancel(&others, "")).await);
    bar.empty().await;
}
