//! What can be allowed. The same names are the scopes of API keys.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission { $($(#[$doc])* $name),* }

        impl Permission {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $text),* } }
        }
    };
}

permissions! {
    LeadsRead = "leads:read",
    LeadsWrite = "leads:write",
    /// Takes all leads out at once.
    LeadsExport = "leads:export",
    FormsRead = "forms:read",
    FormsWrite = "forms:write",
    /// Clients and their projects.
    ClientsRead = "clients:read",
    ClientsWrite = "clients:write",
    CampaignsRead = "campaigns:read",
    CampaignsWrite = "campaigns:write",
    /// Starts, pauses and stops what reaches people.
    CampaignsLaunch = "campaigns:launch",
    EmailRead = "email:read",
    EmailSend = "email:send",
    TemplatesWrite = "templates:write",
    SuppressionsWrite = "suppressions:write",
    JobsRead = "jobs:read",
    JobsManage = "jobs:manage",
    ApiKeysManage = "api_keys:manage",
    /// Keeps and deletes what clients and the whole organization share. Their own secrets everybody keeps who is signed in.
    SecretsManage = "secrets:manage",
    /// Reads who did what.
    AuditRead = "audit:read",
    /// Erases people for good, and reads the receipts.
    PrivacyManage = "privacy:manage",
    UsersManage = "users:manage",
    OrganizationManage = "organization:manage",
    /// Makes organizations and looks at all of them.
    InstallationManage = "installation:manage",
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|permission| permission.as_str() == text)
            .ok_or_else(|| {
                let known: Vec<_> = Self::ALL.iter().map(|permission| permission.as_str()).collect();
                format!("`{text}` is not a scope; possible: {}", known.join(", "))
            })
    }
}

impl Serialize for Permission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Permissions(u64);

impl Permissions {
    pub fn all() -> Self {
        Self::of(Permission::ALL)
    }

    pub fn none() -> Self {
        Self(0)
    }

    pub fn of(permissions: &[Permission]) -> Self {
        Self(
            permissions
                .iter()
                .fold(0, |bits, permission| bits | 1 << *permission as u64),
        )
    }

    /// What can be allowed to somebody who is bound to one client: where every row says whose it is, and every query asks.
    /// Templates, forms, suppressions and jobs are the whole organization's.
    pub fn within_a_client() -> Self {
        use Permission as P;
        Self::of(&[
            P::LeadsRead,
            P::LeadsWrite,
            P::LeadsExport,
            P::ClientsRead,
            P::CampaignsRead,
        ])
    }

    #[must_use]
    pub fn without(self, permissions: &[Permission]) -> Self {
        Self(self.0 & !Self::of(permissions).0)
    }

    /// What both allow.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u64) != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(move |permission| self.contains(*permission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Role;

    #[test]
    fn a_weaker_role_never_has_more_than_a_stronger_one() {
        // The weakest may take out what is theirs; it is measured by what can be had within a client.
        for pair in Role::ALL[..4].windows(2) {
            let (stronger, weaker) = (pair[0].permissions(), pair[1].permissions());
            assert_eq!(
                weaker.intersect(stronger),
                weaker,
                "{} exceeds {}",
                pair[1],
                pair[0]
            );
        }
    }

    #[test]
    fn whoever_is_bound_to_a_client_has_nothing_of_the_whole_organization() {
        let client = Role::Client.permissions();
        assert_eq!(client.intersect(Permissions::within_a_client()), client);
    }

    #[test]
    fn a_writer_prepares_but_does_not_send() {
        let writer = Role::ContentWriter.permissions();
        assert!(writer.contains(Permission::CampaignsWrite));
        assert!(!writer.contains(Permission::CampaignsLaunch));
        assert!(!writer.contains(Permission::EmailSend));
    }

    #[test]
    fn names_are_unique_and_parse_back() {
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse::<Permission>().unwrap(), *permission);
        }
        assert!("leads:everything".parse::<Permission>().is_err());
    }
}
