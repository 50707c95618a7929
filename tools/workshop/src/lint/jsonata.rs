//! Checks the syntax of the JSONata expressions in a workflow.

use bumpalo::Bump;
use jsonata_rs::JsonAta;

/// Returns the expression in a text that begins with `{%`, without `{%` and `%}`; `None` for
/// another text.
pub(super) fn expression(text: &str) -> Option<&str> {
    text.trim().strip_prefix("{%").map(|text| text.trim_end().trim_end_matches("%}"))
}

/// Returns the mistake in a text that begins or ends like an expression; `None` for a valid
/// expression and for any other text.
pub(super) fn mistake(text: &str) -> Option<String> {
    let trimmed = text.trim();
    let Some(expression) = expression(text) else {
        return trimmed.ends_with("%}").then(|| "an expression ends with %}, but does not begin with {%".to_owned());
    };
    if !trimmed.ends_with("%}") || trimmed.len() < 4 {
        return Some("an expression begins with {%, but does not end with %}".to_owned());
    }
    let arena = Bump::new();
    let error = JsonAta::new(expression, &arena).err()?;
    // The message begins with a code of JSONata and a position.
    let message = error.to_string();
    let (position, message) = message.split_once(": ").unwrap_or(("", &message));
    let at = position.split_once("@ ").and_then(|(_, at)| at.trim().parse::<usize>().ok());
    let before = at.and_then(|at| expression.get(..at.min(expression.len()))).map(tail).unwrap_or_default();
    Some(format!("this JSONata expression cannot be read: {message}{before}"))
}

fn tail(before: &str) -> String {
    let from = before.char_indices().rev().nth(29).map_or(0, |(index, _)| index);
    format!(", after …{}", before.get(from..).unwrap_or_default())
}
