//! Tests that every hop of the core in `template.yaml` (a delivery from a rule or a stream to its
//! target) has a retry limit, an age limit and a dead-letter queue. `alarms.rs` tests the alarms of
//! these queues. The hops of realtime have no such queue; `rules.rs` tests their limits.
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

/// Returns rule, target and dead-letter queue of each target of a rule. Panics if a target has no
/// retry limit, no age limit or no dead-letter queue.
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

#[test]
fn each_target_of_a_rule_has_limits_and_a_dead_letter_queue() {
    let targets = targets();
    assert!(targets.len() >= 4, "found only {targets:?}: the test did not find all targets");
}

#[test]
fn each_stream_has_limits_a_dead_letter_queue_and_parallel_batches() {
    let streams = of_type("AWS::Lambda::EventSourceMapping");
    assert_eq!(streams.len(), 1, "the test did not find the stream");
    for (hop, mapping) in streams {
        number(&mapping["MaximumRetryAttempts"], &format!("the retry limit of {hop}"));
        number(&mapping["MaximumRecordAgeInSeconds"], &format!("the age limit of {hop}"));
        queue(&mapping["DestinationConfig"]["OnFailure"]["Destination"], &hop);
        assert_eq!(mapping["BisectBatchOnFunctionError"], true, "{hop}: a failed batch is not split");
        let reports = items(&mapping["FunctionResponseTypes"]).iter().any(|kind| *kind == "ReportBatchItemFailures");
        assert!(reports, "{hop}: the function must report which records failed");
        assert!(
            number(&mapping["ParallelizationFactor"], &hop) > 1,
            "{hop}: the changes of one shop would delay those of the others"
        );
    }
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
        // Through this topic CloudWatch notifies people. It invokes no function.
        if resource["Condition"] == "HasAlarmEmail" {
            continue;
        }
        let hops = ["EventInvokeConfig", "Pipes", "Scheduler", "SNS::Subscription", "SNS::Topic"];
        assert!(
            !hops.iter().any(|hop| kind.contains(hop)),
            "{name} has type {kind}: add a test of its dead-letter queue"
        );
        if kind == "AWS::Serverless::StateMachine" {
            assert!(resource["Properties"].get("Events").is_none(), "{name}: add a test of its dead-letter queue");
        }
        let events = resource["Properties"].get("Events").and_then(Value::as_mapping).into_iter().flatten();
        for (event, properties) in events.filter(|_| kind == "AWS::Serverless::Function") {
            assert_eq!(properties["Type"], "Api", "{event:?} of {name}: add a test of its dead-letter queue");
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
fn a_queue_accepts_messages_of_exactly_the_rules_that_name_it() {
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (rule, _, queue) in targets() {
        expected.entry(queue).or_default().insert(rule);
    }
    let mut found = BTreeMap::new();
    for (name, policy) in of_type("AWS::SQS::QueuePolicy") {
        let statement = &policy["PolicyDocument"]["Statement"];
        assert_eq!(
            (&statement["Effect"], &statement["Action"]),
            (&"Allow".into(), &"sqs:SendMessage".into()),
            "{name}"
        );
        assert_eq!(statement["Principal"]["Service"], "events.amazonaws.com", "{name}");
        assert_eq!(named(&statement["Condition"]["StringEquals"]["aws:SourceAccount"]), "AWS::AccountId", "{name}");
        let sources = &statement["Condition"]["ArnEquals"]["aws:SourceArn"];
        let sources = if items(sources).is_empty() { std::slice::from_ref(sources) } else { items(sources) };
        let [queue] = items(&policy["Queues"]) else { panic!("{name} is not on one queue") };
        assert_eq!(named(queue), named(&statement["Resource"]), "{name}");
        found.insert(named(queue), sources.iter().map(named).collect());
    }
    assert_eq!(found, expected);
}
