//! Parses JSON into a tree, and reports syntax errors and duplicate keys.

use serde_json::Value;

use super::tree::{Node, Place};
use super::{Mistake, yaml};

/// Parses `text`. Returns `None` if it is not JSON.
pub(super) fn parse(file: &str, text: &str, mistakes: &mut Vec<Mistake>) -> Option<Node> {
    if let Err(error) = serde_json::from_str::<Value>(text) {
        let place = Place { line: error.line().max(1), column: error.column().max(1) };
        mistakes.push(Mistake::new(file, place, explain(text, &error)));
        return None;
    }
    // JSON without tabs is also YAML. In JSON, tabs occur only between tokens.
    yaml::parse(file, &text.replace('\t', " "), mistakes)
}

fn explain(text: &str, error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let what = error.to_string();
    let what = what.split(" at line ").next().unwrap_or_default();
    let at = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let begins_line = at.get(..column.saturating_sub(1)).is_some_and(|before| before.trim().is_empty());
    let above = text.lines().take(line.saturating_sub(1)).collect::<Vec<_>>();
    let above = above.iter().rposition(|line| !line.trim().is_empty()).map(|index| index + 1);
    let advice = match above {
        Some(above) if begins_line && what.starts_with("expected `,`") => {
            format!(": a comma is missing at the end of line {above}")
        }
        Some(above) if begins_line && what.starts_with("trailing comma") => {
            format!(": remove the comma at the end of line {above}")
        }
        _ if what.starts_with("trailing comma") => ": remove the comma before the bracket".to_owned(),
        _ => String::new(),
    };
    format!("this is not JSON: {what}{advice}")
}
