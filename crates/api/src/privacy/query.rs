//! How receipts and exports are asked for.

use crate::http::{ApiError, page_request};
use groundswell_domain::privacy::ErasureSort;
use groundswell_domain::{PageRequest, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ErasureQuery {
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl ErasureQuery {
    pub fn page(&self) -> Result<PageRequest<ErasureSort>, ApiError> {
        let default = Sort::descending(ErasureSort::CreatedAt);
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
pub(super) struct ExportQuery {
    /// Make a new file, even if there is one.
    pub fresh: Option<bool>,
}
