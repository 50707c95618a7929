//! Reads the groups of a token in the spellings that issuers use.

use serde_json::{Map, Value};

/// Returns the claim with this name. If there is none and the name contains dots, follows the name
/// as a path through objects, such as `realm_access.roles`.
pub(super) fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        name.match_indices('.').find_map(|(dot, _)| {
            let inner = claims.get(name.get(..dot)?)?.as_object()?;
            claim(inner, name.get(dot.saturating_add(1)..)?)
        })
    })
}

/// Returns the names of the groups in a claim: the texts of a list, or the words of a text. One
/// leading `/` of a name is ignored.
pub(super) fn names(claim: &Value) -> Vec<&str> {
    let names = match claim {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        Value::String(names) => split(names),
        _ => Vec::new(),
    };
    names.into_iter().map(|name| name.strip_prefix('/').unwrap_or(name)).collect()
}

/// Returns the number of values in a claim, including those that are not names.
pub(super) fn count(claim: &Value) -> usize {
    match claim {
        Value::Null => 0,
        Value::Array(values) => values.len(),
        Value::String(names) => split(names).len(),
        _ => 1,
    }
}

const QUOTES: [char; 2] = ['"', '\''];

fn is_bracket(c: char) -> bool {
    matches!(c, '[' | ']' | '(' | ')' | '{' | '}')
}

fn is_separator(c: char) -> bool {
    c == ',' || c.is_whitespace()
}

/// Splits a text at blanks and commas, except within quotes. Ignores brackets and quotes around
/// names; within a name they are part of it, so that no part of a name counts as a group.
fn split(mut text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    loop {
        text = text.trim_start_matches(|c| is_separator(c) || is_bracket(c));
        if text.is_empty() {
            return names;
        }
        let (word, rest) = text.split_at(end_of_word(text));
        let word = word.trim_end_matches(is_bracket);
        names.push(unquoted(word).unwrap_or(word));
        text = rest;
    }
}

/// Returns the length of the first word in bytes. A word that begins with a quote extends at least
/// to the next quote of the same kind.
fn end_of_word(text: &str) -> usize {
    let quoted = QUOTES.into_iter().find_map(|quote| {
        let inner = text.strip_prefix(quote)?;
        Some(inner.find(quote).map_or(text.len(), |end| end.saturating_add(2)))
    });
    let from = quoted.unwrap_or_default();
    let after = text.get(from..).unwrap_or_default();
    after.find(is_separator).map_or(text.len(), |end| end.saturating_add(from))
}

fn unquoted(word: &str) -> Option<&str> {
    QUOTES.into_iter().find_map(|quote| word.strip_prefix(quote)?.strip_suffix(quote))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn groups_are_found_in_lists_and_in_texts_of_several_spellings() {
        for (claim, expected) in [
            (json!(["admin", "barista"]), &["admin", "barista"][..]),
            (json!(["/barista"]), &["barista"]),
            (json!(["//barista"]), &["/barista"]),
            (json!(["/bar/admin"]), &["bar/admin"]),
            (json!("admin"), &["admin"]),
            (json!("/admin"), &["admin"]),
            (json!("admin barista"), &["admin", "barista"]),
            (json!("admin,barista"), &["admin", "barista"]),
            (json!(" admin , barista\t/night\n"), &["admin", "barista", "night"]),
            (json!("[admin barista]"), &["admin", "barista"]),
            (json!("[admin, barista]"), &["admin", "barista"]),
            (json!(r#"["admin","barista"]"#), &["admin", "barista"]),
            (json!(r#"[ "/admin" , "barista" ]"#), &["admin", "barista"]),
            (json!("['admin', 'barista']"), &["admin", "barista"]),
            (json!("{admin,barista}"), &["admin", "barista"]),
            (json!("(admin)"), &["admin"]),
            (json!(r#""admin""#), &["admin"]),
            (json!("[]"), &[]),
            (json!(" , "), &[]),
            (json!(""), &[]),
        ] {
            assert_eq!(names(&claim), expected, "{claim}");
        }
    }

    #[test]
    fn no_part_of_a_name_is_a_group() {
        for claim in [
            json!(["not admin"]),
            json!(["admin,barista"]),
            json!(["[admin]"]),
            json!(["admin "]),
            json!(["Admin"]),
            json!([["admin"]]),
            json!([{"name": "admin"}]),
            json!(7),
            json!(true),
            json!(null),
            json!({"admin": true}),
            json!("administrator"),
            json!("super-admin"),
            json!("admin;barista"),
            json!("cn=admin,ou=bar"),
            json!("bar/admin"),
            json!("x[admin]"),
            json!("admin[x]"),
            json!(r#"["not admin"]"#),
            json!("'not admin'"),
            json!(r#""admin"istrator"#),
            json!(r#"admin"x"#),
            json!(r#""admin barista"#),
        ] {
            let found = names(&claim);
            assert!(!found.contains(&"admin") && !found.contains(&"barista"), "{claim}: {found:?}");
        }
    }

    #[test]
    fn the_literal_name_of_a_claim_comes_before_its_path() {
        let claims = json!({
            "groups": "plain",
            "https://bar.example/groups": "with slashes",
            "a.b": "literal", "a": {"b": "path", "b.c": "dotted", "d": {"e": "deep"}},
            "realm_access": {"roles": ["admin"]},
            "resource_access": {"bar.example": {"roles": ["barista"]}},
        });
        let claims = claims.as_object().unwrap();
        for (name, expected) in [
            ("groups", json!("plain")),
            ("https://bar.example/groups", json!("with slashes")),
            ("a.b", json!("literal")),
            ("a.b.c", json!("dotted")),
            ("a.d.e", json!("deep")),
            ("realm_access.roles", json!(["admin"])),
            ("resource_access.bar.example.roles", json!(["barista"])),
        ] {
            assert_eq!(claim(claims, name), Some(&expected), "{name}");
        }
        for name in ["", ".", "a.", ".b", "a.c", "groups.x", "realm_access.roles.0", "roles"] {
            assert_eq!(claim(claims, name), None, "{name:?}");
        }
    }

    #[test]
    fn values_are_counted_even_if_they_are_no_names() {
        for (claim, expected) in [
            (json!([]), 0),
            (json!(""), 0),
            (json!(null), 0),
            (json!(["a", 7, null]), 3),
            (json!("a b"), 2),
            (json!({"admin": true}), 1),
            (json!(7), 1),
        ] {
            assert_eq!(count(&claim), expected, "{claim}");
        }
    }
}
