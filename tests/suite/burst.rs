use std::collections::BTreeMap;

use client::api::Api;
use client::wait;
use domain::ids::OrderId;
use domain::order::{ClosedBy, Order, OrderStatus};
use end_to_end::venue::{TestVenue, answered, refused};
use end_to_end::world::Emulator;
use end_to_end::{deadline, eventually};
use futures::future::join_all;

use crate::qr_code::away_from_the_end_of_a_window;

/// A small one: everything else runs at the same time. `make burst` has the real size.
const SCANS: usize = 60;
const ROOM: u32 = 5;

/// The order, once it is in the bar or has ended.
async fn settled(customer: &Api, order_id: &OrderId) -> Order {
    let decided = |order: &Order| order.status != OrderStatus::Admitted;
    answered(wait::order_until(customer, order_id, deadline(), decided).await)
}

async fn execution_status(bar: &TestVenue, execution_arn: &str) -> String {
    let client = aws_sdk_sfn::Client::new(&bar.stack.aws);
    let described = client.describe_execution().execution_arn(execution_arn).send().await.unwrap();
    described.status().as_str().to_owned()
}

async fn execution_of(bar: &TestVenue, order_id: &OrderId) -> String {
    let stored = bar.stored(order_id).await.unwrap_or_else(|| panic!("{order_id} is acknowledged and not there"));
    stored["executionArn"].as_s().unwrap().clone()
}

/// The executions of these orders are over, and this is how they ended.
async fn endings(bar: &TestVenue, orders: &[OrderId]) -> BTreeMap<String, usize> {
    let mut endings = BTreeMap::new();
    for order_id in orders {
        let execution_arn = execution_of(bar, order_id).await;
        let what = format!("{execution_arn} is over");
        let status = eventually(&what, || async {
            Some(execution_status(bar, &execution_arn).await).filter(|status| status != "RUNNING")
        })
        .await;
        *endings.entry(status).or_default() += 1;
    }
    endings
}

pub(crate) async fn a_crowd_that_scans_at_once_is_refused_by_reason_and_breaks_nothing(bar: TestVenue) {
    away_from_the_end_of_a_window(30).await;
    // LocalStack answers a larger crowd with 503, and everybody else beside it.
    let scans = if bar.world.emulator == Emulator::LocalStack { 8 } else { SCANS };
    bar.limits(u32::try_from(scans).unwrap(), ROOM, 1).await;
    let code = answered(bar.admin.qr_code(&bar.shop_id).await).code;
    let crowd: Vec<Api> = (0..scans).map(|number| bar.customer(&format!("scanner-{number}"))).collect();
    let answers = join_all(crowd.iter().map(|customer| bar.scan_code(customer, &code))).await;
    let mut acknowledged = Vec::new();
    for (customer, answer) in crowd.iter().zip(answers) {
        match answer {
            Ok(scan) => acknowledged.push((customer, scan.order_id)),
            Err(error) => {
                let problem = refused::<()>(Err(error));
                assert_eq!((problem.status, problem.code.as_str()), (409, "store_full"), "{problem}");
                assert!(problem.retry_after.is_some(), "it says when to come back");
            }
        }
    }
    assert!(acknowledged.len() >= ROOM as usize, "{} acknowledged", acknowledged.len());

    let orders = join_all(acknowledged.iter().map(|(customer, order_id)| settled(customer, order_id))).await;
    let (inside, outside): (Vec<Order>, Vec<Order>) = orders.into_iter().partition(|order| !order.status.is_final());
    assert_eq!(inside.len(), ROOM as usize, "everybody who got in, of {} acknowledged", acknowledged.len());
    assert_eq!(bar.in_flight().await, i64::from(ROOM));
    for order in &outside {
        assert_eq!((order.reason.as_deref(), order.closed_by), (Some("full"), Some(ClosedBy::System)));
    }

    let inside: Vec<OrderId> = inside.into_iter().map(|order| order.order_id).collect();
    let leaving = inside.iter().map(|order_id| wait::when_ready(deadline(), || bar.barista.cancel(order_id, "")));
    join_all(leaving).await.into_iter().for_each(answered);
    bar.empty().await;
    let all: Vec<OrderId> = acknowledged.into_iter().map(|(_, order_id)| order_id).collect();
    assert_eq!(endings(&bar, &all).await, BTreeMap::from([("SUCCEEDED".to_owned(), all.len())]));
}
