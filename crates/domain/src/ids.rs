//! Identifiers, validated on construction: a value can be used as a key, a log field or a part of a
//! URL without escaping.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Error of a text that is not a valid identifier; states the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be {rule}")]
pub struct InvalidId {
    name: &'static str,
    rule: &'static str,
}

macro_rules! identifier {
    ($(#[$doc:meta])* $type:ident, $name:literal, $max:literal, $allowed:expr, $pattern:literal, $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// Returns the identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                let allowed: fn(char) -> bool = $allowed;
                if text.is_empty() || text.len() > $max || !text.chars().all(allowed) {
                    return Err(InvalidId { name: $name, rule: $rule });
                }
                Ok(Self(text))
            }
        }

        impl FromStr for $type {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$type> for String {
            fn from(id: $type) -> Self {
                id.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

identifier!(
    /// Identifier of a shop, `eventId` on the wire: 1 to 40 letters, digits, hyphens or
    /// underscores.
    ShopId, "eventId", 40, |c| c.is_ascii_alphanumeric() || c == '-' || c == '_',
    "^[A-Za-z0-9_-]{1,40}$", "1 to 40 letters, digits, hyphens or underscores"
);
identifier!(
    /// Identifier of an order: 1 to 64 letters, digits, hyphens or underscores.
    OrderId, "orderId", 64, |c| c.is_ascii_alphanumeric() || c == '-' || c == '_',
    "^[A-Za-z0-9_-]{1,64}$", "1 to 64 letters, digits, hyphens or underscores"
);
identifier!(
    /// Identifier of a display: 1 to 40 letters, digits, hyphens or underscores.
    DisplayId, "displayId", 40, |c| c.is_ascii_alphanumeric() || c == '-' || c == '_',
    "^[A-Za-z0-9_-]{1,40}$", "1 to 40 letters, digits, hyphens or underscores"
);
identifier!(
    /// Identifier of a person: the `sub` of the bearer token, 1 to 128 printable ASCII characters
    /// without spaces or `#`.
    UserId, "userId", 128, |c| c.is_ascii_graphic() && c != '#',
    "^[!-\"$-~]{1,128}$", "1 to 128 printable ASCII characters without spaces or #"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_that_could_not_be_a_key_is_refused() {
        for text in ["", "a b", "a#b", "a/b", "é", &"x".repeat(41)] {
            assert!(ShopId::from_str(text).is_err(), "{text:?} passed");
        }
        assert!(UserId::from_str("auth0|a.b@c").is_ok());
        assert!(UserId::from_str("a#b").is_err());
        assert!(serde_json::from_str::<OrderId>("\"a b\"").is_err());
    }

    #[test]
    fn the_error_states_the_rule() {
        let error = ShopId::from_str("a b").unwrap_err();
        assert_eq!(error.to_string(), "eventId must be 1 to 40 letters, digits, hyphens or underscores");
    }
}
