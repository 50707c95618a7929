//! The workflow: what resumes it, what a dead token means, and what is known of an execution.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use adapters::error::AdapterError;
use adapters::workflow::{Execution, InspectExecution, ResumeWorkflow, Resumed, StepFunctions};
use aws_sdk_sfn::Client;
use aws_smithy_mocks::{Rule, mock};
use domain::order::TaskToken;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use support::{Answer, Sent, done, error, once, step_functions};

const DEAD: [&str; 3] = ["TaskTimedOut", "InvalidToken", "TaskDoesNotExist"];

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
    (workflow.fail(&token(), "OrderCancelled", "changed my mind".into()).await, sent)
}

async fn describe(answer: Answer) -> (Result<Execution, AdapterError>, Sent) {
    let (workflow, sent) = workflow(once(mock!(Client::describe_execution), answer));
    (workflow.describe("execution").await, sent)
}

async fn stop(answer: Answer) -> (Result<(), AdapterError>, Sent) {
    let (workflow, sent) = workflow(once(mock!(Client::stop_execution), answer));
    (workflow.stop("execution", "it ran for ever").await, sent)
}

#[tokio::test]
async fn a_success_spends_the_token_with_the_output() {
    let (answer, sent) = succeed(done(json!({}))).await;
    assert_eq!(answer.unwrap(), Resumed::Yes);
    assert_eq!(sent.only(), json!({"taskToken": "secret", "output": r#"{"drink":1}"#}));
}

#[tokio::test]
async fn a_failure_spends_the_token_with_the_error_that_the_workflow_catches() {
    let (answer, sent) = fail(done(json!({}))).await;
    assert_eq!(answer.unwrap(), Resumed::Yes);
    assert_eq!(sent.only(), json!({"taskToken": "secret", "error": "OrderCancelled", "cause": "changed my mind"}));
}

#[tokio::test]
async fn a_dead_token_is_an_answer_and_not_tried_again() {
    for code in DEAD {
        for (answer, sent) in [succeed(error(code)).await, fail(error(code)).await] {
            assert_eq!(answer.unwrap(), Resumed::DeadToken);
            assert_eq!(sent.count(), 1);
        }
    }
}

#[tokio::test]
async fn any_other_refusal_of_a_token_is_an_error() {
    support::tells_busy_from_failed(async |answer| succeed(answer).await.0).await;
    support::tells_busy_from_failed(async |answer| fail(answer).await.0).await;
    let (answer, _) = succeed(error("InvalidOutput")).await;
    assert!(matches!(answer, Err(AdapterError::Failed { .. })), "{answer:?}");
}

#[tokio::test]
async fn an_error_does_not_show_the_token() {
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
async fn an_execution_that_runs_says_since_when() {
    for status in ["RUNNING", "PENDING_REDRIVE"] {
        let (answer, sent) = describe(execution(status, &json!({}))).await;
        assert_eq!(answer.unwrap(), Execution::Running { since: Timestamp::from_millis(1500) });
        assert_eq!(sent.only(), json!({"executionArn": "execution"}));
    }
}

#[tokio::test]
async fn an_execution_that_succeeded_gives_its_output() {
    let (answer, _) = describe(execution("SUCCEEDED", &json!({"output": "{}", "stopDate": 2}))).await;
    assert_eq!(answer.unwrap(), Execution::Succeeded { output: "{}".into() });
}

#[tokio::test]
async fn an_execution_that_ended_otherwise_says_when_and_why() {
    for status in ["FAILED", "TIMED_OUT", "ABORTED"] {
        let more = json!({"error": "Swept", "cause": "it ran for ever", "stopDate": 2.25});
        let (answer, _) = describe(execution(status, &more)).await;
        let cause = format!("{status}: Swept: it ran for ever");
        assert_eq!(answer.unwrap(), Execution::Broken { at: Some(Timestamp::from_millis(2250)), cause });
    }
    let (answer, _) = describe(execution("TIMED_OUT", &json!({}))).await;
    assert_eq!(answer.unwrap(), Execution::Broken { at: None, cause: "TIMED_OUT".into() });
}

#[tokio::test]
async fn an_execution_that_is_forgotten_is_broken() {
    let (answer, _) = describe(error("ExecutionDoesNotExist")).await;
    let answer = answer.unwrap();
    assert!(matches!(answer, Execution::Broken { at: None, .. }), "{answer:?}");
}

#[tokio::test]
async fn an_execution_that_could_not_be_looked_at_is_an_error_and_not_broken() {
    support::tells_busy_from_failed(async |answer| describe(answer).await.0).await;
}

#[tokio::test]
async fn a_stop_says_who_and_why() {
    let (answer, sent) = stop(done(json!({"stopDate": 2}))).await;
    answer.unwrap();
    assert_eq!(sent.only(), json!({"executionArn": "execution", "error": "Swept", "cause": "it ran for ever"}));
}

#[tokio::test]
async fn a_stop_that_failed_is_an_error() {
    support::tells_busy_from_failed(async |answer| stop(answer).await.0).await;
}
