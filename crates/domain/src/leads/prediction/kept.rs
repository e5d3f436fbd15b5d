//! Trainings and predictions, as they are kept, and the jobs that make them.

use super::drift::{Drift, Tally};
use super::model::Model;
use super::report::Report;
use super::train::{Insufficient, Trained, Training};
use crate::ids::{LeadId, PredictionModelId};
use crate::jobs::{JobPayload, Priority, Queue};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

crate::text_enum::text_enum! {
    /// What came of a training.
    PredictionStatus {
        /// There was none yet.
        Untrained => "untrained",
        InsufficientData => "insufficient_data",
        /// There is a model, and it says no more than the share of leads that converted before: it is not used.
        Unreliable => "unreliable",
        Trained => "trained",
        Failed => "failed",
    }
}

/// A training and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PredictionModel {
    pub id: PredictionModelId,
    pub status: PredictionStatus,
    /// Whether leads are given its probabilities; at most one is.
    pub active: bool,
    pub outcomes: i64,
    pub converted: i64,
    /// What came of it, in a sentence.
    pub message: String,
    /// How good the model is; `null` when there is none.
    pub report: Option<Report>,
    /// What is missing; `null` when there is enough.
    pub insufficient: Option<Insufficient>,
    pub trained_at: DateTime<Utc>,
}

/// With what only the program needs.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptModel {
    pub head: PredictionModel,
    /// See [`Model::read`].
    pub model: Option<Value>,
    pub scoring: Scoring,
    /// Pieces of leads that were given a probability since the training.
    pub pieces: i64,
}

impl KeptModel {
    /// A training that has just ended. The error is why the model can't be kept.
    pub fn new(
        id: PredictionModelId,
        training: Training,
        trained_at: DateTime<Utc>,
    ) -> Result<Self, serde_json::Error> {
        let mut head = Self::failed(id, String::new(), trained_at).head;
        let mut kept = None;
        match training {
            Training::Insufficient(insufficient) => {
                head.status = PredictionStatus::InsufficientData;
                head.outcomes = whole(insufficient.outcomes);
                head.converted = whole(insufficient.converted);
                head.message.clone_from(&insufficient.message);
                head.insufficient = Some(insufficient);
            }
            Training::Trained(trained) => {
                let Trained { model, report } = *trained;
                kept = Some(model.kept()?);
                head.active = report.reliable;
                head.status = if report.reliable {
                    PredictionStatus::Trained
                } else {
                    PredictionStatus::Unreliable
                };
                head.outcomes = whole(report.outcomes);
                head.converted = whole(report.converted);
                head.message.clone_from(&report.message);
                head.report = Some(report);
            }
        }
        Ok(Self {
            head,
            model: kept,
            scoring: Scoring::default(),
            pieces: 0,
        })
    }

    /// A training that broke.
    pub fn failed(id: PredictionModelId, message: String, trained_at: DateTime<Utc>) -> Self {
        let head = PredictionModel {
            id,
            status: PredictionStatus::Failed,
            active: false,
            outcomes: 0,
            converted: 0,
            message,
            report: None,
            insufficient: None,
            trained_at,
        };
        Self {
            head,
            model: None,
            scoring: Scoring::default(),
            pieces: 0,
        }
    }

    /// The model itself. The error is a sentence.
    pub fn read(&self) -> Result<Model, String> {
        Model::read(self.model.clone().ok_or("this training gave no model")?)
    }

    /// How leads have changed since they were first given probabilities, right after the training. Not since the outcomes
    /// it was learned from: open leads are others than those whose outcome is known.
    pub fn drift(&self) -> Option<Drift> {
        Some(Drift::between(
            self.scoring.first.as_ref()?,
            self.scoring.last.as_ref()?,
        ))
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// How far the rounds through all open leads are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Scoring {
    /// The last lead of this round that was given a probability.
    pub after: Option<LeadId>,
    /// The leads of this round so far.
    pub now: Tally,
    /// The leads of the first round.
    pub first: Option<Tally>,
    /// The leads of the last round that ended, if it was not the first.
    pub last: Option<Tally>,
    /// When the last round ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Scoring {
    /// Ends a round: the next one starts with the first lead.
    pub fn end(&mut self, now: DateTime<Utc>) {
        let tally = std::mem::take(&mut self.now);
        if self.first.is_none() {
            self.first = Some(tally);
        } else {
            self.last = Some(tally);
        }
        self.after = None;
        self.ended_at = Some(now);
    }
}

/// What a lead was given in a round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeadPrediction {
    pub lead_id: LeadId,
    pub model_id: PredictionModelId,
    pub probability: f64,
    pub computed_at: DateTime<Utc>,
}

/// Learns from all outcomes.
#[derive(Debug, Serialize, Deserialize)]
pub struct TrainPrediction {}

impl JobPayload for TrainPrediction {
    const KIND: &'static str = "leads.predict.train";
    const QUEUE: Queue = Queue::Heavy;
    const MAX_ATTEMPTS: i32 = 3;
}

/// Gives every open lead a probability, and again each day while the model is in use.
#[derive(Debug, Serialize, Deserialize)]
pub struct ScoreLeads {
    pub model_id: PredictionModelId,
}

impl JobPayload for ScoreLeads {
    const KIND: &'static str = "leads.predict.score";
    const QUEUE: Queue = Queue::Heavy;
    const PRIORITY: Priority = Priority::Low;
}
