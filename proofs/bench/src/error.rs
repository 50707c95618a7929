//! The reasons why nothing is measured.

pub type Cause = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{what}")]
    Failed { what: String, source: Cause },
    /// A function did not do its work, so its figures would mean nothing.
    #[error("{name} {what}; the end of its log:\n{log}")]
    Incomplete { name: String, what: String, log: String },
    #[error("{0}")]
    Usage(String),
}

impl Error {
    pub fn failed(what: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self::Failed { what: what.into(), source: source.into() }
    }
}
