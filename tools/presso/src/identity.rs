//! Chooses the caller of the API: with a local key any user, otherwise the user who has signed in.

use std::path::Path;
use std::time::Duration;

use client::stack::{self, Stack};
use client::{Api, Error, SigningKey};
use domain::caller::Role;

use crate::cli::RoleName;
use crate::login;

const TOKEN_LIFETIME: Duration = Duration::from_hours(1);

/// The source of bearer tokens.
pub(crate) enum Identity {
    /// A local key, which signs a token for any user.
    Local(Box<SigningKey>),
    /// The token of the user who has signed in.
    SignedIn(String),
    /// No token. Only public routes work.
    Anonymous,
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
    /// Reads the local key if the stack has no user pool, and it is on an emulator or the key
    /// exists. Otherwise finds the token of the user who has signed in to this stack.
    pub(crate) fn find(key: &Path, stack: &Stack) -> Result<Self, Error> {
        if stack.user_pool_client_id.is_none() && (stack::emulator().is_some() || key.exists()) {
            return Ok(Self::Local(Box::new(SigningKey::read(key)?)));
        }
        Ok(login::stored(stack)?.map_or(Self::Anonymous, Self::SignedIn))
    }

    /// Returns `api` with the token of `user` in this role, or of the user who has signed in.
    pub(crate) fn call(&self, api: &Api, role: RoleName, user: &str) -> Result<Api, Error> {
        match self {
            Self::Local(key) => Ok(api.with_token(key.mint(user, role.roles(), TOKEN_LIFETIME)?)),
            Self::SignedIn(token) => Ok(api.with_token(token.as_str())),
            Self::Anonymous => Err(Error::Usage("this stack needs a user who has signed in".into())
                .with_help("presso login --user YOUR-ADDRESS")),
        }
    }
}
