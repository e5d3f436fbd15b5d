//! The score: the sum of a ledger, never a number that someone sets.

use crate::ids::{LeadId, ScoreEntryId, ScoringModelId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Sums of a lead's ledger entries, in points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Score {
    /// `fit` + `engagement`.
    pub total: i32,
    /// How well the person matches who is sought.
    pub fit: i32,
    /// How interested the person has shown to be.
    pub engagement: i32,
}

impl Score {
    /// The sum of entries.
    pub fn sum<'a>(entries: impl IntoIterator<Item = &'a ScoreEntry>) -> Self {
        let mut score = Self::default();
        for entry in entries {
            match entry.axis {
                Axis::Fit => score.fit += entry.points,
                Axis::Engagement => score.engagement += entry.points,
            }
            score.total += entry.points;
        }
        score
    }
}

crate::text_enum::text_enum! {
    /// What an entry counts towards.
    Axis { Fit => "fit", Engagement => "engagement" }
}

/// One line of the ledger. Points of a hit stand as they were given; what time and caps take is in lines of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoreEntry {
    pub id: ScoreEntryId,
    pub lead_id: LeadId,
    /// The model that gave the points.
    pub model_id: ScoringModelId,
    /// The revision of the model in which it did.
    pub revision: i32,
    /// It counts towards the lead's `score`; otherwise it is of a model that runs beside the primary one.
    pub primary: bool,
    /// Name of the rule that gave the points; `cap.` and a kind, or `cap.fit`, for what is above such a limit.
    pub rule: String,
    pub axis: Axis,
    /// May be negative.
    pub points: i32,
    /// What happened, for example `submission:0190…`; `profile` for what is known of the lead, `decay` and `cap` for what
    /// is taken from the rule's points by time or by its cap. One rule counts one event once.
    pub event: String,
    /// When it happened.
    pub created_at: DateTime<Utc>,
}

crate::sort_fields! {
    /// How ledger entries can be ordered.
    ScoreSort { CreatedAt => "created_at": Time }
}
