//! Parses JSON bodies. The error of a body without the expected shape names the field at fault.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_path_to_error::{Path, Segment};

use crate::echo;

/// Maximum number of objects and lists within each other.
const MAX_DEPTH: usize = 16;

/// Error of a body that does not have the expected shape.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MalformedBody {
    /// Path of the field at fault, such as `menu[0].drink`.
    pub(crate) field: Option<String>,
    /// Rule that the body violates.
    pub(crate) rule: String,
}

impl MalformedBody {
    fn new(field: Option<String>, rule: &dyn std::fmt::Display) -> Self {
        Self { field, rule: in_words_of_json(&without_long_values(&rule.to_string())) }
    }
}

/// Parses `bytes` as a JSON object.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, MalformedBody> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(MalformedBody::new(None, &"the text is not valid UTF-8"));
    }
    let json: &RawValue = serde_json::from_slice(bytes).map_err(|error| MalformedBody::new(None, &error))?;
    // serde would also accept a list of a struct's fields.
    if !json.get().starts_with('{') {
        return Err(MalformedBody::new(None, &"it must be an object"));
    }
    check_lists(json, "", 0)?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| MalformedBody::new(field_at_fault(&error), error.inner()))
}

/// Refuses a list within a list, and nesting deeper than [`MAX_DEPTH`]. Numbers and texts are not
/// parsed, so that the deserializer of their field reports what is wrong with them. `at` is the
/// path of `json`, empty for the body itself.
fn check_lists(json: &RawValue, at: &str, depth: usize) -> Result<(), MalformedBody> {
    let text = json.get();
    if !text.starts_with(['{', '[']) {
        return Ok(());
    }
    let named = || (!at.is_empty()).then(|| at.to_owned());
    if depth == MAX_DEPTH {
        let rule = format!("more than {MAX_DEPTH} objects or lists within each other");
        return Err(MalformedBody::new(named(), &rule));
    }
    let malformed = |error: serde_json::Error| MalformedBody::new(named(), &error);
    if text.starts_with('{') {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(malformed)?;
        return members.into_iter().try_for_each(|(name, member)| {
            let name = echo::cut(&name);
            let at = if depth == 0 { name } else { format!("{at}.{name}") };
            check_lists(member, &at, depth + 1)
        });
    }
    let items: Vec<&RawValue> = serde_json::from_str(text).map_err(malformed)?;
    items.into_iter().enumerate().try_for_each(|(index, item)| {
        let at = format!("{at}[{index}]");
        if item.get().starts_with('[') {
            return Err(MalformedBody::new(Some(at), &"a list must contain objects or texts, not lists"));
        }
        check_lists(item, &at, depth + 1)
    })
}

/// Returns the path of the field at fault. For a missing or duplicate field only serde's message
/// has the name.
fn field_at_fault(error: &serde_path_to_error::Error<serde_json::Error>) -> Option<String> {
    let (at, words) = (path(error.path()), error.inner().to_string());
    let about_a_member = ["missing field `", "duplicate field `"].iter().find_map(|about| words.strip_prefix(about));
    match about_a_member.and_then(|rest| rest.split_once('`')) {
        Some((name, _)) => Some(at.map_or_else(|| name.to_owned(), |at| format!("{at}.{name}"))),
        None => at,
    }
}

/// Returns a path with the names in it cut; `None` for the body itself. A name may be empty.
fn path(path: &Path) -> Option<String> {
    path.iter().fold(None, |path: Option<String>, segment| match (segment, path) {
        (Segment::Seq { index }, path) => Some(format!("{}[{index}]", path.unwrap_or_default())),
        (Segment::Map { key: name } | Segment::Enum { variant: name }, None) => Some(echo::cut(name)),
        (Segment::Map { key: name } | Segment::Enum { variant: name }, Some(path)) => {
            Some(format!("{path}.{}", echo::cut(name)))
        }
        (Segment::Unknown, path) => path,
    })
}

/// Cuts the caller's name or value that a message of serde quotes. Because a name or value may
/// contain quotes itself, its end is the last quote before the list of what serde expected.
fn without_long_values(words: &str) -> String {
    let quoted = [("unknown field `", '`'), ("unknown variant `", '`'), (": string \"", '"')];
    let found = quoted.iter().find_map(|(about, quote)| {
        let start = words.find(about)? + about.len();
        let end = words.rfind(&format!("{quote}, ")).or_else(|| words.rfind(*quote)).filter(|end| *end >= start)?;
        Some((words.get(..start)?, words.get(start..end)?, words.get(end..)?))
    });
    match found {
        Some((before, value, after)) => format!("{before}{}{after}", echo::cut(value)),
        None => words.to_owned(),
    }
}

/// Replaces the Rust terms for types in a message of serde with those of JSON.
fn in_words_of_json(words: &str) -> String {
    const EXPECTED: &str = "expected ";
    let Some((before, expected)) = words.rsplit_once(EXPECTED) else { return words.to_owned() };
    let rest = |after: &str| after.find(" at line").and_then(|at| after.get(at..)).unwrap_or_default().to_owned();
    let named = |kind: &str| expected.strip_prefix(kind).map(rest);
    let expected = if let Some(rest) = named("struct ").or_else(|| named("a map")) {
        format!("an object{rest}")
    } else if let Some(rest) = named("a sequence") {
        format!("a list{rest}")
    } else {
        expected.to_owned()
    };
    let before = before.replace("invalid type: map", "invalid type: object");
    let before = before.replace("invalid type: sequence", "invalid type: list");
    format!("{before}{EXPECTED}{expected}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::shop::SettingsDraft;

    #[test]
    fn a_message_has_no_words_of_rust() {
        for (body, rule) in [
            (r#"{"menu":[7]}"#, "invalid type: integer `7`, expected an object"),
            (r#"{"menu":{}}"#, "invalid type: object, expected a list"),
            (r#"{"links":[true]}"#, "expected an object"),
            (r#"{"name":[]}"#, "invalid type: list, expected a string"),
            (r#"{"size":1}"#, "unknown field `size`, expected one of `"),
        ] {
            let error = refused(body);
            assert!(error.rule.contains(rule), "{body}: {error:?}");
            assert!(!error.rule.contains("struct") && !error.rule.contains("MenuItem"), "{error:?}");
        }
    }

    #[test]
    fn a_field_with_an_empty_name_is_named() {
        assert_eq!(refused(r#"{"":{}}"#).field.as_deref(), Some(""));
        assert_eq!(refused(r#"{"name":"Bar","menu":[{"":1}]}"#).field.as_deref(), Some("menu[0]."));
        assert_eq!(refused("[]").field, None);
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_as_such() {
        let error = parse::<SettingsDraft>(b"{\"name\":\"Caf\xe9\"}").unwrap_err();
        assert_eq!(error.rule, "the text is not valid UTF-8");
    }

    fn refused(body: &str) -> MalformedBody {
        parse::<SettingsDraft>(body.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_number_that_no_type_holds_is_refused_at_its_field() {
        let error = refused(r#"{"drinksPerBarcode":3,"maxOrdersInQueue":1e400}"#);
        assert_eq!(error.field.as_deref(), Some("maxOrdersInQueue"));
        assert!(error.rule.starts_with("is too large"), "{error:?}");
    }

    #[test]
    fn deep_nesting_is_refused_within_seconds() {
        let deep = format!("{}7{}", r#"{"a":"#.repeat(8_000), "}".repeat(8_000));
        let error = refused(&deep);
        assert!(error.rule.contains("within each other"), "{error:?}");
        let begin = std::time::Instant::now();
        refused(&format!("{{\"menu\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000)));
        assert!(begin.elapsed().as_secs() < 5);
    }

    #[test]
    fn a_body_ends_after_its_object() {
        assert!(refused("{} {}").rule.contains("trailing"));
        assert!(parse::<SettingsDraft>(b" {} \n").is_ok());
    }
}
