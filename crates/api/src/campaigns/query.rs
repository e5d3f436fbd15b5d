//! How campaigns and their recipients are asked for.

use crate::http::{ApiError, page_request};
use chrono::{DateTime, Utc};
use groundswell_domain::campaigns::{CampaignFilter, CampaignSort, CampaignStatus, CampaignType};
use groundswell_domain::email::{MessageSort, MessageStatus};
use groundswell_domain::{ClientId, PageRequest, ProjectId, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CampaignQuery {
    pub status: Option<CampaignStatus>,
    #[serde(rename = "type")]
    #[param(rename = "type")]
    pub kind: Option<CampaignType>,
    pub client_id: Option<ClientId>,
    pub project_id: Option<ProjectId>,
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

impl CampaignQuery {
    pub fn page(&self) -> Result<PageRequest<CampaignSort>, ApiError> {
        let default = Sort::descending(CampaignSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }

    pub fn filter(self) -> CampaignFilter {
        CampaignFilter {
            status: self.status,
            kind: self.kind,
            client_id: self.client_id,
            project_id: self.project_id,
            name: self.q,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RecipientQuery {
    pub status: Option<MessageStatus>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl RecipientQuery {
    pub fn page(&self) -> Result<PageRequest<MessageSort>, ApiError> {
        let default = Sort::descending(MessageSort::CreatedAt);
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
pub(super) struct TimelineQuery {
    /// The launch when absent; rounded down to an hour.
    pub from: Option<DateTime<Utc>>,
    /// 1 to 744, 168 when absent.
    pub hours: Option<u32>,
}
