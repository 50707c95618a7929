//! Tests the client of the workflow: resuming, spent task tokens, and the state of an execution.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use adapters::error::AdapterError;
use adapters::workflow::{FindFailed, InspectExecution, ResumeWorkflow, Resumed, StepFunctions};
use aws_sdk_sfn::Client;
use aws_smithy_mocks::{Rule, mock};
use domain::order::TaskToken;
use domain::timestamp::Timestamp;
use domain::workflow::Execution;
use serde_json::{Value, json};
use support::{Answer, Sent, done, error, once, step_functions};

/// Cause of a cancellation, as the workflow reads it.
const CAUSE: &str = r#"{"reason":"changed my mind","closedBy":"customer","closedByUserId":"anna"}"#;

const SPENT: [&str; 3] = ["TaskTimedOut", "InvalidToken", "TaskDoesNotExist"];

fn workflow(rule: Rule) -> (StepFunctions, Sent) {
    let (client, sent) = step_functions(&[rule]);
    (StepFunctions::new(client), sent)
}

fn token() -> TaskToken {
    TaskToken::new("secret".into())
}

async fn succeed(answer: Answer) -> (Result<Resumed, AdapterError>, Sent) {
    let (workflow, sent) = workflow(once(mock!(Client::send_task_success), answer));
    (workflow.succeed(&token(), r#"{"drink":1}"#.into()).await, sent)
}

async fn fail(answer: Answer) -> (Result<Resumed, AdapterError>, Sent) {
    let (workflow, sent) = workflow(once(mock!(Client::send_task_failure), answer));
    (workflow.fail(&token(), "OrderCancelled", CAUSE.into()).await, sent)
}

async fn describe(answer: Answer) -> (Result<Execution, AdapterError>, Sent) {
    let (workflow, sent) = workflow(once(mock!(Client::describe_execution), answer));
    (workflow.describe("execution").await, sent)
}

async fn stop(answer: Answer) -> (Result<(), AdapterError>, Sent) {
    let (workflow, sent) = workflow(once(mock!(Client::stop_execution), answer));
    (workflow.stop("execution", "it ran too long").await, sent)
}

#[tokio::test]
async fn a_success_spends_the_task_token_with_the_output() {
    let (answer, sent) = succeed(done(json!({}))).await;
    assert_eq!(answer.unwrap(), Resumed::Yes);
    assert_eq!(sent.only(), json!({"taskToken": "secret", "output": r#"{"drink":1}"#}));
}

#[tokio::test]
async fn a_failure_spends_the_task_token_with_the_error_that_the_workflow_catches() {
    let (answer, sent) = fail(done(json!({}))).await;
    assert_eq!(answer.unwrap(), Resumed::Yes);
    assert_eq!(sent.only(), json!({"taskToken": "secret", "error": "OrderCancelled", "cause": CAUSE}));
}

#[tokio::test]
async fn a_spent_task_token_is_a_result_and_is_not_retried() {
    for code in SPENT {
        for (answer, sent) in [succeed(error(code)).await, fail(error(code)).await] {
            assert_eq!(answer.unwrap(), Resumed::SpentToken);
            assert_eq!(sent.count(), 1);
        }
    }
}

#[tokio::test]
async fn a_resume_distinguishes_throttled_from_failed_calls() {
    support::distinguishes_retryable_from_failed(async |answer| succeed(answer).await.0).await;
    support::distinguishes_retryable_from_failed(async |answer| fail(answer).await.0).await;
    let (answer, _) = succeed(error("InvalidOutput")).await;
    assert!(matches!(answer, Err(AdapterError::Failed { .. })), "{answer:?}");
}

#[tokio::test]
async fn an_error_does_not_show_the_task_token() {
    for (answer, _) in [succeed(error("InternalServerError")).await, fail(error("InternalServerError")).await] {
        assert!(!format!("{answer:?}").contains("secret"), "{answer:?}");
    }
}

fn execution(status: &str, more: &Value) -> Answer {
    let mut body = json!({
        "executionArn": "execution", "stateMachineArn": "machine", "status": status, "startDate": 1.5,
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    done(body)
}

#[tokio::test]
async fn a_running_execution_is_described_with_its_start() {
    for status in ["RUNNING", "PENDING_REDRIVE"] {
        let (answer, sent) = describe(execution(status, &json!({}))).await;
        assert_eq!(answer.unwrap(), Execution::Running { since: Timestamp::from_millis(1500) });
        assert_eq!(sent.only(), json!({"executionArn": "execution"}));
    }
}

#[tokio::test]
async fn a_succeeded_execution_is_described_with_its_output() {
    let (answer, _) = describe(execution("SUCCEEDED", &json!({"output": "{}", "stopDate": 2}))).await;
    assert_eq!(answer.unwrap(), Execution::Succeeded { output: "{}".into() });
}

async fn describe_failed(execution: Answer, history: Answer) -> (Result<Execution, AdapterError>, Sent) {
    let rules =
        [once(mock!(Client::describe_execution), execution), once(mock!(Client::get_execution_history), history)];
    let (client, sent) = step_functions(&rules);
    (StepFunctions::new(client).describe("execution").await, sent)
}

/// Returns an execution history, newest event first, with the states entered and their input.
fn history(entered: &[(&str, &str)]) -> Answer {
    let entered = entered.iter().enumerate().map(|(id, (name, input))| {
        let details = json!({"name": name, "input": input});
        json!({"id": id, "timestamp": 2, "type": "TaskStateEntered", "stateEnteredEventDetails": details})
    });
    let ended = json!({"id": 99, "timestamp": 2, "type": "ExecutionAborted"});
    let events: Vec<Value> = [ended].into_iter().chain(entered).collect();
    done(json!({"events": events}))
}

#[tokio::test]
async fn a_failed_execution_is_described_with_its_end_and_cause() {
    for status in ["FAILED", "TIMED_OUT", "ABORTED"] {
        let more = json!({"error": "Swept", "cause": "it ran too long", "stopDate": 2.25});
        let (answer, _) = describe_failed(execution(status, &more), history(&[("AwaitBarista", "{}")])).await;
        let cause = format!("{status}: Swept: it ran too long");
        let at = Some(Timestamp::from_millis(2250));
        assert_eq!(answer.unwrap(), Execution::Failed { at, cause, outcome: None });
    }
    let (answer, _) = describe_failed(execution("TIMED_OUT", &json!({})), history(&[])).await;
    assert_eq!(answer.unwrap(), Execution::Failed { at: None, cause: "TIMED_OUT".into(), outcome: None });
}

#[tokio::test]
async fn an_execution_that_failed_in_finish_is_described_with_its_outcome() {
    let entered = [("Finish", r#"{"entries":[]}"#), ("AwaitBarista", "{}")];
    let (answer, sent) = describe_failed(execution("ABORTED", &json!({})), history(&entered)).await;
    let outcome = Some(r#"{"entries":[]}"#.to_owned());
    assert_eq!(answer.unwrap(), Execution::Failed { at: None, cause: "ABORTED".into(), outcome });
    let requested = json!({"executionArn": "execution", "reverseOrder": true, "maxResults": 100});
    assert_eq!(sent.all(), [json!({"executionArn": "execution"}), requested]);
}

#[tokio::test]
async fn a_failed_history_call_is_an_error_and_not_a_failed_execution() {
    support::distinguishes_retryable_from_failed(async |answer| {
        describe_failed(execution("FAILED", &json!({})), answer).await.0
    })
    .await;
}

/// Returns a page of executions that started at these times.
fn executions(started: &[i64], next: Option<&str>) -> Answer {
    let executions = started.iter().map(|at| {
        json!({
            "executionArn": format!("execution-{at}"), "stateMachineArn": "machine", "name": "x", "status": "FAILED",
            "startDate": at
        })
    });
    let executions: Vec<Value> = executions.collect();
    let mut body = json!({"executions": executions});
    if let Some(next) = next {
        body["nextToken"] = json!(next);
    }
    done(body)
}

#[tokio::test]
async fn failed_executions_are_listed_for_each_status_back_to_a_time() {
    let pages = [
        executions(&[9, 8], Some("more")),
        executions(&[7, 4, 3], Some("older")),
        executions(&[], None),
        executions(&[6], None),
    ];
    let rules: Vec<Rule> = pages.into_iter().map(|page| once(mock!(Client::list_executions), page)).collect();
    let (client, sent) = step_functions(&rules);
    let failed = StepFunctions::new(client).failed_since("machine", Timestamp::from_millis(5_000)).await.unwrap();
    assert_eq!(failed, ["execution-9", "execution-8", "execution-7", "execution-6"]);
    let requested: Vec<Value> = sent.all().into_iter().map(|request| request["statusFilter"].clone()).collect();
    assert_eq!(requested, ["FAILED", "FAILED", "TIMED_OUT", "ABORTED"]);
    assert_eq!(sent.all()[0]["stateMachineArn"], "machine");
}

#[tokio::test]
async fn a_failed_list_of_executions_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| {
        let (workflow, _) = workflow(once(mock!(Client::list_executions), answer));
        workflow.failed_since("machine", Timestamp::from_millis(0)).await
    })
    .await;
}

#[tokio::test]
async fn the_input_of_an_execution_is_returned_unless_the_execution_is_unknown() {
    let input = async |answer| workflow(once(mock!(Client::describe_execution), answer)).0.input("execution").await;
    assert_eq!(input(execution("FAILED", &json!({"input": "{}"}))).await.unwrap().as_deref(), Some("{}"));
    assert_eq!(input(error("ExecutionDoesNotExist")).await.unwrap(), None);
    support::distinguishes_retryable_from_failed(input).await;
}

#[tokio::test]
async fn an_unknown_execution_counts_as_failed() {
    let (answer, _) = describe(error("ExecutionDoesNotExist")).await;
    let answer = answer.unwrap();
    assert!(matches!(answer, Execution::Failed { at: None, .. }), "{answer:?}");
}

#[tokio::test]
async fn a_failed_describe_call_is_an_error_and_not_a_failed_execution() {
    support::distinguishes_retryable_from_failed(async |answer| describe(answer).await.0).await;
}

#[tokio::test]
async fn a_stop_has_the_error_swept_and_a_cause() {
    let (answer, sent) = stop(done(json!({"stopDate": 2}))).await;
    answer.unwrap();
    assert_eq!(sent.only(), json!({"executionArn": "execution", "error": "Swept", "cause": "it ran too long"}));
}

#[tokio::test]
async fn a_stop_that_failed_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| stop(answer).await.0).await;
}
