//! Errors of the adapters.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Cause of an error, boxed.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Error of a call to AWS, or of the conversion of its data.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// Other writers changed the same items at that moment, so the write changed nothing. Retry it.
    #[error("{operation} lost against concurrent writers; retry it")]
    Contended {
        /// AWS operation and item, such as `UpdateItem order`.
        operation: &'static str,
    },
    /// The service refused the call because of the rate of calls; nothing changed. Retry it later.
    #[error("{operation} was throttled; retry it later")]
    Throttled {
        /// AWS operation, such as `PutEvents`.
        operation: &'static str,
    },
    /// The operation failed. If it was a call to AWS, it may have taken effect.
    #[error("{operation} failed")]
    Failed {
        /// AWS operation and item, such as `UpdateItem order`, or another operation.
        operation: &'static str,
        /// Error of the SDK or of the other operation.
        source: Cause,
    },
    /// The bus did not accept some events, after all retries.
    #[error("{failed} of {total} events were not accepted by the bus: {code}")]
    NotPublished {
        /// Number of events that were not accepted.
        failed: usize,
        /// Number of events to publish.
        total: usize,
        /// Error code of the first event that failed in the last attempt.
        code: String,
    },
    /// An item or an answer of AWS does not have the expected shape.
    #[error("{what} cannot be read")]
    Unreadable {
        /// Name of the item or the answer, such as `the order`.
        what: &'static str,
        /// Error of the parser, or a description of the defect.
        source: Cause,
    },
    /// A value cannot be serialised as an item or an event.
    #[error("{what} cannot be serialised")]
    NotSerialised {
        /// Name of the value, such as `the order`.
        what: &'static str,
        /// Error of the serialiser.
        source: Cause,
    },
}

impl AdapterError {
    /// Returns true if the call changed nothing and a retry may succeed.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Contended { .. } | Self::Throttled { .. })
    }

    pub(crate) fn failed(operation: &'static str, source: impl Into<Cause>) -> Self {
        Self::Failed { operation, source: source.into() }
    }

    pub(crate) fn unreadable(what: &'static str, source: impl Into<Cause>) -> Self {
        Self::Unreadable { what, source: source.into() }
    }

    pub(crate) fn not_serialised(what: &'static str, source: impl Into<Cause>) -> Self {
        Self::NotSerialised { what, source: source.into() }
    }

    /// Classifies a failed SDK call as contended, throttled or failed.
    pub(crate) fn from_sdk<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match error.code() {
            Some("TransactionConflictException" | "TransactionInProgressException") => Self::Contended { operation },
            Some(
                "LimitExceededException"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded"
                | "ThrottlingException",
            ) => Self::Throttled { operation },
            _ => Self::failed(operation, error),
        }
    }
}
