//! Starts admission with the orders table and the shop table.

use adapters::contention::Budget;
use adapters::orders::OrderTransactions;
use adapters::shops::{ReadShopState, ShopTable};
use admission::Admitter;
use bootstrap::invocation::{answer, run};
use bootstrap::{clients, environment};

/// Time for retries in one invocation. Afterwards the workflow retries with a new invocation.
const RETRIES: Budget = Budget::seconds(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let dynamodb = clients::dynamodb(&clients::config());
    let (orders, shops) = (environment::required("ORDERS_TABLE")?, environment::required("SHOP_TABLE")?);
    let admitter = Admitter {
        orders: OrderTransactions::new(dynamodb.clone(), orders, shops.clone(), RETRIES),
        shops: ShopTable::new(dynamodb, shops, RETRIES),
        now: bootstrap::now,
    };
    clients::prime(admitter.shops.state(&clients::PRIMER_SHOP.parse()?)).await;
    run(|payload| answer(payload, |request| admitter.admit(request))).await
}
