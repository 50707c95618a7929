//! Tests the alarms of `template.yaml`: each is over one metric that AWS or the functions write,
//! exists in each stack that has the watched resource, and has a row in the runbook.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use bootstrap::metric;
use end_to_end::world::{root, yaml};
use yaml_serde::Value;

/// Metrics of AWS that an alarm may be over, with their dimensions, from AWS's documentation:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html>
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>
/// <https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html>
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>
const OF_AWS: [(&str, &[&str], &[&str]); 4] = [
    ("AWS/ApiGateway", &["4XXError", "5XXError", "Count", "Latency"], &["ApiName", "Stage"]),
    ("AWS/Lambda", &["Errors", "Invocations", "IteratorAge", "Throttles"], &["FunctionName"]),
    (
        "AWS/States",
        &["ExecutionsAborted", "ExecutionsFailed", "ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsTimedOut"],
        &["StateMachineArn"],
    ),
    ("AWS/SQS", &["ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"], &["QueueName"]),
];

fn resources() -> BTreeMap<String, Value> {
    let template = yaml("template.yaml");
    let resources = template["Resources"].as_mapping().unwrap();
    resources.iter().map(|(name, resource)| (name.as_str().unwrap().to_owned(), resource.clone())).collect()
}

fn alarms() -> BTreeMap<String, Value> {
    resources().into_iter().filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm").collect()
}

fn text<'a>(value: &'a Value, what: &str) -> &'a str {
    value.as_str().unwrap_or_else(|| panic!("{what} is {value:?}, not a text"))
}

/// Returns the names of an alarm's dimensions, and what each refers to.
fn dimensions(alarm: &Value) -> BTreeMap<String, String> {
    let dimensions = alarm["Properties"]["Dimensions"].as_sequence().unwrap();
    let named = |value: &Value| match value {
        Value::Tagged(tagged) => tagged.value.as_str().unwrap().split('.').next().unwrap().to_owned(),
        plain => plain.as_str().unwrap().to_owned(),
    };
    dimensions.iter().map(|one| (text(&one["Name"], "a dimension").to_owned(), named(&one["Value"]))).collect()
}

/// Returns true if an alarm watches the metric of the resource.
fn watched(metric: &str, of: &str) -> bool {
    alarms()
        .values()
        .any(|alarm| alarm["Properties"]["MetricName"] == metric && dimensions(alarm).values().any(|name| name == of))
}

#[test]
fn each_alarm_is_over_one_metric_that_aws_or_a_function_writes() {
    let alarms = alarms();
    assert!(alarms.len() >= 8, "found only {:?}", alarms.keys());
    for (name, alarm) in alarms {
        let properties = &alarm["Properties"];
        assert!(properties.get("Metrics").is_none(), "{name} is over an expression");
        let (namespace, metric) = (text(&properties["Namespace"], &name), text(&properties["MetricName"], &name));
        let (metrics, keys) = if namespace == metric::NAMESPACE {
            (metric::ALL.as_slice(), [metric::DIMENSION].as_slice())
        } else {
            let (_, metrics, keys) = OF_AWS.into_iter().find(|(known, ..)| *known == namespace).unwrap();
            (metrics, keys)
        };
        assert!(metrics.contains(&metric), "{name}: {namespace} has no metric {metric}");
        let used = dimensions(&alarm);
        assert_eq!(used.keys().map(String::as_str).collect::<Vec<_>>(), keys, "{name}: dimensions of {metric}");
    }
}

#[test]
fn each_alarm_exists_if_its_resource_does_and_notifies_the_topic_or_address_that_is_named() {
    let resources = resources();
    for (name, alarm) in alarms() {
        let properties = &alarm["Properties"];
        let watches_realtime = dimensions(&alarm)
            .values()
            .any(|of| resources.get(of).is_some_and(|one| one["Condition"] == "HasRealtime"));
        let expected = if watches_realtime { Value::from("HasRealtime") } else { Value::Null };
        assert_eq!(alarm.get("Condition").cloned().unwrap_or_default(), expected, "{name}");
        let actions = format!("{:?}", properties["AlarmActions"]);
        assert!(actions.contains("AlarmTopicArn") && actions.contains("HasAlarmEmail"), "{name}: {actions}");
    }
}

#[test]
fn missing_data_breaches_exactly_the_alarms_that_have_a_lower_limit() {
    for (name, alarm) in alarms() {
        let properties = &alarm["Properties"];
        let missing =
            if properties["ComparisonOperator"] == "LessThanThreshold" { "breaching" } else { "notBreaching" };
        assert_eq!(properties["TreatMissingData"], missing, "{name}");
    }
}

#[test]
fn each_function_each_queue_and_each_way_in_which_an_execution_fails_is_watched() {
    for (name, resource) in resources() {
        let metrics: &[&str] = match resource["Type"].as_str().unwrap() {
            "AWS::Serverless::Function" => &["Errors", "Throttles"],
            "AWS::Serverless::StateMachine" => &["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"],
            "AWS::SQS::Queue" => &["NumberOfMessagesSent", "ApproximateNumberOfMessagesVisible"],
            _ => continue,
        };
        for metric in metrics {
            assert!(watched(metric, &name), "no alarm watches {metric} of {name}");
        }
    }
    for (metric, of) in [
        ("5XXError", "AWS::StackName"),
        ("Latency", "AWS::StackName"),
        ("Invocations", "Sweeper"),
        ("IteratorAge", "ConfigChanged"),
        (metric::CAPACITY_USED, "Validator"),
        (metric::UNSWEPT, "Sweeper"),
    ] {
        assert!(watched(metric, of), "no alarm watches {metric} of {of}");
    }
}

/// Names in the first column of the runbook. `<function>` stands for each function's name.
fn rows() -> BTreeSet<String> {
    let page = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let section = page.split("\n## Alarms\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let cells = section.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    let names = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let functions = resources().into_iter().filter(|(_, one)| one["Type"] == "AWS::Serverless::Function");
    let functions: Vec<_> = functions.map(|(name, _)| name).collect();
    names
        .flat_map(|name| match name.strip_prefix("<function>") {
            Some(kind) => functions.iter().map(|function| format!("{function}{kind}")).collect(),
            None => vec![name.to_owned()],
        })
        .collect()
}

#[test]
fn the_runbook_has_a_row_for_each_alarm_and_for_no_other() {
    assert_eq!(rows(), alarms().into_keys().collect());
}
