//! Token bucket of a QR code: a fixed number of customers, each at most once, without refill.

use std::collections::BTreeSet;

use crate::ids::UserId;

/// Result of taking a bucket token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The customer took a bucket token.
    Taken {
        /// Number of bucket tokens left after this one.
        left: u32,
    },
    /// The customer had taken a bucket token of this window before; nothing changed.
    AlreadyTaken {
        /// Number of bucket tokens left.
        left: u32,
    },
    /// All bucket tokens are taken; nothing changed.
    NoneLeft,
}

/// Takes one of `capacity` bucket tokens for `user_id`, at most one per customer.
pub fn take(takers: &mut BTreeSet<UserId>, user_id: &UserId, capacity: u32) -> Take {
    if takers.contains(user_id) {
        return Take::AlreadyTaken { left: left(capacity, takers.len()) };
    }
    if left(capacity, takers.len()) == 0 {
        return Take::NoneLeft;
    }
    takers.insert(user_id.clone());
    Take::Taken { left: left(capacity, takers.len()) }
}

/// Returns how many of `capacity` bucket tokens are left after `takers` customers took one.
pub fn left(capacity: u32, takers: usize) -> u32 {
    capacity.saturating_sub(u32::try_from(takers).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_customer_takes_one_bucket_token_until_none_is_left() {
        let mut takers = BTreeSet::new();
        let mut scan = |name: &str| take(&mut takers, &name.parse().unwrap(), 2);
        assert_eq!(scan("anna"), Take::Taken { left: 1 });
        assert_eq!(scan("anna"), Take::AlreadyTaken { left: 1 });
        assert_eq!(scan("bert"), Take::Taken { left: 0 });
        assert_eq!(scan("cleo"), Take::NoneLeft);
        assert_eq!(scan("bert"), Take::AlreadyTaken { left: 0 });
    }
}
