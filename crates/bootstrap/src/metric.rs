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
    let function = environment::optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    // An error is ignored, because the invocation can continue without its metric.
    writeln!(stdout(), "{}", line(name, &function, crate::now())).ok();
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
