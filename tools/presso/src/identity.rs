//! In whose name a command acts: with a local key, in anybody's; on AWS, in that of whoever has signed in.

use std::path::Path;
use std::time::Duration;

use client::Error;
use client::api::Api;
use client::stack::{self, Stack};
use client::token::SigningKey;
use domain::caller::Role;

use crate::cli::RoleName;
use crate::login;

const LIFETIME: Duration = Duration::from_hours(1);

/// Who acts.
pub(crate) enum Identity {
    /// Anybody: tokens are minted as they are needed.
    Local(Box<SigningKey>),
    /// One person.
    SignedIn(String),
    /// Nobody: only what needs no token works.
    Nobody,
}

impl RoleName {
    pub(crate) const fn roles(self) -> &'static [Role] {
        match self {
            Self::Admin => &[Role::Admin],
            Self::Barista => &[Role::Barista],
            Self::Customer => &[],
        }
    }
}

impl Identity {
    /// On an emulator the local key; otherwise whoever has signed in to this stack.
    pub(crate) fn find(key: &Path, stack: &Stack) -> Result<Self, Error> {
        if stack.user_pool_client_id.is_none() && (stack::emulator().is_some() || key.exists()) {
            return Ok(Self::Local(Box::new(SigningKey::read(key)?)));
        }
        Ok(login::stored(&stack.name)?.map_or(Self::Nobody, Self::SignedIn))
    }

    /// `api` as called by `user` in this role, or by whoever has signed in.
    pub(crate) fn call(&self, api: &Api, role: RoleName, user: &str) -> Result<Api, Error> {
        match self {
            Self::Local(key) => Ok(api.with_token(key.mint(user, role.roles(), LIFETIME)?)),
            Self::SignedIn(token) => Ok(api.with_token(token.as_str())),
            Self::Nobody => Err(Error::Usage("nobody has signed in to this stack: run presso login --user YOU".into())),
        }
    }
}
