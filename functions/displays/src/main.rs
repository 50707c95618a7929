//! Starts the function displays with the tables of shops and orders, and the issuer of bearer
//! tokens.

use adapters::contention::Budget;
use adapters::orders::OrdersTable;
use adapters::shops::{ReadScanContext, ShopTable};
use bootstrap::{clients, environment};
use displays::DisplayService;
use http_api::identity::Authenticator;

/// A caller waits for the answer.
const RETRIES: Budget = Budget::seconds(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let dynamodb = clients::dynamodb(&clients::config());
    let service = DisplayService {
        shops: ShopTable::new(dynamodb.clone(), environment::required("SHOP_TABLE")?, RETRIES),
        orders: OrdersTable::new(dynamodb, environment::required("ORDERS_TABLE")?),
        authenticator: Authenticator::from_environment()?,
        now: bootstrap::now,
    };
    clients::prime(service.shops.scan_context(&clients::PRIMER_SHOP.parse()?, None)).await;
    http_api::run(service).await
}
