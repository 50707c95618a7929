//! Writes metrics in CloudWatch's embedded metric format: log lines that CloudWatch turns into
//! metrics, without a call.

use std::io::{Write, stdout};

use domain::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::environment;

/// Namespace of all metrics of the functions.
pub const NAMESPACE: &str = "Serverlesspresso";

/// Counts one occurrence of `name` in this function.
pub(crate) fn count(name: &str) {
    if let Some(line) = due(name, environment::optional("AWS_LAMBDA_FUNCTION_NAME")) {
        // An error is ignored, because the invocation can continue without its metric.
        writeln!(stdout(), "{line}").ok();
    }
}

/// Returns the line to write. `None` without the name of a function, which Lambda sets: a test that
/// calls a handler writes no metrics.
fn due(name: &str, function: Option<String>) -> Option<Value> {
    function.map(|function| line(name, &function, crate::now()))
}

fn line(name: &str, function: &str, at: Timestamp) -> Value {
    let definition = json!({
        "Namespace": NAMESPACE, "Dimensions": [["FunctionName"]], "Metrics": [{"Name": name, "Unit": "Count"}]
    });
    let about = json!({"Timestamp": at.as_millis(), "CloudWatchMetrics": [definition]});
    json!({"_aws": about, "FunctionName": function, name: 1})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_written_by_the_program_of_a_function_and_not_by_tests_of_its_handler() {
        assert_eq!(due("UnreadableEvents", None), None);
        assert_eq!(due("UnreadableEvents", Some("stack-Sweeper-1".into())).unwrap()["UnreadableEvents"], 1);
    }

    #[test]
    fn a_count_is_a_line_in_the_embedded_metric_format() {
        let line = line("UnreadableEvents", "stack-OrderProjector-1", Timestamp::from_millis(1_800_000_000_000));
        let expected = json!({
            "_aws": {
                "Timestamp": 1_800_000_000_000_u64,
                "CloudWatchMetrics": [{
                    "Namespace": "Serverlesspresso", "Dimensions": [["FunctionName"]],
                    "Metrics": [{"Name": "UnreadableEvents", "Unit": "Count"}]
                }]
            },
            "FunctionName": "stack-OrderProjector-1", "UnreadableEvents": 1
        });
        assert_eq!(line, expected);
        assert!(!line.to_string().contains('\n'));
    }
}
