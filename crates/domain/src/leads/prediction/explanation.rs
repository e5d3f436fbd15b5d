//! Why a lead was given its probability.

use super::dataset::Seen;
use super::example::Features;
use super::model::Model;
use super::names::label;
use serde::{Deserialize, Serialize};

/// What one field adds, compared with the mean lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contribution {
    pub field: String,
    /// The field's name for people.
    pub label: String,
    /// `None` when it is missing, which may count too.
    pub value: Option<String>,
    /// Log odds that it adds; below 0 it speaks against a conversion.
    pub log_odds: f64,
}

/// `base` and the contributions sum up to `log_odds`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// Calibrated, strictly between 0 and 1.
    pub probability: f64,
    /// Before calibration.
    pub log_odds: f64,
    /// Log odds of a lead that is the mean in everything.
    pub base: f64,
    /// The weightiest first.
    pub contributions: Vec<Contribution>,
}

impl Model {
    /// Weight × (value − mean), summed over the columns of a field: for a weighted sum these are the Shapley values when
    /// fields are taken as independent (Štrumbelj and Kononenko 2014).
    pub fn explain(&self, features: &Features) -> Explanation {
        let weights = &self.linear.weights;
        let mut contributions: Vec<Contribution> = Vec::with_capacity(self.fields.len());
        let mut base = self.linear.intercept;
        for field in &self.fields {
            let seen = Seen::of(features.get(&field.name));
            let columns = field.first as usize..(field.first + field.width()) as usize;
            let mean: f64 = columns.map(|column| weights[column] * self.means[column]).sum();
            let own = field
                .encode(&seen)
                .map_or(0.0, |(column, value)| weights[column as usize] * value);
            base += mean;
            contributions.push(Contribution {
                field: field.name.clone(),
                label: label(&field.name),
                value: seen.word().map(std::borrow::Cow::into_owned),
                log_odds: own - mean,
            });
        }
        contributions.sort_by(|a, b| {
            b.log_odds
                .abs()
                .total_cmp(&a.log_odds.abs())
                .then_with(|| a.field.cmp(&b.field))
        });
        let log_odds = self.log_odds(features);
        Explanation {
            probability: self.calibration.probability(log_odds),
            log_odds,
            base,
            contributions,
        }
    }
}
