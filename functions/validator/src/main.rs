//! Starts the validator with its tables, the event bus and the issuer of bearer tokens.

use adapters::buckets::BucketsTable;
use adapters::bus::EventBus;
use adapters::shops::{ReadShopState, ShopTable};
use bootstrap::{clients, environment};
use http_api::identity::Authenticator;
use validator::Validator;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let connector = clients::connector();
    let config = clients::config_over(&connector);
    let dynamodb = clients::dynamodb(&config);
    let validator = Validator {
        shops: ShopTable::new(dynamodb.clone(), environment::required("SHOP_TABLE")?),
        buckets: BucketsTable::new(dynamodb, environment::required("BUCKETS_TABLE")?),
        bus: EventBus::new(clients::eventbridge(&config), environment::required("BUS_NAME")?),
        authenticator: Authenticator::from_environment(&connector)?,
        order_page_url: environment::optional("ORDER_PAGE_URL").unwrap_or_default(),
        now: bootstrap::now,
    };
    let primer = clients::PRIMER_SHOP.parse()?;
    tokio::join!(clients::prime(validator.shops.shop_state(&primer)), clients::prime(validator.authenticator.prime()));
    http_api::run(validator).await
}
