//! Edits of a file, as a page of the workshop asks for them.

use serde_json::Value;

use super::{blocks, functions};
use client::error::Error;

/// What is done to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// This is the file.
    Whole(String),
    /// The members of this text go into the JSON object here; `.` is the outermost.
    Members {
        /// The name of the object.
        of: String,
        /// The members, without braces around them.
        members: String,
    },
    /// The blocks of this text go into the block of a template with this path, such as `Resources`.
    Blocks {
        /// The names of the path, by dots.
        of: String,
        /// The blocks, indented as they are to be.
        blocks: String,
    },
    /// These lines go after the first one that reads so, without its indentation.
    After {
        /// The line.
        line: String,
        /// What comes after it.
        lines: String,
    },
    /// This Rust function goes into the place of the one of its name.
    Function {
        /// Its name.
        name: String,
        /// The function.
        function: String,
    },
}

impl Edit {
    /// The text after this edit.
    pub fn apply(&self, text: &str) -> Result<String, Error> {
        let applied = match self {
            Self::Whole(whole) => Some(whole.clone()),
            Self::Members { of, members } => merged(text, of, members)?,
            Self::Blocks { of, blocks } => {
                let path: Vec<&str> =
                    std::iter::once("Resources").chain(of.split('.').filter(|of| *of != "Resources")).collect();
                blocks::put(text, &path, blocks)
            }
            Self::After { line, lines } => after(text, line, lines),
            Self::Function { name, function } => functions::with(text, name, function),
        };
        applied.ok_or_else(|| Error::Left(format!("the file has no place for {}", self.what())))
    }

    fn what(&self) -> &str {
        match self {
            Self::Whole(_) => "itself",
            Self::Members { of, .. } | Self::Blocks { of, .. } => of,
            Self::After { line, .. } => line,
            Self::Function { name, .. } => name,
        }
    }
}

fn merged(text: &str, of: &str, members: &str) -> Result<Option<String>, Error> {
    let failed = |error| Error::failed("this is not JSON", error);
    let mut whole: Value = serde_json::from_str(text).map_err(failed)?;
    let members = members.trim().trim_end_matches(',');
    let members: Value = serde_json::from_str(&format!("{{{members}}}")).map_err(failed)?;
    let pointer = if of == "." { String::new() } else { format!("/{}", of.replace('.', "/")) };
    let Some(object) = whole.pointer_mut(&pointer).and_then(Value::as_object_mut) else { return Ok(None) };
    object.extend(members.as_object().cloned().unwrap_or_default());
    Ok(Some(serde_json::to_string_pretty(&whole).map_err(failed)? + "\n"))
}

fn after(text: &str, line: &str, lines: &str) -> Option<String> {
    if text.contains(lines) {
        return Some(text.to_owned());
    }
    let mut at = 0;
    for one in text.split_inclusive('\n') {
        at += one.len();
        if one.trim() == line {
            let mut text = text.to_owned();
            text.insert_str(at, lines);
            return Some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_added_and_replaced() {
        let edit = Edit::Members { of: "States".into(), members: "\"A\": {\"x\": 2},\n".into() };
        let whole = edit.apply(r#"{"States": {"A": 1, "B": 1}}"#).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&whole).unwrap(),
            serde_json::json!({"States": {"A": {"x": 2}, "B": 1}})
        );
        assert!(edit.apply("{}").is_err());
    }

    #[test]
    fn lines_go_after_a_line_once() {
        let edit = Edit::After { line: "a:".into(), lines: "    - b\n".into() };
        let once = edit.apply("  a:\n    - c\n").unwrap();
        assert_eq!(once, "  a:\n    - b\n    - c\n");
        assert_eq!(edit.apply(&once).unwrap(), once);
    }
}
