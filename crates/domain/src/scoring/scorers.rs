//! The active models of an organization, ready to be asked.

use super::model::ScoringModel;
use super::scorer::Scorer;
use crate::ids::OrganizationId;
use crate::leads::{Lead, LeadEvent, ScoreEntry};
use chrono::{DateTime, Utc};

/// Exactly one of them is primary.
#[derive(Debug)]
pub struct Scorers(Vec<Scorer>);

impl Scorers {
    /// Of the models that are active; the built-in one when none of them is primary. One that can't be read, because a
    /// newer program wrote it, is left out.
    pub fn of(organization: OrganizationId, models: &[ScoringModel], now: DateTime<Utc>) -> Self {
        let mut scorers: Vec<_> = models
            .iter()
            .filter_map(|model| Scorer::new(model).ok())
            .collect();
        if !scorers.iter().any(|scorer| scorer.primary) {
            scorers.extend(Scorer::new(&ScoringModel::built_in(organization, now)));
        }
        Self(scorers)
    }

    pub fn is_additive(&self) -> bool {
        self.0.iter().all(Scorer::is_additive)
    }

    pub fn reads_leads(&self) -> bool {
        self.0.iter().any(Scorer::reads_leads)
    }

    pub fn counts(&self, events: &[LeadEvent]) -> bool {
        self.0
            .iter()
            .any(|scorer| events.iter().any(|event| scorer.counts(event)))
    }

    /// The lines that events add, where all models are additive.
    pub fn additions(&self, events: &[LeadEvent]) -> Vec<ScoreEntry> {
        self.0
            .iter()
            .flat_map(|scorer| scorer.additions(events))
            .collect()
    }

    /// All lines of a lead by all models.
    pub fn lines(&self, lead: &Lead, events: &[LeadEvent], now: DateTime<Utc>) -> Vec<ScoreEntry> {
        self.0
            .iter()
            .flat_map(|scorer| scorer.lines(lead, events, now))
            .collect()
    }
}
