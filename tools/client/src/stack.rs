//! Finds a deployed stack by its name, and connects to AWS or an emulator.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types::Stack as Description;

use crate::error::Error;
use crate::{credentials, pasted};

/// Outputs of a stack, and the configuration of the AWS clients.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Name of the stack.
    pub name: String,
    /// ARN of the stack, which names its account and region.
    pub arn: String,
    /// Time of the stack's last update, as CloudFormation reports it; none if it was never updated.
    pub changed_at: Option<String>,
    /// Address of the HTTP API, without a slash at the end.
    pub api_url: String,
    /// Name of the event bus.
    pub bus_name: String,
    /// ARN of the workflow.
    pub order_processor_arn: String,
    /// Name of the orders table.
    pub orders_table: String,
    /// Name of the shop table.
    pub shop_table: String,
    /// Name of the buckets table.
    pub buckets_table: String,
    /// Name of the sweeper function.
    pub sweeper_function: String,
    /// Address of the sockets, if the stack has realtime.
    pub live_url: Option<String>,
    /// Name of the table of open sockets, if the stack has realtime.
    pub connections_table: Option<String>,
    /// Id of the user pool, if the stack has one.
    pub user_pool_id: Option<String>,
    /// Client id of the user pool, if the stack has one.
    pub user_pool_client_id: Option<String>,
    /// Region, credentials and endpoint of the AWS clients.
    pub aws: SdkConfig,
}

/// Reads region, credentials and endpoint from the environment and the profile.
pub async fn aws() -> Result<SdkConfig, Error> {
    credentials::load().await
}

/// Returns the address of the emulator: the value of `AWS_ENDPOINT_URL`, if set.
pub fn emulator() -> Option<String> {
    let url = std::env::var("AWS_ENDPOINT_URL").ok().map(|url| pasted::text(&url));
    url.map(|url| url.trim_end_matches('/').to_owned()).filter(|url| !url.is_empty())
}

impl Stack {
    /// Finds the stack `name`. The API's address is `api_url` if given, else that of the output
    /// `ApiUrl`, changed to a path of the emulator's address if there is an emulator.
    pub async fn find(name: &str, api_url: Option<&str>) -> Result<Self, Error> {
        let aws = aws().await?;
        let stack = describe(&aws, name).await?;
        let changed_at = stack.last_updated_time.map(|time| time.to_string());
        let outputs = stack.outputs.unwrap_or_default().into_iter();
        let outputs: HashMap<_, _> =
            outputs.filter_map(|output| Some((output.output_key?, output.output_value?))).collect();
        let optional = |key: &str| outputs.get(key).cloned();
        let missing = |what: &str| Error::Missing { stack: name.to_owned(), what: what.to_owned() };
        let required = |key: &str| optional(key).ok_or_else(|| missing(&format!("output {key}")));
        let api_url = match api_url {
            Some(url) => url.to_owned(),
            None => reachable(&required("ApiUrl")?, emulator().as_deref()),
        };
        Ok(Self {
            name: name.to_owned(),
            arn: stack.stack_id.ok_or_else(|| missing("id"))?,
            changed_at,
            api_url: pasted::address(&api_url)?,
            bus_name: required("BusName")?,
            order_processor_arn: required("OrderProcessorArn")?,
            orders_table: required("OrdersTable")?,
            shop_table: required("ShopTable")?,
            buckets_table: required("BucketsTable")?,
            sweeper_function: required("SweeperFunction")?,
            live_url: optional("LiveUrl"),
            connections_table: optional("ConnectionsTable"),
            user_pool_id: optional("UserPoolId"),
            user_pool_client_id: optional("UserPoolClientId"),
            aws,
        })
    }
}

/// Reads the description of the stack `name`.
pub async fn describe(aws: &SdkConfig, name: &str) -> Result<Description, Error> {
    let client = aws_sdk_cloudformation::Client::new(aws);
    let answer = client.describe_stacks().stack_name(name).send().await.map_err(|error| match &error {
        SdkError::ServiceError(_) if error.code() == Some("ValidationError") => Error::NoStack(name.to_owned()),
        SdkError::ServiceError(_) | SdkError::ConstructionFailure(_) => {
            Error::failed(format!("the stack {name} cannot be read"), error)
        }
        _ => Error::unreachable(emulator().unwrap_or_else(|| "AWS".to_owned()), error),
    })?;
    answer.stacks.unwrap_or_default().into_iter().next().ok_or_else(|| Error::NoStack(name.to_owned()))
}

/// Returns the address at which the API answers. An emulator serves the API of the output
/// `https://{api}.execute-api.…/{stage}` at a path below the emulator's address.
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
    fn with_an_emulator_the_api_is_a_path_of_the_emulators_address() {
        let url = "https://abc123.execute-api.us-east-1.amazonaws.com/v1";
        assert_eq!(reachable(url, None), url);
        let local = reachable(url, Some("http://127.0.0.1:4566/"));
        assert_eq!(local, "http://127.0.0.1:4566/_aws/execute-api/abc123/v1");
        assert_eq!(reachable("http://localhost:1/x", Some("http://127.0.0.1:4566")), "http://localhost:1/x");
    }
}
