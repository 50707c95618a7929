//! Matches the events of `events/` with the rules of `template.yaml`, as EventBridge does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::world::{root, yaml};

/// A long ARN in place of each reference, so that a pattern is as long as the deployed one may be.
const REFERENCE: &str =
    "arn:aws:states:ap-southeast-1:000000000000:stateMachine:serverlesspresso-OrderProcessor-000000000000";

fn json_of(value: &yaml_serde::Value) -> Value {
    match value {
        yaml_serde::Value::Tagged(_) => json!(REFERENCE),
        yaml_serde::Value::Sequence(items) => items.iter().map(json_of).collect(),
        yaml_serde::Value::Mapping(members) => {
            members.iter().map(|(name, value)| (name.as_str().unwrap().to_owned(), json_of(value))).collect()
        }
        scalar => serde_json::to_value(scalar).unwrap(),
    }
}

/// The properties of the core's rules that have a pattern, by name. Rules with a condition belong
/// to realtime.
pub fn rules() -> BTreeMap<String, Value> {
    let rules = rules_where(|rule| rule.get("Condition").is_none());
    assert!(rules.len() >= 3, "found only {rules:?}: the test did not find all rules");
    rules
}

/// The properties of the rules of realtime, by name.
pub fn live_rules() -> BTreeMap<String, Value> {
    rules_where(|rule| rule["Condition"] == "HasRealtime")
}

fn rules_where(is_wanted: impl Fn(&yaml_serde::Value) -> bool) -> BTreeMap<String, Value> {
    let template = yaml("template.yaml");
    let resources = template["Resources"].as_mapping().unwrap();
    let rules = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::Events::Rule");
    let rules = rules.filter(|(_, rule)| is_wanted(rule));
    let properties = rules.map(|(name, rule)| (name.as_str().unwrap().to_owned(), json_of(&rule["Properties"])));
    properties.filter(|(_, rule)| rule.get("EventPattern").is_some()).collect()
}

/// The patterns of the core's rules on the bar's bus.
pub fn own_patterns() -> BTreeMap<String, Value> {
    let own = rules().into_iter().filter(|(_, rule)| rule.get("EventBusName").is_some());
    let own: BTreeMap<_, _> = own.map(|(name, rule)| (name, rule["EventPattern"].clone())).collect();
    assert!(own.len() >= 2, "found only {own:?}: the test did not find all rules");
    own
}

/// The values that EventBridge compares: the items of a list, or a value that is no object.
fn leaves(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Object(_)) => vec![],
        Some(Value::Array(items)) => items.iter().flat_map(|item| leaves(Some(item))).collect(),
        Some(leaf) => vec![leaf],
    }
}

fn accepts(condition: &Value, leaves: &[&Value]) -> bool {
    let Some(operator) = condition.as_object() else { return leaves.contains(&condition) };
    match operator.iter().next().map(|(name, operand)| (name.as_str(), operand)) {
        Some(("exists", exists)) => *exists == json!(!leaves.is_empty()),
        Some(("prefix", Value::String(prefix))) => {
            leaves.iter().any(|leaf| leaf.as_str().is_some_and(|text| text.starts_with(prefix)))
        }
        _ => panic!("{condition} is an unknown operator"),
    }
}

/// True if an event matches a pattern.
pub fn matches(pattern: &Value, event: &Value) -> bool {
    pattern.as_object().unwrap().iter().all(|(name, expected)| match expected {
        Value::Array(conditions) => {
            let leaves = leaves(event.get(name));
            conditions.iter().any(|condition| accepts(condition, &leaves))
        }
        nested => matches(nested, event.get(name).unwrap_or(&Value::Null)),
    })
}

/// The names of the core's rules on the bar's bus that match an event.
pub fn matching(event: &Value) -> Vec<String> {
    own_patterns().into_iter().filter(|(_, pattern)| matches(pattern, event)).map(|(rule, _)| rule).collect()
}

/// The texts of the events in a folder, by file name.
pub fn event_files(folder: &str) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let json = files.filter(|path| path.extension().is_some_and(|kind| kind == "json"));
    let name = |path: &std::path::Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    json.map(|path| (name(&path), std::fs::read_to_string(&path).unwrap())).collect()
}
