//! What each module takes away from the application, and how it is put back.

use serde::Deserialize;
use serde_json::{Value, json};

use super::blocks;
use crate::error::Error;

const MANIFEST: &str = include_str!("../../../../workshop/pieces.yaml");

/// A module that builds something.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Its number.
    pub module: u32,
    /// What its page is called.
    pub title: String,
    /// What it builds.
    pub pieces: Vec<Piece>,
}

/// A piece of the application.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    /// The file that it is in.
    pub file: String,
    /// All states of a workflow.
    states: Option<AllStates>,
    /// Resources of a template, by logical id.
    #[serde(default)]
    resources: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AllStates {
    All,
}

/// The modules, in their order.
pub fn modules() -> Result<Vec<Module>, Error> {
    yaml_serde::from_str(MANIFEST).map_err(|error| Error::failed("workshop/pieces.yaml is not understood", error))
}

impl Piece {
    /// The file without the piece.
    pub fn take_away(&self, text: &str) -> Result<String, Error> {
        if let Some(AllStates::All) = self.states {
            return without_states(text);
        }
        for id in &self.resources {
            blocks::block(text, id).ok_or_else(|| self.missing(id))?;
        }
        Ok(self.resources.iter().fold(text.to_owned(), |text, id| blocks::without(&text, id)))
    }

    /// The learner's file with the piece as `application` has it; whatever else the learner has written stays.
    pub fn put_back(&self, text: &str, application: &str) -> Result<String, Error> {
        if self.states.is_some() {
            return Ok(application.to_owned());
        }
        self.resources
            .iter()
            .try_fold(text.to_owned(), |text, id| blocks::with(&text, application, id).ok_or_else(|| self.missing(id)))
    }

    fn missing(&self, id: &str) -> Error {
        Error::Left(format!("{} has no resource {id}, which workshop/pieces.yaml names", self.file))
    }
}

/// A workflow that does nothing.
fn without_states(text: &str) -> Result<String, Error> {
    let failed = |error| Error::failed("the workflow is not JSON", error);
    let mut workflow: Value = serde_json::from_str(text).map_err(failed)?;
    if let Some(workflow) = workflow.as_object_mut() {
        workflow.insert("Comment".into(), json!("The life of one order, to be built."));
        workflow.insert("StartAt".into(), json!("Nothing"));
        workflow.insert("States".into(), json!({"Nothing": {"Type": "Pass", "End": true}}));
    }
    serde_json::to_string_pretty(&workflow).map(|text| text + "\n").map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_piece_is_taken_away_and_put_back_as_it_was() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for module in modules().unwrap() {
            for piece in module.pieces {
                let application = std::fs::read_to_string(root.join(&piece.file)).unwrap();
                let start = piece.take_away(&application).unwrap();
                assert_ne!(start, application, "{piece:?}");
                assert_eq!(piece.put_back(&start, &application).unwrap(), application, "{piece:?}");
            }
        }
    }

    #[test]
    fn a_piece_that_the_application_has_no_more_is_told() {
        let piece = Piece { file: "template.yaml".into(), states: None, resources: vec!["Gone".into()] };
        let error = piece.take_away("Resources:\n  Bus:\n    Type: Bus\n").unwrap_err().to_string();
        assert!(error.contains("Gone"), "{error}");
    }
}
