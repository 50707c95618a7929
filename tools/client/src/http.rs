//! HTTP clients that never send a request for this machine to a proxy, whatever `NO_PROXY`
//! contains.

use std::net::IpAddr;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use reqwest::Url;

/// Host name of LocalStack. Public DNS and LocalStack's DNS server resolve it to loopback.
const LOCALSTACK: &str = "localhost.localstack.cloud";

/// Returns true if no proxy may receive a request for `url`: its host is a name of this machine, or
/// a loopback, unspecified or link-local address. Instances and containers find their credentials
/// at link-local addresses.
pub fn is_local(url: &str) -> bool {
    let Some(host) = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_ascii_lowercase)) else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    match host.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local() || address.is_unspecified(),
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.is_unicast_link_local() || address.is_unspecified(),
        Err(_) => ["localhost", LOCALSTACK].iter().any(|name| {
            host.strip_suffix(name).is_some_and(|subdomain| subdomain.is_empty() || subdomain.ends_with('.'))
        }),
    }
}

/// Creates a builder of clients for `url`. They use a proxy only if `url` is not local.
pub fn builder(url: &str) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder();
    if is_local(url) { builder.no_proxy() } else { builder }
}

/// Creates the HTTP client of the AWS SDK.
pub(crate) fn aws_client() -> SharedHttpClient {
    let client = |proxy: fn() -> ProxyConfig| {
        Builder::new().build_with_connector_fn(move |settings, components| {
            let mut connector = Connector::builder().proxy_config(proxy());
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
            connector.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build()
        })
    };
    SharedHttpClient::new(ByAddress { direct: client(ProxyConfig::disabled), proxied: client(ProxyConfig::from_env) })
}

/// Two clients. The address of each request selects one of them.
#[derive(Debug, Clone)]
struct ByAddress {
    direct: SharedHttpClient,
    proxied: SharedHttpClient,
}

impl HttpClient for ByAddress {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Selecting {
            clients: self.clone(),
            settings: settings.clone(),
            components: components.clone(),
        })
    }
}

/// Connector that takes its connections from the selected client, which keeps them open.
#[derive(Debug)]
struct Selecting {
    clients: ByAddress,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for Selecting {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let ByAddress { direct, proxied } = &self.clients;
        let client = if is_local(request.uri()) { direct } else { proxied };
        client.http_connector(&self.settings, &self.components).call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_names_and_loopback_unspecified_and_link_local_addresses_are_local() {
        for url in [
            "http://127.0.0.1:4566/v1",
            "http://127.8.9.10",
            "http://localhost:4566",
            "http://LOCALHOST.:4566",
            "http://api.localhost/x",
            "http://[::1]:4566/v1",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0:4566",
            "https://localhost.localstack.cloud:4566",
            "http://abc.execute-api.localhost.localstack.cloud:4566/v1",
            "http://169.254.169.254/latest/meta-data",
        ] {
            assert!(is_local(url), "{url}");
        }
        for url in [
            "https://sqs.eu-west-1.amazonaws.com",
            "http://localhost.example.com",
            "http://notlocalhost",
            "http://10.0.0.1",
            "http://example.com/localhost",
            "localhost",
            "",
        ] {
            assert!(!is_local(url), "{url}");
        }
    }
}
