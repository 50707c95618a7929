//! What keeps the bench from measuring.

/// A boxed cause.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something outside did not do what it should.
    #[error("{what}")]
    Failed {
        /// What did not work.
        what: String,
        /// Why.
        source: Cause,
    },
    /// A function did not do its work: what it was measured at would mean nothing.
    #[error("{name} {what}; the end of its log:\n{log}")]
    NotDone {
        /// The function.
        name: String,
        /// What it did.
        what: String,
        /// What it logged.
        log: String,
    },
    /// Wrong usage.
    #[error("{0}")]
    Usage(String),
}

impl Error {
    /// Something did not work.
    pub fn failed(what: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self::Failed { what: what.into(), source: source.into() }
    }
}
