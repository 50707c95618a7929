//! Problems, which are the error answers of the API (RFC 9457), and foreign answers.

use std::time::Duration;

use domain::timestamp::Timestamp;
use serde::Deserialize;

/// Problem body and its `Retry-After` header.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, thiserror::Error)]
#[error("{}: {detail}", self.headline())]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Stable code, for programs.
    pub code: String,
    /// Name of the error, for people.
    pub title: String,
    /// Details and the next step, for people.
    #[serde(default)]
    pub detail: String,
    /// Invalid field of the request.
    #[serde(default)]
    pub field: Option<String>,
    /// Barista who holds the claim, if any. Set with `claimed_by_another` and `claim_changed` only.
    #[serde(default)]
    pub barista_user_id: Option<String>,
    /// Time at which that barista claimed the order.
    #[serde(default)]
    pub claimed_at: Option<Timestamp>,
    /// Version of the claim. Set with `claimed_by_another` and `claim_changed` only.
    #[serde(default)]
    pub claim_version: Option<u64>,
    /// Pause before the request is sent again, from the header `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl Problem {
    /// Returns title, status and code in one line.
    pub fn headline(&self) -> String {
        format!("{} ({} {})", self.title, self.status, self.code)
    }
}

/// Answer that is not the API's, for example of a proxy, a sign-in page or API Gateway itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url} answered {status} ({content_type}), which is no answer of the bar: {first_line}")]
pub struct ForeignAnswer {
    /// Address of the request, without its query.
    pub url: String,
    /// HTTP status.
    pub status: u16,
    /// Header `Content-Type`.
    pub content_type: String,
    /// First line of the body that is not blank, shortened.
    pub first_line: String,
    /// True if the answer has a header of API Gateway.
    pub is_gateways: bool,
}

impl ForeignAnswer {
    const LINE: usize = 160;

    /// Returns the first line of `body` that is not blank, shortened and without control
    /// characters; "an empty body" if all lines are blank.
    pub(crate) fn first_line(body: &str) -> String {
        let Some(line) = body.lines().map(str::trim).find(|line| !line.is_empty()) else {
            return "an empty body".to_owned();
        };
        let printable: String = line.chars().filter(|character| !character.is_control()).collect();
        match printable.char_indices().nth(Self::LINE) {
            Some((end, _)) => format!("{}…", printable.get(..end).unwrap_or_default()),
            None => printable,
        }
    }

    /// Returns the next step.
    pub fn help(&self) -> &'static str {
        if self.is_gateways {
            return "check the address in --api-url or API_URL: API Gateway has no such API, stage or route; the \
                    stack's output ApiUrl has the right one";
        }
        match self.status {
            300..=399 => "check the address in --api-url or API_URL: it leads elsewhere, perhaps to a sign-in page",
            407 => "sign in to the proxy, or exclude this address from it with NO_PROXY",
            _ => {
                "check the address in --api-url or API_URL, and whether a proxy, a firewall or a sign-in page of the \
                 network answers instead of the bar"
            }
        }
    }
}
