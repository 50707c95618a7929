//! The environment variables of the deployed functions. The emulators set `AWS_ENDPOINT_URL`
//! themselves; the SDK prefers the variables of single services, which a proof may set.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_lambda::types::{Environment, LastUpdateStatus};
use client::Error;
use client::error::Cause;
use client::resources::Resources;
use client::stack::{self, Stack};
use tokio::time::sleep;

use crate::function::Function;

pub const ENDPOINTS: [&str; 3] = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_EVENTBRIDGE", "AWS_ENDPOINT_URL_SFN"];

/// Looks at a function before its update counts as hanging. Each look is a call of Lambda.
const LOOKS: u32 = 600;
const PAUSE: Duration = Duration::from_millis(100);

/// The endpoint of the emulator, which a proxy needs: it does not sign requests.
pub fn emulator() -> Result<String, Error> {
    stack::emulator().ok_or_else(|| Error::Usage("AWS_ENDPOINT_URL is not set: . .local/env sets it".into()))
}

pub fn endpoints(url_for: impl Fn(Function) -> String) -> impl Fn(Function) -> HashMap<String, String> {
    move |function| ENDPOINTS.map(|name| (name.to_owned(), url_for(function))).into()
}

/// Sets variables of each function to the pairs in `values`, and removes those of `names` that are
/// not among them.
pub async fn set_variables(
    stack: &Stack,
    resources: &Resources,
    names: &[&str],
    values: impl Fn(Function) -> HashMap<String, String>,
) -> Result<(), Error> {
    let lambda = aws_sdk_lambda::Client::new(&stack.aws);
    let functions = Function::deployed_names(resources)?;
    for (function, name) in &functions {
        let current = lambda.get_function_configuration().function_name(name).send().await.map_err(failed)?;
        let mut variables: HashMap<String, String> =
            current.environment.and_then(|environment| environment.variables).unwrap_or_default();
        variables.retain(|name, _| !names.contains(&name.as_str()));
        variables.extend(values(*function));
        let environment = Environment::builder().set_variables(Some(variables)).build();
        let update = lambda.update_function_configuration().function_name(name).environment(environment);
        update.send().await.map_err(failed)?;
    }
    await_updates(&lambda, &functions).await
}

async fn await_updates(lambda: &aws_sdk_lambda::Client, functions: &BTreeMap<Function, String>) -> Result<(), Error> {
    for name in functions.values() {
        let mut looks = 0;
        loop {
            let current = lambda.get_function_configuration().function_name(name).send().await.map_err(failed)?;
            if current.last_update_status().is_none_or(|status| *status == LastUpdateStatus::Successful) {
                break;
            }
            looks += 1;
            if looks == LOOKS {
                return Err(Error::TimedOut(format!("the update of the function {name} does not finish")));
            }
            sleep(PAUSE).await;
        }
    }
    Ok(())
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the environment of a function cannot be changed", source)
}
