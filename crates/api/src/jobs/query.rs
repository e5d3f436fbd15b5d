//! How jobs are asked for.

use crate::http::{ApiError, page_request};
use groundswell_domain::jobs::{JobFilter, JobSort, JobStatus};
use groundswell_domain::{PageRequest, ScheduleId, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct JobQuery {
    pub status: Option<JobStatus>,
    /// For example `leads.import`.
    pub kind: Option<String>,
    /// What a schedule has set going; with `kind=schedules.run` its runs.
    pub schedule_id: Option<ScheduleId>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`, or with `status=queued` or `status=running` also `run_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl JobQuery {
    pub fn page(&self) -> Result<PageRequest<JobSort>, ApiError> {
        let default = Sort::descending(JobSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }

    pub fn filter(self) -> JobFilter {
        JobFilter {
            status: self.status,
            kind: self.kind,
            schedule: self.schedule_id,
        }
    }
}
