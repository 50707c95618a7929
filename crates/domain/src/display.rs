//! Displays: screens that read the QR code and the board of one shop, each with a secret.
//!
//! A screen gets its secret from an admin, or pairs: it shows a pairing code, and its secret
//! becomes valid when an admin enters the code. Tables hold only the hash of a secret.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::DisplayId;
use crate::text::{InvalidText, Name};
use crate::timestamp::Timestamp;

/// Time for which a pairing code can be entered.
pub const PAIRING_LASTS: Duration = Duration::from_mins(5);

/// Time for which a display may read its shop.
pub const DISPLAY_LASTS: Duration = Duration::from_hours(30 * 24);

/// Maximum number of displays of a shop that have not expired.
pub const MAX_DISPLAYS: usize = 100;

const PAIRING_CODE_CHARS: usize = 6;

/// Error of a text that is not a pairing code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pairing code has 6 letters and digits, without I, L, O and U")]
pub struct InvalidPairingCode;

/// Code that a screen shows until an admin enters it: 6 characters of Crockford's base32, which has
/// no I, L, O and U.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PairingCode(String);

impl PairingCode {
    /// Creates a code from random bytes, of which it uses 30 bits.
    pub fn new(bytes: [u8; 4]) -> Self {
        // The alphabet of RFC 4648 has no 0, 1, 8 and 9. They replace the four letters that a
        // pairing code must not have.
        let readable = |letter| match letter {
            'I' => '1',
            'L' => '8',
            'O' => '0',
            'U' => '9',
            other => other,
        };
        Self(BASE32_NOPAD.encode(&bytes).chars().take(PAIRING_CODE_CHARS).map(readable).collect())
    }

    /// Returns the code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PairingCode {
    type Err = InvalidPairingCode;

    /// Accepts lower case, spaces and hyphens, and reads the letters O, I and L as 0, 1 and 1.
    fn from_str(text: &str) -> Result<Self, InvalidPairingCode> {
        let read = text.chars().filter(|letter| !matches!(letter, ' ' | '-')).map(|letter| match letter {
            'o' | 'O' => '0',
            'i' | 'I' | 'l' | 'L' => '1',
            other => other.to_ascii_uppercase(),
        });
        // A text with one character more than a code is too long: the rest need not be copied.
        let code: String = read.take(PAIRING_CODE_CHARS + 1).collect();
        let known = |letter: char| letter.is_ascii_digit() || (letter.is_ascii_uppercase() && letter != 'U');
        if code.len() == PAIRING_CODE_CHARS && code.chars().all(known) {
            Ok(Self(code))
        } else {
            Err(InvalidPairingCode)
        }
    }
}

/// Screen that waits for an admin to enter its pairing code. Until then its secret grants nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pairing {
    /// Code that the screen shows.
    pub pairing_code: PairingCode,
    /// Id of the display that the screen becomes.
    pub display_id: DisplayId,
    /// Hash of the secret that the screen keeps.
    pub secret_hash: String,
    /// End of the code's validity.
    pub expires_at: Timestamp,
    /// Time at which an admin entered the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Timestamp>,
}

/// Reason why a pairing code activates no display.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotActivated {
    /// No screen of the shop shows this code.
    #[error("no screen of this shop shows this pairing code; read it from the screen again")]
    Unknown,
    /// The code was entered before.
    #[error(
        "this pairing code was entered before; GET /displays lists its display, and a screen that was revoked has a new code after it is reloaded"
    )]
    Used,
    /// Nobody entered the code in time.
    #[error("this pairing code has expired; reload the screen and enter its new code")]
    Expired,
}

impl Pairing {
    /// Returns the display that an admin activates at `now` by entering the code.
    pub fn activate(&self, name: DisplayName, now: Timestamp) -> Result<Display, NotActivated> {
        if self.activated_at.is_some() {
            return Err(NotActivated::Used);
        }
        if now >= self.expires_at {
            return Err(NotActivated::Expired);
        }
        Ok(Display::new(self.display_id.clone(), name, now))
    }
}

/// Name of a display, for admins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DisplayName(Name);

impl DisplayName {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Default for DisplayName {
    fn default() -> Self {
        Self(Name::cleaned("Display"))
    }
}

impl FromStr for DisplayName {
    type Err = InvalidText;

    fn from_str(name: &str) -> Result<Self, InvalidText> {
        name.parse().map(Self)
    }
}

/// Body of a request for a display. A request with a pairing code activates the screen that shows
/// the code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DisplayRequest {
    /// Pairing code as the admin typed it.
    #[serde(default, deserialize_with = "given")]
    pub pairing_code: Option<String>,
    /// Name for admins.
    #[serde(default, deserialize_with = "given")]
    pub name: Option<DisplayName>,
}

/// Reads a field that may be absent but not `null`. Otherwise a client that sends `null` in place
/// of its pairing code would create another display.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

/// State of a display. A revoked one is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DisplayState {
    /// The display may read its shop.
    Active,
    /// Its time is over: pair it again.
    Expired,
}

/// Display that an admin created or activated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Display {
    /// Id of the display.
    pub display_id: DisplayId,
    /// Name for admins.
    pub name: DisplayName,
    /// Time at which an admin created or activated it.
    pub created_at: Timestamp,
    /// End of the secret's validity.
    pub expires_at: Timestamp,
}

impl Display {
    /// Creates a display that is valid from `now` on for [`DISPLAY_LASTS`].
    pub fn new(display_id: DisplayId, name: DisplayName, now: Timestamp) -> Self {
        Self { display_id, name, created_at: now, expires_at: now.plus(DISPLAY_LASTS) }
    }

    /// Returns the state at `now`.
    pub fn state(&self, now: Timestamp) -> DisplayState {
        if now < self.expires_at { DisplayState::Active } else { DisplayState::Expired }
    }
}

/// Display as the API presents it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedDisplay {
    /// The display itself.
    #[serde(flatten)]
    pub display: Display,
    /// State at the time of the answer.
    pub state: DisplayState,
}

/// Answer of `GET /displays`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisplayList {
    /// Displays of the shop, in the order of their creation.
    pub displays: Vec<ListedDisplay>,
}

/// Answer to a request that created a secret. No other answer contains the secret, and `Debug` does
/// not show it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewDisplay {
    /// Id of the display.
    pub display_id: DisplayId,
    /// Text of the secret.
    pub secret: String,
    /// Code that the screen shows, if it is to be paired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairing_code: Option<PairingCode>,
    /// End of the validity of the secret or, if the screen is to be paired, of the pairing code.
    pub expires_at: Timestamp,
}

impl fmt::Debug for NewDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewDisplay({})", self.display_id)
    }
}

/// Creates the id of a display from random bytes. `None` does not occur, because base32 is a valid
/// id.
pub fn display_id(bytes: [u8; 10]) -> Option<DisplayId> {
    BASE32_NOPAD.encode(&bytes).to_ascii_lowercase().try_into().ok()
}

#[cfg(test)]
#[path = "display_tests.rs"]
mod tests;
