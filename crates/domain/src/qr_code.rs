//! The rotating QR code: a keyed hash of shop and window, so that display and validator agree without a shared write.

use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ids::{OrderId, ShopId, UserId};
use crate::timestamp::Timestamp;

/// How long a code is shown.
pub const WINDOW: Duration = Duration::from_mins(5);

/// How long a code stays good after its window: a phone that was scanning as the display turned.
pub const GRACE: Duration = Duration::from_secs(15);

/// How long before its window a code is good already: a display whose clock is ahead of the validator's has turned by then.
pub const LEAD: Duration = Duration::from_secs(5);

const CODE_BYTES: usize = 10;
const ORDER_ID_BYTES: usize = 16;

/// A shop's secret.
#[derive(Clone, PartialEq, Eq)]
pub struct QrKey([u8; 32]);

/// A key of another length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a QR key has 32 bytes, not {0}")]
pub struct InvalidKey(usize);

impl QrKey {
    /// A key from 32 random bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    fn mac(&self, parts: &[&str]) -> Hmac<Sha256> {
        // HMAC fills a shorter key up to its block with zeros; doing so here makes the constructor infallible.
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

/// Five minutes, aligned to the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window(i64);

impl Window {
    /// The window that `now` lies in.
    pub fn at(now: Timestamp) -> Self {
        Self(now.as_millis().div_euclid(window_millis()))
    }

    /// Windows since the epoch: the bucket's sort key.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// When it began.
    pub fn starts_at(self) -> Timestamp {
        Timestamp::from_millis(self.0.saturating_mul(window_millis()))
    }

    /// When the next one begins.
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

/// The code that a shop shows in `window`.
pub fn code(key: &QrKey, shop_id: &ShopId, window: Window) -> String {
    let mac = key.mac(&["code", shop_id.as_str(), &window.number().to_string()]).finalize().into_bytes();
    BASE32_NOPAD.encode(mac.get(..CODE_BYTES).unwrap_or_default())
}

/// The window that `code` belongs to, if it is good at `now`: the current one, the last one within [`GRACE`], or the next one
/// within [`LEAD`].
pub fn redeem(key: &QrKey, shop_id: &ShopId, code: &str, now: Timestamp) -> Option<Window> {
    let bytes = BASE32_NOPAD.decode(code.as_bytes()).ok().filter(|bytes| bytes.len() == CODE_BYTES)?;
    let current = Window::at(now);
    let in_grace = now.since(current.starts_at()) < GRACE;
    let in_lead = current.ends_at().since(now) <= LEAD;
    let good = [Some(current), in_grace.then(|| current.before()), in_lead.then(|| current.after())];
    good.into_iter().flatten().find(|window| {
        let mac = key.mac(&["code", shop_id.as_str(), &window.number().to_string()]);
        mac.verify_truncated_left(&bytes).is_ok()
    })
}

/// The order that a customer's scan in `window` makes: the same however often it is tried.
pub fn order_id(key: &QrKey, shop_id: &ShopId, window: Window, user_id: &UserId) -> Option<OrderId> {
    let parts = ["order", shop_id.as_str(), &window.number().to_string(), user_id.as_str()];
    let mac = key.mac(&parts).finalize().into_bytes();
    BASE32_NOPAD.encode(mac.get(..ORDER_ID_BYTES)?).to_ascii_lowercase().try_into().ok()
}

#[cfg(test)]
#[path = "qr_code_tests.rs"]
mod tests;
