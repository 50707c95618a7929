//! What can go wrong behind the traits.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A boxed cause.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a table, the bus or the workflow did not answer.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// A write lost against concurrent writers of the same items and changed nothing. Retry it.
    #[error("{operation} lost against concurrent writers; retry it")]
    Contended {
        /// AWS operation and item, such as `UpdateItem order`.
        operation: &'static str,
    },
    /// The service refused the call for its rate; nothing changed. Retry it later.
    #[error("{operation} was throttled; retry it later")]
    Throttled {
        /// AWS operation and item, such as `PutEvents`.
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
    /// Whether the call changed nothing and another attempt may succeed.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Contended { .. } | Self::Throttled { .. })
    }

    pub(crate) fn failed(operation: &'static str, source: impl Into<Cause>) -> Self {
        Self::Failed { operation, source: source.into() }
    }

    pub(crate) fn unreadable(what: &'static str, source: impl Into<Cause>) -> Self {
        Self::Unreadable { what, source: source.into() }
    }

    /// Classifies a failed SDK call: lost against other writers, throttled, or failed.
    pub(crate) fn from_sdk<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match error.code() {
            Some("TransactionConflictException" | "TransactionInProgressException") => Self::Contended { operation },
            Some("ThrottlingException" | "ProvisionedThroughputExceededException" | "RequestLimitExceeded") => {
                Self::Throttled { operation }
            }
            _ => Self::failed(operation, error),
        }
    }
}
