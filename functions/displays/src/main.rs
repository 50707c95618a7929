//! Starts the function displays with the tables of shops and orders, and the issuer of bearer
//! tokens.

use adapters::contention::Budget;
use adapters::orders::OrdersTable;
use adapters::shops::{ReadScanContext, ShopTable};
use bootstrap::{clients, environment};
use displays::DisplayService;
use http_api::identity::Authenticator;

/// Time for retries. It is short, because a caller waits for the answer.
const RETRIES: Budget = Budget::seconds(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let connector = clients::connector();
    let dynamodb = clients::dynamodb(&clients::config_over(&connector));
    let service = DisplayService {
        shops: ShopTable::new(dynamodb.clone(), environment::required("SHOP_TABLE")?, RETRIES),
        orders: OrdersTable::new(dynamodb, environment::required("ORDERS_TABLE")?),
        authenticator: Authenticator::from_environment(&connector)?,
        now: bootstrap::now,
    };
    let primer = clients::PRIMER_SHOP.parse()?;
    let shop = service.shops.scan_context(&primer, None);
    tokio::join!(clients::prime(shop), clients::prime(service.authenticator.prime()));
    http_api::run(service).await
}
