//! Finds and replaces functions by name in the text of a Rust file. Relies on the layout of
//! `rustfmt`: a function ends with the first closing brace at the indentation of its `fn`.

use std::ops::Range;

/// Returns the byte range of the function `name`, without its documentation and attributes.
fn find(text: &str, name: &str) -> Option<Range<usize>> {
    let mut at = 0;
    let mut start: Option<(usize, usize)> = None;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let indent = line.len() - line.trim_start().len();
        match start {
            None if declares(line, name) => start = Some((at, indent)),
            Some((start, outer)) if indent == outer && line.trim_end().ends_with('}') => return Some(start..end),
            _ => {}
        }
        at = end;
    }
    None
}

fn declares(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    !line.starts_with("//")
        && line
            .split_once("fn ")
            .is_some_and(|(_, rest)| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with(['(', '<'])))
}

/// Returns the text of the function `name`, from its `fn` line to its closing brace.
pub(super) fn function<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.get(find(text, name)?)
}

/// Replaces the body of the function `name`. The first line of the function that ends with `{` must
/// be the end of its signature.
pub(super) fn with_body(text: &str, name: &str, body: &str) -> Option<String> {
    let range = find(text, name)?;
    let whole = text.get(range.clone())?;
    let (head, tail) = (whole.find("{\n")? + 2, whole.trim_end().rfind('\n')? + 1);
    let mut text = text.to_owned();
    text.replace_range(range.start + head..range.start + tail, body);
    Some(text)
}

/// Replaces the function `name` by `function`.
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
    fn a_body_is_replaced_and_restored() {
        let less = with_body(TEXT, "add", "        0\n").unwrap();
        assert!(less.contains("-> u8 {\n        0\n    }\n\n    async"), "{less}");
        assert_eq!(with(&less, "add", function(TEXT, "add").unwrap()).as_deref(), Some(TEXT));
    }
}
