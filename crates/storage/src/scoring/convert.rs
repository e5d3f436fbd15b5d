//! Between rows and models.

use crate::codec::{from_json, parse, to_json};
use crate::entity::{scoring_models, scoring_runs};
use groundswell_domain::StoreError;
use groundswell_domain::scoring::{Scorer, ScoringModel, ScoringRun};
use uuid::Uuid;

pub(super) fn model(row: scoring_models::Model) -> Result<ScoringModel, StoreError> {
    Ok(ScoringModel {
        id: row.id.into(),
        name: row.name,
        status: parse("scoring_models.status", &row.status)?,
        primary: row.is_primary,
        rules: from_json("scoring_models.rules", row.rules)?,
        caps: from_json("scoring_models.caps", row.caps)?,
        revision: row.revision,
        run: None,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

pub(super) fn row(organization: Uuid, model: &ScoringModel) -> Result<scoring_models::Model, StoreError> {
    Ok(scoring_models::Model {
        organization_id: organization,
        id: model.id.0,
        name: model.name.clone(),
        status: model.status.as_str().to_owned(),
        is_primary: model.primary,
        decays: Scorer::new(model).is_ok_and(|scorer| scorer.decays()),
        rules: to_json(&model.rules)?,
        caps: to_json(&model.caps)?,
        revision: model.revision,
        created_at: model.created_at,
        updated_at: model.updated_at,
        version: model.version,
    })
}

pub(super) fn run(row: &scoring_runs::Model) -> ScoringRun {
    ScoringRun {
        id: row.id.into(),
        done: row.done,
        leads: row.leads,
        started_at: row.started_at,
        finished_at: row.finished_at,
        after: row.after.map(Into::into),
        day: row.day,
    }
}

pub(super) fn run_row(organization: Uuid, run: &ScoringRun) -> scoring_runs::Model {
    scoring_runs::Model {
        organization_id: organization,
        id: run.id.0,
        after: run.after.map(Into::into),
        done: run.done,
        leads: run.leads,
        day: run.day,
        started_at: run.started_at,
        finished_at: run.finished_at,
    }
}
