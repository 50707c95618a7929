//! Applies the edits of a file that a page of the workshop asks for.

use serde_json::Value;

use super::{blocks, functions};
use client::error::Error;

/// An edit of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Replaces the whole file, or creates it.
    Whole(String),
    /// Adds members to a JSON object, or replaces those with the same name.
    Members {
        /// Path of the object, separated by dots; `.` is the outermost object.
        parent: String,
        /// The members, without the braces around them.
        members: String,
    },
    /// Adds blocks to a block of a YAML template, or replaces those with the same name.
    Blocks {
        /// Path of the enclosing block below `Resources`, separated by dots, such as
        /// `Bus.Properties`; `Resources` for new resources.
        parent: String,
        /// The blocks, with their final indentation.
        blocks: String,
    },
    /// Inserts lines after the first line with this text, unless the file has these lines already.
    After {
        /// The line before, without its indentation.
        line: String,
        /// The lines to insert.
        lines: String,
    },
    /// Replaces the line that contains a text.
    Line {
        /// The text, which is in exactly one line.
        containing: String,
        /// The new line, with its indentation and line break.
        line: String,
    },
    /// Replaces a Rust function.
    Function {
        /// Name of the function.
        name: String,
        /// The new function, from its `fn` line to its closing brace.
        function: String,
    },
}

impl Edit {
    /// Returns `text` with this edit. Fails if `text` lacks the place of the edit.
    pub fn apply(&self, text: &str) -> Result<String, Error> {
        let applied = match self {
            Self::Whole(whole) => Some(whole.clone()),
            Self::Members { parent, members } => with_members(text, parent, members)?,
            Self::Blocks { parent, blocks } => {
                let path: Vec<&str> =
                    std::iter::once("Resources").chain(parent.split('.').filter(|name| *name != "Resources")).collect();
                blocks::put(text, &path, blocks)
            }
            Self::After { line, lines } => with_lines_after(text, line, lines),
            Self::Line { containing, line } => with_line(text, containing, line),
            Self::Function { name, function } => functions::with(text, name, function),
        };
        applied.ok_or_else(|| Error::Unexpected(format!("the file has no {}", self.place())))
    }

    fn place(&self) -> &str {
        match self {
            Self::Whole(_) => "text",
            Self::Members { parent, .. } | Self::Blocks { parent, .. } => parent,
            Self::After { line, .. } => line,
            Self::Line { containing, .. } => containing,
            Self::Function { name, .. } => name,
        }
    }
}

fn with_members(text: &str, parent: &str, members: &str) -> Result<Option<String>, Error> {
    let failed = |error| Error::failed("the file or the edit is not JSON", error);
    let mut whole: Value = serde_json::from_str(text).map_err(failed)?;
    let members = members.trim().trim_end_matches(',');
    let members: Value = serde_json::from_str(&format!("{{{members}}}")).map_err(failed)?;
    let pointer = if parent == "." { String::new() } else { format!("/{}", parent.replace('.', "/")) };
    let Some(object) = whole.pointer_mut(&pointer).and_then(Value::as_object_mut) else { return Ok(None) };
    object.extend(members.as_object().cloned().unwrap_or_default());
    Ok(Some(serde_json::to_string_pretty(&whole).map_err(failed)? + "\n"))
}

fn with_lines_after(text: &str, line: &str, lines: &str) -> Option<String> {
    if text.contains(lines) {
        return Some(text.to_owned());
    }
    let mut at = 0;
    for candidate in text.split_inclusive('\n') {
        at += candidate.len();
        if candidate.trim() == line {
            let mut text = text.to_owned();
            text.insert_str(at, lines);
            return Some(text);
        }
    }
    None
}

fn with_line(text: &str, containing: &str, line: &str) -> Option<String> {
    let lines = || text.split_inclusive('\n');
    let is_one = lines().filter(|line| line.contains(containing)).count() == 1;
    is_one.then(|| lines().map(|old| if old.contains(containing) { line } else { old }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_added_and_replaced() {
        let edit = Edit::Members { parent: "States".into(), members: "\"A\": {\"x\": 2},\n".into() };
        let whole = edit.apply(r#"{"States": {"A": 1, "B": 1}}"#).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&whole).unwrap(),
            serde_json::json!({"States": {"A": {"x": 2}, "B": 1}})
        );
        assert!(edit.apply("{}").is_err());
    }

    #[test]
    fn lines_are_inserted_once() {
        let edit = Edit::After { line: "a:".into(), lines: "    - b\n".into() };
        let once = edit.apply("  a:\n    - c\n").unwrap();
        assert_eq!(once, "  a:\n    - b\n    - c\n");
        assert_eq!(edit.apply(&once).unwrap(), once);
    }

    #[test]
    fn a_line_is_replaced_if_it_is_the_only_one_with_its_text() {
        let edit = Edit::Line { containing: "b:".into(), line: "  b: 2\n".into() };
        assert_eq!(edit.apply("a: 1\n  b: 1\nc: 1\n").unwrap(), "a: 1\n  b: 2\nc: 1\n");
        assert!(edit.apply("a: 1\n").is_err() && edit.apply("b: 1\nb: 2\n").is_err());
    }
}
