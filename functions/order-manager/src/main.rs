//! Starts the order manager with its tables, the workflow, the event bus and the issuer of bearer
//! tokens.

use std::time::Duration;

use adapters::bus::EventBus;
use adapters::contention::Budget;
use adapters::orders::OrdersTable;
use adapters::shops::{ReadCatalog, ShopTable};
use adapters::workflow::StepFunctions;
use bootstrap::{clients, environment};
use http_api::identity::Authenticator;
use order_manager::OrderManager;

/// Time for which unprocessed keys of the shop table are read again. It is short, because a caller
/// waits for the answer.
const RETRIES: Budget = Budget::seconds(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let connector = clients::connector();
    let config = clients::config_over(&connector);
    let dynamodb = clients::dynamodb(&config);
    let order_manager = OrderManager {
        orders: OrdersTable::new(dynamodb.clone(), environment::required("ORDERS_TABLE")?),
        shops: ShopTable::new(dynamodb, environment::required("SHOP_TABLE")?, RETRIES),
        workflow: StepFunctions::new(clients::step_functions(&config)),
        bus: EventBus::new(clients::eventbridge(&config), environment::required("BUS_NAME")?),
        authenticator: Authenticator::from_environment(&connector)?,
        now: bootstrap::now,
        patience: Duration::from_secs(2),
        counter_patience: Duration::from_secs(3),
    };
    let primer = clients::PRIMER_SHOP.parse()?;
    tokio::join!(
        clients::prime(order_manager.shops.catalog(&primer)),
        clients::prime(order_manager.authenticator.prime())
    );
    http_api::run(order_manager).await
}
