//! The token bucket of a window: so many customers, each at most once.

use std::collections::BTreeSet;

use crate::ids::UserId;

/// What a scan took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// A token; so many are left.
    Taken {
        /// Tokens left.
        left: u32,
    },
    /// Nothing: this customer had taken one in this window before.
    AlreadyTaken {
        /// Tokens left.
        left: u32,
    },
    /// Nothing: none was left.
    NoneLeft,
}

/// Takes one of `capacity` tokens for `user_id`, unless they are all taken or the customer has one.
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

/// Tokens left of `capacity` once there are so many takers.
pub fn left(capacity: u32, takers: usize) -> u32 {
    capacity.saturating_sub(u32::try_from(takers).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_customer_takes_one_until_none_is_left() {
        let mut takers = BTreeSet::new();
        let mut scan = |name: &str| take(&mut takers, &name.parse().unwrap(), 2);
        assert_eq!(scan("anna"), Take::Taken { left: 1 });
        assert_eq!(scan("anna"), Take::AlreadyTaken { left: 1 });
        assert_eq!(scan("bert"), Take::Taken { left: 0 });
        assert_eq!(scan("cleo"), Take::NoneLeft);
        assert_eq!(scan("bert"), Take::AlreadyTaken { left: 0 });
    }
}
