//! Reads the last execution of the workflow.

use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::ExecutionStatus;
use client::Stack;
use client::error::{Cause, Error};

/// An execution of the workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// ARN of the execution.
    pub arn: String,
    /// Status, such as `RUNNING`.
    pub status: ExecutionStatus,
    /// Error and cause of an execution that ended without success; otherwise empty.
    pub error: String,
    /// States that it has entered, in order.
    pub entered: Vec<String>,
}

impl Execution {
    /// Returns the state that the execution is in, or in which it ended without success; `None`
    /// after a success.
    pub fn current(&self) -> Option<&str> {
        let succeeded = self.status == ExecutionStatus::Succeeded;
        self.entered.last().filter(|_| !succeeded).map(String::as_str)
    }
}

/// Returns the execution that started last; `None` if there is none.
pub async fn last_execution(stack: &Stack) -> Result<Option<Execution>, Error> {
    let failed = |error: Cause| Error::failed("the last execution cannot be read", error);
    let client = Client::new(&stack.aws);
    let listed = client.list_executions().state_machine_arn(&stack.order_processor_arn).max_results(20).send().await;
    let executions = listed.map_err(|error| failed(error.into()))?.executions;
    let Some(last) = executions.iter().max_by_key(|execution| execution.start_date().as_nanos()) else {
        return Ok(None);
    };
    let arn = last.execution_arn().to_owned();
    let described = client.describe_execution().execution_arn(&arn).send().await;
    let described = described.map_err(|error| failed(error.into()))?;
    let error = [described.error(), described.cause()].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let history = client.get_execution_history().execution_arn(&arn).into_paginator().items().send();
    let history = history.try_collect().await.map_err(|error| failed(error.into()))?;
    let entered = history.iter().filter_map(|event| Some(event.state_entered_event_details()?.name().to_owned()));
    Ok(Some(Execution { entered: entered.collect(), status: described.status().clone(), error, arn }))
}
