//! How schedules are asked for.

use crate::http::{ApiError, page_request};
use groundswell_domain::schedules::ScheduleSort;
use groundswell_domain::{PageRequest, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ScheduleQuery {
    /// Only those that are not paused, or only those that are.
    pub enabled: Option<bool>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`, `updated_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl ScheduleQuery {
    pub fn page(&self) -> Result<PageRequest<ScheduleSort>, ApiError> {
        let default = Sort::descending(ScheduleSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}
