//! Whose secret it is.

use crate::ids::{ClientId, UserId};

crate::text_enum::text_enum! {
    /// What kind of holder.
    HolderKind {
        /// One person, for what they do.
        User => "user",
        /// One client, for what anybody does for it.
        Client => "client",
        /// The organization, for everything else.
        Organization => "organization",
    }
}

/// Whose secret it is. Nobody else's work uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    User(UserId),
    Client(ClientId),
    Organization,
}

impl Holder {
    pub fn kind(self) -> HolderKind {
        match self {
            Self::User(_) => HolderKind::User,
            Self::Client(_) => HolderKind::Client,
            Self::Organization => HolderKind::Organization,
        }
    }

    pub fn user(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Client(_) | Self::Organization => None,
        }
    }

    pub fn client(self) -> Option<ClientId> {
        match self {
            Self::Client(id) => Some(id),
            Self::User(_) | Self::Organization => None,
        }
    }
}
