//! Credentials that are random secrets: a guest's, which the phone makes, and a display's.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// Number of random bytes in a secret.
pub const SECRET_BYTES: usize = 32;

/// Error of a text that is not a secret of a guest or a display; its message states the form. It
/// does not quote the text, which may be a secret with a typing error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {name} secret is {prefix} and 43 base64url characters, the canonical form of 32 random bytes")]
pub struct InvalidSecret {
    name: &'static str,
    prefix: &'static str,
}

macro_rules! secret {
    ($(#[$doc:meta])* $type:ident, $name:literal, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $type(String);

        impl $type {
            /// Text before the random part.
            pub const PREFIX: &'static str = $prefix;

            /// Creates a secret from random bytes.
            pub fn new(bytes: [u8; SECRET_BYTES]) -> Self {
                Self(format!("{}{}", Self::PREFIX, BASE64URL_NOPAD.encode(&bytes)))
            }

            /// Returns the secret itself, for the header `Authorization: Bearer …`.
            pub fn reveal(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = InvalidSecret;

            /// Accepts one spelling of each secret: otherwise one secret would have several hashes.
            fn from_str(text: &str) -> Result<Self, InvalidSecret> {
                let random = text.strip_prefix(Self::PREFIX).map(|rest| BASE64URL_NOPAD.decode(rest.as_bytes()));
                match random {
                    Some(Ok(bytes)) if bytes.len() == SECRET_BYTES => Ok(Self(text.to_owned())),
                    _ => Err(InvalidSecret { name: $name, prefix: $prefix }),
                }
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($type), "(…)"))
            }
        }
    };
}

secret!(
    /// Secret of a customer without an account: `guest_` and 43 base64url characters. `Debug` does
    /// not show it.
    GuestSecret, "guest", "guest_"
);
secret!(
    /// Secret of a display: `display_` and 43 base64url characters. `Debug` does not show it.
    DisplaySecret, "display", "display_"
);

impl DisplaySecret {
    /// Returns the SHA-256 hash of the whole text, `display_` included, in lower-case hexadecimal:
    /// 64 characters.
    pub fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.0.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_its_prefix_and_32_bytes_in_canonical_base64url() {
        let secret = format!("guest_{}", "A".repeat(43));
        assert_eq!(GuestSecret::new([0; 32]).reveal(), secret);
        assert_eq!(secret.parse::<GuestSecret>().unwrap().reveal(), secret);
        assert!(format!("guest_{}-_8", "A".repeat(40)).parse::<GuestSecret>().is_ok());
        for wrong in [
            String::new(),
            "guest_".into(),
            "A".repeat(43),
            format!("Guest_{}", "A".repeat(43)),
            format!("guest-{}", "A".repeat(43)),
            format!("display_{}", "A".repeat(43)),
            format!("guest_{}", "A".repeat(42)),
            format!("guest_{}", "A".repeat(44)),
            format!("guest_{}=", "A".repeat(43)),
            format!("guest_{}", "A".repeat(42) + "+"),
            format!("guest_{}", "A".repeat(42) + "é"),
            format!("guest_ {}", "A".repeat(43)),
            format!("guest_{}\n", "A".repeat(43)),
            // The last character has two bits that encode nothing; both must be zero.
            format!("guest_{}B", "A".repeat(42)),
            format!("guest_{}9", "A".repeat(42)),
        ] {
            assert!(wrong.parse::<GuestSecret>().is_err(), "{wrong:?} passed");
        }
    }

    #[test]
    fn a_secret_is_neither_in_debug_output_nor_in_an_error() {
        let secret = DisplaySecret::new([7; 32]);
        assert_eq!(format!("{secret:?}"), "DisplaySecret(…)");
        let error = format!("{}x", secret.reveal()).parse::<DisplaySecret>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&secret.reveal()[8..]), "{error:?}");
    }

    #[test]
    fn the_hash_of_a_display_secret_covers_its_whole_text() {
        let hash = DisplaySecret::new([0; 32]).hash();
        assert_eq!(hash, "20e70110c9c4cc305481356b579c4824db7de56f4bde2a294ab9a049aaf4de73");
    }
}
