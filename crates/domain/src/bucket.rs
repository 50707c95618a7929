//! Token bucket of a QR code: a limited number of places, without refill. A place belongs to one
//! customer until the code expires. With a place the customer gets one order, and another one each
//! time the last one ended without a drink, up to [`MAX_ATTEMPTS`] orders.

use std::collections::BTreeMap;
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

use crate::ids::{ShopId, UserId};
use crate::order::OrderStatus;
use crate::qr_code::Window;
use crate::timestamp::Timestamp;

/// Maximum number of orders that a customer gets with one code, one after another.
pub const MAX_ATTEMPTS: u32 = 3;

/// Number of wrong codes of a customer in a window after which the customer's short codes are
/// refused until the next window, to limit guessing. A valid code of full length is still accepted.
pub const MAX_WRONG_CODES: u32 = 10;

/// Minimum time between two publications of the same order request.
pub const REPUBLISH_AFTER: Duration = Duration::from_secs(5);

/// Key of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketId {
    /// Shop of the code.
    pub shop_id: ShopId,
    /// Number of times that the shop's key was replaced before this code was made.
    pub code_version: u64,
    /// Window of the code.
    pub window: Window,
}

/// Key of a customer's count of wrong codes in a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongCodesId {
    /// Shop whose codes the customer enters.
    pub shop_id: ShopId,
    /// Customer who enters the codes.
    pub user_id: UserId,
    /// Window in which the codes are entered.
    pub window: Window,
}

impl WrongCodesId {
    /// Returns the partition key: shop and a hash of the customer.
    pub fn partition(&self) -> String {
        format!("{}#wrong#{}", self.shop_id, hash(&self.user_id))
    }
}

impl BucketId {
    /// Returns the partition key: shop and code version.
    pub fn partition(&self) -> String {
        format!("{}#{}", self.shop_id, self.code_version)
    }
}

/// Place of a customer in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Number of orders that the customer requested with the code, at least 1.
    pub attempt: u32,
    /// Time of the latest request.
    pub asked_at: Timestamp,
}

/// Result of taking a bucket token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The customer took a bucket token, and has a place with the first attempt.
    Taken {
        /// Number of bucket tokens left after this one.
        left: u32,
    },
    /// The customer had a place before; nothing changed.
    AlreadyTaken {
        /// The customer's place.
        place: Place,
        /// Number of bucket tokens left.
        left: u32,
    },
    /// All bucket tokens are taken; nothing changed.
    NoneLeft,
}

/// Decision about a scan of a customer who has a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepeatDecision {
    /// Answer with the order of the place's attempt, which is recorded; publish nothing.
    Answer,
    /// The order was requested a moment ago and is not recorded yet. Only a scan after this time
    /// publishes the request again.
    NotRecorded(Duration),
    /// Replace the place with this one, and publish the request of the same order again: an earlier
    /// publication may have failed.
    PublishAgain(Place),
    /// Replace the place with this one, and request another order: the last one ended without a
    /// drink.
    NewAttempt(Place),
    /// Refuse the scan: the customer has used [`MAX_ATTEMPTS`].
    TooManyAttempts,
}

/// Takes one of `capacity` bucket tokens for `user_id`, at most one per customer.
pub fn take(places: &mut BTreeMap<UserId, Place>, user_id: &UserId, capacity: u32, now: Timestamp) -> Take {
    let left = left(capacity, places.len());
    if let Some(place) = places.get(user_id) {
        return Take::AlreadyTaken { place: *place, left };
    }
    let Some(left) = left.checked_sub(1) else { return Take::NoneLeft };
    places.insert(user_id.clone(), Place { attempt: 1, asked_at: now });
    Take::Taken { left }
}

/// Returns how many of `capacity` bucket tokens are left after `taken` customers took one.
pub fn left(capacity: u32, taken: usize) -> u32 {
    capacity.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX))
}

/// Decides a repeated scan. `order` is the status of the order of the place's attempt, `None` if it
/// is not recorded yet.
pub fn repeat(place: Place, order: Option<OrderStatus>, now: Timestamp) -> RepeatDecision {
    match order {
        None => match REPUBLISH_AFTER.checked_sub(now.since(place.asked_at)) {
            None | Some(Duration::ZERO) => RepeatDecision::PublishAgain(Place { asked_at: now, ..place }),
            Some(left) => RepeatDecision::NotRecorded(left),
        },
        Some(OrderStatus::Cancelled) if place.attempt >= MAX_ATTEMPTS => RepeatDecision::TooManyAttempts,
        Some(OrderStatus::Cancelled) => {
            RepeatDecision::NewAttempt(Place { attempt: place.attempt.saturating_add(1), asked_at: now })
        }
        Some(_) => RepeatDecision::Answer,
    }
}

/// Replaces the place of `user_id` if it is still `from`, as the conditional update of the table
/// does. Returns true if it was replaced.
pub fn replace(places: &mut BTreeMap<UserId, Place>, user_id: &UserId, from: Place, to: Place) -> bool {
    let Some(place) = places.get_mut(user_id).filter(|place| **place == from) else { return false };
    *place = to;
    true
}

/// Returns the name under which a bucket's item holds the place of `user_id`: a hash, so that no
/// user id is an attribute name.
pub fn place_name(user_id: &UserId) -> String {
    format!("place#{}", hash(user_id))
}

fn hash(user_id: &UserId) -> String {
    const BYTES: usize = 10;
    let hash = Sha256::digest(user_id.as_str());
    BASE32_NOPAD.encode(hash.get(..BYTES).unwrap_or_default()).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);
    const FIRST: Place = Place { attempt: 1, asked_at: NOW };

    #[test]
    fn each_customer_takes_one_bucket_token_until_none_is_left() {
        let mut places = BTreeMap::new();
        let mut scan = |name: &str| take(&mut places, &name.parse().unwrap(), 2, NOW);
        assert_eq!(scan("anna"), Take::Taken { left: 1 });
        assert_eq!(scan("anna"), Take::AlreadyTaken { place: FIRST, left: 1 });
        assert_eq!(scan("bert"), Take::Taken { left: 0 });
        assert_eq!(scan("cleo"), Take::NoneLeft);
        assert_eq!(scan("bert"), Take::AlreadyTaken { place: FIRST, left: 0 });
    }

    #[test]
    fn an_order_that_is_recorded_and_not_cancelled_is_never_requested_again() {
        let later = NOW.plus(Duration::from_hours(1));
        for status in [OrderStatus::Admitted, OrderStatus::Created, OrderStatus::Waiting, OrderStatus::Completed] {
            assert_eq!(repeat(FIRST, Some(status), later), RepeatDecision::Answer, "{status:?}");
        }
    }

    #[test]
    fn an_order_that_is_not_recorded_is_requested_again_after_five_seconds() {
        let at = |seconds| repeat(FIRST, None, NOW.plus(Duration::from_secs(seconds)));
        assert_eq!(at(4), RepeatDecision::NotRecorded(Duration::from_secs(1)));
        let asked_at = NOW.plus(Duration::from_secs(5));
        assert_eq!(at(5), RepeatDecision::PublishAgain(Place { attempt: 1, asked_at }));
    }

    #[test]
    fn a_customer_has_three_attempts_with_a_code() {
        let cancelled = Some(OrderStatus::Cancelled);
        let second = Place { attempt: 2, asked_at: NOW };
        assert_eq!(repeat(FIRST, cancelled, NOW), RepeatDecision::NewAttempt(second));
        let third = Place { attempt: 3, asked_at: NOW };
        assert_eq!(repeat(second, cancelled, NOW), RepeatDecision::NewAttempt(third));
        assert_eq!(repeat(third, cancelled, NOW), RepeatDecision::TooManyAttempts);
    }

    #[test]
    fn a_place_is_replaced_once() {
        let anna = "anna".parse().unwrap();
        let mut places = BTreeMap::from([("anna".parse().unwrap(), FIRST)]);
        let second = Place { attempt: 2, asked_at: NOW };
        assert!(replace(&mut places, &anna, FIRST, second));
        assert!(!replace(&mut places, &anna, FIRST, second));
        assert!(!replace(&mut places, &"bert".parse().unwrap(), FIRST, second));
    }

    #[test]
    fn the_name_of_a_place_shows_no_user_id() {
        let name = place_name(&"anna@bar.example.org".parse().unwrap());
        assert_eq!(name.len(), "place#".len() + 16);
        assert!(!name.contains("anna"), "{name}");
        assert_ne!(name, place_name(&"bert@example.org".parse().unwrap()));
    }
}
