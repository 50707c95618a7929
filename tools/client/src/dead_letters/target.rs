//! Sending a letter to the target that failed, and to no other.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_sfn::error::{ProvideErrorMetadata, SdkError};
use serde_json::{Value, json};

use super::dead_letter::Errand;
use super::redact::redacted;
use super::stream::Records;
use crate::error::Cause;
use crate::resources::Resources;
use crate::stack::Stack;

/// Longer than the time-out of any function of the stack.
const LONGEST_INVOCATION: Duration = Duration::from_secs(70);

/// Why a letter stays where it is. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undelivered {
    #[error("{0} is no part of this stack, and was sent nothing: send the letter by hand, or delete it")]
    NotOfThisStack(String),
    #[error("it is no letter of a rule, a function or a stream: look at it with presso dead-letters --json")]
    Unknown,
    #[error("the event has no id to name an execution by: publish it again")]
    Nameless,
    #[error(
        "its rule does not hand the event over as it is: send what the rule makes of it by hand, or delete the letter"
    )]
    OtherInput,
    #[error("{name} failed again: {error}")]
    FailedAgain { name: String, error: String },
    #[error(
        "{failed} of {total} changes were refused again, of {shops}: edit the settings there again, which announces them anew, \
         then delete the letter (presso dead-letters --letter ID --delete)"
    )]
    RefusedAgain { failed: usize, total: usize, shops: String },
    #[error(
        "the stream keeps its records for 24 hours, and these are gone: edit the settings again, which announces them anew, then \
         delete the letter (presso dead-letters --letter ID --delete)"
    )]
    Trimmed,
    #[error("the call failed; run the same again")]
    Call(#[source] Cause),
}

impl Undelivered {
    pub(super) fn call(source: impl Into<Cause>) -> Self {
        Self::Call(source.into())
    }

    /// A failed call to a stream: one for records that are gone says so.
    pub(super) fn stream<E, R>(error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        match error.code() {
            Some("TrimmedDataAccessException" | "ResourceNotFoundException" | "ExpiredIteratorException") => {
                Self::Trimmed
            }
            _ => Self::call(error),
        }
    }
}

/// The targets of a stack.
pub(super) struct Targets<'a> {
    stack: &'a Stack,
    resources: &'a Resources,
    lambda: aws_sdk_lambda::Client,
    workflows: aws_sdk_sfn::Client,
}

impl<'a> Targets<'a> {
    pub(super) fn of(stack: &'a Stack, resources: &'a Resources) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(LONGEST_INVOCATION)
            .build();
        let patient = aws_sdk_lambda::config::Builder::from(&stack.aws).timeout_config(timeouts).build();
        Self {
            stack,
            resources,
            lambda: aws_sdk_lambda::Client::from_conf(patient),
            workflows: aws_sdk_sfn::Client::new(&stack.aws),
        }
    }

    /// Sends it, or, as a rehearsal, does everything but that.
    pub(super) async fn send(&self, errand: &Errand, rehearsal: bool) -> Result<(), Undelivered> {
        match errand {
            Errand::Event { rule_arn, target_arn, payload, bus_id } => {
                self.takes_events_as_they_are(rule_arn, target_arn).await?;
                if let Some((_, machine_arn)) = self.resources.state_machine_by_arn(target_arn) {
                    let bus_id = bus_id.as_deref().ok_or(Undelivered::Nameless)?;
                    if rehearsal { Ok(()) } else { self.start(machine_arn, bus_id, payload).await }
                } else {
                    self.invoke(target_arn, payload, rehearsal).await.map(drop)
                }
            }
            Errand::Invocation { function_arn, payload } => {
                self.invoke(function_arn, payload, rehearsal).await.map(drop)
            }
            Errand::Records { function_arn, range } => {
                let records = Records::fetch(self.stack, range, function_arn.as_deref()).await?;
                let answer = self.invoke(&records.function_arn, &records.payload(), rehearsal).await?;
                handled(&answer, &records)
            }
            Errand::Unknown => Err(Undelivered::Unknown),
        }
    }

    /// A letter holds the event, not what a rule may make of it.
    async fn takes_events_as_they_are(&self, rule_arn: &str, target_arn: &str) -> Result<(), Undelivered> {
        let Some((bus, rule)) = rule_of(rule_arn) else { return Ok(()) };
        let call = aws_sdk_eventbridge::Client::new(&self.stack.aws).list_targets_by_rule().rule(rule);
        let answer = match call.set_event_bus_name(bus.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(()),
            Err(error) => return Err(Undelivered::call(error)),
        };
        let changes = answer.targets().iter().filter(|target| target.arn() == target_arn).any(|target| {
            target.input().is_some() || target.input_path().is_some() || target.input_transformer().is_some()
        });
        if changes { Err(Undelivered::OtherInput) } else { Ok(()) }
    }

    /// Starts the one execution of an event. That it has been started before is as good.
    async fn start(&self, machine_arn: &str, bus_id: &str, input: &str) -> Result<(), Undelivered> {
        let name = execution_name(bus_id);
        let call = self.workflows.start_execution().state_machine_arn(machine_arn).name(name).input(input);
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ExecutionAlreadyExists") => Ok(()),
            Err(error) => Err(Undelivered::call(error)),
        }
    }

    /// Invokes a function of the stack and waits for its answer.
    async fn invoke(&self, function_arn: &str, payload: &str, rehearsal: bool) -> Result<Value, Undelivered> {
        let (name, function) = self
            .resources
            .function_by_arn(function_arn)
            .ok_or_else(|| Undelivered::NotOfThisStack(function_arn.to_owned()))?;
        if rehearsal {
            return Ok(Value::Null);
        }
        let call = self.lambda.invoke().function_name(function).payload(Blob::new(payload));
        let answer = call.send().await.map_err(Undelivered::call)?;
        let text = answer.payload().map(|payload| String::from_utf8_lossy(payload.as_ref()).into_owned());
        let text = text.unwrap_or_default();
        if answer.function_error().is_some() {
            return Err(Undelivered::FailedAgain { name: name.to_owned(), error: describe(&text, payload) });
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}

/// The bus, unless it is the default one, and the name of a rule: `arn:aws:events:region:account:rule/[bus/]name`.
fn rule_of(arn: &str) -> Option<(Option<&str>, &str)> {
    let path = arn.split_once(":rule/")?.1;
    Some(path.rsplit_once('/').map_or((None, path), |(bus, rule)| (Some(bus), rule)))
}

/// The name of the one execution of an event.
fn execution_name(bus_id: &str) -> String {
    let allowed = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    format!("redrive-{}", bus_id.chars().filter(allowed).take(70).collect::<String>())
}

/// What a function says of its failure on a payload, without that one's secrets.
fn describe(answer: &str, payload: &str) -> String {
    let parsed: Value = serde_json::from_str(answer).unwrap_or_default();
    let words = ["errorType", "errorMessage"].map(|name| parsed.get(name).and_then(Value::as_str));
    let words: Vec<&str> = words.into_iter().flatten().collect();
    let error = if words.is_empty() { answer.to_owned() } else { words.join(": ") };
    let shown = redacted(&json!([error, payload]));
    shown.get(0).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Whether a function of a stream took every record.
fn handled(answer: &Value, records: &Records) -> Result<(), Undelivered> {
    let failed = answer.get("batchItemFailures").and_then(Value::as_array).map_or(0, Vec::len);
    if failed == 0 {
        return Ok(());
    }
    Err(Undelivered::RefusedAgain { failed, total: records.count(), shops: records.shops().join(", ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_names_one_execution() {
        assert_eq!(execution_name("6f3d-4a"), "redrive-6f3d-4a");
        assert_eq!(execution_name("6f3d-4a"), execution_name("6f3d-4a"));
        let longest = execution_name(&"x".repeat(200));
        assert!(longest.len() <= 80, "Step Functions takes 80 characters, not {}", longest.len());
    }

    #[test]
    fn a_rule_is_known_by_its_arn() {
        let arn = |path: &str| format!("arn:aws:events:us-east-1:1:{path}");
        assert_eq!(
            rule_of(&arn("rule/serverlesspresso-bus/NewOrder")),
            Some((Some("serverlesspresso-bus"), "NewOrder"))
        );
        assert_eq!(rule_of(&arn("rule/Sweep")), Some((None, "Sweep")));
        assert_eq!(rule_of(&arn("event-bus/default")), None);
    }

    #[test]
    fn a_failure_is_told_without_secrets() {
        let payload = r#"{"errorType":"NotProjected","errorMessage":"the table failed"}"#;
        assert_eq!(describe(payload, "{}"), "NotProjected: the table failed");
        assert_eq!(describe("Task timed out", "{}"), "Task timed out");
        assert!(!describe(r#"{"errorMessage":"bad {\"TaskToken\":\"abcdefgh\""}"#, "{}").contains("abcdefgh"));
        let told = describe(r#"{"errorMessage":"no item for abcdefgh"}"#, r#"{"detail":{"TaskToken":"abcdefgh"}}"#);
        assert_eq!(told, "no item for [redacted]");
    }
}
