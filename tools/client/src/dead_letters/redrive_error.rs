//! Errors of a redrive: the reasons why it leaves a message in its queue.

use aws_sdk_sfn::error::{ProvideErrorMetadata, SdkError};

use crate::error::Cause;

/// Failed redelivery. Each text ends with the next step, except that of [`Self::FailedAgain`].
#[derive(Debug, thiserror::Error)]
pub(super) enum RedriveError {
    #[error("{0} is not in this stack and received nothing: deliver the message yourself, or delete it")]
    NotInStack(String),
    #[error("the message has no known sender: inspect it with presso dead-letters --json")]
    UnknownSender,
    #[error("the event has no id, after which the execution is named: publish the event again")]
    NoEventId,
    #[error("the rule changes the event before delivery: deliver the changed event yourself, or delete the message")]
    TransformedInput,
    #[error("{name} failed again: {error}")]
    FailedAgain { name: String, error: String },
    #[error(
        "{failed} of {total} changes of {shops} were rejected again: edit the settings there again to publish \
         them, then delete the message (presso dead-letters --message-id ID --delete)"
    )]
    RejectedAgain { failed: usize, total: usize, shops: String },
    #[error(
        "the stream keeps records for 24 hours and has deleted these: edit the settings again to publish them, \
         then delete the message (presso dead-letters --message-id ID --delete)"
    )]
    RecordsExpired,
    #[error("the call failed; run the command again")]
    Call(#[source] Cause),
}

impl RedriveError {
    pub(super) fn call(source: impl Into<Cause>) -> Self {
        Self::Call(source.into())
    }

    /// Converts the error of a call to a stream. Some errors mean that the records have expired.
    pub(super) fn stream<E, R>(error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        match error.code() {
            Some("TrimmedDataAccessException" | "ResourceNotFoundException" | "ExpiredIteratorException") => {
                Self::RecordsExpired
            }
            _ => Self::call(error),
        }
    }
}
