//! Starts the function live with its tables, the deployed stack and the issuer of bearer tokens.

use adapters::architecture::DeployedStack;
use adapters::connections::ConnectionsTable;
use adapters::contention::Budget;
use adapters::shops::{ReadKey, ShopTable};
use bootstrap::invocation::run;
use bootstrap::{clients, environment};
use http_api::cors::AllowedOrigin;
use http_api::identity::Authenticator;
use live::{Cache, LiveService};

/// Time for which unprocessed keys of the shop table are read again. It is short, because a caller
/// waits for the answer.
const RETRIES: Budget = Budget::seconds(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let connector = clients::connector();
    let config = clients::config_over(&connector);
    let dynamodb = clients::dynamodb(&config);
    let service = LiveService {
        shops: ShopTable::new(dynamodb.clone(), environment::required("SHOP_TABLE")?, RETRIES),
        connections: ConnectionsTable::new(dynamodb, environment::required("CONNECTIONS_TABLE")?),
        stack: DeployedStack {
            rules: clients::eventbridge(&config),
            workflow: clients::step_functions(&config),
            stack: environment::required("STACK_NAME")?,
            bus: environment::required("BUS_NAME")?,
            state_machine_arn: environment::required("STATE_MACHINE_ARN")?,
        },
        cache: Cache::default(),
        address: environment::required("LIVE_URL")?.parse()?,
        authenticator: Authenticator::from_environment(&connector)?,
        now: bootstrap::now,
    };
    let primer = clients::PRIMER_SHOP.parse()?;
    let key = service.shops.key(&primer);
    tokio::join!(clients::prime(key), clients::prime(service.authenticator.prime()));
    let origin = AllowedOrigin::from_environment();
    run(|payload| service.answer(payload, origin.as_ref())).await
}
