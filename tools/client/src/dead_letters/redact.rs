//! Removes task tokens and other secrets from JSON, wherever they occur.

use serde_json::Value;

const REDACTED: &str = "[redacted]";

/// Parts of the names of secret fields, in lower case and without separators.
const SECRETS: [&str; 2] = ["tasktoken", "qrkey"];

/// Minimum length, in bytes, of a secret that is also replaced in other texts, where a shorter one
/// may occur by chance.
const MIN_SECRET_LENGTH: usize = 6;

/// Replaces the values of secret fields, at any depth and in JSON within strings. Also replaces
/// other occurrences of these values, and each text that names a secret field and is not JSON.
pub(super) fn redacted(value: &Value) -> Value {
    let mut found = Vec::new();
    collect(value, false, &mut found);
    without(value, &found)
}

fn names_secret(text: &str) -> bool {
    let name = text.chars().filter(|char| char.is_alphanumeric()).collect::<String>().to_lowercase();
    SECRETS.iter().any(|secret| name.contains(secret))
}

/// Parses a text that contains a JSON object, array or string.
fn nested(text: &str) -> Option<Value> {
    let begins = text.trim_start().chars().next().is_some_and(|first| matches!(first, '{' | '[' | '"'));
    if begins { serde_json::from_str(text).ok() } else { None }
}

/// Collects the texts in secret fields. `secret` is true if `value` is in such a field.
fn collect(value: &Value, secret: bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            if secret && text.len() >= MIN_SECRET_LENGTH {
                found.push(text.clone());
            }
            if let Some(inner) = nested(text) {
                collect(&inner, secret, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, secret, found)),
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| collect(value, secret || names_secret(name), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn without(value: &Value, found: &[String]) -> Value {
    match value {
        Value::String(text) => Value::String(text_without(text, found)),
        Value::Array(items) => items.iter().map(|item| without(item, found)).collect(),
        Value::Object(fields) => {
            let shown = |(name, value): (&String, &Value)| {
                let value = if names_secret(name) { REDACTED.into() } else { without(value, found) };
                (replaced(name, found), value)
            };
            Value::Object(fields.iter().map(shown).collect())
        }
        other => other.clone(),
    }
}

fn text_without(text: &str, found: &[String]) -> String {
    match nested(text) {
        Some(inner) => without(&inner, found).to_string(),
        None if names_secret(text) => REDACTED.to_owned(),
        None => replaced(text, found),
    }
}

fn replaced(text: &str, found: &[String]) -> String {
    found.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), REDACTED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TOKEN: &str = "AQCEAAAAKgAAAAMAAAAAAAAAAx+token/with==";

    #[test]
    fn a_token_is_redacted_wherever_it_occurs() {
        let event =
            json!({"detail-type": "OrderProcessor.TokenIssued", "detail": {"orderId": "o", "TaskToken": TOKEN}});
        let text = event.to_string();
        let twice = json!({"input": text}).to_string();
        for message in [
            event.clone(),
            json!({"requestPayload": event, "responsePayload": {"errorMessage": format!("no item for {TOKEN}")}}),
            json!({"a": [{"taskToken": {"S": TOKEN}}], "b": TOKEN, TOKEN: 1}),
            json!({"task_token": [TOKEN], "task-token": TOKEN}),
            json!(text),
            json!({"body": twice}),
            json!(json!(twice).to_string()),
            json!(text[..text.len() - 3]),
            json!(format!("could not deliver {text}")),
        ] {
            let shown = redacted(&message).to_string();
            assert!(!shown.contains("AQCEAAAA") && !shown.contains("with=="), "{message} is shown as {shown}");
        }
    }

    #[test]
    fn values_without_secrets_are_unchanged() {
        let message = json!({
            "detail": {"orderId": "o", "n": 7, "ok": true, "none": null, "drinks": ["Latte", "{not json", "\"quoted"]},
            "message": "Function not found"
        });
        assert_eq!(redacted(&message), message);
        let shown = redacted(&json!({"detail": {"TaskToken": TOKEN, "step": "customer"}, "qrKey": "secret"}));
        assert_eq!(shown, json!({"detail": {"TaskToken": REDACTED, "step": "customer"}, "qrKey": REDACTED}));
    }

    #[test]
    fn a_text_that_names_a_secret_and_is_not_json_is_redacted() {
        assert_eq!(redacted(&json!("no such user")), "no such user");
        assert_eq!(redacted(&json!("invalid TaskToken: abc")), REDACTED);
        assert_eq!(redacted(&json!(r#"{"TaskToken":"abc"}"#)), r#"{"TaskToken":"[redacted]"}"#);
    }
}
