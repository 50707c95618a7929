//! Calls of orders. The model has no time, so the cases are made here, at the edges of
//! `CALL_WINDOW` and `CALL_INTERVAL`.

use std::sync::Arc;

use adapters::orders::{CallOrder, OrdersTable, item};
use domain::call::{self, CALL_INTERVAL, CALL_WINDOW};
use domain::order::{Order, StoredOrder};
use domain::timestamp::Timestamp;
use end_to_end::tables::Tables;
use model::cases::Cases;

use super::{Case, check, distinct, isolate, order_id};

/// Order, and time of its call.
type Call = (StoredOrder, Timestamp);

async fn called(tables: Arc<Tables>, number: usize, case: Call) -> Result<(), String> {
    let (mut expected, now) = case.clone();
    isolate(number, &mut expected);
    tables.put(&tables.orders, item::write(&expected).unwrap()).await;
    let orders = OrdersTable::new(tables.client.clone(), tables.orders.clone());
    let updated = orders.call(&order_id(number), now).await.unwrap();
    let changed = call::apply(&mut expected.order, now);
    let here = Case::new(&tables, number);
    here.is_updated(&case, updated, changed, &expected).await
}

/// Calls of one order per status: 1 ms before, at, and 1 ms after the end of `CALL_WINDOW`. Also
/// calls of two copies of each order that were called already: 1 ms before, at, and 1 ms after the
/// end of `CALL_INTERVAL`.
fn calls() -> Vec<Call> {
    let edge = |time: Timestamp| [-1, 0, 1].map(|millis| Timestamp::from_millis(time.as_millis() + millis));
    let met = distinct(Cases::projections).into_iter().filter_map(|case| case.stored);
    let mut orders: Vec<StoredOrder> = met.collect();
    orders.sort_by_key(|stored| (stored.order.status.as_str(), stored.order.order_number.is_none()));
    orders.dedup_by_key(|stored| stored.order.status);
    let mut calls = Vec::new();
    for stored in orders {
        let last = stored.order.updated_at.plus(CALL_WINDOW);
        calls.extend(edge(last).map(|now| (stored.clone(), now)));
        for called_at in [stored.order.updated_at.plus(CALL_INTERVAL), last] {
            let order = Order { called_at: Some(called_at), ..stored.order.clone() };
            let called = StoredOrder { order, ..stored.clone() };
            calls.extend(edge(called_at.plus(CALL_INTERVAL)).map(|now| (called.clone(), now)));
        }
    }
    calls
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_recorded_or_refused_as_in_the_domain() {
    check("calls", calls(), called).await;
}
