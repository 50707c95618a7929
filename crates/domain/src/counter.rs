//! Orders at the counter: a barista orders for a person without a phone. The ids of order and
//! customer are derived from the shop and the request's idempotency key, so that a repeated request
//! gives the same order.

use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

use crate::ids::{OrderId, ShopId, UserId};

/// Prefix of the user ids of customers at the counter. A subject with this prefix is refused.
pub const USER_PREFIX: &str = "counter-";

const ID_BYTES: usize = 16;
const MAX_KEY: usize = 100;

/// Idempotency key of a request: 1 to 100 printable ASCII characters without spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// Error of a text that is no idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Idempotency-Key must be 1 to {MAX_KEY} printable ASCII characters without spaces, new for each order")]
pub struct InvalidKey;

impl FromStr for IdempotencyKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let is_key = (1..=MAX_KEY).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic());
        if is_key { Ok(Self(text.to_owned())) } else { Err(InvalidKey) }
    }
}

/// Derives the order id of a key in a shop. `None` does not occur, because base32 is a valid id.
pub fn order_id(shop_id: &ShopId, key: &IdempotencyKey) -> Option<OrderId> {
    hash("order", shop_id, key)?.try_into().ok()
}

/// Derives the customer id of a key in a shop. `None` does not occur, because the prefix and base32
/// are a valid id.
pub fn user_id(shop_id: &ShopId, key: &IdempotencyKey) -> Option<UserId> {
    format!("{USER_PREFIX}{}", hash("user", shop_id, key)?).try_into().ok()
}

fn hash(label: &str, shop_id: &ShopId, IdempotencyKey(key): &IdempotencyKey) -> Option<String> {
    // Neither a shop id nor a label contains a line break.
    let hash = Sha256::digest(format!("counter\n{label}\n{shop_id}\n{key}"));
    Some(BASE32_NOPAD.encode(hash.get(..ID_BYTES)?).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> IdempotencyKey {
        text.parse().unwrap()
    }

    #[test]
    fn a_key_gives_one_order_id_in_a_shop_and_another_one_elsewhere() {
        let (bar, pub_) = ("bar".parse().unwrap(), "pub".parse().unwrap());
        assert_eq!(order_id(&bar, &key("1")), order_id(&bar, &key("1")));
        assert_ne!(order_id(&bar, &key("1")), order_id(&bar, &key("2")));
        assert_ne!(order_id(&bar, &key("1")), order_id(&pub_, &key("1")));
        assert_ne!(user_id(&bar, &key("1")), user_id(&bar, &key("2")));
        assert!(user_id(&bar, &key("1")).unwrap().as_str().starts_with(USER_PREFIX));
    }

    #[test]
    fn a_key_is_short_and_printable() {
        for text in ["", "a b", "é", "a\n", &"x".repeat(101)] {
            assert_eq!(text.parse::<IdempotencyKey>(), Err(InvalidKey), "{text:?}");
        }
        assert!("x".repeat(100).parse::<IdempotencyKey>().is_ok());
    }
}
