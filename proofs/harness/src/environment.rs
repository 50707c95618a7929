//! Changes environment variables of the deployed functions. An emulator sets `AWS_ENDPOINT_URL` in
//! each function. The SDK prefers a variable for one service, such as `AWS_ENDPOINT_URL_SFN`, so a
//! proof sets these.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_lambda::types::{Environment, LastUpdateStatus};
use client::error::Cause;
use client::stack::{self, Stack};
use client::{Error, Resources};
use tokio::time::sleep;

use crate::function::Function;
use crate::proxy::Server;

const ENDPOINTS: [&str; 4] = [
    "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_EVENTBRIDGE",
    "AWS_ENDPOINT_URL_SFN",
];

/// Number of reads after which an update of a function is reported as timed out.
const LOOKS: u32 = 600;
const PAUSE: Duration = Duration::from_millis(100);

/// Values of variables by their names. `None` removes the variable.
pub type Variables<'a> = HashMap<&'a str, Option<String>>;

/// Returns the endpoint of the emulator. Fails if there is none: AWS would reject the forwarded
/// requests, because the proxy does not sign them.
pub fn emulator() -> Result<String, Error> {
    stack::emulator().ok_or_else(|| Error::Usage("AWS_ENDPOINT_URL is not set; first run `. .local/env`".into()))
}

/// Points the endpoints of the deployed functions of [`Function`] to `proxy`, and sets the
/// variables `others`. Without a proxy, removes all these variables.
pub async fn route_calls(
    stack: &Stack,
    resources: &Resources,
    proxy: Option<&Server>,
    others: &[(&str, &str)],
) -> Result<(), Error> {
    let names = Function::deployed_names(resources)?;
    let functions = names.iter().map(|(function, name)| {
        let endpoints = ENDPOINTS.map(|variable| (variable, proxy.map(|proxy| proxy.url_for(*function))));
        let others = others.iter().map(|(variable, value)| (*variable, proxy.map(|_| (*value).to_owned())));
        (name.as_str(), endpoints.into_iter().chain(others).collect())
    });
    set_variables(stack, &functions.collect::<Vec<_>>()).await
}

/// Sets or removes variables of functions, and waits for the updates. `functions` contains the
/// deployed name of each function.
pub async fn set_variables(stack: &Stack, functions: &[(&str, Variables<'_>)]) -> Result<(), Error> {
    let lambda = aws_sdk_lambda::Client::new(&stack.aws);
    for (name, variables) in functions {
        let current = lambda.get_function_configuration().function_name(*name).send().await.map_err(failed)?;
        let mut all = current.environment.and_then(|environment| environment.variables).unwrap_or_default();
        all.retain(|variable, _| !variables.contains_key(variable.as_str()));
        all.extend(variables.iter().filter_map(|(variable, value)| Some(((*variable).to_owned(), value.clone()?))));
        let environment = Environment::builder().set_variables(Some(all)).build();
        let update = lambda.update_function_configuration().function_name(*name).environment(environment);
        update.send().await.map_err(failed)?;
    }
    for (name, _) in functions {
        await_update(&lambda, name).await?;
    }
    Ok(())
}

async fn await_update(lambda: &aws_sdk_lambda::Client, name: &str) -> Result<(), Error> {
    for _ in 0..LOOKS {
        let current = lambda.get_function_configuration().function_name(name).send().await.map_err(failed)?;
        match current.last_update_status() {
            None | Some(LastUpdateStatus::Successful) => return Ok(()),
            Some(LastUpdateStatus::Failed) => {
                let why = current.last_update_status_reason().unwrap_or("for an unknown reason");
                return Err(Error::Unexpected(format!("the update of the function {name} failed: {why}")));
            }
            Some(_) => {}
        }
        sleep(PAUSE).await;
    }
    Err(Error::TimedOut(format!("the update of the function {name} does not finish")))
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the environment of a function cannot be changed", source)
}
