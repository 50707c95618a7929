use std::collections::BTreeMap;

use client::Api;
use client::wait;
use domain::ids::OrderId;
use domain::order::{ClosedBy, Order, OrderStatus};
use end_to_end::deadline;
use end_to_end::venue::{TestVenue, answered, refused};
use end_to_end::world::Emulator;
use futures::future::join_all;

use crate::faults::end_of_execution;
use crate::window::in_one_window;

/// Number of scans; few, because the other tests run at the same time. `make burst` sends more.
const SCANS: usize = 60;
const CAPACITY: u32 = 5;

/// Waits until the order is `CREATED` or ended: the workflow has admitted or refused it.
async fn settled(customer: &Api, order_id: &OrderId) -> Order {
    let decided = |order: &Order| order.status != OrderStatus::Admitted;
    answered(wait::order_until(customer, order_id, deadline(), decided).await)
}

async fn execution_of(venue: &TestVenue, order_id: &OrderId) -> String {
    let stored =
        venue.stored(order_id).await.unwrap_or_else(|| panic!("{order_id} is acknowledged, but does not exist"));
    stored["executionArn"].as_s().unwrap().clone()
}

/// Counts the executions of these orders by final status.
async fn endings(venue: &TestVenue, orders: &[OrderId]) -> BTreeMap<String, usize> {
    let client = aws_sdk_sfn::Client::new(&venue.stack.aws);
    let mut endings = BTreeMap::new();
    for order_id in orders {
        let status = end_of_execution(&client, &execution_of(venue, order_id).await).await;
        *endings.entry(status).or_default() += 1;
    }
    endings
}

pub(crate) async fn concurrent_scans_beyond_the_capacity_are_refused(venue: TestVenue) {
    in_one_window(venue, scan_beyond_the_capacity).await;
}

async fn scan_beyond_the_capacity(venue: TestVenue) {
    // With more scans, LocalStack answers 503 to these scans and to the other tests.
    let scans = if venue.world.emulator == Emulator::LocalStack { 8 } else { SCANS };
    venue.limits(u32::try_from(scans).unwrap(), CAPACITY, 1).await;
    let code = answered(venue.admin.qr_code(&venue.shop_id).await).code;
    let crowd: Vec<Api> = (0..scans).map(|number| venue.customer(&format!("scanner-{number}"))).collect();
    let answers = join_all(crowd.iter().map(|customer| venue.scan_code(customer, &code))).await;
    let mut acknowledged = Vec::new();
    for (customer, answer) in crowd.iter().zip(answers) {
        match answer {
            Ok(scan) => acknowledged.push((customer, scan.order_id)),
            Err(error) => {
                let problem = refused::<()>(Err(error));
                assert_eq!((problem.status, problem.code.as_str()), (409, "store_full"), "{problem}");
                assert!(problem.retry_after.is_some(), "no Retry-After");
            }
        }
    }
    assert!(acknowledged.len() >= CAPACITY as usize, "{} acknowledged", acknowledged.len());

    let orders = join_all(acknowledged.iter().map(|(customer, order_id)| settled(customer, order_id))).await;
    let (open, ended): (Vec<Order>, Vec<Order>) = orders.into_iter().partition(|order| !order.status.is_final());
    assert_eq!(open.len(), CAPACITY as usize, "open orders, of {} acknowledged", acknowledged.len());
    assert_eq!(venue.in_flight().await, i64::from(CAPACITY));
    for order in &ended {
        assert_eq!((order.reason.as_deref(), order.closed_by), (Some("full"), Some(ClosedBy::System)));
    }

    let open: Vec<OrderId> = open.into_iter().map(|order| order.order_id).collect();
    let cancels = open.iter().map(|order_id| wait::when_ready(deadline(), || venue.barista.cancel(order_id, "")));
    join_all(cancels).await.into_iter().for_each(answered);
    venue.empty().await;
    let all: Vec<OrderId> = acknowledged.into_iter().map(|(_, order_id)| order_id).collect();
    assert_eq!(endings(&venue, &all).await, BTreeMap::from([("SUCCEEDED".to_owned(), all.len())]));
}
