//! Identifiers, validated on construction. Each can be a part of a table's key, in which `#`
//! separates the parts. All but a [`UserId`] can also be used in a URL without escaping.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::counter;
use crate::credential::GuestSecret;

/// Error of a text that is not a valid identifier; its message states the rule.
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
    /// Identifier of a person: 1 to 128 printable ASCII characters without spaces or `#`. It is
    /// derived from a credential by [`UserId::of_guest`] or [`UserId::of_subject`], or at the
    /// counter from an idempotency key by [`counter::user_id`].
    UserId, "userId", 128, |c| c.is_ascii_graphic() && c != '#',
    "^[!-\"$-~]{1,128}$", "1 to 128 printable ASCII characters without spaces or #"
);

/// Maximum length of a subject, as OpenID Connect defines it.
const SUBJECT_MAX: usize = 255;

const GUEST: &str = "guest-";
const SUBJECT: &str = "sub-";

/// Number of characters of the hash in the user id of a guest.
const GUEST_CHARACTERS: usize = 26;

/// Error of a subject (`sub`) from which no user id can be derived. It is permanent: another
/// sign-in as the same user gives the same subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSubject {
    /// The subject is empty or too long.
    #[error("it must have 1 to {SUBJECT_MAX} characters")]
    Length,
    /// The subject has other characters than ASCII.
    #[error("it must consist of ASCII characters")]
    NotAscii,
    /// The subject begins with the prefix of a derived user id.
    #[error("it begins with {0}, which is reserved")]
    Reserved(&'static str),
}

impl UserId {
    /// Derives the user id of a guest: `guest-` and the first 26 characters of the SHA-256 hash of
    /// the whole secret in lower-case base32.
    pub fn of_guest(secret: &GuestSecret) -> Self {
        let hash = hash(secret.reveal());
        Self(format!("{GUEST}{}", hash.get(..GUEST_CHARACTERS).unwrap_or_default()))
    }

    /// Derives the user id of an account from its subject: the subject itself if it is a valid user
    /// id, otherwise `sub-` and the SHA-256 hash of the subject in lower-case base32, 52
    /// characters. Subjects that begin as a derived user id does are refused, so that no two
    /// identities have the same user id.
    pub fn of_subject(subject: &str) -> Result<Self, InvalidSubject> {
        if !subject.is_ascii() {
            return Err(InvalidSubject::NotAscii);
        }
        if subject.is_empty() || subject.len() > SUBJECT_MAX {
            return Err(InvalidSubject::Length);
        }
        if let Some(prefix) =
            [GUEST, counter::USER_PREFIX, SUBJECT].into_iter().find(|prefix| subject.starts_with(prefix))
        {
            return Err(InvalidSubject::Reserved(prefix));
        }
        Ok(subject.parse().unwrap_or_else(|_| Self(format!("{SUBJECT}{}", hash(subject)))))
    }
}

fn hash(text: &str) -> String {
    BASE32_NOPAD.encode(&Sha256::digest(text.as_bytes())).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_id_of_a_guest_is_a_hash_of_the_whole_secret() {
        let user_id = UserId::of_guest(&GuestSecret::new([0; 32]));
        assert_eq!(user_id.as_str(), "guest-4nqerwn5ssyjukpm5ygixctsnv");
        assert_eq!(user_id.as_str().parse(), Ok(user_id));
    }

    #[test]
    fn a_subject_of_up_to_255_ascii_characters_has_a_user_id() {
        for subject in ["anna", "auth0|a.b@c", "https://issuer/u?1", &"x".repeat(128), "Guest-1", "subject", "guest_1"]
        {
            assert_eq!(UserId::of_subject(subject).unwrap().as_str(), subject);
        }
        let encoded = "sub-zbuhucfklvxnebcdfd5gu2l2xduw3q2cshumea2k5dby436mnvsq";
        assert_eq!(UserId::of_subject("a b").unwrap().as_str(), encoded);
        for subject in ["a#b", " ", "\u{0}", "\u{7f}", "a\nb", &"x".repeat(129), &"x".repeat(255)] {
            let user_id = UserId::of_subject(subject).unwrap();
            assert!(user_id.as_str().starts_with("sub-") && user_id.as_str().len() == 56, "{subject:?}: {user_id}");
            assert_eq!(user_id.as_str().parse(), Ok(user_id));
        }
        assert_ne!(UserId::of_subject("a b"), UserId::of_subject("a  b"));
        assert_ne!(UserId::of_subject(&"x".repeat(254)), UserId::of_subject(&"x".repeat(255)));
    }

    #[test]
    fn a_subject_that_is_reserved_or_of_another_form_is_refused() {
        for (subject, error) in [
            ("", InvalidSubject::Length),
            (&*"x".repeat(256), InvalidSubject::Length),
            ("é", InvalidSubject::NotAscii),
            ("guest-4nqerwn5ssyjukpm5ygixctsnv", InvalidSubject::Reserved("guest-")),
            ("guest-", InvalidSubject::Reserved("guest-")),
            ("guest-a b", InvalidSubject::Reserved("guest-")),
            ("counter-1", InvalidSubject::Reserved("counter-")),
            ("sub-zbuhucfklvxnebcdfd5gu2l2xduw3q2cshumea2k5dby436mnvsq", InvalidSubject::Reserved("sub-")),
        ] {
            assert_eq!(UserId::of_subject(subject), Err(error), "{subject:?}");
        }
    }

    #[test]
    fn a_text_that_violates_the_rule_of_an_identifier_is_refused() {
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
