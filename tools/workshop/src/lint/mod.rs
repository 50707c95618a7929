//! Finds mistakes in the files of the learner's bar before they are built and deployed: syntax,
//! duplicate keys, the states of the workflow, the resources of the template, the programs.

mod json;
mod jsonata;
pub(crate) mod nearest;
mod programs;
mod references;
mod template;
mod tree;
mod workflow;
mod yaml;

use std::fmt;
use std::path::Path;

use client::error::Error;

pub(crate) use tree::{Node, Place};

/// Path of the workflow in the bar.
pub(crate) const WORKFLOW: &str = "statemachines/order-processor.asl.json";
/// Path of the template in the bar.
pub(crate) const TEMPLATE: &str = "template.yaml";

/// A mistake in a file of the bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Path of the file in the bar.
    pub file: String,
    /// Place in the file; `None` if the mistake concerns the whole file.
    pub place: Option<Place>,
    /// The mistake and its correction, as a sentence.
    pub what: String,
}

impl Mistake {
    fn new(file: &str, place: Place, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), place: Some(place), what: what.into() }
    }

    fn of_file(file: impl Into<String>, what: impl Into<String>) -> Self {
        Self { file: file.into(), place: None, what: what.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "workshop/bar/{}", self.file)?;
        if let Some(Place { line, column }) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// Largest number of mistakes that are listed: the first ones often cause the others.
const LISTED: usize = 5;

/// Lists the first mistakes, one line each, and then says how many more there are.
pub fn list(mistakes: &[Mistake]) -> Vec<String> {
    let mut lines: Vec<String> = mistakes.iter().take(LISTED).map(ToString::to_string).collect();
    if let Some(more @ 1..) = mistakes.len().checked_sub(LISTED) {
        lines.push(format!("and {more} more, which may have the same cause"));
    }
    lines
}

/// Returns the mistakes in the bar in `folder`, file by file from top to bottom.
pub fn lint(folder: &Path) -> Result<Vec<Mistake>, Error> {
    let workflow = read(&folder.join(WORKFLOW))?;
    let template = read(&folder.join(TEMPLATE))?;
    let mut mistakes = Vec::new();
    let template = yaml::parse(TEMPLATE, &template, &mut mistakes);
    if let Some(template) = &template {
        template::lint(template, &mut mistakes);
    }
    if let Some(workflow) = json::parse(WORKFLOW, &workflow, &mut mistakes) {
        workflow::lint(&workflow, template.as_ref(), &mut mistakes);
    }
    programs::lint(folder, template.as_ref(), &mut mistakes);
    mistakes.sort_by(|one, other| (&one.file, one.place).cmp(&(&other.file, other.place)));
    mistakes.dedup();
    Ok(mistakes)
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| Error::failed(format!("{} cannot be read", path.display()), error))
}

/// Parses the template of the bar in `folder`; `None` if it is not YAML.
pub(crate) fn template_of(folder: &Path) -> Result<Option<Node>, Error> {
    Ok(yaml::parse(TEMPLATE, &read(&folder.join(TEMPLATE))?, &mut Vec::new()))
}

/// Parses a definition of the workflow; `None` if it is not JSON.
pub(crate) fn workflow_of(text: &str) -> Option<Node> {
    json::parse(WORKFLOW, text, &mut Vec::new())
}

/// Parses the text of a template; `None` if it is not YAML.
#[cfg(test)]
pub(crate) fn parse_template(text: &str) -> Option<Node> {
    yaml::parse(TEMPLATE, text, &mut Vec::new())
}

#[cfg(test)]
mod tests;
