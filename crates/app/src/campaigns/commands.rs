//! What callers send.

use chrono::{DateTime, Utc};
use groundswell_domain::campaigns::{
    Campaign, CampaignContent, CampaignGoal, CampaignType, Delivery, UtmPlan,
};
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::money::MoneyInput;
use groundswell_domain::{ClientId, Patch, ProjectId, TopicId};
use serde::{Deserialize, Serialize};

/// A whole campaign, to create or to replace one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewCampaign {
    pub name: String,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(rename = "type"))]
    pub kind: CampaignType,
    #[serde(default)]
    pub objective: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    /// `{"amount": 5000.00, "currency": "EUR"}`, or a bare number in the organization's currency.
    #[serde(default)]
    pub budget: Option<MoneyInput>,
    /// The type when absent.
    #[serde(default)]
    pub channels: Vec<String>,
    /// Who it is for; an empty filter means every lead.
    #[serde(default)]
    pub target_audience: LeadFilter,
    #[serde(default)]
    pub content: CampaignContent,
    /// How its mails are spread over time; absent: as fast as they can leave.
    #[serde(default)]
    pub delivery: Delivery,
    /// What its links say about where visitors come from; absent: made from names.
    #[serde(default)]
    pub utm: UtmPlan,
    /// What its mails are about: recipients can leave that without leaving everything.
    #[serde(default)]
    pub topic_id: Option<TopicId>,
    /// What it is to bring about, for its metrics.
    #[serde(default)]
    pub goal: Option<CampaignGoal>,
    #[serde(default)]
    pub start_date: Option<DateTime<Utc>>,
    #[serde(default)]
    pub end_date: Option<DateTime<Utc>>,
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// Of this client, or of none.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewCampaigns {
    /// 1 to 100; all are created or none.
    pub campaigns: Vec<NewCampaign>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkCreated {
    pub created: usize,
    pub campaigns: Vec<Campaign>,
}

/// Changes of a campaign; what is absent stays, null clears.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignPatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default, rename = "type")]
    #[cfg_attr(feature = "openapi", schema(rename = "type"))]
    pub kind: Option<CampaignType>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub objective: Patch<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Patch<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<MoneyInput>))]
    pub budget: Patch<MoneyInput>,
    #[serde(default)]
    pub channels: Option<Vec<String>>,
    #[serde(default)]
    pub target_audience: Option<LeadFilter>,
    #[serde(default)]
    pub content: Option<CampaignContent>,
    /// All of it at once.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    /// All of it at once.
    #[serde(default)]
    pub utm: Option<UtmPlan>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<TopicId>))]
    pub topic_id: Patch<TopicId>,
    /// All of it at once.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<CampaignGoal>))]
    pub goal: Patch<CampaignGoal>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateTime<Utc>>))]
    pub start_date: Patch<DateTime<Utc>>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateTime<Utc>>))]
    pub end_date: Patch<DateTime<Utc>>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ClientId>))]
    pub client_id: Patch<ClientId>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ProjectId>))]
    pub project_id: Patch<ProjectId>,
}

/// How a campaign is sent again to those who did not open it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resend {
    /// The first one's with `(again)` when absent.
    #[serde(default)]
    pub name: Option<String>,
    /// The first one's when absent.
    #[serde(default)]
    pub subject: Option<String>,
}

/// When a campaign starts by itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// In the future; the campaign's own `start_date` when absent.
    #[serde(default)]
    pub start_date: Option<DateTime<Utc>>,
}
