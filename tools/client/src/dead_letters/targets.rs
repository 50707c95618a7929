//! Delivers a message to the target that failed, and to no other.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_sfn::error::ProvideErrorMetadata;
use serde_json::{Value, json};

use super::dead_letter::Redelivery;
use super::redact::redacted;
use super::redrive_error::RedriveError;
use super::stream::Records;
use crate::resources::Resources;
use crate::stack::Stack;

/// Timeout of an invocation, longer than that of each function in the template.
const INVOCATION_TIMEOUT: Duration = Duration::from_secs(70);

/// Functions and state machines of a stack.
pub(super) struct Targets<'a> {
    stack: &'a Stack,
    resources: &'a Resources,
    lambda: aws_sdk_lambda::Client,
    workflows: aws_sdk_sfn::Client,
}

impl<'a> Targets<'a> {
    pub(super) fn new(stack: &'a Stack, resources: &'a Resources) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(INVOCATION_TIMEOUT)
            .build();
        let with_timeouts = aws_sdk_lambda::config::Builder::from(&stack.aws).timeout_config(timeouts).build();
        Self {
            stack,
            resources,
            lambda: aws_sdk_lambda::Client::from_conf(with_timeouts),
            workflows: aws_sdk_sfn::Client::new(&stack.aws),
        }
    }

    /// Delivers a message. A dry run only checks the target and reads the records of a stream.
    pub(super) async fn deliver(&self, redelivery: &Redelivery, dry_run: bool) -> Result<(), RedriveError> {
        match redelivery {
            Redelivery::Event { rule_arn, target_arn, payload, bus_id } => {
                self.receives_whole_events(rule_arn, target_arn).await?;
                if let Some((_, machine_arn)) = self.resources.state_machine_by_arn(target_arn) {
                    let bus_id = bus_id.as_deref().ok_or(RedriveError::NoEventId)?;
                    if dry_run { Ok(()) } else { self.start(machine_arn, bus_id, payload).await }
                } else {
                    self.invoke(target_arn, payload, dry_run).await.map(drop)
                }
            }
            Redelivery::Invocation { function_arn, payload } => {
                self.invoke(function_arn, payload, dry_run).await.map(drop)
            }
            Redelivery::Records { function_arn, range } => {
                let records = Records::fetch(self.stack, range, function_arn.as_deref()).await?;
                let answer = self.invoke(&records.function_arn, &records.payload(), dry_run).await?;
                check_records(&answer, &records)
            }
            Redelivery::Unknown => Err(RedriveError::UnknownSender),
        }
    }

    /// Fails if the rule changes events before it delivers them: a dead-letter message contains the
    /// unchanged event.
    async fn receives_whole_events(&self, rule_arn: &str, target_arn: &str) -> Result<(), RedriveError> {
        let Some((bus, rule)) = rule_of(rule_arn) else { return Ok(()) };
        let call = aws_sdk_eventbridge::Client::new(&self.stack.aws).list_targets_by_rule().rule(rule);
        let answer = match call.set_event_bus_name(bus.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(()),
            Err(error) => return Err(RedriveError::call(error)),
        };
        let changes = answer.targets().iter().filter(|target| target.arn() == target_arn).any(|target| {
            target.input().is_some() || target.input_path().is_some() || target.input_transformer().is_some()
        });
        if changes { Err(RedriveError::TransformedInput) } else { Ok(()) }
    }

    /// Starts an execution for an event. Also succeeds if the execution was started before.
    async fn start(&self, machine_arn: &str, bus_id: &str, input: &str) -> Result<(), RedriveError> {
        let name = execution_name(bus_id);
        let call = self.workflows.start_execution().state_machine_arn(machine_arn).name(name).input(input);
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ExecutionAlreadyExists") => Ok(()),
            Err(error) => Err(RedriveError::call(error)),
        }
    }

    /// Invokes a function of the stack and returns its answer.
    async fn invoke(&self, function_arn: &str, payload: &str, dry_run: bool) -> Result<Value, RedriveError> {
        let (name, function) = self
            .resources
            .function_by_arn(function_arn)
            .ok_or_else(|| RedriveError::NotInStack(function_arn.to_owned()))?;
        if dry_run {
            return Ok(Value::Null);
        }
        let call = self.lambda.invoke().function_name(function).payload(Blob::new(payload));
        let answer = call.send().await.map_err(RedriveError::call)?;
        let text = answer.payload().map(|payload| String::from_utf8_lossy(payload.as_ref()).into_owned());
        let text = text.unwrap_or_default();
        if answer.function_error().is_some() {
            return Err(RedriveError::FailedAgain { name: name.to_owned(), error: describe(&text, payload) });
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}

/// Returns bus and name of a rule from its ARN, `arn:aws:events:region:account:rule/[bus/]name`.
/// Without a bus the rule is on the default bus.
fn rule_of(arn: &str) -> Option<(Option<&str>, &str)> {
    let path = arn.split_once(":rule/")?.1;
    Some(path.rsplit_once('/').map_or((None, path), |(bus, rule)| (Some(bus), rule)))
}

/// Returns the name of the execution for an event. It depends on the event's id only, so a second
/// redrive starts no second execution.
fn execution_name(bus_id: &str) -> String {
    let allowed = |char: &char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    format!("redrive-{}", bus_id.chars().filter(allowed).take(70).collect::<String>())
}

/// Returns the error in a function's answer, without its secrets and those of the payload.
fn describe(answer: &str, payload: &str) -> String {
    let parsed: Value = serde_json::from_str(answer).unwrap_or_default();
    let words = ["errorType", "errorMessage"].map(|name| parsed.get(name).and_then(Value::as_str));
    let words: Vec<&str> = words.into_iter().flatten().collect();
    let error = if words.is_empty() { answer.to_owned() } else { words.join(": ") };
    let shown = redacted(&json!([error, payload]));
    shown.get(0).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Fails if the function rejected some of the records.
fn check_records(answer: &Value, records: &Records) -> Result<(), RedriveError> {
    let failed = answer.get("batchItemFailures").and_then(Value::as_array).map_or(0, Vec::len);
    if failed == 0 {
        return Ok(());
    }
    Err(RedriveError::RejectedAgain { failed, total: records.count(), shops: records.shops().join(", ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_name_depends_on_the_event_id_and_has_at_most_80_characters() {
        assert_eq!(execution_name("6f3d-4a"), "redrive-6f3d-4a");
        assert_ne!(execution_name("6f3d-4a"), execution_name("6f3d-4b"));
        let longest = execution_name(&"x".repeat(200));
        assert!(longest.len() <= 80, "Step Functions accepts 80 characters, not {}", longest.len());
    }

    #[test]
    fn rule_of_splits_an_arn_into_bus_and_rule_name() {
        let arn = |path: &str| format!("arn:aws:events:us-east-1:1:{path}");
        assert_eq!(
            rule_of(&arn("rule/serverlesspresso-bus/NewOrder")),
            Some((Some("serverlesspresso-bus"), "NewOrder"))
        );
        assert_eq!(rule_of(&arn("rule/Sweep")), Some((None, "Sweep")));
        assert_eq!(rule_of(&arn("event-bus/default")), None);
    }

    #[test]
    fn an_error_is_described_without_the_secrets_of_the_payload() {
        let answer = r#"{"errorType":"NotProjected","errorMessage":"the table failed"}"#;
        assert_eq!(describe(answer, "{}"), "NotProjected: the table failed");
        assert_eq!(describe("Task timed out", "{}"), "Task timed out");
        assert!(!describe(r#"{"errorMessage":"bad {\"TaskToken\":\"abcdefgh\""}"#, "{}").contains("abcdefgh"));
        let described =
            describe(r#"{"errorMessage":"no item for abcdefgh"}"#, r#"{"detail":{"TaskToken":"abcdefgh"}}"#);
        assert_eq!(described, "no item for [redacted]");
    }
}
