//! Starts the validator with its tables, the event bus and the issuer of bearer tokens.

use std::time::Duration;

use adapters::buckets::BucketsTable;
use adapters::bus::EventBus;
use adapters::contention::Budget;
use adapters::orders::OrdersTable;
use adapters::shops::{ReadScanContext, ShopTable};
use bootstrap::metric::Sampled;
use bootstrap::{clients, environment};
use domain::live::SocketAddress;
use domain::order_page::OrderPage;
use http_api::identity::Authenticator;
use validator::Validator;

/// Maximum time that a repeated scan waits for its order to be recorded. Recording normally
/// takes well under a second.
const PATIENCE: Duration = Duration::from_secs(2);

/// Time limit for retrying the `UnprocessedKeys` of a `BatchGetItem` on the shop table. Short,
/// because a caller waits.
const RETRIES: Budget = Budget::seconds(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let connector = clients::connector();
    let config = clients::config_over(&connector);
    let dynamodb = clients::dynamodb(&config);
    let validator = Validator {
        shops: ShopTable::new(dynamodb.clone(), environment::required("SHOP_TABLE")?, RETRIES),
        buckets: BucketsTable::new(dynamodb.clone(), environment::required("BUCKETS_TABLE")?),
        orders: OrdersTable::new(dynamodb, environment::required("ORDERS_TABLE")?),
        bus: EventBus::new(clients::eventbridge(&config), environment::required("BUS_NAME")?),
        authenticator: Authenticator::from_environment(&connector)?,
        order_page: order_page(),
        live: live(),
        now: bootstrap::now,
        patience: PATIENCE,
        capacity_used: Sampled::new(),
    };
    let primer = clients::PRIMER_SHOP.parse()?;
    let shop = validator.shops.scan_context(&primer, None);
    tokio::join!(clients::prime(shop), clients::prime(validator.authenticator.prime()));
    http_api::run(validator).await
}

/// Reads the address of the order page. An invalid one is logged and not used, so that scans go
/// on.
fn order_page() -> Option<OrderPage> {
    let address = environment::optional("ORDER_PAGE_URL")?;
    address.parse().inspect_err(|error| tracing::error!(%error, address, "ORDER_PAGE_URL is not used")).ok()
}

/// Reads the address of the WebSocket API. An invalid one is logged and not used, so that phones
/// poll.
fn live() -> Option<SocketAddress> {
    let address = environment::optional("LIVE_URL")?;
    address.parse().inspect_err(|error| tracing::error!(%error, address, "LIVE_URL is not used")).ok()
}
