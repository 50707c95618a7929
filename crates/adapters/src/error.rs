//! What can go wrong behind the traits.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A boxed cause.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a table, the bus or the workflow did not answer.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// Others kept writing the same items; nothing was changed. Try again.
    #[error("{operation} met too many writers at once")]
    Contended {
        /// The call.
        operation: &'static str,
    },
    /// The call failed; whether it took effect is not known.
    #[error("{operation} failed")]
    Failed {
        /// The call.
        operation: &'static str,
        /// Why.
        source: Cause,
    },
    /// Some events were not taken.
    #[error("{failed} of {total} events were not taken: {code}")]
    NotPublished {
        /// How many.
        failed: usize,
        /// Of how many.
        total: usize,
        /// The first one's error code.
        code: String,
    },
    /// An item does not have the shape that this program writes.
    #[error("{what} cannot be read")]
    Unreadable {
        /// Which item.
        what: &'static str,
        /// Why.
        source: Cause,
    },
}

impl AdapterError {
    pub(crate) fn failed(operation: &'static str, source: impl Into<Cause>) -> Self {
        Self::Failed { operation, source: source.into() }
    }

    pub(crate) fn unreadable(what: &'static str, source: impl Into<Cause>) -> Self {
        Self::Unreadable { what, source: source.into() }
    }

    /// A failed SDK call, told apart from one that lost against other writers.
    pub(crate) fn from_sdk<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match error.code() {
            Some(
                "TransactionConflictException"
                | "TransactionInProgressException"
                | "ThrottlingException"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded",
            ) => Self::Contended { operation },
            _ => Self::failed(operation, error),
        }
    }
}
