//! Who is asking.

use std::collections::BTreeSet;

use crate::ids::UserId;

/// What somebody may do beyond ordering a drink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs shops: opens, closes, edits the menu, shows the QR code. Also a barista.
    Admin,
    /// Works the queue.
    Barista,
}

impl Role {
    /// The name of the group that grants the role.
    pub const fn group(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Barista => "barista",
        }
    }
}

/// Somebody who is signed in; everybody who is may order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token's `sub`.
    pub user_id: UserId,
    /// Roles granted by groups.
    pub roles: BTreeSet<Role>,
}

impl Caller {
    /// A caller with the roles that `groups` grant; other groups grant nothing.
    pub fn with_groups<'a>(user_id: UserId, groups: impl IntoIterator<Item = &'a str>) -> Self {
        let roles = groups
            .into_iter()
            .filter_map(|group| [Role::Admin, Role::Barista].into_iter().find(|role| role.group() == group))
            .collect();
        Self { user_id, roles }
    }

    /// Whether the caller runs shops.
    pub fn is_admin(&self) -> bool {
        self.roles.contains(&Role::Admin)
    }

    /// Whether the caller works the queue; an admin may.
    pub fn is_barista(&self) -> bool {
        self.is_admin() || self.roles.contains(&Role::Barista)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admin_is_a_barista_and_an_unknown_group_grants_nothing() {
        let admin = Caller::with_groups("a".parse().unwrap(), ["admin", "guests"]);
        assert!(admin.is_admin() && admin.is_barista());
        let barista = Caller::with_groups("b".parse().unwrap(), ["barista"]);
        assert!(!barista.is_admin() && barista.is_barista());
        let customer = Caller::with_groups("c".parse().unwrap(), ["Admin"]);
        assert!(!customer.is_barista());
    }
}
