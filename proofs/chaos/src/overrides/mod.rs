//! Changes the stack for a run, and undoes the changes: functions call AWS through the proxy, the
//! courier delivers events and stream records, and a copy of the workflow fails some of its calls.

mod events;

pub use events::{Queues, Route};

use aws_sdk_sfn::types::ExecutionStatus;
use client::error::Cause;
use client::{Error, Resources, Stack};
use harness::environment::route_calls;
use harness::function::Function;
use harness::proxy::Server;
use harness::workflow;

#[derive(Debug)]
pub struct StackOverrides {
    stack: Stack,
    resources: Resources,
    pub queues: Queues,
}

impl StackOverrides {
    pub async fn new(stack: &Stack, resources: &Resources) -> Result<Self, Error> {
        let queues = Queues::create(stack).await?;
        Ok(Self { stack: stack.clone(), resources: resources.clone(), queues })
    }

    /// Deletes the dead-letter messages and stops the executions of an interrupted run, deploys the
    /// failing workflow, and routes events and the stream to the courier.
    pub async fn prepare(&self, definition: &str) -> Result<(), Error> {
        events::purge_dead_letters(&self.stack, &self.resources).await?;
        stop_executions(&self.stack).await?;
        workflow::define(&self.stack, definition).await?;
        self.queues.route(&self.stack, &self.resources).await?;
        set_stream_enabled(&self.stack, &self.resources, false).await
    }

    pub async fn connect(&self, proxy: &Server) -> Result<(), Error> {
        route_calls(&self.stack, &self.resources, Some(proxy), &[]).await
    }

    /// Restores functions, workflow, rules and stream. If one of them cannot be restored, still
    /// restores the others. Returns the first error. `definition` is that of the deployed workflow.
    pub async fn restore(&self, definition: &str) -> Result<(), Error> {
        let functions = route_calls(&self.stack, &self.resources, None, &[]).await;
        let definition = workflow::define(&self.stack, definition).await;
        let queues = self.queues.remove(&self.stack, &self.resources).await;
        let stream = set_stream_enabled(&self.stack, &self.resources, true).await;
        functions.and(definition).and(queues).and(stream)
    }
}

async fn stop_executions(stack: &Stack) -> Result<(), Error> {
    let client = aws_sdk_sfn::Client::new(&stack.aws);
    for execution in workflow::executions(stack, Some(ExecutionStatus::Running)).await? {
        // An execution may have ended since it was listed.
        client.stop_execution().execution_arn(execution.execution_arn()).send().await.ok();
    }
    Ok(())
}

/// Enables or disables Lambda's poller of the shop table's stream. The courier delivers the stream
/// instead, because MiniStack ignores `batchItemFailures`.
async fn set_stream_enabled(stack: &Stack, resources: &Resources, enabled: bool) -> Result<(), Error> {
    let failed = |error: Cause| Error::failed("the poller of the shop table's stream cannot be changed", error);
    let client = aws_sdk_lambda::Client::new(&stack.aws);
    let name = Function::ConfigChanged.deployed_name(resources)?;
    let mappings = client.list_event_source_mappings().function_name(name).send().await;
    for mapping in mappings.map_err(|error| failed(error.into()))?.event_source_mappings() {
        let update = client.update_event_source_mapping().set_uuid(mapping.uuid().map(str::to_owned)).enabled(enabled);
        update.send().await.map_err(|error| failed(error.into()))?;
    }
    Ok(())
}
