//! How fast leads move.

use super::set::Counted;
use crate::leads::LeadStage;
use crate::money::Money;
use serde::Serialize;

/// How long leads stayed in a stage before they left it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageSpeed {
    pub from: LeadStage,
    pub to: LeadStage,
    /// How often leads went that way.
    pub moves: i64,
    /// Days in the stage before, of the middle lead.
    pub median_days: f64,
    /// Nine of ten took no longer.
    pub p90_days: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Velocity {
    /// Ways that leads went, in whole days.
    pub stages: Vec<StageSpeed>,
    pub open_opportunities: Counted,
    pub won: Counted,
    /// Opportunities that were given up.
    pub lost: Counted,
    /// Won of won and lost, 0.0 to 1.0; absent when nothing has ended.
    pub win_rate: Option<f64>,
    /// Of won leads with a value in the organization's currency.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::money::ShownMoney>))]
    pub average_value: Option<Money>,
    /// From coming in to being won, on average; in days.
    pub average_cycle_days: Option<f64>,
    /// What the pipeline earns a day: open opportunities × win rate × average value ÷ average cycle.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::money::ShownMoney>))]
    pub per_day: Option<Money>,
}

/// Leads that went from one stage to another after so many whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoveCount {
    pub from: LeadStage,
    pub to: LeadStage,
    pub days: i64,
    pub moves: i64,
}

impl StageSpeed {
    /// One for each way that was gone, in order of the life cycle.
    pub fn of(counts: &[MoveCount]) -> Vec<Self> {
        let mut counts = counts.to_vec();
        counts.sort_by_key(|count| (count.from as u8, count.to as u8, count.days));
        counts
            .chunk_by(|a, b| (a.from, a.to) == (b.from, b.to))
            .map(|way| Self {
                from: way[0].from,
                to: way[0].to,
                moves: way.iter().map(|count| count.moves).sum(),
                median_days: quantile(way, 0.5),
                p90_days: quantile(way, 0.9),
            })
            .collect()
    }
}

/// The smallest number of days that at least this share took no longer than.
fn quantile(way: &[MoveCount], share: f64) -> f64 {
    let all: i64 = way.iter().map(|count| count.moves).sum();
    let mut seen = 0;
    for count in way {
        seen += count.moves;
        #[expect(clippy::cast_precision_loss, reason = "days and counts are far below 2^52")]
        if seen as f64 >= share * all as f64 {
            return count.days as f64;
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_slow_ones() {
        let count = |days, moves| MoveCount {
            from: LeadStage::New,
            to: LeadStage::Engaged,
            days,
            moves,
        };
        let speed = StageSpeed::of(&[count(30, 1), count(1, 5), count(2, 4)]);
        assert_eq!(speed.len(), 1);
        assert_eq!(speed[0].moves, 10);
        assert!((speed[0].median_days - 1.0).abs() < f64::EPSILON);
        assert!((speed[0].p90_days - 2.0).abs() < f64::EPSILON);
    }
}
