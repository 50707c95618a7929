//! Tests the rules of `template.yaml`, which match live events of the bar only, and the retries of
//! the workflow, which does not retry what it cannot read.

use std::collections::BTreeMap;

use domain::event::{ConfigChanged, Detail, NewOrder, OrderEvent, SOURCE, TokenIssued};
use end_to_end::patterns::{event_files, live_rules, matches, matching, own_patterns, rules};
use end_to_end::world::root;
use serde_json::{Value, json};

/// The longest pattern that EventBridge accepts.
const LONGEST_PATTERN: usize = 2_048;

/// The rule whose target is the projector.
const PROJECTION: &str = "ProjectionRule";

#[test]
fn each_pattern_is_short_enough_and_matches_live_events_only() {
    for (rule, properties) in rules().into_iter().chain(live_rules()) {
        let pattern = &properties["EventPattern"];
        let length = pattern.to_string().len();
        assert!(length <= LONGEST_PATTERN, "the pattern of {rule} has {length} characters");
        assert_eq!(pattern["replay-name"], json!([{"exists": false}]), "{rule} matches replayed events");
    }
}

#[test]
fn each_rule_on_the_bus_requires_the_bars_source_and_identifiers_that_are_texts() {
    for (rule, pattern) in own_patterns() {
        assert_eq!(pattern["source"], json!([SOURCE]), "{rule}");
        for name in ["orderId", "userId", "eventId"] {
            assert_eq!(
                pattern["detail"][name],
                json!([{"prefix": ""}]),
                "{rule} does not require that {name} is a text"
            );
        }
    }
}

#[test]
fn only_the_projectors_rule_matches_events_with_a_task_token() {
    for (rule, pattern) in own_patterns() {
        let excludes = pattern["detail"]["TaskToken"] == json!([{"exists": false}]);
        assert_eq!(excludes, rule != PROJECTION, "{rule}");
    }
}

#[test]
fn each_sample_matches_exactly_the_rules_of_its_consumers() {
    for (file, text) in event_files("events") {
        let event: Value = serde_json::from_str(&text).unwrap();
        let detail_type = event["detail-type"].as_str().unwrap();
        let moves_an_order = OrderEvent::parse(detail_type, event["detail"].clone()).is_ok();
        let expected = [(NewOrder::DETAIL_TYPE == detail_type, "NewOrderRule"), (moves_an_order, PROJECTION)];
        let expected: Vec<&str> = expected.into_iter().filter_map(|(matches, rule)| matches.then_some(rule)).collect();
        assert_eq!(matching(&event), expected, "{file}");
    }
}

#[test]
fn the_rules_of_realtime_match_each_live_event_of_the_bar_but_task_tokens() {
    let rules = live_rules();
    assert_eq!(rules.len(), 2, "{rules:?}");
    let pushed = |event: &Value| {
        let found = rules.iter().filter(|(_, rule)| matches(&rule["EventPattern"], event));
        found.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
    };
    for (file, text) in event_files("events") {
        let event: Value = serde_json::from_str(&text).unwrap();
        let expected: &[&str] = match event["detail-type"].as_str().unwrap() {
            TokenIssued::DETAIL_TYPE => &[],
            ConfigChanged::DETAIL_TYPE => &["PushShopRule"],
            _ => &["PushOrderRule"],
        };
        assert_eq!(pushed(&event), expected, "{file}");
        for (name, value) in [("replay-name", json!("again")), ("source", json!(domain::event::REPLAY_SOURCE))] {
            let mut other = event.clone();
            other[name] = value;
            assert!(pushed(&other).is_empty(), "{file} with {name}");
        }
        let mut with_token = event.clone();
        with_token["detail"]["TaskToken"] = json!("secret");
        assert!(pushed(&with_token).is_empty(), "{file} with a task token");
    }
}

/// A lost push is not redriven, because the next GET of a page has the current state:
/// docs/adr/0022.
#[test]
fn a_push_is_retried_for_a_minute_at_most_and_leaves_no_dead_letter() {
    for (rule, properties) in live_rules() {
        for target in properties["Targets"].as_array().unwrap() {
            assert!(target["RetryPolicy"]["MaximumEventAgeInSeconds"].as_u64().unwrap() <= 60, "{rule}");
            assert_eq!(target.get("DeadLetterConfig"), None, "{rule}");
        }
    }
    let template = end_to_end::world::yaml("template.yaml");
    let config = &template["Resources"]["Publisher"]["Properties"]["EventInvokeConfig"];
    assert_eq!(
        (config["MaximumRetryAttempts"].as_u64(), config["MaximumEventAgeInSeconds"].as_u64()),
        (Some(0), Some(60))
    );
}

#[test]
fn foreign_events_match_the_rules_that_their_table_names() {
    let table = std::fs::read_to_string(root().join("events/foreign/README.md")).unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let named = rows.map(|row| {
        let (file, rest) = row.split_once("` | ").unwrap();
        (file.to_owned(), rest.rsplit(" | ").next().unwrap().trim_matches(['`', '–']).to_owned())
    });
    let found = event_files("events/foreign").into_iter();
    let found = found.map(|(file, text)| (file, matching(&serde_json::from_str(&text).unwrap()).join(", ")));
    let found: BTreeMap<String, String> = found.collect();
    assert_eq!(named.collect::<BTreeMap<_, _>>(), found);
    assert_eq!(found.len(), 30);
}

#[test]
fn the_workflow_does_not_retry_what_it_cannot_read_and_has_an_error_name_of_its_own() {
    let text = std::fs::read_to_string(root().join("statemachines/order-processor.asl.json")).unwrap();
    let definition: Value = serde_json::from_str(&text).unwrap();
    let (mut tasks, mut failures) = (0, 0);
    for (name, state) in definition["States"].as_object().unwrap() {
        let first = &state["Retry"][0];
        let is_final = |error: &str| first["ErrorEquals"].as_array().unwrap().contains(&json!(error));
        match state["Type"].as_str().unwrap() {
            "Task" => {
                assert_eq!(first["MaxAttempts"], 0, "{name}");
                assert!(is_final("States.QueryEvaluationError"), "{name} retries an evaluation error");
                let calls_a_function = state["Resource"].as_str().unwrap().contains(":lambda:");
                assert!(!calls_a_function || is_final("Unreadable"), "{name} retries an unreadable request");
                tasks += 1;
            }
            "Fail" => {
                let error = state["Error"].as_str().unwrap();
                assert!(!error.starts_with("States.") && !error.starts_with("{%"), "{name} ends with {error}");
                failures += 1;
            }
            _ => {}
        }
    }
    assert_eq!((tasks, failures), (5, 1), "the test did not find all states");
    assert!(!text.contains("arn:aws:"), "the workflow deploys in one partition only");
}
