//! A person with an account.

use super::role::Role;
use crate::email::EmailAddress;
use crate::ids::{ClientId, OrganizationId, UserId};
use chrono::{DateTime, Utc};
use serde::Serialize;

crate::text_enum::text_enum! {
    /// Whether somebody can get in.
    UserStatus {
        /// Has been asked to choose a password, and has not done so yet.
        Invited => "invited",
        Active => "active",
        /// Was locked out by an administrator; nothing of theirs is deleted.
        Disabled => "disabled",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    pub id: UserId,
    pub organization_id: OrganizationId,
    pub email: EmailAddress,
    pub name: String,
    pub role: Role,
    /// Whose things a person of the role `client` sees; nobody else has one.
    pub client_id: Option<ClientId>,
    pub status: UserStatus,
    /// When the person showed that mail to the address reaches them.
    pub email_verified_at: Option<DateTime<Utc>>,
    pub last_login_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

/// Which people are asked for.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Part of the name or the address, without case.
    pub text: Option<String>,
    pub role: Option<Role>,
    pub status: Option<UserStatus>,
}

crate::sort_fields! {
    /// How people can be ordered.
    UserSort { CreatedAt => "created_at": Time, Name => "name": Text, Email => "email": Text }
}
