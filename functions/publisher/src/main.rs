//! Starts the publisher with the connections table and the sockets of the WebSocket API.

use adapters::connections::ConnectionsTable;
use adapters::sockets::Sockets;
use bootstrap::invocation::Payload;
use bootstrap::metric::Sampled;
use bootstrap::{clients, environment, record};
use domain::live::SocketAddress;
use lambda_runtime::{LambdaEvent, run, service_fn};
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
    // Boxed, because otherwise the nested future types of the SDK exceed the compiler's limits.
    run(service_fn(|event: LambdaEvent<Payload>| {
        Box::pin(record::observed(event.context.request_id, publisher.publish(event.payload)))
    }))
    .await
}
