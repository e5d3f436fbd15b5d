//! How sequences, those in them, and drafts are asked for.

use crate::http::{ApiError, page_request};
use groundswell_domain::sequences::{
    DraftSort, DraftStatus, EnrollmentFilter, EnrollmentSort, EnrollmentStatus, ExitReason, SequenceSort,
    SequenceStatus,
};
use groundswell_domain::{LeadId, PageRequest, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SequenceQuery {
    /// Part of the name, without case.
    pub q: Option<String>,
    pub status: Option<SequenceStatus>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`, `updated_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl SequenceQuery {
    pub fn page(&self) -> Result<PageRequest<SequenceSort>, ApiError> {
        let default = Sort::descending(SequenceSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EnrollmentQuery {
    pub status: Option<EnrollmentStatus>,
    /// Who is, or was last, at this step.
    pub step: Option<String>,
    pub lead_id: Option<LeadId>,
    pub exit_reason: Option<ExitReason>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `entered_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl EnrollmentQuery {
    pub fn filter(&self) -> EnrollmentFilter {
        EnrollmentFilter {
            status: self.status,
            step: self.step.clone(),
            lead_id: self.lead_id,
            exit_reason: self.exit_reason,
        }
    }

    pub fn page(&self) -> Result<PageRequest<EnrollmentSort>, ApiError> {
        let default = Sort::descending(EnrollmentSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DraftQuery {
    pub status: Option<DraftStatus>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl DraftQuery {
    pub fn page(&self) -> Result<PageRequest<DraftSort>, ApiError> {
        let default = Sort::descending(DraftSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}
