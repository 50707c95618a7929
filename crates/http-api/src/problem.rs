//! Problems: HTTP errors as defined by RFC 9457, with a stable code for programs.

use adapters::error::AdapterError;
use bootstrap::failure::error_chain;
use domain::ids::ShopId;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::echo;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $code:literal $title:literal,)*) => {
        /// Code of a problem, for programs. Codes are never renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// All codes, in the order of their HTTP status.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Spelling in the problem's member `code`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// HTTP status of problems with this code.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// Title of problems with this code.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// The body, or another part of the request, does not have the accepted shape.
    MalformedBody = 400 "malformed_body" "The body is malformed",
    /// A query parameter or a header is missing, unknown or invalid.
    InvalidParameter = 400 "invalid_parameter" "A parameter is invalid",
    /// The scanned code is wrong or has expired.
    InvalidCode = 400 "invalid_code" "The code is invalid or has expired",
    /// The bearer credential is missing, malformed, or cannot be verified.
    Unauthenticated = 401 "unauthenticated" "Sign-in required",
    /// The caller may not do this, for example because the caller lacks a group or is a display.
    Forbidden = 403 "forbidden" "Not allowed",
    /// The shop takes orders from accounts alone, and the caller is a guest.
    AccountNeeded = 403 "account_needed" "An account is needed",
    /// The order does not exist, or the caller may not see it.
    OrderNotFound = 404 "order_not_found" "There is no such order",
    /// The shop was never opened.
    ShopNotFound = 404 "shop_not_found" "There is no such shop",
    /// The menu has no drink of this name.
    DrinkNotFound = 404 "drink_not_found" "There is no such drink",
    /// No screen of the shop shows this pairing code.
    PairingNotFound = 404 "pairing_not_found" "No screen shows this pairing code",
    /// The shop has no logo.
    LogoNotFound = 404 "logo_not_found" "There is no logo",
    /// The function does not handle this route.
    RouteNotFound = 404 "route_not_found" "There is no such route",
    /// The order's status does not allow the command.
    WrongStatus = 409 "wrong_status" "The order's status does not allow this",
    /// The order will soon allow the request.
    NotReady = 409 "not_ready" "The order is not ready for this yet",
    /// The caller has no open order in the shop, so there is no message to receive.
    NoOpenOrder = 409 "no_open_order" "You have no open order here",
    /// Another barista holds the claim.
    ClaimedByAnother = 409 "claimed_by_another" "Another barista has claimed this order",
    /// A takeover names a version of the claim that has been replaced.
    ClaimChanged = 409 "claim_changed" "The claim has changed since it was read",
    /// The time in which a completed order can be called has passed.
    TooLateToCall = 409 "too_late_to_call" "The order was completed too long ago",
    /// The shop is closed.
    ShopClosed = 409 "store_closed" "The shop is closed",
    /// The shop has no capacity left.
    ShopFull = 409 "store_full" "The shop is full",
    /// The customer has as many open orders as the shop allows.
    CustomerLimit = 409 "customer_limit" "You have an open order already",
    /// The pairing code was entered before.
    PairingUsed = 409 "pairing_used" "This pairing code was entered before",
    /// The shop has as many displays as it may have.
    TooManyDisplays = 409 "too_many_displays" "The shop has too many displays",
    /// The pairing code was not entered in time.
    PairingExpired = 410 "pairing_expired" "This pairing code has expired",
    /// The settings have changed since the caller read them.
    VersionMismatch = 412 "version_mismatch" "The settings have changed since they were read",
    /// The body is larger than the route accepts.
    BodyTooLarge = 413 "body_too_large" "The body is too large",
    /// The menu does not offer the requested drink.
    InvalidDrink = 422 "invalid_drink" "The menu does not offer this",
    /// The idempotency key belongs to another request.
    IdempotencyKeyReused = 422 "idempotency_key_reused" "The key belongs to another order",
    /// The name in the edit is invalid.
    InvalidName = 422 "invalid_name" "The name is invalid",
    /// A colour in the edit is invalid.
    InvalidColour = 422 "invalid_colour" "The colour is invalid",
    /// The menu in the edit is invalid.
    InvalidMenu = 422 "invalid_menu" "The menu is invalid",
    /// A link in the edit is invalid.
    InvalidLink = 422 "invalid_link" "The link is invalid",
    /// A limit in the edit is out of range.
    InvalidLimit = 422 "invalid_limit" "The limit is out of range",
    /// The file of the logo is invalid.
    InvalidLogo = 422 "invalid_logo" "The logo is invalid",
    /// All bucket tokens of this QR code are taken.
    NoTokens = 429 "no_tokens" "All orders of this code are taken",
    /// The customer has used all attempts of this QR code.
    TooManyAttempts = 429 "too_many_attempts" "You have used this code too often",
    /// The customer has tried too many wrong codes.
    TooManyWrongCodes = 429 "too_many_wrong_codes" "You have entered too many wrong codes",
    /// The application has a fault.
    Internal = 500 "internal" "Internal error",
    /// The application cannot complete the request at present.
    Unavailable = 503 "unavailable" "Temporarily unavailable",
}

/// Problem to return to the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", .code.as_str())]
pub struct Problem {
    code: Code,
    detail: String,
    field: Option<String>,
    instance: Option<String>,
    retry_after_secs: Option<u32>,
    members: Box<Map<String, Value>>,
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
        for (name, value) in self.members.iter() {
            members.serialize_entry(name, value)?;
        }
        members.end()
    }
}

impl Problem {
    /// Creates a problem with a detail that says what is wrong or what to do.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: echo::plain(detail.into()),
            field: None,
            instance: None,
            retry_after_secs: None,
            members: Box::default(),
        }
    }

    /// Adds the name of the field or parameter at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(echo::plain(field.into()));
        self
    }

    /// Sets the extension members (RFC 9457, section 3.2) to the members of an object.
    #[must_use]
    pub fn with_members(mut self, object: &impl Serialize) -> Self {
        if let Ok(Value::Object(members)) = serde_json::to_value(object) {
            self.members = Box::new(members);
        }
        self
    }

    /// Adds the time to wait before a retry, in seconds.
    #[must_use]
    pub const fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_secs = Some(seconds);
        self
    }

    /// Adds the id of the request.
    #[must_use]
    pub fn at(mut self, request_id: &str) -> Self {
        self.instance = (!request_id.is_empty()).then(|| format!("urn:request:{request_id}"));
        self
    }

    /// Returns the code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// Returns the time to wait before a retry, in seconds.
    pub const fn retry_after_secs(&self) -> Option<u32> {
        self.retry_after_secs
    }

    /// Creates a problem for a request about a shop that was never opened.
    pub fn never_opened(shop_id: &ShopId) -> Self {
        let detail = format!("the shop {shop_id} was never opened; a barista opens it with PUT /store?state=open");
        Self::new(Code::ShopNotFound, detail)
    }

    /// Creates a problem for a fault of the application. Logs `error`; the caller does not see it.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = error_chain(error), "internal error");
        Self::new(Code::Internal, "the request failed because of a fault in the application; its log has the cause")
    }
}

impl From<AdapterError> for Problem {
    fn from(error: AdapterError) -> Self {
        match error {
            AdapterError::Unreadable { .. } | AdapterError::NotSerialised { .. } => Self::internal(&error),
            AdapterError::Contended { .. }
            | AdapterError::Throttled { .. }
            | AdapterError::Failed { .. }
            | AdapterError::NotPublished { .. } => {
                tracing::error!(error = error_chain(&error), "unavailable");
                Self::new(
                    Code::Unavailable,
                    "a service that the coffee bar needs did not complete the request; send it again",
                )
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
                "title": "The menu does not offer this",
                "status": 422,
                "code": "invalid_drink",
                "detail": "Tea is not on the menu",
                "field": "drink",
                "instance": "urn:request:abc",
            })
        );
    }

    #[test]
    fn a_problem_has_the_members_of_its_extension() {
        let problem = Problem::new(Code::ClaimedByAnother, "bea").with_members(&serde_json::json!({"claimVersion": 2}));
        let written = serde_json::to_value(problem).unwrap();
        assert_eq!((&written["code"], &written["claimVersion"]), (&"claimed_by_another".into(), &2.into()));
    }

    #[test]
    fn all_codes_are_spelled_differently() {
        let mut spelled: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        spelled.sort_unstable();
        spelled.dedup();
        assert_eq!(spelled.len(), Code::ALL.len());
    }

    #[test]
    fn a_problem_does_not_show_the_operation_of_an_adapter_error() {
        let error = AdapterError::Contended { operation: "UpdateItem secret-table" };
        let text = serde_json::to_string(&Problem::from(error)).unwrap();
        assert!(!text.contains("secret-table"), "{text}");
    }
}
