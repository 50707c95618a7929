//! The parts of the application that are removed from the learner's bar, page by page. `solve`
//! restores them.

use serde::Deserialize;
use serde_json::Value;

use super::{blocks, functions};
use client::error::Error;

const MANIFEST: &str = include_str!("../../../workshop/pieces.yaml");

/// A page of the workshop on which the reader builds something.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Number of the page.
    pub module: u32,
    /// Title of the page.
    pub title: String,
    /// Parts that are removed from the learner's bar, for the reader to build.
    pub pieces: Vec<Piece>,
}

/// A part of one file that can be removed and restored.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Piece {
    /// Path of the file in the application.
    pub file: String,
    /// Set if all states of a workflow are removed.
    states: Option<AllStates>,
    /// Paths of removed blocks of a template.
    #[serde(default)]
    blocks: Vec<String>,
    /// Removed lines, with their indentation.
    #[serde(default)]
    lines: Vec<String>,
    /// Name of a Rust function whose body is replaced by `starts_as`.
    function: Option<String>,
    /// Body of `function` in the learner's bar.
    starts_as: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AllStates {
    All,
}

/// Returns the modules of `workshop/pieces.yaml`, in order.
pub fn modules() -> Result<Vec<Module>, Error> {
    yaml_serde::from_str(MANIFEST).map_err(|error| Error::failed("workshop/pieces.yaml is invalid", error))
}

impl Piece {
    /// Returns the text of the file without the piece. Fails if the text does not contain it.
    pub fn remove(&self, text: &str) -> Result<String, Error> {
        if let Some(AllStates::All) = self.states {
            return without_states(text);
        }
        let mut text = text.to_owned();
        for path in &self.blocks {
            let path_of = names(path);
            blocks::block(&text, &path_of).ok_or_else(|| self.missing(path))?;
            text = blocks::without(&text, &path_of);
        }
        for line in &self.lines {
            let searched = format!("{line}\n");
            let at = text.find(&searched).ok_or_else(|| self.missing(line))?;
            text.replace_range(at..at + searched.len(), "");
        }
        match (&self.function, &self.starts_as) {
            (Some(name), Some(body)) => functions::with_body(&text, name, body).ok_or_else(|| self.missing(name)),
            _ => Ok(text),
        }
    }

    /// Copies the piece from `application` into the learner's `text`, and keeps the rest of `text`.
    /// For `states`, replaces the whole file.
    pub fn restore(&self, text: &str, application: &str) -> Result<String, Error> {
        if self.states.is_some() {
            return Ok(application.to_owned());
        }
        let mut text = text.to_owned();
        for path in &self.blocks {
            text = blocks::with(&text, application, &names(path)).ok_or_else(|| self.missing(path))?;
        }
        for line in &self.lines {
            text = with_line(&text, application, line).ok_or_else(|| self.missing(line))?;
        }
        match &self.function {
            Some(name) => {
                let function = functions::function(application, name).ok_or_else(|| self.missing(name))?;
                functions::with(&text, name, function).ok_or_else(|| self.missing(name))
            }
            None => Ok(text),
        }
    }

    /// Returns true if the learner's `text` contains the piece as `application` does.
    pub fn is_present(&self, text: &str, application: &str) -> bool {
        let json = |text: &str| serde_json::from_str::<Value>(text).ok();
        let block = |text: &str, path: &str| blocks::block(text, &names(path)).map(|block| block.trim_end().to_owned());
        let function = |text: &str, name: &str| functions::function(text, name).map(ToOwned::to_owned);
        self.states.is_none_or(|_| json(text) == json(application))
            && self.blocks.iter().all(|path| block(text, path) == block(application, path))
            && self.lines.iter().all(|line| text.contains(line))
            && self.function.iter().all(|name| function(text, name) == function(application, name))
    }

    fn missing(&self, what: &str) -> Error {
        Error::Unexpected(format!("{} does not contain {what}, which workshop/pieces.yaml names", self.file))
    }
}

fn names(path: &str) -> Vec<&str> {
    path.split('.').collect()
}

/// Inserts `line` after the line that precedes it in `application`.
fn with_line(text: &str, application: &str, line: &str) -> Option<String> {
    let line = format!("{line}\n");
    if text.contains(&line) {
        return Some(text.to_owned());
    }
    let before = application.get(..application.find(&line)?)?.lines().last()?;
    let before = format!("{before}\n");
    let at = text.find(&before)? + before.len();
    let mut text = text.to_owned();
    text.insert_str(at, &line);
    Some(text)
}

/// Replaces the states of a workflow by a single one that does nothing. Moves the members that the
/// reader replaces to the end, so that no other member is between them.
fn without_states(text: &str) -> Result<String, Error> {
    let workflow: Value =
        serde_json::from_str(text).map_err(|error| Error::failed("the workflow is not JSON", error))?;
    let replaced = ["Comment", "StartAt", "States"];
    let kept = workflow.as_object().into_iter().flatten().filter(|(name, _)| !replaced.contains(&name.as_str()));
    let kept: Vec<String> = kept.map(|(name, value)| format!("  \"{name}\": {value},\n")).collect();
    let mut text = format!("{{\n{}", kept.concat());
    text += "  \"Comment\": \"The lifecycle of one order, to be built.\",\n  \"StartAt\": \"Nothing\",\n";
    text += "  \"States\": {\n    \"Nothing\": { \"Type\": \"Pass\", \"End\": true }\n  }\n}\n";
    Ok(text)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::bar::page_of;
    use crate::page::{Action, steps};
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn read(file: &str) -> String {
        std::fs::read_to_string(root().join(file)).unwrap()
    }

    /// Follows the pages and returns, after each module, the edited files of the bar by path.
    pub(crate) fn files_after_each_module() -> Vec<(Module, BTreeMap<String, String>)> {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for piece in modules().unwrap().iter().flat_map(|module| &module.pieces) {
            let text = files.entry(piece.file.clone()).or_insert_with(|| read(&piece.file));
            *text = piece.remove(text).unwrap();
        }
        let follow = |module: Module| {
            let page = page_of(&root(), module.module).unwrap();
            for step in steps(&std::fs::read_to_string(&page).unwrap()).unwrap() {
                if let Action::Edit { file, edit } = step.action {
                    let text = files.entry(file).or_default();
                    let edited = edit.apply(text);
                    *text = edited.unwrap_or_else(|error| panic!("{}:{}: {error}", page.display(), step.line));
                }
            }
            (module, files.clone())
        };
        modules().unwrap().into_iter().map(follow).collect()
    }

    /// Returns the files as `presso workshop solve` writes them, after each module.
    pub(crate) fn solution_after_each_module() -> Vec<(Module, BTreeMap<String, String>)> {
        let mut all = files_after_each_module();
        for (module, files) in &mut all {
            for piece in &module.pieces {
                let text = files.get_mut(&piece.file).unwrap();
                *text = piece.restore(text, &read(&piece.file)).unwrap();
            }
        }
        all
    }

    #[test]
    fn every_piece_can_be_removed_and_restored() {
        for module in modules().unwrap() {
            for piece in module.pieces {
                let application = read(&piece.file);
                let start = piece.remove(&application).unwrap();
                assert_ne!(start, application, "{piece:?}");
                assert!(!piece.is_present(&start, &application), "{piece:?}");
                assert_eq!(piece.restore(&start, &application).unwrap(), application, "{piece:?}");
            }
        }
    }

    #[test]
    fn the_edits_of_a_page_rebuild_its_pieces_as_in_the_application() {
        for (module, files) in files_after_each_module() {
            for piece in &module.pieces {
                let file = &files[&piece.file];
                assert!(piece.is_present(file, &read(&piece.file)), "page {}: {piece:?}\n{file}", module.module);
            }
        }
    }

    #[test]
    fn nothing_that_must_stay_is_between_the_members_that_page_2_replaces() {
        let workflow = read("statemachines/order-processor.asl.json");
        let piece: Piece = yaml_serde::from_str("{file: workflow.asl.json, states: all}").unwrap();
        let start = piece.remove(&workflow).unwrap();
        let names: Vec<&str> = start.lines().filter_map(|line| line.strip_prefix("  \"")?.split('"').next()).collect();
        assert_eq!(names, ["QueryLanguage", "TimeoutSeconds", "Comment", "StartAt", "States"]);
        let value: Value = serde_json::from_str(&start).unwrap();
        assert_eq!(value["TimeoutSeconds"], serde_json::from_str::<Value>(&workflow).unwrap()["TimeoutSeconds"]);
    }

    #[test]
    fn removing_a_piece_that_the_file_does_not_contain_is_an_error() {
        let piece: Piece = yaml_serde::from_str("{file: template.yaml, blocks: [Resources.Gone]}").unwrap();
        let error = piece.remove("Resources:\n  Bus:\n    Type: Bus\n").unwrap_err().to_string();
        assert!(error.contains("Gone"), "{error}");
    }

    #[test]
    fn a_missing_line_is_named_without_its_line_break() {
        let piece: Piece = yaml_serde::from_str("{file: main.rs, lines: ['    gone();']}").unwrap();
        let error = piece.remove("fn main() {}\n").unwrap_err().to_string();
        assert_eq!(error, "main.rs does not contain     gone();, which workshop/pieces.yaml names");
    }

    #[test]
    fn a_workflow_that_is_not_json_is_an_error_that_says_so() {
        let piece: Piece = yaml_serde::from_str("{file: workflow.asl.json, states: all}").unwrap();
        assert_eq!(piece.remove("States:").unwrap_err().to_string(), "the workflow is not JSON");
    }
}
