//! The functions of a Rust file as text, by name. A function begins in a line of its own and ends with a brace below its `fn`, as
//! `rustfmt` has it.

use std::ops::Range;

/// The whole function called `name`, its documentation and attributes not among it.
fn find(text: &str, name: &str) -> Option<Range<usize>> {
    let mut at = 0;
    let mut begun: Option<(usize, usize)> = None;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let indent = line.len() - line.trim_start().len();
        match begun {
            None if is_called(line, name) => begun = Some((at, indent)),
            Some((start, of)) if indent == of && line.trim_end().ends_with('}') => return Some(start..end),
            _ => {}
        }
        at = end;
    }
    None
}

fn is_called(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    !line.starts_with("//")
        && line
            .split_once("fn ")
            .is_some_and(|(_, rest)| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with(['(', '<'])))
}

/// The function called `name`.
pub(super) fn function<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.get(find(text, name)?)
}

/// The text with `body` in the function called `name`, whose signature ends with a brace.
pub(super) fn with_body(text: &str, name: &str, body: &str) -> Option<String> {
    let range = find(text, name)?;
    let whole = text.get(range.clone())?;
    let (head, tail) = (whole.find("{\n")? + 2, whole.trim_end().rfind('\n')? + 1);
    let mut text = text.to_owned();
    text.replace_range(range.start + head..range.start + tail, body);
    Some(text)
}

/// The text with `function` in the place of the one called `name`.
pub(super) fn with(text: &str, name: &str, function: &str) -> Option<String> {
    let mut changed = text.to_owned();
    changed.replace_range(find(text, name)?, function);
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "impl A {\n    /// Adds.\n    pub fn add(&self, to: u8) -> u8 {\n        if to > 1 {\n            return 2;\n        }\n        to\n    }\n\n    async fn add_all<T>(of: T) {\n        of.await;\n    }\n}\n";

    #[test]
    fn a_function_is_found_by_its_whole_name() {
        assert!(function(TEXT, "add").unwrap().ends_with("        to\n    }\n"));
        assert!(function(TEXT, "add_all").unwrap().starts_with("    async fn"));
        assert_eq!(function(TEXT, "ad"), None);
    }

    #[test]
    fn its_body_is_replaced_and_put_back() {
        let less = with_body(TEXT, "add", "        0\n").unwrap();
        assert!(less.contains("-> u8 {\n        0\n    }\n\n    async"), "{less}");
        assert_eq!(with(&less, "add", function(TEXT, "add").unwrap()).as_deref(), Some(TEXT));
    }
}
