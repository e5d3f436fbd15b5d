//! Which of our people a trusted issuer means.

use super::role::Role;
use super::user::UserStatus;
use crate::ids::{ClientId, IdentityLinkId, OrganizationId, UserId};
use chrono::{DateTime, Utc};

/// That somebody at an issuer is somebody here. Made once, at first sight, and from then on independent of mail addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityLink {
    pub id: IdentityLinkId,
    pub user_id: UserId,
    /// The `iss` of the issuer's tokens.
    pub issuer: String,
    /// The person's id there: unique together with `issuer`, in the whole installation.
    pub subject: String,
    pub created_at: DateTime<Utc>,
    /// To within an hour.
    pub last_seen: DateTime<Utc>,
}

/// Who a link leads to, and what they may do at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linked {
    pub link: IdentityLinkId,
    pub organization: OrganizationId,
    pub user: UserId,
    pub role: Role,
    pub client: Option<ClientId>,
    pub status: UserStatus,
    pub last_seen: DateTime<Utc>,
}
