//! Errors of the client and of the programs that use it, their exit codes and their output.

use std::error::Error as StdError;
use std::fmt;

use owo_colors::{OwoColorize, Stream};

use crate::credentials;
use crate::problem::{ForeignAnswer, Problem};

/// Cause of an error, boxed.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Error of a command. [`Error::help`] returns the next step.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API refused the request.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// The answer to a request is not from the API.
    #[error("{0}")]
    ForeignAnswer(#[from] Box<ForeignAnswer>),
    /// There are no credentials of AWS, or AWS refuses them.
    #[error("no usable AWS credentials from {used}")]
    Credentials {
        /// Source of the credentials: the environment, a profile and its setting, or another one.
        used: String,
        /// Error that caused this one.
        source: Cause,
        /// Next step of the person who reads the error.
        help: String,
    },
    /// No stack has this name.
    #[error("there is no stack {0}")]
    NoStack(String),
    /// The stack lacks an output or a resource that this version's template has.
    #[error("the stack {stack} has no {what}")]
    Missing {
        /// Name of the stack.
        stack: String,
        /// Output or resource.
        what: String,
    },
    /// A service did not answer.
    #[error("{what} does not answer")]
    Unreachable {
        /// Address or name of the service.
        what: String,
        /// Error that caused this one.
        source: Cause,
    },
    /// The command line is wrong, or does not fit the stack.
    #[error("{0}")]
    Usage(String),
    /// Any other failure with a cause.
    #[error("{what}")]
    Failed {
        /// Step that failed.
        what: String,
        /// Error that caused this one.
        source: Cause,
    },
    /// An expected change did not happen in time.
    #[error("{0}")]
    TimedOut(String),
    /// An answer, an output or a file differs from what was expected.
    #[error("{0}")]
    Unexpected(String),
    /// A part of the work could not be done.
    #[error("{0}")]
    Incomplete(String),
    /// A signal interrupted the command.
    #[error("{0}")]
    Interrupted(String),
    /// The reader of the output has closed it, as `head` does. Counts as success.
    #[error("the output is closed")]
    ClosedOutput,
    /// Another error, with the next step.
    #[error("{error}")]
    WithHelp {
        /// Error to which the next step belongs.
        #[source]
        error: Box<Self>,
        /// Next step of the person who reads the error.
        help: String,
    },
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl Error {
    /// Creates an error from a failed step and its cause. A cause that is about the credentials
    /// yields [`Error::Credentials`], whatever the step.
    pub fn failed(what: impl Into<String>, source: impl Into<Cause>) -> Self {
        let source = source.into();
        if credentials::is_cause(source.as_ref()) {
            return Self::credentials(source);
        }
        Self::Failed { what: what.into(), source }
    }

    /// Creates an error of a service without an answer. A cause that is about the credentials
    /// yields [`Error::Credentials`].
    pub fn unreachable(what: impl Into<String>, source: impl Into<Cause>) -> Self {
        let source = source.into();
        if credentials::is_cause(source.as_ref()) {
            return Self::credentials(source);
        }
        Self::Unreachable { what: what.into(), source }
    }

    /// Adds the next step to the error.
    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self::WithHelp { error: Box::new(self), help: help.into() }
    }

    /// Returns the exit code: 0 success, 1 failed, 2 wrong usage, 3 refused by the API, 4 no stack
    /// or an incomplete one, no credentials, or no answer of the API or of AWS.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::ClosedOutput => 0,
            Self::Failed { .. }
            | Self::TimedOut(_)
            | Self::Unexpected(_)
            | Self::Incomplete(_)
            | Self::Interrupted(_) => 1,
            Self::Usage(_) => 2,
            Self::Refused(_) => 3,
            Self::NoStack(_)
            | Self::Missing { .. }
            | Self::Credentials { .. }
            | Self::ForeignAnswer(_)
            | Self::Unreachable { .. } => 4,
            Self::WithHelp { error, .. } => error.exit_code(),
        }
    }

    /// Returns the problem, if the API refused the request.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            Self::WithHelp { error, .. } => error.problem(),
            _ => None,
        }
    }

    /// Returns the next step, if one is known.
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::WithHelp { help, .. } | Self::Credentials { help, .. } => Some(help),
            Self::Refused(problem) => Some(problem.detail.as_str()).filter(|detail| !detail.is_empty()),
            Self::ForeignAnswer(answer) => Some(answer.help()),
            Self::NoStack(_) => Some(
                "name the stack that was deployed, with --stack or PRESSO_STACK, or deploy it: make up, or make deploy",
            ),
            Self::Missing { .. } => Some("deploy the template of this version: make up, or sam deploy"),
            Self::Unreachable { .. } => {
                Some("start the emulator with make up, or check AWS_ENDPOINT_URL and the network")
            }
            _ => None,
        }
    }
}

/// Formats an error as `error: what: cause`, and a problem as `error: headline`. The next step, if
/// known, is a second line.
#[derive(Debug)]
pub struct Diagnostic<'a>(pub &'a Error);

impl fmt::Display for Diagnostic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.0.problem().map_or_else(|| causes(self.0), Problem::headline);
        write!(f, "{} {what}", "error:".if_supports_color(Stream::Stderr, |word| word.red()))?;
        self.0.help().map_or(Ok(()), |help| {
            write!(f, "\n {} {help}", "help:".if_supports_color(Stream::Stderr, |word| word.cyan()))
        })
    }
}

/// Joins the texts of an error and of its causes in one line.
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

#[cfg(test)]
mod tests {
    use super::*;
    use aws_credential_types::provider::error::CredentialsError;
    use aws_sdk_cloudformation::error::ErrorMetadata;

    fn printed(error: &Error) -> String {
        owo_colors::with_override(false, || Diagnostic(error).to_string())
    }

    #[test]
    fn a_diagnostic_shows_error_cause_and_next_step() {
        let error = Error::failed("the menu cannot be read", "no such file").with_help("name another file");
        assert_eq!(causes(&error), "the menu cannot be read: no such file");
        assert_eq!(printed(&error), "error: the menu cannot be read: no such file\n help: name another file");
        assert_eq!(error.exit_code(), 1);
    }

    #[test]
    fn an_error_that_the_credentials_caused_is_a_credentials_error() {
        let deep = || std::io::Error::other(CredentialsError::provider_error("the token has expired"));
        let expired = || ErrorMetadata::builder().code("ExpiredToken").message("expired").build();
        for error in [
            Error::unreachable("AWS", deep()),
            Error::failed("the bus cannot be read", CredentialsError::not_loaded("none")),
            Error::failed("the stack bar cannot be read", expired()),
        ] {
            let shown = printed(&error);
            assert!(matches!(error, Error::Credentials { .. }), "{error:?}");
            assert!(shown.starts_with("error: no usable AWS credentials from "), "{shown}");
            assert!(!shown.contains("does not answer") && error.help().is_some(), "{shown}");
            assert_eq!(error.exit_code(), 4);
        }
        let denied = ErrorMetadata::builder().code("AccessDenied").build();
        assert!(matches!(Error::failed("the bus cannot be read", denied), Error::Failed { .. }));
    }

    #[test]
    fn a_problem_is_printed_with_its_code_and_with_its_detail_as_the_next_step() {
        let body = r#"{"status": 409, "code": "store_closed", "title": "The shop is closed", "detail": "Come back."}"#;
        let error = Error::from(serde_json::from_str::<Problem>(body).unwrap());
        assert_eq!(printed(&error), "error: The shop is closed (409 store_closed)\n help: Come back.");
        assert_eq!(error.exit_code(), 3);
    }
}
