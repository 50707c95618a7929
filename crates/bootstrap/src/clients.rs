//! Creates AWS clients with time-outs shorter than those of the functions.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};

use crate::environment;

// Gathering jitter entropy takes 30 ms of CPU at the first TLS handshake. Only the build of
// aws-lc-sys can leave it out.
const _: () = assert!(
    matches!(option_env!("AWS_LC_SYS_NO_JITTER_ENTROPY"), Some(value) if matches!(value.as_bytes(), b"1")),
    "AWS_LC_SYS_NO_JITTER_ENTROPY is not 1: build in this workspace, whose .cargo/config.toml sets it (docs/adr/0012)"
);

const CONNECT: Duration = Duration::from_secs(1);
const ATTEMPT: Duration = Duration::from_secs(2);
const OPERATION: Duration = Duration::from_secs(8);
const ATTEMPTS: u32 = 3;
/// Time-out of [`prime`]: a late start is worse than a slow first call.
const PRIME: Duration = Duration::from_secs(1);
/// Id of the shop that functions read for [`prime`]. The shop need not exist.
pub const PRIMER_SHOP: &str = "primer";

/// Creates the configuration of [`config_over`] with a new connector.
pub fn config() -> SdkConfig {
    config_over(&connector())
}

/// Creates the configuration of the SDK: region and credentials from the variables that Lambda
/// sets, time-outs and retries. All clients use `connector`: the SDK's default HTTP client parses
/// the system's root certificates once for each client, and again at the client's first call.
///
/// The SDK's own loader also looks for profiles, containers and instances, none of which a function
/// has.
pub fn config_over(connector: &SharedHttpConnector) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(environment::optional("AWS_REGION").map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .identity_cache(IdentityCache::lazy().build())
        .http_client(http_client(connector.clone()))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(SystemTimeSource::new()))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .build()
}

/// Returns the endpoint of a service from `AWS_ENDPOINT_URL_…` or `AWS_ENDPOINT_URL`, which name an
/// emulator. On AWS neither is set.
pub fn endpoint(service: &str) -> Option<String> {
    environment::optional(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| environment::optional("AWS_ENDPOINT_URL"))
}

fn http_client(connector: SharedHttpConnector) -> SharedHttpClient {
    http_client_fn(move |_, _| connector.clone())
}

/// Creates a connector for TLS connections that trusts the system's root certificates and keeps
/// connections open.
pub fn connector() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).build();
    let connector = Connector::builder().connector_settings(settings).tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    SharedHttpConnector::new(connector.build())
}

/// Awaits `read` for at most a second and ignores its answer, so that the first invocation finds an
/// open connection. Lambda gives a function more CPU during its start.
pub async fn prime<T, E: std::error::Error>(read: impl Future<Output = Result<T, E>>) {
    match tokio::time::timeout(PRIME, read).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!(error = crate::failure::error_chain(&error), "the priming call failed"),
        Err(_) => tracing::debug!("the priming call timed out"),
    }
}

/// Creates a client of DynamoDB.
pub fn dynamodb(config: &SdkConfig) -> aws_sdk_dynamodb::Client {
    let mut own = aws_sdk_dynamodb::config::Builder::from(config);
    own.set_endpoint_url(endpoint("DYNAMODB"));
    aws_sdk_dynamodb::Client::from_conf(own.build())
}

/// Creates a client of EventBridge.
pub fn eventbridge(config: &SdkConfig) -> aws_sdk_eventbridge::Client {
    let mut own = aws_sdk_eventbridge::config::Builder::from(config);
    own.set_endpoint_url(endpoint("EVENTBRIDGE"));
    aws_sdk_eventbridge::Client::from_conf(own.build())
}

fn at_endpoint(address: &str, endpoint: Option<String>) -> String {
    match (endpoint, address.splitn(4, '/').nth(3)) {
        (Some(endpoint), Some(path)) => format!("{}/{path}", endpoint.trim_end_matches('/')),
        _ => address.to_owned(),
    }
}

/// Creates a client of Step Functions.
pub fn step_functions(config: &SdkConfig) -> aws_sdk_sfn::Client {
    let mut own = aws_sdk_sfn::config::Builder::from(config);
    own.set_endpoint_url(endpoint("SFN"));
    aws_sdk_sfn::Client::from_conf(own.build())
}

/// Creates a client that posts messages to the sockets of the WebSocket API at `address`. With an
/// endpoint of an emulator, the endpoint replaces scheme, host and port of `address`.
pub fn sockets(config: &SdkConfig, address: &str) -> aws_sdk_apigatewaymanagement::Client {
    let mut own = aws_sdk_apigatewaymanagement::config::Builder::from(config);
    own.set_endpoint_url(Some(at_endpoint(address, endpoint("APIGATEWAYMANAGEMENTAPI"))));
    aws_sdk_apigatewaymanagement::Client::from_conf(own.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_at_the_address_of_the_api_or_at_the_same_path_of_an_emulator() {
        let address = "https://abc.execute-api.eu-west-1.amazonaws.com/v1";
        assert_eq!(at_endpoint(address, None), address);
        let local = "http://127.0.0.1:4566/_aws/execute-api/abc/v1";
        assert_eq!(at_endpoint(local, Some("http://127.0.0.1:4566/".into())), local);
        let proxied = at_endpoint(local, Some("http://127.0.0.1:9/Publisher".into()));
        assert_eq!(proxied, "http://127.0.0.1:9/Publisher/_aws/execute-api/abc/v1");
    }
}
