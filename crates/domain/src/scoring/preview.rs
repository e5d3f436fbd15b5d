//! Who would move if a model went live.

use crate::ids::LeadId;
use crate::leads::Score;
use serde::Serialize;

/// Lower ends of the ranges that scores are counted in; below the first one is a range of its own.
pub const BUCKETS: [i32; 7] = [0, 1, 10, 25, 50, 75, 100];

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    /// Leads of the organization.
    pub leads: i64,
    /// Leads that were looked at: all, or a sample from all times.
    pub sample: usize,
    /// Of the sample.
    pub moves: Moves,
    pub distribution: Vec<ScoreBucket>,
    /// Those who gain most, the most first.
    pub up: Vec<Mover>,
    /// Those who lose most, the most first.
    pub down: Vec<Mover>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Moves {
    pub up: usize,
    pub down: usize,
    pub unchanged: usize,
    /// Reach `min_score` and did not before; null when none was asked about.
    pub above: Option<usize>,
    /// Reached `min_score` and would not any more.
    pub below: Option<usize>,
}

/// How many scores are in a range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoreBucket {
    /// Null for the lowest.
    pub from: Option<i32>,
    /// Inclusive; null for the highest.
    pub to: Option<i32>,
    pub before: usize,
    pub after: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mover {
    pub lead_id: LeadId,
    pub name: String,
    pub email: String,
    pub before: Score,
    pub after: Score,
    /// The rules that do it, the strongest first.
    pub reasons: Vec<RuleChange>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleChange {
    pub rule: String,
    /// What its lines sum to now.
    pub before: i32,
    pub after: i32,
}
