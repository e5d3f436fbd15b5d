//! Prediction: how probable it is that a lead converts, learned from what became of an organization's other leads.
//!
//! Everything here is arithmetic on values that somebody else has read; there is no clock and no chance, so the same
//! examples always give the same model. The way from examples to a model, one step per file: a [`Dataset`] collects
//! [`Example`]s by field; `split` puts the newest outcomes aside; `leakage` and `screening` leave out fields that must not
//! or can't be learned from; `encoder` makes numbers of values; `logistic` or `naive_bayes` gives each number a weight;
//! `calibration` makes probabilities of the sums; `report` says how good they are on outcomes the model has not seen.
//! [`train`] does all of it, and says so when there is too little to learn from.
//!
//! To add a kind of value: [`FeatureValue`], a column of [`Dataset`], and how `encoder` turns it into numbers.

mod calibration;
mod dataset;
mod drift;
mod encoder;
mod example;
mod explanation;
mod facts;
mod fitting;
mod isotonic;
mod kept;
mod leakage;
mod linear;
mod logistic;
mod matrix;
mod metrics;
mod model;
mod naive_bayes;
mod names;
mod numbers;
mod ports;
mod report;
mod screening;
mod split;
mod train;

pub use dataset::{Dataset, MAX_FIELDS};
pub use drift::{Drift, DriftLevel, FieldDrift, Tally};
pub use example::{Example, FeatureValue, Features, Known, Outcome};
pub use explanation::{Contribution, Explanation};
pub use facts::{Engagement, LeadFacts};
pub use kept::{
    KeptModel, LeadPrediction, PredictionModel, PredictionStatus, ScoreLeads, Scoring, TrainPrediction,
};
pub use metrics::{CalibrationBin, auc, brier, lift_at_a_tenth, log_loss, wilson};
pub use model::{FORMAT, Method, Model};
pub use names::label;
pub use ports::PredictionRepo;
pub use report::{FieldWeight, Parts, Report, TestFigures};
pub use screening::{LeftOut, WhyLeftOut};
pub use train::{Insufficient, MIN_OUTCOMES, MIN_RARER, OUTCOMES_FOR_REGRESSION, Trained, Training, train};
