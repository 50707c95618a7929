//! What can go wrong, and the exit code that says so.

use std::error::Error as StdError;

use crate::api::Problem;

/// A boxed cause.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Why a command did not succeed. Each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bar refused.
    #[error("{0}")]
    Refused(#[from] Problem),
    /// There is no such stack, or it lacks an output.
    #[error("{0}")]
    NoStack(String),
    /// The stack lacks a resource that the template of this version has.
    #[error("the stack {stack} has no {logical_id}: deploy this version of template.yaml")]
    MissingResource {
        /// The stack.
        stack: String,
        /// The logical id of the resource.
        logical_id: String,
    },
    /// Nothing answers.
    #[error("{what} does not answer")]
    Unreachable {
        /// What was called.
        what: String,
        /// Why.
        source: Cause,
    },
    /// The command line asks for what cannot be.
    #[error("{0}")]
    Usage(String),
    /// Anything else.
    #[error("{what}")]
    Failed {
        /// What failed.
        what: String,
        /// Why.
        source: Cause,
    },
    /// Something that was waited for did not come.
    #[error("{0}")]
    TimedOut(String),
    /// Not all of it could be done; what was done is told elsewhere.
    #[error("{0}")]
    Left(String),
    /// Somebody asked for the end before it was reached.
    #[error("{0}")]
    Interrupted(String),
    /// Whoever read the output has left, as head does. That is no failure, and nothing is said of it.
    #[error("nobody reads the output any more")]
    ClosedOutput,
}

impl Error {
    /// Something failed, with its cause.
    pub fn failed(what: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self::Failed { what: what.into(), source: source.into() }
    }

    /// 0 nothing to complain of, 1 unexpected, 2 usage, 3 refused by the bar, 4 no stack or no answer.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::ClosedOutput => 0,
            Self::Failed { .. } | Self::TimedOut(_) | Self::Left(_) | Self::Interrupted(_) => 1,
            Self::Usage(_) => 2,
            Self::Refused(_) => 3,
            Self::NoStack(_) | Self::MissingResource { .. } | Self::Unreachable { .. } => 4,
        }
    }

    /// The problem, if the bar refused.
    pub const fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }
}

/// An error and its causes in one line.
pub fn causes(error: &dyn StdError) -> String {
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
