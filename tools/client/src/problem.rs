//! An error answer of the API, as RFC 9457 defines it.

use std::time::Duration;

use domain::timestamp::Timestamp;
use serde::Deserialize;

/// A problem body and its `Retry-After` header.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, thiserror::Error)]
#[error("{}: {detail}", self.headline())]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The stable code, for programs.
    pub code: String,
    /// The error, for people.
    pub title: String,
    /// Details and the next step, for people.
    #[serde(default)]
    pub detail: String,
    /// The invalid field of the request.
    #[serde(default)]
    pub field: Option<String>,
    /// The barista who holds the claim, with `claimed_by_another` and `claim_changed`.
    #[serde(default)]
    pub barista_user_id: Option<String>,
    /// The time at which that barista claimed the order.
    #[serde(default)]
    pub claimed_at: Option<Timestamp>,
    /// The version of the claim, with the same codes.
    #[serde(default)]
    pub claim_version: Option<u64>,
    /// The time after which to send the request again.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl Problem {
    /// Title, status and code.
    pub fn headline(&self) -> String {
        format!("{} ({} {})", self.title, self.status, self.code)
    }
}
