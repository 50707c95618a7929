//! The order-processor workflow.

use std::future::Future;

use aws_sdk_sfn::Client;
use aws_sdk_sfn::error::ProvideErrorMetadata;
use aws_sdk_sfn::types::ExecutionStatus;
use domain::order::TaskToken;
use domain::timestamp::Timestamp;

use crate::error::AdapterError;

/// How a resume went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// The workflow goes on: this call decided.
    Yes,
    /// The token was spent or its wait is over: somebody else decided, or a lost reply did.
    DeadToken,
}

/// Resuming a workflow that waits.
pub trait ResumeWorkflow: Send + Sync {
    /// Ends the wait well, with `output` as JSON text.
    fn succeed(&self, token: &TaskToken, output: String) -> impl Future<Output = Result<Resumed, AdapterError>> + Send;

    /// Ends the wait with a named error and a cause.
    fn fail(
        &self,
        token: &TaskToken,
        error: &str,
        cause: String,
    ) -> impl Future<Output = Result<Resumed, AdapterError>> + Send;
}

/// What is known of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Execution {
    /// It runs since then.
    Running {
        /// When it started.
        since: Timestamp,
    },
    /// It ended as the workflow says, with its output as JSON text.
    Succeeded {
        /// The output.
        output: String,
    },
    /// It broke, was stopped, or is not known any more.
    Broken {
        /// When, if it is known.
        at: Option<Timestamp>,
        /// Why, as far as it is known.
        cause: String,
    },
}

/// Looking at executions, and stopping one that runs for ever.
pub trait InspectExecution: Send + Sync {
    /// What is known of an execution.
    fn describe(&self, execution_arn: &str) -> impl Future<Output = Result<Execution, AdapterError>> + Send;

    /// Stops an execution.
    fn stop(&self, execution_arn: &str, cause: &str) -> impl Future<Output = Result<(), AdapterError>> + Send;
}

/// Step Functions.
#[derive(Debug, Clone)]
pub struct StepFunctions {
    client: Client,
}

impl StepFunctions {
    /// Over this client.
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

fn resumed<E>(operation: &'static str, error: aws_sdk_sfn::error::SdkError<E>) -> Result<Resumed, AdapterError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match error.code() {
        Some("TaskTimedOut" | "InvalidToken" | "TaskDoesNotExist") => Ok(Resumed::DeadToken),
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

impl InspectExecution for StepFunctions {
    async fn describe(&self, execution_arn: &str) -> Result<Execution, AdapterError> {
        let answer = match self.client.describe_execution().execution_arn(execution_arn).send().await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("ExecutionDoesNotExist") => {
                return Ok(Execution::Broken { at: None, cause: "the execution is not known any more".into() });
            }
            Err(error) => return Err(AdapterError::from_sdk("DescribeExecution", error)),
        };
        let millis = |time: &aws_sdk_sfn::primitives::DateTime| time.to_millis().ok().map(Timestamp::from_millis);
        match answer.status() {
            ExecutionStatus::Running | ExecutionStatus::PendingRedrive => {
                let since = millis(answer.start_date())
                    .ok_or_else(|| AdapterError::unreadable("execution", "its start lies out of range"))?;
                Ok(Execution::Running { since })
            }
            ExecutionStatus::Succeeded => {
                Ok(Execution::Succeeded { output: answer.output().unwrap_or_default().to_owned() })
            }
            status => {
                let words = [Some(status.as_str()), answer.error(), answer.cause()];
                let cause = words.into_iter().flatten().collect::<Vec<_>>().join(": ");
                Ok(Execution::Broken { at: answer.stop_date().and_then(millis), cause })
            }
        }
    }

    async fn stop(&self, execution_arn: &str, cause: &str) -> Result<(), AdapterError> {
        let call = self.client.stop_execution().execution_arn(execution_arn).error("Swept").cause(cause);
        call.send().await.map(|_| ()).map_err(|error| AdapterError::from_sdk("StopExecution", error))
    }
}
