//! Tests that each function has a sample in `events/invoke`, and checks the samples of the
//! functions that receive neither HTTP requests nor a stream. `http-api` tests the samples of HTTP
//! requests, `config-changed` that of the stream.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use domain::event::{NewOrder, OrderEvent};
use domain::live::{BusEvent, pushes};
use domain::workflow::AdmissionRequest;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn names(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn sample(name: &str) -> Value {
    let text = std::fs::read_to_string(root().join(format!("events/invoke/{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn each_function_has_a_sample_and_each_sample_a_function() {
    let (functions, samples) = (names("functions"), names("events/invoke"));
    // `config` is a prefix of `config-changed`.
    let other = |sample: &str, function: &str| function == "config" && sample.starts_with("config-changed-");
    let belongs_to =
        |sample: &str, function: &str| sample.starts_with(&format!("{function}-")) && !other(sample, function);
    for function in &functions {
        assert!(samples.iter().any(|sample| belongs_to(sample, function)), "{function} has no sample");
    }
    for sample in &samples {
        assert!(functions.iter().any(|function| belongs_to(sample, function)), "{sample} belongs to no function");
    }
}

#[test]
fn admission_reads_its_sample() {
    serde_json::from_value::<AdmissionRequest>(sample("admission-order")).unwrap();
}

#[test]
fn the_projector_reads_its_samples() {
    for name in ["order-projector-token-issued", "order-projector-waiting-completion"] {
        let event = sample(name);
        OrderEvent::parse(event["detail-type"].as_str().unwrap(), event["detail"].clone()).unwrap();
    }
}

#[test]
fn the_publisher_has_messages_for_its_samples() {
    for name in ["publisher-config-changed", "publisher-waiting-completion"] {
        let event: BusEvent = serde_json::from_value(sample(name)).unwrap();
        assert!(!pushes(&event).unwrap().is_empty(), "{name}");
    }
}

#[test]
fn the_sweepers_samples_are_a_failed_execution_with_its_order_and_a_schedule() {
    let event = sample("sweeper-execution-failed");
    assert_eq!(event["source"], "aws.states");
    assert_eq!(event["detail-type"], "Step Functions Execution Status Change");
    let input: Value = serde_json::from_str(event["detail"]["input"].as_str().unwrap()).unwrap();
    serde_json::from_value::<NewOrder>(input["detail"].clone()).unwrap();
    assert!(event["detail"]["executionArn"].is_string());
    assert_eq!(sample("sweeper-schedule")["source"], "aws.events");
}
