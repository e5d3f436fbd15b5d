//! How segments and their leads are asked for.

use crate::http::{ApiError, page_request};
use groundswell_domain::leads::LeadSort;
use groundswell_domain::segments::SegmentSort;
use groundswell_domain::{ClientId, PageRequest, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SegmentQuery {
    /// Part of the name, without case.
    pub q: Option<String>,
    pub client_id: Option<ClientId>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`, `updated_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl SegmentQuery {
    pub fn page(&self) -> Result<PageRequest<SegmentSort>, ApiError> {
        let default = Sort::descending(SegmentSort::CreatedAt);
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
pub(super) struct MemberQuery {
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`, `updated_at`, `name`, `email` or `score`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl MemberQuery {
    pub fn page(&self) -> Result<PageRequest<LeadSort>, ApiError> {
        let default = Sort::descending(LeadSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}
