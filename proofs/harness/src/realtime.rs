//! Switches the pushes of a deployed stack, and the traces of its functions of realtime, on and
//! off.

use aws_sdk_lambda::types::{TracingConfig, TracingMode};
use client::{Error, Resources, Stack};

use crate::function::Function;
use crate::rules::set_enabled;

const PUSH_RULES: [&str; 2] = ["PushOrderRule", "PushShopRule"];

/// Enables or disables the rules that send events to the publisher. A stack without realtime has no
/// such rules.
pub async fn set_pushes(stack: &Stack, resources: &Resources, enabled: bool) -> Result<(), Error> {
    if resources.get(Function::Publisher.as_str()).is_none() {
        return Ok(());
    }
    for logical in PUSH_RULES {
        set_enabled(stack, resources.rule_name(logical)?, Some(&stack.bus_name), enabled).await?;
    }
    Ok(())
}

/// Sets the tracing of the functions of realtime: active if `traced`, otherwise pass-through as in
/// the template. Only with active tracing has each invocation a trace id.
pub async fn set_tracing(stack: &Stack, resources: &Resources, traced: bool) -> Result<(), Error> {
    let lambda = aws_sdk_lambda::Client::new(&stack.aws);
    let mode = if traced { TracingMode::Active } else { TracingMode::PassThrough };
    for (function, name) in Function::deployed_names(resources)? {
        if function.is_of_realtime() {
            let tracing = TracingConfig::builder().mode(mode.clone()).build();
            let update = lambda.update_function_configuration().function_name(&name).tracing_config(tracing);
            let failed = |error| Error::failed(format!("the tracing of {name} cannot be changed"), error);
            update.send().await.map_err(failed)?;
        }
    }
    Ok(())
}
