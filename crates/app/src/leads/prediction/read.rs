//! What people are told: how good the prediction is, and what it says of a lead.

use crate::App;
use chrono::{DateTime, Utc};
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::prediction::{
    Drift, Explanation, Insufficient, KeptModel, LeadFacts, PredictionModel, PredictionStatus,
};
use groundswell_domain::{Error, LeadId, PredictionModelId, Scope};
use serde::Serialize;

const UNTRAINED: &str = "can't tell: there was no training yet";

/// The prediction of an organization.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PredictionOverview {
    /// What came of the newest training.
    pub status: PredictionStatus,
    /// The same in a sentence.
    pub message: String,
    /// When the newest training ended.
    pub trained_at: Option<DateTime<Utc>>,
    /// What is missing, when there is too little to learn from.
    pub insufficient: Option<Insufficient>,
    /// The training whose model is in use, or else the newest one that gave a model.
    pub model: Option<PredictionModel>,
    /// How leads have changed since; `null` until all of them were given probabilities twice.
    pub drift: Option<Drift>,
    /// When all open leads were last given a probability.
    pub scored_at: Option<DateTime<Utc>>,
}

pub async fn get_prediction(app: &App, scope: &Scope) -> Result<PredictionOverview, Error> {
    scope.require(Permission::LeadsRead)?;
    scope.require_whole_organization()?;
    let repos = app.store.read(scope);
    let Some(newest) = repos.predictions().newest().await? else {
        return Ok(PredictionOverview {
            status: PredictionStatus::Untrained,
            message: UNTRAINED.to_owned(),
            trained_at: None,
            insufficient: None,
            model: None,
            drift: None,
            scored_at: None,
        });
    };
    let active = if newest.head.active {
        None
    } else {
        repos.predictions().active().await?
    };
    let (status, message) = (newest.head.status, newest.head.message.clone());
    let (trained_at, insufficient) = (newest.head.trained_at, newest.head.insufficient.clone());
    let used = active.unwrap_or(newest);
    Ok(PredictionOverview {
        status,
        message,
        trained_at: Some(trained_at),
        insufficient,
        drift: used.drift(),
        scored_at: used.scoring.ended_at,
        model: Some(used.head).filter(|head| head.report.is_some()),
    })
}

/// Whether a lead's probability can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LeadVerdict {
    Predicted,
    /// There is no model that could.
    CannotTell,
    /// It has converted or was disqualified: there is nothing to predict.
    Decided,
}

/// The probability of the last round through all leads.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastRound {
    pub probability: f64,
    pub computed_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeadPredictionView {
    pub lead_id: LeadId,
    pub status: LeadVerdict,
    /// In a sentence.
    pub message: String,
    /// That the lead converts, by what is known of it now.
    pub probability: Option<f64>,
    /// Why: what each field adds.
    pub explanation: Option<Explanation>,
    pub model_id: Option<PredictionModelId>,
    pub trained_at: Option<DateTime<Utc>>,
    pub last_round: Option<LastRound>,
}

/// By what is known of the lead now.
pub async fn get_lead_prediction(app: &App, scope: &Scope, id: LeadId) -> Result<LeadPredictionView, Error> {
    scope.require(Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    let facts = repos
        .predictions()
        .facts(id)
        .await?
        .ok_or(Error::NotFound { what: "lead" })?;
    let mut view = LeadPredictionView {
        lead_id: id,
        status: LeadVerdict::CannotTell,
        message: String::new(),
        probability: None,
        explanation: None,
        model_id: None,
        trained_at: None,
        last_round: None,
    };
    if let Some(outcome) = facts.outcome {
        view.status = LeadVerdict::Decided;
        let became = if outcome.converted {
            "has converted"
        } else {
            "was disqualified"
        };
        view.message = format!("there is nothing to predict: the lead {became}");
        return Ok(view);
    }
    if let Some(kept) = repos.predictions().active().await? {
        explain(&mut view, &facts, &kept);
        let last = repos.predictions().prediction(id).await?;
        view.last_round = last
            .filter(|last| last.model_id == kept.head.id)
            .map(|last| LastRound {
                probability: last.probability,
                computed_at: last.computed_at,
            });
    } else {
        let newest = repos.predictions().newest().await?;
        view.message = newest.map_or_else(|| UNTRAINED.to_owned(), |newest| newest.head.message);
    }
    Ok(view)
}

fn explain(view: &mut LeadPredictionView, facts: &LeadFacts, kept: &KeptModel) {
    let model = match kept.read() {
        Ok(model) => model,
        Err(message) => {
            view.message = format!("can't tell: {message}");
            return;
        }
    };
    let explanation = model.explain(&facts.features());
    let percent = explanation.probability * 100.0;
    view.status = LeadVerdict::Predicted;
    view.message = match &kept.head.report {
        Some(report) => format!(
            "{percent:.0} % by what is known now; of all leads with an outcome {:.0} % have converted",
            report.base_rate() * 100.0,
        ),
        None => format!("{percent:.0} % by what is known now"),
    };
    view.probability = Some(explanation.probability);
    view.explanation = Some(explanation);
    view.model_id = Some(kept.head.id);
    view.trained_at = Some(kept.head.trained_at);
}
