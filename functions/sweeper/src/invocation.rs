//! Reads the reason of an invocation from its payload.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Detail-type of Step Functions' event about the end of an execution.
pub(crate) const EXECUTION_ENDED: &str = "Step Functions Execution Status Change";

/// Reason of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invocation {
    /// An execution failed, timed out or was stopped.
    ExecutionEnded(ExecutionEnded),
    /// Anything else: the schedule, or a person, whose payload may be `{}` or `null`.
    Scheduled,
}

/// Execution that failed, timed out or was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionEnded {
    /// ARN of the execution.
    pub execution_arn: String,
    /// Input of the execution, as JSON text; absent if it is too long for an event.
    #[serde(default)]
    pub input: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Envelope {
    detail_type: String,
    detail: ExecutionEnded,
}

impl<'de> Deserialize<'de> for Invocation {
    /// Accepts any JSON.
    fn deserialize<D: Deserializer<'de>>(payload: D) -> Result<Self, D::Error> {
        let payload = Box::<RawValue>::deserialize(payload)?;
        Ok(match serde_json::from_str(payload.get()) {
            Ok(Envelope { detail_type, detail }) if detail_type == EXECUTION_ENDED => Self::ExecutionEnded(detail),
            _ => Self::Scheduled,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &str) -> Invocation {
        serde_json::from_str(payload).unwrap()
    }

    #[test]
    fn a_payload_without_a_detail_type_requests_the_scheduled_work() {
        for payload in ["{}", "null", "[]", "7", "1e999", r#""\ud800""#, r#"{"detail": {"executionArn": "arn"}}"#] {
            assert_eq!(read(payload), Invocation::Scheduled, "{payload}");
        }
    }

    #[test]
    fn the_end_of_an_execution_requests_its_sweep() {
        let ended = |input: &str| {
            read(&format!(r#"{{"detail-type": "{EXECUTION_ENDED}", "detail": {{"executionArn": "arn"{input}}}}}"#))
        };
        let expected = |input: Option<&str>| {
            Invocation::ExecutionEnded(ExecutionEnded { execution_arn: "arn".into(), input: input.map(str::to_owned) })
        };
        assert_eq!(ended(r#", "input": "{}""#), expected(Some("{}")));
        assert_eq!((ended(r#", "input": null"#), ended("")), (expected(None), expected(None)));
    }
}
