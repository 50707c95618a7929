//! The error of a failed invocation, as Lambda reports it.

use std::error::Error;

use lambda_runtime::Diagnostic;

use crate::{metric, record};

/// Error of an invocation. Its name is for programs: `ErrorEquals` of a workflow matches it, for
/// example.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error_type}: {message}")]
pub struct Failure {
    error_type: &'static str,
    message: String,
}

impl Failure {
    /// Creates a failure named `error_type` from `error` and its causes, logs it as an error, and
    /// records the name as the outcome of the invocation.
    pub fn named(error_type: &'static str, error: &dyn Error) -> Self {
        let message = error_chain(error);
        record::failed(error_type);
        tracing::error!(error_type, error = message, "failed");
        Self { error_type, message }
    }

    /// Creates a failure that is an expected answer, such as a refusal, and records its name as the
    /// outcome of the invocation.
    pub fn expected(error_type: &'static str, message: impl Into<String>) -> Self {
        record::outcome(error_type);
        Self { error_type, message: message.into() }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.error_type.to_owned(), error_message: failure.message }
    }
}

/// Records an event that no retry makes readable: one log line with the level ERROR, the outcome
/// `unreadable`, and one count of [`metric::UNREADABLE_EVENTS`]. The caller then returns success,
/// so that no retry records the event again.
pub fn record_unreadable(error: &dyn Error) {
    tracing::error!(error = error_chain(error), "unreadable event");
    record::outcome("unreadable");
    metric::count(metric::UNREADABLE_EVENTS);
}

/// Formats an error and its causes, joined by colons. Leaves out a cause if the line already ends
/// with its text.
pub fn error_chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.ends_with(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = error.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::num::ParseIntError);

    #[test]
    fn a_failure_keeps_its_name_and_its_causes() {
        let cause = "x".parse::<i32>().unwrap_err();
        let diagnostic = Diagnostic::from(Failure::named("ShopFull", &Outer(cause)));
        assert_eq!(diagnostic.error_type, "ShopFull");
        assert_eq!(diagnostic.error_message, "outer: invalid digit found in string");
    }
}
