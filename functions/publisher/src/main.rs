//! Starts the publisher with the connections table and the sockets of the WebSocket API.

use adapters::connections::ConnectionsTable;
use adapters::sockets::Sockets;
use bootstrap::invocation::run;
use bootstrap::metric::Sampled;
use bootstrap::{clients, environment};
use domain::live::SocketAddress;
use publisher::Publisher;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let config = clients::config();
    let address: SocketAddress = environment::required("LIVE_URL")?.parse()?;
    let publisher = Publisher {
        connections: ConnectionsTable::new(clients::dynamodb(&config), environment::required("CONNECTIONS_TABLE")?),
        sockets: Sockets::new(clients::sockets(&config, &address.management())),
        now: bootstrap::now,
        lag: Sampled::new(),
    };
    run(|payload| publisher.publish(payload)).await
}
