//! Starts the validator with its tables, the event bus and the issuer of bearer tokens.

use adapters::buckets::BucketsTable;
use adapters::bus::EventBus;
use adapters::contention::Budget;
use adapters::shops::{ReadShopState, ShopTable};
use bootstrap::{clients, environment};
use http_api::identity::Authenticator;
use validator::Validator;

/// A caller waits for the answer.
const RETRIES: Budget = Budget::seconds(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let config = clients::config();
    let dynamodb = clients::dynamodb(&config);
    let validator = Validator {
        shops: ShopTable::new(dynamodb.clone(), environment::required("SHOP_TABLE")?, RETRIES),
        buckets: BucketsTable::new(dynamodb, environment::required("BUCKETS_TABLE")?),
        bus: EventBus::new(clients::eventbridge(&config), environment::required("BUS_NAME")?),
        authenticator: Authenticator::from_environment()?,
        order_page_url: environment::optional("ORDER_PAGE_URL").unwrap_or_default(),
        now: bootstrap::now,
    };
    clients::prime(validator.shops.shop_state(&clients::PRIMER_SHOP.parse()?)).await;
    http_api::run(validator).await
}
