//! The score: the sum of a ledger, never a number that someone sets.

use crate::ids::{LeadId, ScoreEntryId};
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

/// One line of the ledger. It is only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoreEntry {
    pub id: ScoreEntryId,
    pub lead_id: LeadId,
    /// Name of the rule that gave the points.
    pub rule: String,
    pub axis: Axis,
    /// May be negative.
    pub points: i32,
    /// What happened, for example `submission:0190…`. One rule counts one event once.
    pub event: String,
    pub created_at: DateTime<Utc>,
}

/// The built-in rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreRule {
    FormSubmitted,
    /// The link of a double opt-in was followed.
    OptInConfirmed,
    /// The first open of a mail.
    EmailOpened,
    /// The first click in a mail.
    EmailClicked,
    Unsubscribed,
}

impl ScoreRule {
    pub fn name(self) -> &'static str {
        match self {
            Self::FormSubmitted => "form_submitted",
            Self::OptInConfirmed => "double_opt_in_confirmed",
            Self::EmailOpened => "email_opened",
            Self::EmailClicked => "email_clicked",
            Self::Unsubscribed => "unsubscribed",
        }
    }

    pub fn points(self) -> i32 {
        match self {
            Self::FormSubmitted => 10,
            Self::EmailOpened => 2,
            Self::OptInConfirmed | Self::EmailClicked => 5,
            Self::Unsubscribed => -10,
        }
    }

    /// The ledger line of this rule for one event.
    pub fn entry(
        self,
        id: ScoreEntryId,
        lead_id: LeadId,
        event: String,
        created_at: DateTime<Utc>,
    ) -> ScoreEntry {
        ScoreEntry {
            id,
            lead_id,
            rule: self.name().to_owned(),
            axis: Axis::Engagement,
            points: self.points(),
            event,
            created_at,
        }
    }
}

crate::sort_fields! {
    /// How ledger entries can be ordered.
    ScoreSort { CreatedAt => "created_at": Time }
}
