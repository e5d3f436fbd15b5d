//! Between rows and trainings.

use crate::codec::{from_json, parse, to_json};
use crate::entity::{lead_predictions, prediction_models};
use groundswell_domain::StoreError;
use groundswell_domain::leads::prediction::{KeptModel, LeadPrediction, PredictionModel};
use uuid::Uuid;

pub(super) fn model_row(
    organization: Uuid,
    kept: &KeptModel,
) -> Result<prediction_models::Model, StoreError> {
    let head = &kept.head;
    Ok(prediction_models::Model {
        organization_id: organization,
        id: head.id.0,
        status: head.status.as_str().to_owned(),
        active: head.active,
        outcomes: head.outcomes,
        converted: head.converted,
        message: head.message.clone(),
        report: head.report.as_ref().map(to_json).transpose()?,
        insufficient: head.insufficient.as_ref().map(to_json).transpose()?,
        model: kept.model.clone(),
        scoring: to_json(&kept.scoring)?,
        pieces: kept.pieces,
        trained_at: head.trained_at,
    })
}

impl TryFrom<prediction_models::Model> for KeptModel {
    type Error = StoreError;

    fn try_from(row: prediction_models::Model) -> Result<Self, StoreError> {
        let report = row.report.map(|json| from_json("prediction_models.report", json));
        let insufficient = row
            .insufficient
            .map(|json| from_json("prediction_models.insufficient", json));
        Ok(Self {
            head: PredictionModel {
                id: row.id.into(),
                status: parse("prediction_models.status", &row.status)?,
                active: row.active,
                outcomes: row.outcomes,
                converted: row.converted,
                message: row.message,
                report: report.transpose()?,
                insufficient: insufficient.transpose()?,
                trained_at: row.trained_at,
            },
            model: row.model,
            scoring: from_json("prediction_models.scoring", row.scoring)?,
            pieces: row.pieces,
        })
    }
}

pub(super) fn prediction_row(organization: Uuid, prediction: &LeadPrediction) -> lead_predictions::Model {
    lead_predictions::Model {
        organization_id: organization,
        lead_id: prediction.lead_id.0,
        model_id: prediction.model_id.0,
        probability: prediction.probability,
        computed_at: prediction.computed_at,
    }
}

impl From<lead_predictions::Model> for LeadPrediction {
    fn from(row: lead_predictions::Model) -> Self {
        Self {
            lead_id: row.lead_id.into(),
            model_id: row.model_id.into(),
            probability: row.probability,
            computed_at: row.computed_at,
        }
    }
}
