//! Gives every open lead a probability, in pieces that each stand for themselves, and again each day.

use crate::App;
use crate::jobs::{Progress, Stop};
use chrono::TimeDelta;
use groundswell_domain::leads::prediction::{LeadPrediction, ScoreLeads};
use groundswell_domain::{Error, Scope, StoreError};

/// Leads in one transaction.
const PIECE: u32 = 1000;
/// From the end of one round to the next.
const ROUNDS: TimeDelta = TimeDelta::days(1);

/// The job. Killed anywhere, it goes on after the last piece that was committed; it ends when another model is in use.
pub async fn score_leads(app: &App, scope: &Scope, job: &ScoreLeads, stop: &Stop) -> Result<Progress, Error> {
    let active = async || -> Result<_, Error> {
        let kept = app.store.read(scope).predictions().active().await?;
        Ok(kept.filter(|kept| kept.head.id == job.model_id))
    };
    let Some(mut kept) = active().await? else {
        return Ok(Progress::Done);
    };
    let model = match kept.read() {
        Ok(model) => model,
        Err(message) => {
            tracing::warn!(model = %kept.head.id, "leads can't be given probabilities: {message}");
            return Ok(Progress::Done);
        }
    };
    loop {
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let leads = app
            .store
            .read(scope)
            .predictions()
            .open_leads(kept.scoring.after, PIECE)
            .await?;
        let now = app.now();
        let mut predictions = Vec::with_capacity(leads.len());
        for facts in &leads {
            let features = facts.features();
            predictions.push(LeadPrediction {
                lead_id: facts.lead.id,
                model_id: job.model_id,
                probability: model.probability(&features),
                computed_at: now,
            });
            kept.scoring.now.count(&model, &features);
        }
        kept.scoring.after = leads.last().map(|facts| facts.lead.id).or(kept.scoring.after);
        let done = leads.len() < PIECE as usize;
        if done {
            kept.scoring.end(now);
        }
        let unit = app.store.begin(scope).await?;
        let mut ours = unit
            .predictions()
            .advance(job.model_id, kept.pieces, &kept.scoring)
            .await?;
        if ours {
            ours = match unit.predictions().record(&predictions).await {
                // One of the leads was deleted meanwhile.
                Err(StoreError::MissingReference { .. }) => false,
                other => other.map(|()| true)?,
            };
        }
        if ours {
            unit.commit().await?;
            kept.pieces += 1;
            if done {
                return Ok(Progress::ContinueAt(now + ROUNDS));
            }
        } else {
            // Another worker took over, another model is in use, or a lead is gone: look again.
            drop(unit);
            let Some(fresh) = active().await? else {
                return Ok(Progress::Done);
            };
            kept = fresh;
        }
    }
}
