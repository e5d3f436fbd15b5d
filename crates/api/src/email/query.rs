//! How templates, mails and suppressions are asked for.

use crate::http::{ApiError, page_request};
use groundswell_domain::email::{
    MessageFilter, MessageKind, MessageSort, MessageStatus, PartialSort, SendingDomainSort,
    SuppressionReason, SuppressionSort, TemplateSort, TopicFilter, TopicLeaveSort, TopicSort, VersionSort,
};
use groundswell_domain::{CampaignId, ClientId, Direction, LeadId, PageRequest, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TemplateQuery {
    pub category: Option<String>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`, `updated_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl TemplateQuery {
    pub fn page(&self) -> Result<PageRequest<TemplateSort>, ApiError> {
        let default = Sort::descending(TemplateSort::CreatedAt);
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
pub(super) struct VersionsQuery {
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `number`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl VersionsQuery {
    pub fn page(&self) -> Result<PageRequest<VersionSort>, ApiError> {
        let default = Sort::descending(VersionSort::Number);
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
pub(super) struct VersionQuery {
    /// The version that is sent when absent, or else the newest.
    pub number: Option<i32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DiffQuery {
    /// The version that is sent when absent.
    pub from: Option<i32>,
    /// The newest version when absent.
    pub to: Option<i32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PartialQuery {
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl PartialQuery {
    pub fn page(&self) -> Result<PageRequest<PartialSort>, ApiError> {
        let default = Sort::descending(PartialSort::CreatedAt);
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
pub(super) struct MessageQuery {
    pub status: Option<MessageStatus>,
    pub campaign_id: Option<CampaignId>,
    pub lead_id: Option<LeadId>,
    /// The exact address, without case.
    pub to: Option<String>,
    pub kind: Option<MessageKind>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl MessageQuery {
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

    pub fn filter(self) -> MessageFilter {
        MessageFilter {
            campaign_id: self.campaign_id,
            lead_id: self.lead_id,
            status: self.status,
            kind: self.kind,
            to: self.to,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DomainQuery {
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at` or `domain`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl DomainQuery {
    pub fn page(&self) -> Result<PageRequest<SendingDomainSort>, ApiError> {
        let default = Sort::descending(SendingDomainSort::CreatedAt);
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
pub(super) struct TopicQuery {
    /// Those of this client.
    pub client_id: Option<ClientId>,
    /// Those that are archived, or that are not; all when absent.
    pub archived: Option<bool>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl TopicQuery {
    pub fn page(&self) -> Result<PageRequest<TopicSort>, ApiError> {
        let default = Sort {
            field: TopicSort::Name,
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

    pub fn filter(&self) -> TopicFilter {
        TopicFilter {
            client_id: self.client_id,
            archived: self.archived,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TopicLeaveQuery {
    /// The exact address, without case.
    pub email: Option<String>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl TopicLeaveQuery {
    pub fn page(&self) -> Result<PageRequest<TopicLeaveSort>, ApiError> {
        let default = Sort::descending(TopicLeaveSort::CreatedAt);
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
pub(super) struct SuppressionQuery {
    pub reason: Option<SuppressionReason>,
    /// The exact address, without case; also when it was erased and only its hash is kept.
    pub email: Option<String>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at` or `email`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl SuppressionQuery {
    pub fn page(&self) -> Result<PageRequest<SuppressionSort>, ApiError> {
        let default = Sort::descending(SuppressionSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}
