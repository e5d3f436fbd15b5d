//! How enrichment is asked for.

use crate::http::{ApiError, page_request};
use groundswell_domain::enrichment::ProviderSort;
use groundswell_domain::{Direction, PageRequest, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EnrichQuery {
    /// Ask everybody again, also those whose answers still count.
    pub force: Option<bool>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ProviderQuery {
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `position`, `created_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl ProviderQuery {
    pub fn page(&self) -> Result<PageRequest<ProviderSort>, ApiError> {
        let default = Sort {
            field: ProviderSort::Position,
            direction: Direction::Ascending,
        };
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}
