//! The state machine of the stack: what it does now, and ending what it did before.

use aws_sdk_sfn::types::ExecutionStatus;
use client::Error;
use client::stack::Stack;

/// Has the stack's machine do this from now on.
pub async fn define(stack: &Stack, definition: &str) -> Result<(), Error> {
    let client = aws_sdk_sfn::Client::new(&stack.aws);
    let update = client.update_state_machine().state_machine_arn(&stack.order_processor_arn).definition(definition);
    update.send().await.map(|_| ()).map_err(|error| Error::failed("the workflow cannot be defined", error))
}

/// Stops what an interrupted run has left.
pub(super) async fn stop_everything(stack: &Stack) -> Result<(), Error> {
    let client = aws_sdk_sfn::Client::new(&stack.aws);
    let running = client
        .list_executions()
        .state_machine_arn(&stack.order_processor_arn)
        .status_filter(ExecutionStatus::Running)
        .into_paginator()
        .items()
        .send()
        .try_collect()
        .await
        .map_err(|error| Error::failed("the executions cannot be listed", error))?;
    for execution in running {
        // It may end by itself meanwhile.
        client.stop_execution().execution_arn(execution.execution_arn()).send().await.ok();
    }
    Ok(())
}
