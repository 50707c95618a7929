//! The caller of a request and the roles that groups grant.

use std::collections::BTreeSet;

use crate::ids::UserId;

/// Permission beyond that of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Administers shops: opens, closes, edits the menu, shows the QR code. Includes
    /// [`Role::Barista`].
    Admin,
    /// Works the queue: claims, completes and cancels orders.
    Barista,
}

impl Role {
    /// Name of the group that grants the role.
    pub const fn group(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Barista => "barista",
        }
    }
}

/// Signed-in caller. Without a role it is a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Subject (`sub`) of the bearer token.
    pub user_id: UserId,
    /// Roles that the groups of the bearer token grant.
    pub roles: BTreeSet<Role>,
}

impl Caller {
    /// Creates a caller with the roles that `groups` grant. Other groups grant nothing.
    pub fn with_groups<'a>(user_id: UserId, groups: impl IntoIterator<Item = &'a str>) -> Self {
        let roles = groups
            .into_iter()
            .filter_map(|group| [Role::Admin, Role::Barista].into_iter().find(|role| role.group() == group))
            .collect();
        Self { user_id, roles }
    }

    /// Returns true if the caller may administer shops.
    pub fn is_admin(&self) -> bool {
        self.roles.contains(&Role::Admin)
    }

    /// Returns true if the caller may work the queue; an admin may.
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
