//! Resumes, inspects, stops and lists executions of the workflow.

use std::future::Future;

use aws_sdk_sfn::Client;
use aws_sdk_sfn::error::ProvideErrorMetadata;
use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent, StateEnteredEventDetails};
use domain::order::TaskToken;
use domain::timestamp::Timestamp;
use domain::workflow::{Execution, FINISH};

use crate::error::AdapterError;

/// Number of history events to read, newest first. The state `Finish` has fewer, even if it used
/// all its retries.
const FINISH_EVENTS: i32 = 100;

/// Number of executions in one page of a list: the maximum.
const EXECUTIONS_PER_PAGE: i32 = 1_000;

/// Result of resuming a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// The workflow continues with the result of this call.
    Yes,
    /// The task token is spent: its wait has timed out, or the token was used. Another call may
    /// have used it, or an earlier attempt of this call whose reply was lost.
    SpentToken,
}

/// Resumes waiting workflows.
pub trait ResumeWorkflow: Send + Sync {
    /// Ends the wait with `output`, a JSON text.
    fn succeed(&self, token: &TaskToken, output: String) -> impl Future<Output = Result<Resumed, AdapterError>> + Send;

    /// Ends the wait with a named error and a cause, which is a JSON text.
    fn fail(
        &self,
        token: &TaskToken,
        error: &str,
        cause: String,
    ) -> impl Future<Output = Result<Resumed, AdapterError>> + Send;
}

/// Inspects and stops executions.
pub trait InspectExecution: Send + Sync {
    /// Returns the state of an execution. For a failed execution, this includes the outcome that it
    /// was publishing, if any. An unknown execution counts as failed.
    fn describe(&self, execution_arn: &str) -> impl Future<Output = Result<Execution, AdapterError>> + Send;

    /// Stops an execution; `cause` appears in its description.
    fn stop(&self, execution_arn: &str, cause: &str) -> impl Future<Output = Result<(), AdapterError>> + Send;
}

/// Lists failed executions.
pub trait FindFailed: Send + Sync {
    /// Returns the ARNs of the executions of `state_machine_arn` that failed, timed out or were
    /// stopped, and were started at `since` or later.
    fn failed_since(
        &self,
        state_machine_arn: &str,
        since: Timestamp,
    ) -> impl Future<Output = Result<Vec<String>, AdapterError>> + Send;

    /// Returns the input of an execution, as JSON text; `None` if the execution is no longer known.
    fn input(&self, execution_arn: &str) -> impl Future<Output = Result<Option<String>, AdapterError>> + Send;
}

/// Client of Step Functions.
#[derive(Debug, Clone)]
pub struct StepFunctions {
    client: Client,
}

impl StepFunctions {
    /// Wraps an SDK client.
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

fn resumed<E>(operation: &'static str, error: aws_sdk_sfn::error::SdkError<E>) -> Result<Resumed, AdapterError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match error.code() {
        Some("TaskTimedOut" | "InvalidToken" | "TaskDoesNotExist") => Ok(Resumed::SpentToken),
        _ => Err(AdapterError::from_sdk(operation, error)),
    }
}

impl ResumeWorkflow for StepFunctions {
    async fn succeed(&self, token: &TaskToken, output: String) -> Result<Resumed, AdapterError> {
        match self.client.send_task_success().task_token(token.reveal()).output(output).send().await {
            Ok(_) => Ok(Resumed::Yes),
            Err(error) => resumed("SendTaskSuccess", error),
        }
    }

    async fn fail(&self, token: &TaskToken, error: &str, cause: String) -> Result<Resumed, AdapterError> {
        let call = self.client.send_task_failure().task_token(token.reveal()).error(error).cause(cause);
        match call.send().await {
            Ok(_) => Ok(Resumed::Yes),
            Err(error) => resumed("SendTaskFailure", error),
        }
    }
}

fn millis(time: &DateTime) -> Option<Timestamp> {
    time.to_millis().ok().map(Timestamp::from_millis)
}

impl StepFunctions {
    /// Returns the outcome that a failed execution was publishing, if it had entered [`FINISH`].
    async fn outcome(&self, execution_arn: &str) -> Result<Option<String>, AdapterError> {
        let call = self.client.get_execution_history().execution_arn(execution_arn).reverse_order(true);
        let answer = call.max_results(FINISH_EVENTS).send().await;
        let history = answer.map_err(|error| AdapterError::from_sdk("GetExecutionHistory", error))?;
        let entered = history.events().iter().filter_map(HistoryEvent::state_entered_event_details);
        let finish = entered.into_iter().find(|details| details.name() == FINISH);
        Ok(finish.and_then(StateEnteredEventDetails::input).map(str::to_owned))
    }
}

impl InspectExecution for StepFunctions {
    async fn describe(&self, execution_arn: &str) -> Result<Execution, AdapterError> {
        let answer = match self.client.describe_execution().execution_arn(execution_arn).send().await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("ExecutionDoesNotExist") => {
                let cause = "the execution is no longer known".into();
                return Ok(Execution::Failed { at: None, cause, outcome: None });
            }
            Err(error) => return Err(AdapterError::from_sdk("DescribeExecution", error)),
        };
        match answer.status() {
            ExecutionStatus::Running | ExecutionStatus::PendingRedrive => {
                let since = millis(answer.start_date())
                    .ok_or_else(|| AdapterError::unreadable("the execution", "its start is out of range"))?;
                Ok(Execution::Running { since })
            }
            ExecutionStatus::Succeeded => {
                Ok(Execution::Succeeded { output: answer.output().unwrap_or_default().to_owned() })
            }
            status => {
                let words = [Some(status.as_str()), answer.error(), answer.cause()];
                let cause = words.into_iter().flatten().collect::<Vec<_>>().join(": ");
                let at = answer.stop_date().and_then(millis);
                Ok(Execution::Failed { at, cause, outcome: self.outcome(execution_arn).await? })
            }
        }
    }

    async fn stop(&self, execution_arn: &str, cause: &str) -> Result<(), AdapterError> {
        let call = self.client.stop_execution().execution_arn(execution_arn).error("Swept").cause(cause);
        call.send().await.map(|_| ()).map_err(|error| AdapterError::from_sdk("StopExecution", error))
    }
}

impl FindFailed for StepFunctions {
    async fn failed_since(&self, state_machine_arn: &str, since: Timestamp) -> Result<Vec<String>, AdapterError> {
        let mut found = Vec::new();
        for status in [ExecutionStatus::Failed, ExecutionStatus::TimedOut, ExecutionStatus::Aborted] {
            let call = self.client.list_executions().state_machine_arn(state_machine_arn).status_filter(status);
            let call = call.max_results(EXECUTIONS_PER_PAGE);
            let mut pages = call.into_paginator().items().send();
            // Executions are listed newest first.
            while let Some(execution) = pages.next().await {
                let execution = execution.map_err(|error| AdapterError::from_sdk("ListExecutions", error))?;
                if millis(execution.start_date()).is_some_and(|started| started < since) {
                    break;
                }
                found.push(execution.execution_arn);
            }
        }
        Ok(found)
    }

    async fn input(&self, execution_arn: &str) -> Result<Option<String>, AdapterError> {
        match self.client.describe_execution().execution_arn(execution_arn).send().await {
            Ok(answer) => Ok(answer.input),
            Err(error) if error.code() == Some("ExecutionDoesNotExist") => Ok(None),
            Err(error) => Err(AdapterError::from_sdk("DescribeExecution", error)),
        }
    }
}
