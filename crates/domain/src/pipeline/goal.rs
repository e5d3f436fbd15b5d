//! Leads that a goal of a campaign or a sequence is about.

use super::{Counted, LeadSet, Share, wilson};
use crate::campaigns::CampaignGoal;
use crate::ids::{CampaignId, SequenceId};
use crate::money::{Currency, Money};
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use std::collections::BTreeMap;

/// Whose goal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoalOf {
    /// A campaign has one.
    Campaign(CampaignId),
    /// A sequence may have several: the first one is 1.
    Sequence(SequenceId, u32),
}

crate::text_enum::text_enum! {
    /// Which leads.
    #[derive(Default)]
    GoalPart {
        /// Those who could convert: whom the mail was sent to, or who clicked in it where a click is asked; who entered the sequence.
        Asked => "asked",
        /// Those who did.
        #[default]
        Converted => "converted",
    }
}

/// What the goal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoalRule {
    Campaign(CampaignGoal),
    /// Whoever left the sequence for this goal has it in the note of the exit.
    Sequence(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoalSet {
    pub of: GoalOf,
    pub part: GoalPart,
    /// Use-cases look it up. A set that lacks it means nobody.
    pub rule: Option<GoalRule>,
}

/// How many leads of a set there are, and what they are worth.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Valued {
    pub leads: i64,
    /// Minor units, of those that have a value.
    pub value: BTreeMap<Currency, i64>,
}

/// What came of a goal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GoalFigures {
    /// The goal in words.
    pub goal: String,
    /// Those who could convert: whom the mail was sent to, or who clicked in it where a click is asked; who entered the sequence.
    pub asked: Counted,
    pub converted: Counted,
    /// `converted` of `asked`.
    pub rate: Share,
    /// What those who converted are worth, by currency, in its main unit.
    #[cfg_attr(feature = "openapi", schema(value_type = Object, example = json!({"EUR": 5000.0})))]
    pub value: BTreeMap<String, f64>,
}

impl GoalFigures {
    pub fn new(goal: String, of: GoalOf, asked: i64, converted: &Valued) -> Self {
        let counted = |part, count| {
            let goal = Some(GoalSet { of, part, rule: None });
            let set = LeadSet {
                goal,
                ..LeadSet::default()
            };
            set.counted(count)
        };
        let amount = |(currency, minor): (&Currency, &i64)| {
            let money = Money {
                minor: *minor,
                currency: *currency,
            };
            let amount = money.amount().to_f64().unwrap_or_default();
            (currency.as_str().to_owned(), amount)
        };
        Self {
            goal,
            asked: counted(GoalPart::Asked, asked),
            converted: counted(GoalPart::Converted, converted.leads),
            rate: wilson(converted.leads, asked),
            value: converted.value.iter().map(amount).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_say_which_leads_they_count() {
        let id: SequenceId = uuid::Uuid::from_u128(1).into();
        let converted = Valued {
            leads: 1,
            value: BTreeMap::from([("EUR".parse().unwrap(), 250_050)]),
        };
        let figures = GoalFigures::new("x".into(), GoalOf::Sequence(id, 2), 4, &converted);
        let link = "/api/leads/analytics/leads?goal_sequence_id=00000000-0000-0000-0000-000000000001&goal=2&goal_part=";
        assert_eq!(
            (figures.asked.count, figures.asked.leads),
            (4, format!("{link}asked"))
        );
        assert_eq!(
            (figures.converted.count, figures.converted.leads),
            (1, format!("{link}converted"))
        );
        assert_eq!(figures.rate.value, Some(0.25));
        assert_eq!(figures.value, BTreeMap::from([("EUR".to_owned(), 2500.5)]));
    }
}
