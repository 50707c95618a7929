//! Reads the logs of the functions of the learner's bar.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_cloudwatchlogs::Client;
use client::error::Error;
use client::{Resources, Stack};
use domain::admission::{DUPLICATE, Refusal};
use serde_json::Value;

/// Logical id of the log group that all functions share.
const LOGS: &str = "Logs";
/// Maximum length of a shortened message.
const SHOWN: usize = 300;

/// A line that a function has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Time since 1970.
    pub at: Duration,
    /// Level, such as `ERROR`; empty if the line has none.
    pub level: String,
    /// The rest of the line.
    pub text: String,
}

impl LogLine {
    /// Returns true if the line is an error. A refusal or a duplicate is an answer of `admission`:
    /// the function fails on purpose, which the Lambda runtime logs as an error.
    pub fn is_error(&self) -> bool {
        let text = self.text.replace('\\', "");
        let mut answers = Refusal::ALL.into_iter().map(Refusal::error_type).chain([DUPLICATE]);
        self.level == "ERROR" && !answers.any(|name| text.contains(&format!("Failure {{ error_type: \"{name}\"")))
    }

    /// Returns the message without its context, shortened.
    pub fn summary(&self) -> String {
        shortened(&self.text)
    }

    /// Parses a line: JSON as the functions write it, or text of the platform or of a panic.
    /// Returns `None` for the lines that Lambda adds to each invocation.
    fn parse(at: Duration, message: &str) -> Option<Self> {
        let message = message.trim();
        if let Ok(Value::Object(line)) = serde_json::from_str::<Value>(message) {
            if line.get("type").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("platform.")) {
                return None;
            }
            let member = |name: &str| line.get(name).and_then(Value::as_str);
            let level = member("level").unwrap_or_default().to_owned();
            // A line about an invocation has no message, but a route or an event, and an outcome.
            let parts = [member("message"), member("error"), member("route"), member("event"), member("outcome")];
            return Some(Self { at, level, text: parts.into_iter().flatten().collect::<Vec<_>>().join(": ") });
        }
        if message.is_empty() || ["START ", "END ", "REPORT "].iter().any(|word| message.starts_with(word)) {
            return None;
        }
        let level = ["ERROR", "WARN", "INFO", "DEBUG"].into_iter().find(|level| message.starts_with(level));
        let text = message.strip_prefix(level.unwrap_or_default()).unwrap_or(message).trim_start();
        let panicked = message.contains("panicked at");
        let level = if panicked { "ERROR" } else { level.unwrap_or_default() };
        Some(Self { at, level: level.to_owned(), text: text.to_owned() })
    }
}

/// Returns the lines of all functions since `since`, oldest first.
pub async fn read(stack: &Stack, resources: &Resources, since: SystemTime) -> Result<Vec<LogLine>, Error> {
    let since = since.duration_since(UNIX_EPOCH).unwrap_or_default();
    let client = Client::new(&stack.aws);
    let mut filter = client.filter_log_events().log_group_name(resources.required(LOGS)?);
    filter = filter.start_time(i64::try_from(since.as_millis()).unwrap_or_default());
    let mut pages = filter.into_paginator().send();
    let mut events = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Error::failed("the logs cannot be read", error))?;
        events.extend(page.events.unwrap_or_default());
    }
    let mut lines: Vec<LogLine> = events
        .iter()
        .filter_map(|event| {
            let at = Duration::from_millis(u64::try_from(event.timestamp().unwrap_or_default()).unwrap_or_default());
            LogLine::parse(at, event.message().unwrap_or_default())
        })
        .collect();
    lines.sort_by_key(|line| line.at);
    Ok(lines)
}

/// Returns the last error since `since`, shortened.
pub(crate) async fn last_error(
    stack: &Stack,
    resources: &Resources,
    since: SystemTime,
) -> Result<Option<String>, Error> {
    let lines = read(stack, resources, since).await?;
    let last = lines.into_iter().rev().find(LogLine::is_error);
    Ok(last.map(|line| line.summary()))
}

/// Removes the context of a line, which precedes the message, and limits its length.
fn shortened(text: &str) -> String {
    let message = text.rsplit_once("}: ").map_or(text, |(_, message)| message);
    let mut short: String = message.chars().take(SHOWN).collect();
    if short.len() < message.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(message: &str) -> Option<(String, String)> {
        LogLine::parse(Duration::ZERO, message).map(|line| (line.level, line.text))
    }

    #[test]
    fn lines_of_functions_are_read_in_both_forms_and_those_of_lambda_are_left_out() {
        let error = Some(("ERROR".to_owned(), "invoke{a=1}: it failed".to_owned()));
        assert_eq!(parse("ERROR invoke{a=1}: it failed\n"), error);
        let json = r#"{"level": "ERROR", "message": "it failed", "error": "cause", "request": "r"}"#;
        assert_eq!(parse(json), Some(("ERROR".into(), "it failed: cause".into())));
        let json = r#"{"level": "INFO", "route": "GET /config", "outcome": "ok", "ms": 3}"#;
        assert_eq!(parse(json), Some(("INFO".into(), "GET /config: ok".into())));
        assert_eq!(parse("thread 'main' panicked at src/lib.rs").map(|(level, _)| level), Some("ERROR".into()));
        for line in ["START RequestId: 1", "END RequestId: 1", "REPORT RequestId: 1", r#"{"type": "platform.report"}"#]
        {
            assert_eq!(parse(line), None);
        }
    }

    #[test]
    fn a_refusal_is_no_error() {
        let is_error = |message: &str| LogLine::parse(Duration::ZERO, message).unwrap().is_error();
        let refused =
            r#"ERROR Lambda runtime invoke{requestId="r"}: Failure { error_type: "ShopFull", message: "full" }"#;
        assert!(!is_error(refused));
        assert!(is_error(&refused.replace("ShopFull", "Retryable")));
        let json = r#"{"level": "ERROR", "message": "Failure { error_type: \"ShopClosed\", message: \"\" }"}"#;
        assert!(!is_error(json));
        assert!(is_error(&json.replace("ShopClosed", "Retryable")));
    }

    #[test]
    fn an_error_is_shown_without_its_context() {
        assert_eq!(shortened("invoke{a={1}}:project{b=2}: it failed: cause"), "it failed: cause");
        assert_eq!(shortened(&"x".repeat(400)).chars().count(), SHOWN + 1);
    }
}
