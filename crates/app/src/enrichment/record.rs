//! Writes down what sources said, next to whatever else happens to the lead.

use super::run::Run;
use crate::{leads, organization, scoring};
use chrono::{DateTime, Utc};
use groundswell_domain::enrichment::{
    Check, CheckOutcome, Enrichment, EnrichmentSource, EnrichmentValue, Finding,
};
use groundswell_domain::leads::{Lead, LeadEventKind};
use groundswell_domain::{Error, StoreError};
use serde_json::json;

/// Tries to write, when somebody else changes the lead at the same moment.
const TRIES: u32 = 5;

/// What a source said, to be written down.
pub(super) struct Said {
    pub source: EnrichmentSource,
    pub check: Check,
    pub findings: Vec<Finding>,
}

impl Run<'_> {
    pub async fn known(&self) -> Result<Known, Error> {
        let repos = self.app.store.read(self.scope);
        Ok(Known {
            values: repos.enrichment().values(self.lead.id).await?,
            enrichment: repos.enrichment().enrichment(self.lead.id).await?,
        })
    }

    /// Remembers how a source stands, and leaves what it said before.
    pub async fn note(&self, source: EnrichmentSource, check: Check) -> Result<(), Error> {
        let unit = self.app.store.begin(self.scope).await?;
        let mut enrichment = unit.enrichment().enrichment(self.lead.id).await?;
        enrichment.checks.insert(source, check);
        match unit.enrichment().keep_enrichment(self.lead.id, &enrichment).await {
            Ok(()) => Ok(unit.commit().await?),
            Err(StoreError::MissingReference { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes down what sources said, and fills what may be filled. False when the lead is gone.
    pub async fn write(&mut self, said: Vec<Said>) -> Result<bool, Error> {
        for _ in 0..TRIES {
            match self.try_write(&said).await {
                Ok(Some(there)) => return Ok(there),
                Ok(None) => {}
                // It was deleted between two statements.
                Err(Error::Conflict {
                    code: "missing_reference",
                    ..
                }) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Err(Error::conflict(
            "lead_changed_meanwhile",
            "the lead is being changed at this moment",
        ))
    }

    /// `None` when somebody else changed the lead in between.
    async fn try_write(&mut self, said: &[Said]) -> Result<Option<bool>, Error> {
        let now = self.app.now();
        let id = self.lead.id;
        let region = organization::region(self.app, self.scope).await?;
        let unit = self.app.store.begin(self.scope).await?;
        let Some(mut lead) = unit.leads().get(id).await? else {
            return Ok(Some(false));
        };
        let repo = unit.enrichment();
        let mut enrichment = repo.enrichment(id).await?;
        for said in said {
            // Trouble that will pass does not take away what was said before.
            if said.check.outcome != CheckOutcome::Failed {
                let values: Vec<_> = said
                    .findings
                    .iter()
                    .map(|found| said.value(&lead, found))
                    .collect();
                repo.replace_values(id, said.source, &values).await?;
            }
            enrichment.checks.insert(said.source, said.check.clone());
        }
        let values = repo.values(id).await?;
        if enrichment.fill(&mut lead, &values, now) {
            let current = lead.version;
            lead.read_phone(region);
            lead.updated_at = now;
            lead.version += 1;
            if !unit.leads().update(&lead, current).await? {
                return Ok(None);
            }
            let sources: Vec<_> = said.iter().map(|said| said.source).collect();
            let filled = json!({ "sources": sources });
            let filled = leads::event(self.app, id, LeadEventKind::Enriched, filled);
            scoring::changed(self.app, self.scope, unit.as_ref(), id, &[filled]).await?;
        }
        repo.keep_enrichment(id, &enrichment).await?;
        unit.commit().await?;
        self.lead = lead;
        Ok(Some(true))
    }
}

/// What is written down about a lead so far.
pub(super) struct Known {
    pub values: Vec<EnrichmentValue>,
    pub enrichment: Enrichment,
}

impl Known {
    pub fn is_fresh(
        &self,
        source: EnrichmentSource,
        asked: &str,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> bool {
        let check = self.enrichment.checks.get(&source);
        check.is_some_and(|check| check.is_fresh(asked, since, now))
    }
}

impl Said {
    fn value(&self, lead: &Lead, found: &Finding) -> EnrichmentValue {
        EnrichmentValue {
            lead_id: lead.id,
            field: found.field.clone(),
            value: found.value.clone(),
            source: self.source,
            confidence: found.confidence,
            fetched_at: self.check.at,
            expires_at: self.check.expires_at,
        }
    }
}
