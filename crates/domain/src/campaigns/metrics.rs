//! The numbers of a campaign, changed in the transaction of what they count.

use crate::email::MessageStatus;
use crate::pipeline::GoalFigures;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// `audience` = `queued` + `sent` + `failed` + `suppressed` + `unknown` + `cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignMetrics {
    /// People the campaign is for, as of its launch.
    pub audience: i64,
    /// Not settled yet.
    pub queued: i64,
    pub sent: i64,
    pub failed: i64,
    pub suppressed: i64,
    /// May or may not have been delivered; see the recipients.
    pub unknown: i64,
    pub cancelled: i64,
    pub opens: i64,
    pub unique_opens: i64,
    pub clicks: i64,
    pub unique_clicks: i64,
    pub unsubscribes: i64,
}

/// The counters, and what came of the goal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignFigures {
    #[serde(flatten)]
    pub metrics: CampaignMetrics,
    /// Absent for a campaign without a goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<GoalFigures>,
}

/// Changes of the counters. `queued` is derived from the others and never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MetricsDelta {
    pub audience: i64,
    pub sent: i64,
    pub failed: i64,
    pub suppressed: i64,
    pub unknown: i64,
    pub cancelled: i64,
    pub opens: i64,
    pub unique_opens: i64,
    pub clicks: i64,
    pub unique_clicks: i64,
    pub unsubscribes: i64,
}

impl MetricsDelta {
    /// Adds `by` to the counter of a state; states that are not settled have none.
    pub fn count(&mut self, status: MessageStatus, by: i64) {
        match status {
            MessageStatus::Sent => self.sent += by,
            MessageStatus::Failed => self.failed += by,
            MessageStatus::Suppressed => self.suppressed += by,
            MessageStatus::Unknown => self.unknown += by,
            MessageStatus::Cancelled => self.cancelled += by,
            MessageStatus::Queued | MessageStatus::Claimed | MessageStatus::Sending => {}
        }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl AddAssign for MetricsDelta {
    fn add_assign(&mut self, other: Self) {
        self.audience += other.audience;
        self.sent += other.sent;
        self.failed += other.failed;
        self.suppressed += other.suppressed;
        self.unknown += other.unknown;
        self.cancelled += other.cancelled;
        self.opens += other.opens;
        self.unique_opens += other.unique_opens;
        self.clicks += other.clicks;
        self.unique_clicks += other.unique_clicks;
        self.unsubscribes += other.unsubscribes;
    }
}

/// Sums over an organization's campaigns.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignStats {
    pub total: i64,
    pub by_status: BTreeMap<String, i64>,
    pub by_type: BTreeMap<String, i64>,
    /// Budgets by currency, in its main unit.
    #[cfg_attr(feature = "openapi", schema(value_type = Object, example = json!({"EUR": 5000.0})))]
    pub budget: BTreeMap<String, f64>,
    /// Over all campaigns.
    pub metrics: CampaignMetrics,
    /// Unique opens ÷ sent, 0.0 to 1.0.
    pub open_rate: f64,
    /// Unique clicks ÷ sent, 0.0 to 1.0.
    pub click_rate: f64,
}
