//! A/B/n tests: several versions of a campaign's mail, of which the better one goes to everybody else.
//!
//! Who gets which version follows from the ids of campaign and lead alone ([`AbDesign::assign`]), so that a crash changes nothing. The
//! figures count what people did and nothing else; what follows from them is said by [`crate::experiments`], whose answers stay
//! right however often one looks.

mod design;
mod figures;
mod judge;

pub use design::{AbDesign, AbMetric, AbMode, Assignment, Variant};
pub use figures::{AbCounts, VariantFigures};
pub use judge::{AbLift, AbOutcome, Judgement, judge};

use crate::email::TemplateSource;
use crate::ids::{AbTestId, CampaignId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

crate::text_enum::text_enum! {
    AbStatus {
        /// The campaign was not launched yet.
        Draft => "draft",
        Running => "running",
        /// Something about the figures is wrong: a person has to decide.
        Stopped => "stopped",
        /// Every mail has its version.
        Decided => "decided",
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AbTest {
    pub id: AbTestId,
    pub campaign_id: CampaignId,
    #[serde(flatten)]
    pub design: AbDesign,
    pub status: AbStatus,
    /// The version that everybody else gets, from 0; also the declared default where nothing won.
    pub winner: Option<i32>,
    /// What was seen last, and what it means.
    pub outcome: Option<AbOutcome>,
    /// How often the figures were looked at.
    pub looks: i32,
    pub decided_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,

    /// The mail of each version as it was at the launch.
    #[serde(skip)]
    pub frozen: Vec<TemplateSource>,
}

/// Looks at the test of a campaign until it is decided.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunAbTest {
    pub campaign_id: CampaignId,
    /// The jobs of an older run stop.
    pub run: i32,
}

impl crate::jobs::JobPayload for RunAbTest {
    const KIND: &'static str = "campaigns.ab_test";
    // Counted per crash only: looking again uses none up.
    const MAX_ATTEMPTS: i32 = 100;
}
