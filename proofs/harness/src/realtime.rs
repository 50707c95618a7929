//! Changes the realtime of a deployed stack: whether events are pushed, and whether the functions
//! are traced.

use aws_sdk_lambda::types::{TracingConfig, TracingMode};
use client::error::Cause;
use client::{Error, Resources, Stack};

use crate::function::Function;

const PUSH_RULES: [&str; 2] = ["PushOrderRule", "PushShopRule"];

/// Enables or disables the rules that send events to the publisher. A stack without realtime has
/// none.
pub async fn set_pushes(stack: &Stack, resources: &Resources, enabled: bool) -> Result<(), Error> {
    let failed = |error: Cause| Error::failed("the rules of the publisher cannot be changed", error);
    if resources.get(Function::Publisher.as_str()).is_none() {
        return Ok(());
    }
    let events = aws_sdk_eventbridge::Client::new(&stack.aws);
    for logical in PUSH_RULES {
        let (rule, bus) = (resources.rule_name(logical)?, &stack.bus_name);
        if enabled {
            events.enable_rule().name(rule).event_bus_name(bus).send().await.map_err(|error| failed(error.into()))?;
        } else {
            events.disable_rule().name(rule).event_bus_name(bus).send().await.map_err(|error| failed(error.into()))?;
        }
    }
    Ok(())
}

/// Traces the functions of realtime, or passes traces through as the template says. Only a traced
/// function has a trace id for each invocation.
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
