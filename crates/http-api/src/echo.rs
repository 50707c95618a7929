//! Texts of a request within a problem: names and values are cut, and characters that hide or
//! reorder the text beside them are escaped.

use std::fmt::Write;

/// Maximum number of characters of a name or value of the caller in a problem.
const SHOWN: usize = 60;

/// Maximum number of characters of a whole text in a problem.
const TEXT: usize = 600;

/// Returns a name or value of the caller, cut to [`SHOWN`] characters.
pub(crate) fn cut(text: &str) -> String {
    cut_at(text, SHOWN)
}

/// Returns a whole text of a problem, with the characters escaped that [`is_hidden`] names, and cut
/// to [`TEXT`] characters.
pub(crate) fn plain(text: String) -> String {
    if !text.contains(is_hidden) && text.len() <= TEXT {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            // A write to a `String` does not fail.
            let _ = write!(plain, "{}", character.escape_unicode());
        } else {
            plain.push(character);
        }
    }
    cut_at(&plain, TEXT)
}

fn cut_at(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Returns true for control characters, line breaks, bidirectional controls and the byte order
/// mark.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use domain::shop::SettingsDraft;

    use super::*;
    use crate::request::SMALL_BODY;
    use crate::{Code, Problem, Request};

    fn written(problem: &Problem) -> String {
        serde_json::to_string(problem).unwrap()
    }

    #[test]
    fn a_problem_does_not_repeat_a_long_name_or_value() {
        let long = "x".repeat(3_000);
        let of_query = Request::new("GET /config", &[], &[(&long, "1")], None).only(&["eventId"]).unwrap_err();
        assert_eq!(of_query.code(), Code::InvalidParameter);
        let bodies = [
            format!(r#"{{"{long}":1}}"#),
            format!(r#"{{"{long}":[[]]}}"#),
            format!(r#"{{"menu":[{{"drink":"Tea","optionNames":{{"{long}":7}}}}]}}"#),
            format!(
                r#"{{"menu":[{{"drink":"Tea","modifiers":[{{"name":"M","options":["a"],"optionNames":{{"{long}":7}}}}]}}]}}"#
            ),
            format!(r#"{{"menu":"{long}"}}"#),
            format!(r#"{{"maxOrdersInQueue":"{long}"}}"#),
            format!(r#"{{"a`, expected `{long}":1}}"#),
        ];
        let of_bodies = bodies.iter().map(|body| {
            let request = Request::new("PUT /config", &[], &[], Some(body));
            request.json::<SettingsDraft>(SMALL_BODY).unwrap_err()
        });
        for problem in std::iter::once(of_query).chain(of_bodies) {
            let text = written(&problem);
            assert!(!text.contains(&"x".repeat(61)), "{text}");
            assert!(text.chars().count() < 800, "{text}");
        }
    }

    #[test]
    fn a_problem_escapes_control_and_bidirectional_characters() {
        let name = "a\u{202e}b\u{1b}c\u{2066}";
        let of_query = Request::new("GET /config", &[], &[(name, "1")], None).only(&[]).unwrap_err();
        let body = serde_json::json!({ name: 1 }).to_string();
        let of_body = Request::new("PUT /config", &[], &[], Some(&body)).json::<SettingsDraft>(SMALL_BODY).unwrap_err();
        for text in [written(&of_query), written(&of_body)] {
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(value["field"], r"a\u{202e}b\u{1b}c\u{2066}");
            assert!(value["detail"].as_str().unwrap().contains("u{202e}b"), "{text}");
            assert!(!value["detail"].as_str().unwrap().contains(is_hidden), "{text}");
        }
    }

    #[test]
    fn emoji_and_accents_stay() {
        let family = "Caf\u{e9} \u{1f468}\u{200d}\u{1f469}";
        assert_eq!(plain(family.to_owned()), family);
        assert_eq!(cut(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
    }
}
