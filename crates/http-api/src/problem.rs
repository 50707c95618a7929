//! Problems: what went wrong, as RFC 9457 says it, with a code that programs can rely on.

use adapters::error::AdapterError;
use bootstrap::failure::error_chain;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $code:literal $title:literal,)*) => {
        /// What went wrong, for programs. Codes are never renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as the problem's `code` spells it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The problem's title: the same for each of its occurrences.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// The body is not the JSON that the route takes.
    MalformedBody = 400 "malformed_body" "The body cannot be read",
    /// A query or path parameter is missing, unknown or out of range.
    InvalidParameter = 400 "invalid_parameter" "A parameter is not valid",
    /// The code of the QR code is wrong or no longer good.
    InvalidCode = 400 "invalid_code" "The code is not valid",
    /// No token, or none that can be trusted.
    Unauthenticated = 401 "unauthenticated" "Sign in first",
    /// Signed in, but not in a group that may do this.
    Forbidden = 403 "forbidden" "Not allowed",
    /// No such order for this caller.
    OrderNotFound = 404 "order_not_found" "There is no such order",
    /// The shop was never opened.
    ShopNotFound = 404 "shop_not_found" "There is no such shop",
    /// No such route.
    RouteNotFound = 404 "route_not_found" "There is no such route",
    /// The order's status does not allow it.
    WrongStatus = 409 "wrong_status" "The order's status does not allow this",
    /// The order is about to be ready for it.
    NotReady = 409 "not_ready" "The order is not ready for this yet",
    /// Another barista holds the order.
    ClaimedByAnother = 409 "claimed_by_another" "Another barista makes this order",
    /// The shop is closed.
    ShopClosed = 409 "store_closed" "The shop is closed",
    /// The shop has no place for another order.
    ShopFull = 409 "store_full" "The shop is full",
    /// The settings have changed since they were read.
    VersionMismatch = 412 "version_mismatch" "The settings have changed since",
    /// The body is larger than the route takes.
    BodyTooLarge = 413 "body_too_large" "The body is too large",
    /// The menu does not have this.
    InvalidDrink = 422 "invalid_drink" "The menu does not have this",
    /// Nobody could be served from this menu.
    InvalidMenu = 422 "invalid_menu" "The menu cannot be served from",
    /// A limit out of its range.
    InvalidLimit = 422 "invalid_limit" "The limit is out of range",
    /// Every order of this QR code is taken.
    NoTokens = 429 "no_tokens" "This code has no orders left",
    /// A fault of the application.
    Internal = 500 "internal" "Something went wrong here",
    /// Something that the application needs does not answer.
    Unavailable = 503 "unavailable" "Try again in a moment",
}

/// A problem, as the caller sees it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", .code.as_str())]
pub struct Problem {
    code: Code,
    detail: String,
    field: Option<String>,
    instance: Option<String>,
    retry_after_secs: Option<u32>,
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("type", "about:blank")?;
        members.serialize_entry("title", self.code.title())?;
        members.serialize_entry("status", &self.code.status())?;
        members.serialize_entry("code", self.code.as_str())?;
        members.serialize_entry("detail", &self.detail)?;
        if let Some(field) = &self.field {
            members.serialize_entry("field", field)?;
        }
        if let Some(instance) = &self.instance {
            members.serialize_entry("instance", instance)?;
        }
        members.end()
    }
}

impl Problem {
    /// A problem with a detail that tells a person what to do next.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), field: None, instance: None, retry_after_secs: None }
    }

    /// Names the field at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub const fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_secs = Some(seconds);
        self
    }

    /// Names the request that it happened to.
    #[must_use]
    pub fn at(mut self, request_id: &str) -> Self {
        self.instance = (!request_id.is_empty()).then(|| format!("urn:request:{request_id}"));
        self
    }

    /// Its code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// Seconds after which to try again.
    pub const fn retry_after_secs(&self) -> Option<u32> {
        self.retry_after_secs
    }

    /// A fault of the application: `error` goes to the log, not to the caller.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = error_chain(error), "internal error");
        Self::new(Code::Internal, "the request failed for a reason that is ours, not yours; it is in the log")
    }
}

impl From<AdapterError> for Problem {
    fn from(error: AdapterError) -> Self {
        match error {
            AdapterError::Unreadable { .. } => Self::internal(&error),
            AdapterError::Contended { .. }
            | AdapterError::Throttled { .. }
            | AdapterError::Failed { .. }
            | AdapterError::NotPublished { .. } => {
                tracing::error!(error = error_chain(&error), "unavailable");
                Self::new(Code::Unavailable, "a part of the coffee bar does not answer; send the same request again")
                    .with_retry_after(1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_written_as_rfc_9457_says() {
        let problem = Problem::new(Code::InvalidDrink, "Tea is not on the menu").with_field("drink").at("abc");
        assert_eq!(
            serde_json::to_value(problem).unwrap(),
            serde_json::json!({
                "type": "about:blank",
                "title": "The menu does not have this",
                "status": 422,
                "code": "invalid_drink",
                "detail": "Tea is not on the menu",
                "field": "drink",
                "instance": "urn:request:abc",
            })
        );
    }

    #[test]
    fn no_two_codes_are_spelled_alike() {
        let mut spelled: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        spelled.sort_unstable();
        spelled.dedup();
        assert_eq!(spelled.len(), Code::ALL.len());
    }

    #[test]
    fn what_the_tables_say_stays_in_the_log() {
        let error = AdapterError::Contended { operation: "UpdateItem secret-table" };
        let text = serde_json::to_string(&Problem::from(error)).unwrap();
        assert!(!text.contains("secret-table"), "{text}");
    }
}
