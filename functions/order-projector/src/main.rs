//! Starts the projector with the orders table and the shop table.

use adapters::contention::Budget;
use adapters::orders::OrderTransactions;
use bootstrap::invocation::run;
use bootstrap::{clients, environment};
use order_projector::Projector;

/// Time for retries. After a failed invocation, Lambda waits a minute before the next one.
const RETRIES: Budget = Budget::seconds(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let dynamodb = clients::dynamodb(&clients::config());
    let (orders, shops) = (environment::required("ORDERS_TABLE")?, environment::required("SHOP_TABLE")?);
    let projector = Projector { orders: OrderTransactions::new(dynamodb, orders, shops, RETRIES) };
    run(|payload| projector.project(payload)).await
}
