//! The numbers at the top of the leads page.

use super::lead::LeadStatus;
use serde::Serialize;

/// How many leads have each status, kept up to date with every change of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusCounts(pub Vec<(LeadStatus, i64)>);

impl StatusCounts {
    pub fn of(&self, status: LeadStatus) -> i64 {
        self.0
            .iter()
            .filter(|(s, _)| *s == status)
            .map(|(_, count)| count)
            .sum()
    }

    pub fn total(&self) -> i64 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeadOverview {
    pub total_leads: i64,
    /// With status `new`.
    pub new_leads: i64,
    /// With status `qualified`.
    pub qualified_leads: i64,
    /// Converted ÷ total, 0.0 to 1.0; 0 when there are no leads.
    pub conversion_rate: f64,
}

impl From<&StatusCounts> for LeadOverview {
    fn from(counts: &StatusCounts) -> Self {
        let total = counts.total();
        #[expect(clippy::cast_precision_loss, reason = "counts of leads are far below 2^52")]
        let conversion_rate = if total == 0 {
            0.0
        } else {
            counts.of(LeadStatus::Converted) as f64 / total as f64
        };
        Self {
            total_leads: total,
            new_leads: counts.of(LeadStatus::New),
            qualified_leads: counts.of(LeadStatus::Qualified),
            conversion_rate,
        }
    }
}
