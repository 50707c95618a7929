//! Rotating QR code: a keyed hash of shop and window. The request that shows a code and the scan
//! each derive it, without a shared write.

use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ids::{OrderId, ShopId, UserId};
use crate::timestamp::Timestamp;

/// Length of a window: the time for which a display shows one code.
pub const WINDOW: Duration = Duration::from_mins(5);

/// A code stays valid this long after its window, because a phone may scan it just before the
/// display changes.
pub const GRACE: Duration = Duration::from_secs(15);

/// A code is valid this long before its window, because the clock by which a display shows it may
/// be ahead of the clock that checks it.
pub const LEAD: Duration = Duration::from_secs(5);

const CODE_BYTES: usize = 10;
const ORDER_ID_BYTES: usize = 16;
const SHORT_CODE_CHARS: usize = 6;

/// Secret key of a shop, 32 bytes. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct QrKey([u8; 32]);

/// Error of a key that does not have 32 bytes; holds the length found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a QR key has 32 bytes, not {0}")]
pub struct InvalidKey(usize);

impl QrKey {
    /// Creates a key from 32 random bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn mac(&self, parts: &[&str]) -> Hmac<Sha256> {
        // HMAC pads a shorter key with zeros up to its block size. Padding here makes the
        // constructor infallible.
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        for (to, from) in block.iter_mut().zip(self.0) {
            *to = from;
        }
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block);
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

impl TryFrom<&[u8]> for QrKey {
    type Error = InvalidKey;

    fn try_from(bytes: &[u8]) -> Result<Self, InvalidKey> {
        bytes.try_into().map(Self).map_err(|_| InvalidKey(bytes.len()))
    }
}

impl std::fmt::Debug for QrKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("QrKey(…)")
    }
}

/// Window of five minutes, aligned to the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window(i64);

impl Window {
    /// Returns the window that contains `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(now.as_millis().div_euclid(window_millis()))
    }

    /// Number of windows since the epoch: the sort key of the bucket.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// Start of the window.
    pub fn starts_at(self) -> Timestamp {
        Timestamp::from_millis(self.0.saturating_mul(window_millis()))
    }

    /// End of the window: the start of the next one.
    pub fn ends_at(self) -> Timestamp {
        self.starts_at().plus(WINDOW)
    }

    const fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    const fn after(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

fn window_millis() -> i64 {
    i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX)
}

/// Returns the code that a shop shows in `window`: 16 base32 characters.
pub fn code(key: &QrKey, shop_id: &ShopId, window: Window) -> String {
    let mac = key.mac(&["code", shop_id.as_str(), &window.number().to_string()]).finalize().into_bytes();
    BASE32_NOPAD.encode(mac.get(..CODE_BYTES).unwrap_or_default())
}

/// Returns the short code of `window`, for people who type it: 6 base32 characters. Its hash has
/// another label than that of the code, so that the short code discloses nothing of the code.
pub fn short_code(key: &QrKey, shop_id: &ShopId, window: Window) -> String {
    let mac = key.mac(&["short", shop_id.as_str(), &window.number().to_string()]).finalize().into_bytes();
    BASE32_NOPAD.encode(mac.get(..CODE_BYTES).unwrap_or_default()).chars().take(SHORT_CODE_CHARS).collect()
}

/// Returns true if `code` has the length of a short code, which can be guessed.
pub fn is_short(code: &str) -> bool {
    code.len() == SHORT_CODE_CHARS
}

/// Returns the window of `code`, long or short, if it is valid at `now`: the current window, the
/// previous one within [`GRACE`] of its end, or the next one within [`LEAD`] of its start.
pub fn redeem(key: &QrKey, shop_id: &ShopId, code: &str, now: Timestamp) -> Option<Window> {
    let current = Window::at(now);
    let in_grace = now.since(current.starts_at()) < GRACE;
    let in_lead = current.ends_at().since(now) <= LEAD;
    let valid = [Some(current), in_grace.then(|| current.before()), in_lead.then(|| current.after())];
    let mut valid = valid.into_iter().flatten();
    if is_short(code) {
        let typed = code.to_ascii_uppercase();
        return valid.find(|window| is_same(&typed, &short_code(key, shop_id, *window)));
    }
    let bytes = BASE32_NOPAD.decode(code.as_bytes()).ok().filter(|bytes| bytes.len() == CODE_BYTES)?;
    valid.find(|window| {
        let mac = key.mac(&["code", shop_id.as_str(), &window.number().to_string()]);
        mac.verify_truncated_left(&bytes).is_ok()
    })
}

/// Compares two texts. The time depends on their lengths alone.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}

/// Derives the id of the order that a customer requests with the code of `window` in this
/// `attempt`, counted from 1. A repeated request has the same id. `None` does not occur.
pub fn order_id(key: &QrKey, shop_id: &ShopId, window: Window, user_id: &UserId, attempt: u32) -> Option<OrderId> {
    let (window, attempt) = (window.number().to_string(), attempt.to_string());
    let parts = ["order", shop_id.as_str(), &window, user_id.as_str(), &attempt];
    // The first attempt has the id that earlier versions of the program gave to every scan.
    let parts = if attempt == "1" { parts.get(..4) } else { Some(&parts[..]) };
    let mac = key.mac(parts?).finalize().into_bytes();
    BASE32_NOPAD.encode(mac.get(..ORDER_ID_BYTES)?).to_ascii_lowercase().try_into().ok()
}

#[cfg(test)]
#[path = "qr_code_tests.rs"]
mod tests;
