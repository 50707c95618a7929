//! What the functions take for AWS. The emulators set `AWS_ENDPOINT_URL` of every function themselves; the addresses of single
//! services, which the SDK prefers, are left to whoever configures the function.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_lambda::types::{Environment, LastUpdateStatus};
use client::Error;
use client::stack::Stack;
use tokio::time::{Instant, sleep};

use super::Parts;
use crate::fault::Function;

/// What names the address of a service.
pub const SERVICES: [&str; 3] = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_EVENTBRIDGE", "AWS_ENDPOINT_URL_SFN"];

const PATIENCE: Duration = Duration::from_mins(1);

/// Gives each function the address that `url_for` has for it, or takes it away.
pub(super) async fn connect(
    stack: &Stack,
    parts: &Parts,
    url_for: impl Fn(Function) -> Option<String>,
) -> Result<(), Error> {
    let addresses = |function| {
        let url = url_for(function);
        SERVICES.iter().filter_map(|service| Some(((*service).to_owned(), url.clone()?))).collect()
    };
    set(stack, parts, &SERVICES, addresses).await
}

/// Sets variables of each function to what `values` has for it. Those of `names` that it has nothing for are taken away.
pub async fn set(
    stack: &Stack,
    parts: &Parts,
    names: &[&str],
    values: impl Fn(Function) -> HashMap<String, String>,
) -> Result<(), Error> {
    let client = aws_sdk_lambda::Client::new(&stack.aws);
    let failed = |error| Error::Failed { what: "a function's environment cannot be changed".into(), source: error };
    for (function, name) in &parts.functions {
        let now = client.get_function_configuration().function_name(name).send().await;
        let now = now.map_err(|error| failed(error.into()))?;
        let mut variables: HashMap<String, String> =
            now.environment.and_then(|environment| environment.variables).unwrap_or_default();
        variables.retain(|name, _| !names.contains(&name.as_str()));
        variables.extend(values(*function));
        let environment = Environment::builder().set_variables(Some(variables)).build();
        let update = client.update_function_configuration().function_name(name).environment(environment);
        update.send().await.map_err(|error| failed(error.into()))?;
    }
    for name in parts.functions.values() {
        until_updated(&client, name).await?;
    }
    Ok(())
}

async fn until_updated(client: &aws_sdk_lambda::Client, name: &str) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = client.get_function_configuration().function_name(name).send().await;
        let now = now.map_err(|error| Error::failed(format!("the function {name} cannot be read"), error))?;
        if now.last_update_status().is_none_or(|status| *status == LastUpdateStatus::Successful) {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(Error::TimedOut(format!("the function {name} is still being updated")));
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// Has Lambda read the shops' stream, or leave it to the courier. MiniStack takes a batch for handled although the function names
/// records that are not.
pub(super) async fn read_stream(stack: &Stack, parts: &Parts, on: bool) -> Result<(), Error> {
    let client = aws_sdk_lambda::Client::new(&stack.aws);
    let failed = |error| Error::Failed { what: "the shops' stream cannot be turned".into(), source: error };
    let name = parts.physical(Function::ConfigChanged.as_str())?;
    let sources = client.list_event_source_mappings().function_name(name).send().await;
    for source in sources.map_err(|error| failed(error.into()))?.event_source_mappings() {
        let update = client.update_event_source_mapping().set_uuid(source.uuid().map(str::to_owned)).enabled(on);
        update.send().await.map_err(|error| failed(error.into()))?;
    }
    Ok(())
}
