//! Starts config-changed with the shop table and the event bus.

use adapters::bus::EventBus;
use adapters::contention::Budget;
use adapters::shops::ShopTable;
use bootstrap::invocation::{Payload, answer};
use bootstrap::{clients, environment, record};
use config_changed::Announcer;
use lambda_runtime::{LambdaEvent, run, service_fn};

/// Lambda retries the batch.
const RETRIES: Budget = Budget::seconds(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let config = clients::config();
    let announcer = Announcer {
        shops: ShopTable::new(clients::dynamodb(&config), environment::required("SHOP_TABLE")?, RETRIES),
        bus: EventBus::new(clients::eventbridge(&config), environment::required("BUS_NAME")?),
    };
    // Boxed, because otherwise the nested future types of the SDK exceed the compiler's limits.
    run(service_fn(|event: LambdaEvent<Payload>| {
        Box::pin(record::observed(event.context.request_id, answer(event.payload, |batch| announcer.announce(batch))))
    }))
    .await
}
