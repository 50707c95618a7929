//! Starts config-changed with the shop table and the event bus.

use adapters::bus::EventBus;
use adapters::contention::Budget;
use adapters::shops::ShopTable;
use bootstrap::invocation::{answer, run};
use bootstrap::{clients, environment};
use config_changed::Announcer;

/// Time for retries, as `ShopTable` requires. The only read of this function, a `GetItem`, does not
/// use it: Lambda retries the batch.
const RETRIES: Budget = Budget::seconds(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let config = clients::config();
    let announcer = Announcer {
        shops: ShopTable::new(clients::dynamodb(&config), environment::required("SHOP_TABLE")?, RETRIES),
        bus: EventBus::new(clients::eventbridge(&config), environment::required("BUS_NAME")?),
    };
    run(|payload| answer(payload, |batch| announcer.announce(batch))).await
}
