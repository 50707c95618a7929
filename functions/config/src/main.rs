//! Starts the config function with the shop table and the issuer of bearer tokens.

use adapters::contention::Budget;
use adapters::shops::{ReadSettings, ShopTable};
use bootstrap::{clients, environment};
use config::ConfigService;
use http_api::identity::Authenticator;

/// Time for retries. It is short, because a caller waits for the answer.
const RETRIES: Budget = Budget::seconds(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let connector = clients::connector();
    let aws = clients::config_over(&connector);
    let service = ConfigService {
        shops: ShopTable::new(clients::dynamodb(&aws), environment::required("SHOP_TABLE")?, RETRIES),
        authenticator: Authenticator::from_environment(&connector)?,
        accounts_are_closed: environment::optional("SELF_SIGN_UP").as_deref() == Some("false"),
    };
    let primer = clients::PRIMER_SHOP.parse()?;
    tokio::join!(clients::prime(service.shops.settings(&primer)), clients::prime(service.authenticator.prime()));
    http_api::run(service).await
}
