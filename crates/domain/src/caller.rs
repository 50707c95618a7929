//! The caller of a request and the roles that groups grant.

use std::collections::BTreeSet;

use crate::credential::GuestSecret;
use crate::ids::UserId;

/// Permission beyond that of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Administers shops: edits settings and logo, manages displays, reads the events of the bus.
    /// Includes [`Role::Barista`].
    Admin,
    /// Works the queue: claims, completes, cancels and calls orders. Also opens and closes the
    /// shop, marks drinks as sold out, and orders at the counter.
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

/// Kind of credential that identifies a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallerKind {
    /// A secret that the caller's phone made, without an account.
    Guest,
    /// A bearer token, which the issuer gave to the caller at sign-in.
    Account,
}

/// Guest or account that sent a request. A caller without a role is a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Identifier that is derived from the credential.
    pub user_id: UserId,
    /// Kind of credential.
    pub kind: CallerKind,
    /// Roles that the groups of the bearer token grant. A guest has none.
    pub roles: BTreeSet<Role>,
}

impl Caller {
    /// Creates a guest.
    pub fn guest(secret: &GuestSecret) -> Self {
        Self { user_id: UserId::of_guest(secret), kind: CallerKind::Guest, roles: BTreeSet::new() }
    }

    /// Creates the caller of an account, with the roles that `groups` grant. A group that is not
    /// the name of a role grants nothing.
    pub fn with_groups<'a>(user_id: UserId, groups: impl IntoIterator<Item = &'a str>) -> Self {
        let roles = groups
            .into_iter()
            .filter_map(|group| [Role::Admin, Role::Barista].into_iter().find(|role| role.group() == group))
            .collect();
        Self { user_id, kind: CallerKind::Account, roles }
    }

    /// Returns true if the caller has no account.
    pub fn is_guest(&self) -> bool {
        self.kind == CallerKind::Guest
    }

    /// Returns true if the caller may administer shops.
    pub fn is_admin(&self) -> bool {
        self.roles.contains(&Role::Admin)
    }

    /// Returns true if the caller may work the queue, as baristas and admins may.
    pub fn is_barista(&self) -> bool {
        self.is_admin() || self.roles.contains(&Role::Barista)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_has_no_role() {
        let guest = Caller::guest(&GuestSecret::new([0; 32]));
        assert!(guest.is_guest() && !guest.is_barista() && !guest.is_admin());
        assert_eq!(guest.user_id.as_str(), "guest-4nqerwn5ssyjukpm5ygixctsnv");
        assert!(!Caller::with_groups("a".parse().unwrap(), []).is_guest());
    }

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
