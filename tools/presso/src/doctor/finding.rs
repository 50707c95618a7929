//! Result of a check of account or stack.

use client::Error;
use client::error::causes;
use client::stack::emulator;
use serde::Serialize;

/// State of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum State {
    /// As it should be.
    Ok,
    /// Not known: for example, the emulator lacks the service, or the stack does not exist.
    Unknown,
    /// Works, with a limitation that the finding describes.
    Warning,
    /// Does not work, or not for this purpose.
    Problem,
}

/// Use of the stack, on which the required limits depend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Development and demonstrations.
    Trial,
    /// Production, with many customers.
    Prod,
}

/// Result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Name of the check.
    pub(crate) check: &'static str,
    /// State of what was checked.
    pub(crate) state: State,
    /// Description of what was found.
    pub(crate) found: String,
    /// Next step, unless the state is [`State::Ok`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), next: None }
    }

    pub(super) fn new(check: &'static str, state: State, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { check, state, found: found.into(), next: Some(next.into()) }
    }

    /// Describes a call that failed: an emulator may lack the service, AWS may deny the call.
    pub(super) fn unread(check: &'static str, error: &Error, permission: &str, purpose: Purpose) -> Self {
        if emulator().is_some() {
            return Self::new(check, State::Unknown, "the emulator does not know it", "run this on AWS");
        }
        let next = format!("allow {permission} to your role");
        Self::new(check, purpose.enough_for_a_trial(), causes(error), next)
    }
}

impl Purpose {
    /// Returns the state of a limit that is enough for a trial only.
    pub(super) const fn enough_for_a_trial(self) -> State {
        match self {
            Self::Trial => State::Warning,
            Self::Prod => State::Problem,
        }
    }
}
