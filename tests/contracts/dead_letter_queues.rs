//! Tests that every asynchronous hop of `template.yaml` (a delivery from a rule or a stream to its
//! target) has a retry limit, an age limit and a dead-letter queue, whose alarms `alarms.rs` tests.
//! Those of realtime have limits alone, which `rules.rs` tests.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::order::KEPT_AFTER_END;
use end_to_end::world::yaml;
use yaml_serde::Value;

const FOURTEEN_DAYS: u64 = 14 * 24 * 60 * 60;

/// Returns the resources of the core by their logical ids.
fn resources() -> BTreeMap<String, Value> {
    let template = yaml("template.yaml");
    let resources = template["Resources"].as_mapping().unwrap();
    let core = resources.iter().filter(|(_, resource)| resource["Condition"] != "HasRealtime");
    core.map(|(name, resource)| (name.as_str().unwrap().to_owned(), resource.clone())).collect()
}

fn of_type(kind: &str) -> Vec<(String, Value)> {
    let fits = |(name, resource): (String, Value)| {
        (resource["Type"] == kind).then(|| (name, resource.get("Properties").cloned().unwrap_or_default()))
    };
    resources().into_iter().filter_map(fits).collect()
}

/// Returns the resource that `!Ref Name` or `!GetAtt Name.Arn` refers to.
fn named(value: &Value) -> String {
    let Value::Tagged(tagged) = value else { panic!("{value:?} is not a reference") };
    assert!(tagged.tag == "!Ref" || tagged.tag == "!GetAtt", "{value:?} is neither !Ref nor !GetAtt");
    tagged.value.as_str().unwrap().split('.').next().unwrap().to_owned()
}

fn number(value: &Value, what: &str) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{what} is {value:?}, not a number"))
}

fn items(value: &Value) -> &[Value] {
    value.as_sequence().map(Vec::as_slice).unwrap_or_default()
}

/// Returns the dead-letter queue of a hop. presso finds such queues by their names.
fn queue(value: &Value, hop: &str) -> String {
    let name = named(value);
    assert!(name.ends_with("DeadLetters"), "the queue of {hop} is {name}: its name must end with DeadLetters");
    name
}

/// Returns rule, target and dead-letter queue of each target of a rule.
fn targets() -> Vec<(String, String, String)> {
    let mut targets = Vec::new();
    for (rule, properties) in of_type("AWS::Events::Rule") {
        for target in items(&properties["Targets"]) {
            let hop = format!("the target {:?} of {rule}", target["Id"].as_str().unwrap());
            number(&target["RetryPolicy"]["MaximumRetryAttempts"], &format!("the retry limit of {hop}"));
            number(&target["RetryPolicy"]["MaximumEventAgeInSeconds"], &format!("the age limit of {hop}"));
            let dead_letters =
                target.get("DeadLetterConfig").unwrap_or_else(|| panic!("{hop} has no dead-letter queue"));
            targets.push((rule.clone(), named(&target["Arn"]), queue(&dead_letters["Arn"], &hop)));
        }
    }
    targets
}

/// Returns name, type and properties of each of a function's `Events`.
fn events(function: &Value) -> Vec<(String, String, Value)> {
    let events = function.get("Events").and_then(Value::as_mapping).into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    events.map(|(name, event)| (text(name), text(&event["Type"]), event["Properties"].clone())).collect()
}

#[test]
fn each_target_of_a_rule_has_a_limit_and_a_dead_letter_queue() {
    let targets = targets();
    assert!(targets.len() >= 4, "found only {targets:?}: the test did not find all targets");
}

#[test]
fn each_stream_has_limits_a_dead_letter_queue_and_parallel_batches() {
    let mut streams = 0;
    for (function, properties) in of_type("AWS::Serverless::Function") {
        for (name, kind, event) in events(&properties) {
            let hop = format!("{name} of {function}");
            match kind.as_str() {
                "Api" => continue,
                "DynamoDB" => streams += 1,
                kind => panic!("{hop} has type {kind}: add a test of its dead-letter queue"),
            }
            number(&event["MaximumRetryAttempts"], &format!("the retry limit of {hop}"));
            number(&event["MaximumRecordAgeInSeconds"], &format!("the age limit of {hop}"));
            queue(&event["DestinationConfig"]["OnFailure"]["Destination"], &hop);
            assert_eq!(event["BisectBatchOnFunctionError"], true, "{hop}: a failed batch is not split");
            let reports = items(&event["FunctionResponseTypes"]).iter().any(|kind| *kind == "ReportBatchItemFailures");
            assert!(reports, "{hop}: the function must report which records failed");
            assert!(number(&event["ParallelizationFactor"], &hop) > 1, "{hop}: one shop would delay all others");
        }
    }
    assert_eq!(streams, 1, "the test did not find the stream");
}

#[test]
fn a_function_has_limits_and_a_dead_letter_queue_exactly_if_it_is_invoked_asynchronously() {
    let functions = of_type("AWS::Serverless::Function");
    let invoked: BTreeSet<String> = targets().into_iter().map(|(_, target, _)| target).collect();
    let mut asynchronous = BTreeSet::new();
    for (function, properties) in functions {
        let Some(config) = properties.get("EventInvokeConfig") else {
            assert!(!invoked.contains(&function), "{function} is invoked asynchronously and has no EventInvokeConfig");
            continue;
        };
        assert!(invoked.contains(&function), "{function} has an EventInvokeConfig, but no asynchronous invocation");
        number(&config["MaximumRetryAttempts"], &format!("the retry limit of {function}"));
        number(&config["MaximumEventAgeInSeconds"], &format!("the age limit of {function}"));
        let failed = &config["DestinationConfig"]["OnFailure"];
        assert_eq!(failed["Type"], "SQS", "{function}");
        asynchronous.insert((function.clone(), queue(&failed["Destination"], &function)));
    }
    // Undelivered events of a function and its failed invocations go to the same queue.
    let of_rules = targets().into_iter().map(|(_, target, queue)| (target, queue));
    let of_functions: BTreeSet<_> = of_rules.filter(|(target, _)| target != "OrderProcessor").collect();
    assert_eq!(asynchronous, of_functions);
}

#[test]
fn the_template_has_no_other_kind_of_asynchronous_hop() {
    for (name, resource) in resources() {
        let kind = resource["Type"].as_str().unwrap();
        // CloudWatch tells people over it, and no function.
        if resource["Condition"] == "HasAlarmEmail" {
            continue;
        }
        let hops = ["EventSourceMapping", "EventInvokeConfig", "Pipes", "Scheduler", "SNS::Subscription", "SNS::Topic"];
        assert!(
            !hops.iter().any(|hop| kind.contains(hop)),
            "{name} has type {kind}: add a test of its dead-letter queue"
        );
        if kind == "AWS::Serverless::StateMachine" {
            assert!(resource["Properties"].get("Events").is_none(), "{name}: add a test of its dead-letter queue");
        }
    }
}

#[test]
fn dead_letter_messages_are_kept_for_14_days_and_orders_for_longer() {
    let queues = of_type("AWS::SQS::Queue");
    assert_eq!(queues.len(), 4, "the test did not find all queues");
    for (queue, properties) in queues {
        assert_eq!(properties["MessageRetentionPeriod"], FOURTEEN_DAYS, "{queue}");
        assert_eq!(properties["SqsManagedSseEnabled"], true, "{queue}");
    }
    assert!(KEPT_AFTER_END > Duration::from_secs(FOURTEEN_DAYS), "a late dead-letter message must find its order");
}

#[test]
fn each_rule_may_write_to_its_dead_letter_queues() {
    let policies = of_type("AWS::SQS::QueuePolicy");
    for (rule, _, queue) in targets() {
        let allowed = policies.iter().any(|(_, policy)| {
            let lists = |value: &Value, name: &str| items(value).iter().any(|item| named(item) == name);
            lists(&policy["Queues"], &queue)
                && items(&policy["PolicyDocument"]["Statement"]).iter().any(|statement| {
                    statement["Effect"] == "Allow"
                        && statement["Action"] == "sqs:SendMessage"
                        && statement["Principal"]["Service"] == "events.amazonaws.com"
                        && lists(&statement["Resource"], &queue)
                        && lists(&statement["Condition"]["ArnEquals"]["aws:SourceArn"], &rule)
                })
        });
        assert!(allowed, "{rule} may not write to {queue}");
    }
}
