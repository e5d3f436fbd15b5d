//! What callers send, and what they get.

use groundswell_domain::duplicates::{DuplicateScan, LeadMerge, MergeFields};
use groundswell_domain::ids::LeadId;
use groundswell_domain::leads::Lead;
use serde::{Deserialize, Serialize};

/// The newest look through all leads.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewestScan {
    /// Null when there was none yet.
    pub scan: Option<DuplicateScan>,
}

/// Make one lead of two.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergeInput {
    /// The other lead, which becomes part of this one.
    pub lead_id: LeadId,
    /// Which lead each field is taken from.
    #[serde(default)]
    pub fields: MergeFields,
    /// The version at which the other one was read; the version of this one goes into `If-Match`.
    #[serde(default)]
    pub version: Option<i32>,
}

/// The lead that two became.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergedLead {
    pub lead: Lead,
    pub merge: LeadMerge,
}

/// Take two leads apart again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnmergeInput {
    /// The lead that is to come back; the one that was merged last when absent.
    #[serde(default)]
    pub lead_id: Option<LeadId>,
    /// Whether to remember that the two are two people.
    #[serde(default = "yes")]
    pub do_not_merge: bool,
}

fn yes() -> bool {
    true
}

/// Both leads, as they are now.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnmergedLeads {
    pub lead: Lead,
    pub other: Lead,
}
