//! Tests that the files in `schemas/` and `events/` agree with the types of the events.
//! `UPDATE_SCHEMAS=1` rewrites the schemas.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use domain::contract::Contract;
use domain::event::{DETAIL_TYPES, SOURCE, contracts};
use jsonschema::Validator;
use serde_json::{Value, json};

const UPDATE: &str = "run `UPDATE_SCHEMAS=1 cargo test --workspace --test schemas` and commit the files";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

fn files(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let json = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json"));
    json.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn expected_files() -> BTreeSet<String> {
    DETAIL_TYPES.iter().map(|detail_type| format!("{detail_type}.json")).collect()
}

fn validator(contract: &Contract) -> Validator {
    jsonschema::draft202012::options().should_validate_formats(true).build(contract.schema.as_value()).unwrap()
}

fn envelope(contract: &Contract) -> Value {
    sample(&format!("{}.json", contract.detail_type))
}

fn sample(file: &str) -> Value {
    let path = folder("events").join(file);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; every detail-type has a sample", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The samples of a detail-type: `<detail-type>.json`, and `<detail-type>-<case>.json` where an
/// optional field is absent.
fn samples(contract: &Contract) -> BTreeSet<String> {
    let (only, case) = (format!("{}.json", contract.detail_type), format!("{}-", contract.detail_type));
    files(&folder("events")).into_iter().filter(|file| *file == only || file.starts_with(&case)).collect()
}

#[test]
fn each_schema_file_agrees_with_its_type() {
    let update = std::env::var_os("UPDATE_SCHEMAS").is_some();
    for contract in contracts() {
        let path = folder("schemas").join(format!("{}.json", contract.detail_type));
        let wanted = format!("{}\n", serde_json::to_string_pretty(&contract.schema).unwrap());
        if update {
            std::fs::write(&path, &wanted).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        let found_schema: Option<Value> = serde_json::from_str(&found).ok();
        // Compared as values: the order of members depends on the features of the rest of the
        // build.
        assert!(
            found_schema.as_ref() == Some(contract.schema.as_value()),
            "schemas/{}.json differs from its type: if the change is intended, {UPDATE}\n--- type\n{wanted}\n--- file\n{found}",
            contract.detail_type
        );
    }
    assert_eq!(files(&folder("schemas")), expected_files(), "schemas/ holds one file per detail-type");
}

#[test]
fn each_detail_type_is_listed_once_and_has_a_contract() {
    let listed: Vec<_> = contracts().iter().map(|contract| contract.detail_type).collect();
    assert_eq!(listed, DETAIL_TYPES);
    assert_eq!(DETAIL_TYPES.iter().collect::<BTreeSet<_>>().len(), DETAIL_TYPES.len(), "a detail-type is listed twice");
}

#[test]
fn each_detail_type_has_samples_that_are_valid_and_can_be_read() {
    let mut known = BTreeSet::new();
    for contract in contracts() {
        let name = contract.detail_type;
        let samples = samples(&contract);
        assert!(samples.contains(&format!("{name}.json")), "{name} has no sample");
        for file in &samples {
            let envelope = sample(file);
            assert_eq!(envelope["detail-type"], name, "events/{file}");
            assert_eq!(envelope["source"], SOURCE, "events/{file}");
            for field in ["version", "id", "account", "time", "region"] {
                assert!(envelope[field].is_string(), "events/{file}: no {field}: not an EventBridge event");
            }
            assert!(envelope["resources"].is_array(), "events/{file}: no resources: not an EventBridge event");
            let detail = &envelope["detail"];
            let errors: Vec<_> = validator(&contract).iter_errors(detail).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "events/{file} is not valid: {errors:?}");
            let read = (contract.read)(detail.clone()).unwrap_or_else(|error| panic!("events/{file}: {error}"));
            assert_eq!(&read, detail, "events/{file} changes when its type reads and writes it");
        }
        known.extend(samples);
    }
    assert_eq!(files(&folder("events")), known, "events/ holds samples of known detail-types only");
}

#[test]
fn schema_and_type_refuse_the_same_details() {
    for contract in contracts() {
        let validator = validator(&contract);
        let agree = |detail: Value, change: &str| {
            let (valid, readable) = (validator.is_valid(&detail), (contract.read)(detail).is_ok());
            assert_eq!(valid, readable, "{} {change}: schema says {valid}, type says {readable}", contract.detail_type);
            readable
        };
        let sample = envelope(&contract)["detail"].clone();
        for field in sample.as_object().unwrap().keys() {
            let mut without = sample.clone();
            without.as_object_mut().unwrap().remove(field);
            agree(without, &format!("without {field}"));
            let mut wrong = sample.clone();
            wrong[field] = json!(-1);
            assert!(!agree(wrong, &format!("with -1 as {field}")), "{}: {field} accepts -1", contract.detail_type);
            for text in ["", "a b", "a#b", "a|b", "é", &"x".repeat(41), &"x".repeat(65), &"x".repeat(129)] {
                let mut unusual = sample.clone();
                unusual[field] = json!(text);
                agree(unusual, &format!("with {text:?} as {field}"));
            }
        }
        let mut evolved = sample.clone();
        evolved["addedLater"] = json!({ "any": "thing" });
        assert!(agree(evolved, "with an unknown field"), "{} refuses an unknown field", contract.detail_type);
    }
}

#[test]
fn only_the_internal_event_carries_a_task_token() {
    for contract in contracts() {
        let internal = contract.detail_type == "OrderProcessor.TokenIssued";
        let text = serde_json::to_string(&contract.schema).unwrap().to_lowercase();
        assert_eq!(text.contains("tasktoken"), internal, "{}", contract.detail_type);
    }
}
