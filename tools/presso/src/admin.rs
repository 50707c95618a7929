//! Invites staff to the user pool of a stack, with the credentials of AWS.

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::operation::admin_create_user::AdminCreateUserError;
use aws_sdk_cognitoidentityprovider::types::AttributeType;
use client::error::Cause;
use client::{Error, Stack};
use domain::caller::Role;
use serde_json::json;

use crate::cli::{AdminAction, StaffRole};
use crate::output;

impl From<StaffRole> for Role {
    fn from(role: StaffRole) -> Self {
        match role {
            StaffRole::Admin => Self::Admin,
            StaffRole::Barista => Self::Barista,
        }
    }
}

pub(crate) async fn run(stack: &Stack, action: &AdminAction, json: bool) -> Result<(), Error> {
    match action {
        AdminAction::Invite { email, role } => invite(stack, email, (*role).into(), json).await,
    }
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the person cannot be invited", source)
}

fn attribute(name: &str, value: &str) -> Result<AttributeType, Error> {
    AttributeType::builder().name(name).value(value).build().map_err(failed)
}

/// Creates an account with this role. If the account exists, adds the role to those that it has.
async fn invite(stack: &Stack, email: &str, role: Role, json: bool) -> Result<(), Error> {
    let pool = stack.user_pool_id.as_deref().ok_or_else(|| {
        Error::Usage(format!("the stack {} has no user pool", stack.name))
            .with_help("staff of another issuer get the groups admin and barista there")
    })?;
    let client = Client::new(&stack.aws);
    // The address counts as verified, so that Cognito sends the sign-in code to the address. The
    // account needs no password, because the pool accepts such a code as the first factor.
    let created = client
        .admin_create_user()
        .user_pool_id(pool)
        .username(email)
        .user_attributes(attribute("email", email)?)
        .user_attributes(attribute("email_verified", "true")?)
        .send()
        .await;
    let is_new = match created {
        Ok(_) => true,
        Err(error) if error.as_service_error().is_some_and(AdminCreateUserError::is_username_exists_exception) => false,
        Err(error) => return Err(failed(error)),
    };
    let group = role.group();
    let joined = client.admin_add_user_to_group().user_pool_id(pool).username(email).group_name(group).send().await;
    joined.map_err(failed)?;
    let page = format!("{}/barista", stack.api_url);
    if json {
        return output::json(&json!({"email": email, "role": group, "new": is_new, "page": page}));
    }
    let account = if is_new { "has an account" } else { "already had an account" };
    output::line(format_args!("{email} {account} and is {group}; the page to sign in is {page}"))
}
