//! Checks the events that the stacks and the tests published while the suite ran.

use std::collections::{BTreeMap, BTreeSet};

use client::bus::BusEvent;
use end_to_end::World;
use end_to_end::world::root;
use jsonschema::Validator;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::foreign;

const TOKEN_ISSUED: &str = "OrderProcessor.TokenIssued";

fn schemas() -> BTreeMap<String, Validator> {
    let files = std::fs::read_dir(root().join("schemas")).unwrap().map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let schema: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, jsonschema::validator_for(&schema).unwrap())
        })
        .collect()
}

/// Returns the recorded events of both stacks, without the foreign ones, which follow no schema.
fn everything(world: &World) -> Vec<BusEvent> {
    let recorded = [world.recorder.everything.events(), world.short_recorder.everything.events()].concat();
    recorded.into_iter().filter(|event| event.detail.get(foreign::MARK).is_none()).collect()
}

pub(crate) fn trials(world: &'static World) -> Vec<Trial> {
    vec![
        Trial::test("bus::every_event_is_valid_against_its_schema", move || valid(world)),
        Trial::test("bus::every_detail_type_was_seen", move || seen(world)),
        Trial::test("bus::task_tokens_are_in_the_internal_event_only", move || internal(world)),
    ]
}

fn valid(world: &World) -> Result<(), Failed> {
    let schemas = schemas();
    for event in everything(world) {
        let schema = schemas.get(&event.detail_type).ok_or(format!("no schema for {}", event.detail_type))?;
        if let Err(error) = schema.validate(&event.detail) {
            return Err(format!("{}: {error} in {}", event.detail_type, event.detail).into());
        }
    }
    Ok(())
}

fn seen(world: &World) -> Result<(), Failed> {
    let seen: BTreeSet<String> = everything(world).into_iter().map(|event| event.detail_type).collect();
    let known: BTreeSet<String> = schemas().into_keys().collect();
    if seen == known { Ok(()) } else { Err(format!("seen {seen:?}, known {known:?}").into()) }
}

fn internal(world: &World) -> Result<(), Failed> {
    let everything = everything(world);
    let tokens: Vec<&str> = everything.iter().filter_map(|event| event.detail.get("TaskToken")?.as_str()).collect();
    if tokens.is_empty() {
        return Err("no task token was seen: the record of the bus is incomplete".into());
    }
    let public = [world.recorder.public.events(), world.short_recorder.public.events()].concat();
    for event in everything.iter().filter(|event| event.detail_type != TOKEN_ISSUED).chain(&public) {
        let text = event.detail.to_string();
        if text.contains("TaskToken") || tokens.iter().any(|token| text.contains(token)) {
            return Err(format!("{} shows a task token", event.detail_type).into());
        }
    }
    Ok(())
}
