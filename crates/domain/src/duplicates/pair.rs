//! Two leads that may be one person.

use super::evidence::DuplicateEvidence;
use crate::ids::{DuplicateId, LeadId, UserId};
use chrono::{DateTime, Utc};
use serde::Serialize;

crate::text_enum::text_enum! {
    /// What became of a proposal. One that was followed is gone with the lead that was merged.
    DuplicateStatus {
        Proposed => "proposed",
        /// Somebody said that they are two: nothing proposes them again.
        Dismissed => "dismissed",
    }
}

/// A proposal to merge two leads, or that somebody said no to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DuplicatePair {
    pub id: DuplicateId,
    /// The one that came first.
    pub lead_a: LeadId,
    pub lead_b: LeadId,
    /// That they are one person, from 0 to 1.
    pub probability: f64,
    pub evidence: Vec<DuplicateEvidence>,
    pub status: DuplicateStatus,
    /// Who dismissed it.
    pub decided_by: Option<UserId>,
    pub decided_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl DuplicatePair {
    /// The two in the order in which they are kept.
    pub fn ordered(one: LeadId, other: LeadId) -> (LeadId, LeadId) {
        if one <= other { (one, other) } else { (other, one) }
    }
}

/// Every condition that is set must hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DuplicateFilter {
    pub status: Option<DuplicateStatus>,
    /// At least this probable.
    pub min_probability: Option<f64>,
    /// One of the two.
    pub lead: Option<LeadId>,
}

crate::sort_fields! {
    /// How proposals can be ordered.
    DuplicateSort { Probability => "probability": Number, CreatedAt => "created_at": Time }
}
