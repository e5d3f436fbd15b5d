//! How projects are asked for.

use crate::http::{ApiError, page_request};
use groundswell_domain::projects::{ProjectFilter, ProjectSort, ProjectStatus};
use groundswell_domain::{ClientId, PageRequest, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ProjectQuery {
    pub client_id: Option<ClientId>,
    pub status: Option<ProjectStatus>,
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

impl ProjectQuery {
    pub fn page(&self) -> Result<PageRequest<ProjectSort>, ApiError> {
        let default = Sort::descending(ProjectSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }

    pub fn filter(self) -> ProjectFilter {
        ProjectFilter {
            client_id: self.client_id,
            status: self.status,
            name: self.q,
        }
    }
}
