//! Starts the projector with the orders table and the shop table.

use adapters::contention::Budget;
use adapters::orders::OrderTransactions;
use bootstrap::invocation::Payload;
use bootstrap::{clients, environment, record};
use lambda_runtime::{LambdaEvent, run, service_fn};
use order_projector::Projector;

/// After an error Lambda waits a minute before it invokes the function again.
const RETRIES: Budget = Budget::seconds(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let dynamodb = clients::dynamodb(&clients::config());
    let (orders, shops) = (environment::required("ORDERS_TABLE")?, environment::required("SHOP_TABLE")?);
    let projector = Projector { orders: OrderTransactions::new(dynamodb, orders, shops, RETRIES) };
    // Boxed, because otherwise the nested future types of the SDK exceed the compiler's limits.
    run(service_fn(|event: LambdaEvent<Payload>| {
        Box::pin(record::observed(event.context.request_id, projector.project(event.payload)))
    }))
    .await
}
