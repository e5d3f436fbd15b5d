//! A campaign.

use super::delivery::Delivery;
use super::goal::CampaignGoal;
use super::metrics::CampaignMetrics;
use super::status::CampaignStatus;
use super::utm::{UtmPlan, UtmTags};
use crate::email::TemplateSource;
use crate::ids::{CampaignId, ClientId, ProjectId, TemplateId, TopicId, UserId};
use crate::leads::LeadFilter;
use crate::money::Currency;
use crate::segments::Audience;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

crate::text_enum::text_enum! {
    CampaignType { Email => "email", Social => "social", Content => "content", Mixed => "mixed" }
}

/// What an email campaign says: a template, or a mail of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignContent {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<TemplateId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Made from the HTML when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl CampaignContent {
    /// The mail, if it is written here and not in a template.
    pub fn own_mail(&self) -> Option<TemplateSource> {
        let mail = TemplateSource::html(self.subject.clone()?, self.html.clone()?);
        Some(mail.with_text(self.text.clone()))
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Campaign {
    pub id: CampaignId,
    pub name: String,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(rename = "type"))]
    pub kind: CampaignType,
    pub status: CampaignStatus,
    pub objective: Option<String>,
    pub description: Option<String>,
    /// In the main unit of `currency`.
    #[serde(with = "rust_decimal::serde::float_option")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub budget_allocated: Option<Decimal>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "EUR"))]
    pub currency: Currency,
    pub channels: Vec<String>,
    pub target_audience: LeadFilter,
    pub content: CampaignContent,
    /// How its mails are spread over time.
    pub delivery: Delivery,
    /// What its links say about where visitors come from.
    pub utm: UtmPlan,
    /// What its mails are about, which recipients may leave without leaving everything.
    pub topic_id: Option<TopicId>,
    /// What it is to bring about, for its metrics.
    pub goal: Option<CampaignGoal>,
    /// It goes to those whom this campaign's mail was sent to and who did not open it.
    pub resend_of: Option<CampaignId>,
    pub metrics: CampaignMetrics,
    /// When it starts (scheduled) or started.
    pub start_date: Option<DateTime<Utc>>,
    pub end_date: Option<DateTime<Utc>>,
    pub client_id: Option<ClientId>,
    pub project_id: Option<ProjectId>,
    pub created_by: Option<UserId>,
    /// Why it failed.
    pub failure: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,

    /// Raised with every schedule, launch and resume; jobs of an older run stop.
    #[serde(skip)]
    pub run: i32,
    /// The mail as it was at launch: later changes of the template don't reach a running campaign.
    #[serde(skip)]
    pub frozen: Option<TemplateSource>,
    /// The parameters of its links, likewise; absent where links stay as they are.
    #[serde(skip)]
    pub tags: Option<UtmTags>,
    /// Who the segment of its audience meant at launch: later changes of the segment don't reach a running campaign.
    #[serde(skip)]
    pub audience: Option<Audience>,
    /// Leads up to here are in the ledger; where the snapshot goes on after a crash.
    #[serde(skip)]
    pub snapshot_after: Option<crate::ids::LeadId>,
    /// The whole audience is in the ledger.
    #[serde(skip)]
    pub snapshot_done: bool,
    #[serde(skip)]
    pub launched_at: Option<DateTime<Utc>>,
}

crate::sort_fields! {
    /// How campaigns can be ordered.
    CampaignSort { CreatedAt => "created_at": Time, UpdatedAt => "updated_at": Time, Name => "name": Text }
}
