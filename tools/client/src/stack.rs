//! A deployed stack, found by its name.

use std::collections::HashMap;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};

use crate::error::Error;

/// A stack's outputs, and how to reach AWS, or what stands in for it.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// Where its HTTP API answers, without a slash at the end.
    pub api_url: String,
    /// Its event bus.
    pub bus_name: String,
    /// Its workflow.
    pub order_processor_arn: String,
    /// Its table of orders.
    pub orders_table: String,
    /// Its table of shops.
    pub shop_table: String,
    /// Its table of token buckets.
    pub buckets_table: String,
    /// Its sweeper.
    pub sweeper_function: String,
    /// The client of its user pool, where it has one.
    pub user_pool_client_id: Option<String>,
    /// Region, credentials and endpoint.
    pub aws: SdkConfig,
}

/// Region, credentials and endpoint, from the environment.
pub async fn aws() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(40))
        .build();
    aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts).load().await
}

/// The emulator that stands in for AWS, if one does.
pub fn emulator() -> Option<String> {
    std::env::var("AWS_ENDPOINT_URL").ok().filter(|url| !url.is_empty())
}

impl Stack {
    /// The stack called `name`. Behind an emulator its API answers at the emulator's address.
    pub async fn find(name: &str, api_url: Option<&str>) -> Result<Self, Error> {
        let aws = aws().await;
        let outputs = outputs(&aws, name).await?;
        let optional = |key: &str| outputs.get(key).cloned();
        let required = |key: &str| {
            optional(key).ok_or_else(|| {
                Error::NoStack(format!("the stack {name} has no output {key}: deploy this version of template.yaml"))
            })
        };
        let api_url = match api_url {
            Some(url) => url.to_owned(),
            None => reachable(&required("ApiUrl")?, emulator().as_deref()),
        };
        Ok(Self {
            name: name.to_owned(),
            api_url: api_url.trim_end_matches('/').to_owned(),
            bus_name: required("BusName")?,
            order_processor_arn: required("OrderProcessorArn")?,
            orders_table: required("OrdersTable")?,
            shop_table: required("ShopTable")?,
            buckets_table: required("BucketsTable")?,
            sweeper_function: required("SweeperFunction")?,
            user_pool_client_id: optional("UserPoolClientId"),
            aws,
        })
    }
}

async fn outputs(aws: &SdkConfig, name: &str) -> Result<HashMap<String, String>, Error> {
    let client = aws_sdk_cloudformation::Client::new(aws);
    let answer = client.describe_stacks().stack_name(name).send().await.map_err(|error| match &error {
        SdkError::ServiceError(_) if error.code() == Some("ValidationError") => Error::NoStack(format!(
            "there is no stack {name} here: deploy it (make up, or sam deploy), or name another with --stack"
        )),
        SdkError::ServiceError(_) => Error::failed(format!("the stack {name} cannot be read"), error),
        _ => Error::Unreachable { what: emulator().unwrap_or_else(|| "AWS".to_owned()), source: error.into() },
    })?;
    let stack = answer.stacks.unwrap_or_default().into_iter().next();
    let outputs = stack.and_then(|stack| stack.outputs).unwrap_or_default();
    Ok(outputs.into_iter().filter_map(|output| Some((output.output_key?, output.output_value?))).collect())
}

/// `api_url` as it can be called: an emulator serves `https://{api}.execute-api.…/{stage}` under a path of its own address.
fn reachable(api_url: &str, emulator: Option<&str>) -> String {
    let rewritten = emulator.and_then(|emulator| {
        let (host, stage) = api_url.split_once("://")?.1.split_once('/')?;
        let api = host.split_once(".execute-api.")?.0;
        Some(format!("{}/_aws/execute-api/{api}/{stage}", emulator.trim_end_matches('/')))
    });
    rewritten.unwrap_or_else(|| api_url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulator_serves_the_api_at_its_own_address() {
        let url = "https://abc123.execute-api.us-east-1.amazonaws.com/v1";
        assert_eq!(reachable(url, None), url);
        let local = reachable(url, Some("http://127.0.0.1:4566/"));
        assert_eq!(local, "http://127.0.0.1:4566/_aws/execute-api/abc123/v1");
        assert_eq!(reachable("http://localhost:1/x", Some("http://127.0.0.1:4566")), "http://localhost:1/x");
    }
}
