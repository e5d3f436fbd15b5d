//! The five roles, strongest first.

use super::permission::{Permission, Permissions};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Operates the whole installation.
    Superadmin,
    /// Runs one organization.
    CompanyAdmin,
    /// Runs campaigns and everything that goes into them.
    ContentManager,
    /// Prepares, but does not send.
    ContentWriter,
    /// Sees one client's things.
    Client,
}

impl Role {
    pub const ALL: [Self; 5] = [
        Self::Superadmin,
        Self::CompanyAdmin,
        Self::ContentManager,
        Self::ContentWriter,
        Self::Client,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Superadmin => "superadmin",
            Self::CompanyAdmin => "company_admin",
            Self::ContentManager => "content_manager",
            Self::ContentWriter => "content_writer",
            Self::Client => "client",
        }
    }

    /// The permission table: what each role may do in its organization.
    pub fn permissions(self) -> Permissions {
        use Permission as P;
        match self {
            Self::Superadmin => Permissions::all(),
            Self::CompanyAdmin => Permissions::all().without(&[P::InstallationManage]),
            Self::ContentManager => Permissions::all().without(&[
                P::SecretsManage,
                P::AuditRead,
                P::PrivacyManage,
                P::UsersManage,
                P::OrganizationManage,
                P::InstallationManage,
            ]),
            Self::ContentWriter => Permissions::of(&[
                P::LeadsRead,
                P::FormsRead,
                P::FormsWrite,
                P::ClientsRead,
                P::CampaignsRead,
                P::CampaignsWrite,
                P::EmailRead,
                P::TemplatesWrite,
                P::JobsRead,
                P::ApiKeysManage,
            ]),
            // All of it of their own client only: see [`Permissions::within_a_client`].
            Self::Client => {
                Permissions::of(&[P::LeadsRead, P::LeadsExport, P::ClientsRead, P::CampaignsRead])
            }
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| {
                let known: Vec<_> = Self::ALL.iter().map(|role| role.as_str()).collect();
                format!("must be one of {}", known.join(", "))
            })
    }
}
