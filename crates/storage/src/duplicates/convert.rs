//! Between rows and proposals, scans and merges.

use crate::codec::{from_json, parse, to_json};
use crate::entity::{duplicate_pairs, duplicate_scans, lead_merges};
use groundswell_domain::StoreError;
use groundswell_domain::duplicates::{DuplicatePair, DuplicateScan, LeadMerge};
use uuid::Uuid;

/// A probability in the unit of its column.
#[expect(clippy::cast_possible_truncation, reason = "0 to 10,000")]
pub(super) fn likelihood(probability: f64) -> i32 {
    (probability.clamp(0.0, 1.0) * 10_000.0).round() as i32
}

pub(super) fn row(organization: Uuid, pair: &DuplicatePair) -> Result<duplicate_pairs::Model, StoreError> {
    Ok(duplicate_pairs::Model {
        organization_id: organization,
        id: pair.id.0,
        lead_a: pair.lead_a.0,
        lead_b: pair.lead_b.0,
        likelihood: likelihood(pair.probability),
        evidence: to_json(&pair.evidence)?,
        status: pair.status.as_str().to_owned(),
        decided_by: pair.decided_by.map(Into::into),
        decided_at: pair.decided_at,
        created_at: pair.created_at,
    })
}

impl TryFrom<duplicate_pairs::Model> for DuplicatePair {
    type Error = StoreError;

    fn try_from(row: duplicate_pairs::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            lead_a: row.lead_a.into(),
            lead_b: row.lead_b.into(),
            probability: f64::from(row.likelihood) / 10_000.0,
            evidence: from_json("duplicate_pairs.evidence", row.evidence)?,
            status: parse("duplicate_pairs.status", &row.status)?,
            decided_by: row.decided_by.map(Into::into),
            decided_at: row.decided_at,
            created_at: row.created_at,
        })
    }
}

pub(super) fn scan_row(organization: Uuid, scan: &DuplicateScan) -> duplicate_scans::Model {
    duplicate_scans::Model {
        organization_id: organization,
        id: scan.id.0,
        status: scan.status.as_str().to_owned(),
        leads: scan.leads,
        done: scan.done,
        compared: scan.compared,
        proposed: scan.proposed,
        too_common: scan.too_common,
        started_at: scan.started_at,
        finished_at: scan.finished_at,
        after: scan.after.map(Into::into),
        seen_at: scan.seen.map(|seen| seen.0),
        seen_lead: scan.seen.map(|seen| seen.1.into()),
    }
}

impl TryFrom<duplicate_scans::Model> for DuplicateScan {
    type Error = StoreError;

    fn try_from(row: duplicate_scans::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            status: parse("duplicate_scans.status", &row.status)?,
            leads: row.leads,
            done: row.done,
            compared: row.compared,
            proposed: row.proposed,
            too_common: row.too_common,
            started_at: row.started_at,
            finished_at: row.finished_at,
            after: row.after.map(Into::into),
            seen: row.seen_at.zip(row.seen_lead.map(Into::into)),
        })
    }
}

impl From<&lead_merges::Model> for LeadMerge {
    fn from(row: &lead_merges::Model) -> Self {
        Self {
            id: row.id.into(),
            survivor_id: row.survivor_id.into(),
            other_id: row.other_id.into(),
            merged_by: row.merged_by.map(Into::into),
            merged_at: row.merged_at,
        }
    }
}
