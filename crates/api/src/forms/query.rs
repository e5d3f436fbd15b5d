//! How forms and submissions are asked for.

use crate::http::{ApiError, page_request};
use chrono::NaiveDate;
use groundswell_domain::forms::{FormSort, PartialSort, SubmissionSort, SubmissionStatus};
use groundswell_domain::{PageRequest, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FormQuery {
    /// Part of the name, without case.
    pub q: Option<String>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`, `updated_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl FormQuery {
    pub fn page(&self) -> Result<PageRequest<FormSort>, ApiError> {
        let default = Sort::descending(FormSort::CreatedAt);
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
pub(super) struct SubmissionQuery {
    /// `accepted` when absent.
    pub status: Option<SubmissionStatus>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl SubmissionQuery {
    pub fn status(&self) -> SubmissionStatus {
        self.status.unwrap_or(SubmissionStatus::Accepted)
    }

    pub fn page(&self) -> Result<PageRequest<SubmissionSort>, ApiError> {
        let default = Sort::descending(SubmissionSort::CreatedAt);
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
pub(super) struct PartialQuery {
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `updated_at` or `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl PartialQuery {
    pub fn page(&self) -> Result<PageRequest<PartialSort>, ApiError> {
        let default = Sort::descending(PartialSort::UpdatedAt);
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
pub(super) struct AnalyticsQuery {
    /// First day, in UTC: `2027-01-31`. Thirty days in all when absent, 366 at most.
    pub from: Option<NaiveDate>,
    /// Last day; today when absent.
    pub to: Option<NaiveDate>,
}
