//! How consents are asked for.

use crate::http::{ApiError, page_request};
use groundswell_domain::consents::{ConsentFilter, ConsentSort, Purpose};
use groundswell_domain::{PageRequest, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ConsentQuery {
    pub purpose: Option<Purpose>,
    /// Only the newest of each purpose: what counts now.
    pub current: Option<bool>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl ConsentQuery {
    pub fn page(&self) -> Result<PageRequest<ConsentSort>, ApiError> {
        let default = Sort::descending(ConsentSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }

    pub fn filter(self) -> ConsentFilter {
        ConsentFilter {
            purpose: self.purpose,
            current: self.current.unwrap_or(false),
        }
    }
}
