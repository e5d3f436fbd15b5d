//! What was learned, in a form that can be kept.

use super::calibration::Calibration;
use super::dataset::Seen;
use super::drift::Tally;
use super::encoder::Field;
use super::example::Features;
use super::linear::Linear;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Version of the form in which models are kept; raised by every change that older code would misread.
pub const FORMAT: u64 = 1;

crate::text_enum::text_enum! {
    /// How weights were learned.
    Method {
        /// Under 200 outcomes.
        NaiveBayes => "naive_bayes",
        LogisticRegression => "logistic_regression",
    }
}

/// A trained model. It is read by [`Model::read`] only, so that none of another format is taken for one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    format: u64,
    pub method: Method,
    pub(super) fields: Vec<Field>,
    pub(super) linear: Linear,
    /// Means of the columns over the outcomes it has learned from: what a contribution is measured against.
    pub(super) means: Vec<f64>,
    pub(super) calibration: Calibration,
    /// The probability from which on a conversion is expected.
    pub threshold: f64,
    /// Borders between tenths of the log odds, for drift.
    pub(super) score_tenths: Vec<f64>,
    /// The leads it has learned from.
    pub reference: Tally,
}

impl Model {
    #[expect(clippy::too_many_arguments, reason = "one for each thing that was learned")]
    pub(super) fn new(
        method: Method,
        fields: Vec<Field>,
        linear: Linear,
        means: Vec<f64>,
        calibration: Calibration,
        threshold: f64,
        score_tenths: Vec<f64>,
        reference: Tally,
    ) -> Self {
        Self {
            format: FORMAT,
            method,
            fields,
            linear,
            means,
            calibration,
            threshold,
            score_tenths,
            reference,
        }
    }

    /// As it was kept. The error is a sentence.
    pub fn read(kept: Value) -> Result<Self, String> {
        match kept.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => {}
            Some(other) => {
                return Err(format!(
                    "the model is kept in format {other}, and this version reads format {FORMAT}: train it again"
                ));
            }
            None => return Err("what is kept is not a model: it has no format".to_owned()),
        }
        let model: Self =
            serde_json::from_value(kept).map_err(|error| format!("the kept model can't be read: {error}"))?;
        let width: usize = model.fields.iter().map(|field| field.width() as usize).sum();
        if model.linear.weights.len() != width || model.means.len() != width {
            return Err(
                "the kept model contradicts itself: its weights are not those of its fields".to_owned(),
            );
        }
        Ok(model)
    }

    /// As it is kept.
    pub fn kept(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }

    /// The numbers of a lead.
    pub(super) fn encode(&self, features: &Features) -> Vec<(u32, f64)> {
        let encoded = self
            .fields
            .iter()
            .filter_map(|field| field.encode(&Seen::of(features.get(&field.name))));
        encoded.collect()
    }

    /// Before calibration.
    pub(super) fn log_odds(&self, features: &Features) -> f64 {
        self.linear.log_odds(&self.encode(features))
    }

    /// The probability that a lead of which this is known converts; strictly between 0 and 1.
    pub fn probability(&self, features: &Features) -> f64 {
        self.calibration.probability(self.log_odds(features))
    }

    /// How many bins there are for log odds, and which is theirs.
    pub(super) fn score_bin(&self, log_odds: f64) -> (usize, usize) {
        let bin = self.score_tenths.partition_point(|border| *border < log_odds);
        (self.score_tenths.len() + 1, bin)
    }
}
