//! Which leads are meant: for lists, exports and audiences.

use super::lead::LeadStatus;
use crate::error::Error;
use crate::ids::{CampaignId, ClientId, LeadId, SegmentId};
use crate::segments::Chosen;
use crate::validate::Problems;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Every condition that is set must hold. An empty filter means all leads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeadFilter {
    /// Has at least one of these tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags_any: Vec<String>,
    /// Has all of these tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags_all: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<LeadStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// Total score of at least this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_score: Option<i32>,
    /// Is in this segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment_id: Option<SegmentId>,
    /// Who that is: use-cases look it up. A filter that names a segment and lacks this means nobody.
    #[serde(skip)]
    pub segment: Option<Chosen>,
    /// Exactly these leads, or what they were merged into (less those that the other conditions leave out); at most 10,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_ids: Option<Vec<LeadId>>,
    /// Was sent the mail of this campaign and did not open it.
    #[serde(skip)]
    pub unopened: Option<CampaignId>,
    /// The company's name contains this, without case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Every word of it is part of the name, address, telephone number, company or title, without case; or all of it is part of the
    /// number, however it is written.
    #[serde(skip)]
    pub text: Option<String>,
    #[serde(skip)]
    pub created_from: Option<DateTime<Utc>>,
    /// Exclusive.
    #[serde(skip)]
    pub created_before: Option<DateTime<Utc>>,
    #[serde(skip)]
    pub updated_from: Option<DateTime<Utc>>,
}

impl LeadFilter {
    /// What no store could be asked for.
    pub fn check(&self) -> Result<(), Error> {
        let mut problems = Problems::new();
        problems.time("created_from", self.created_from);
        problems.time("created_before", self.created_before);
        problems.time("updated_from", self.updated_from);
        problems.finish()
    }
}

crate::sort_fields! {
    /// How leads can be ordered.
    LeadSort {
        CreatedAt => "created_at": Time,
        UpdatedAt => "updated_at": Time,
        Name => "name": Text,
        Email => "email": Text,
        Score => "score": Number,
    }
}
