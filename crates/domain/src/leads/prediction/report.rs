//! What people are told about a model.

use super::metrics::{self, CalibrationBin};
use super::model::{Method, Model};
use super::names::label;
use super::numbers::{real, share};
use super::screening::LeftOut;
use serde::{Deserialize, Serialize};

/// Terms that are listed.
const MOST_TERMS: usize = 100;

/// How many outcomes were used for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Parts {
    pub train: usize,
    pub calibrate: usize,
    pub test: usize,
}

/// Figures on the newest outcomes, which the model has not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TestFigures {
    /// The probability that of two leads the one that converted was given more; 0.5 is a coin.
    pub auc: f64,
    /// 95 % interval.
    pub auc_low: f64,
    pub auc_high: f64,
    /// Mean squared error of the probabilities; 0 is best.
    pub brier: f64,
    /// The same of who always says the share that converted so far.
    pub brier_of_base_rate: f64,
    /// 1 − `brier` / `brier_of_base_rate`: how much better than that; 0 or less is no better.
    pub brier_skill: f64,
    pub log_loss: f64,
    /// How many times more often the best tenth converted than all.
    pub lift_at_10_percent: f64,
    /// The probability from which on a conversion is expected.
    pub threshold: f64,
    /// Share of those expected to convert that did; `None` when none was.
    pub precision: Option<f64>,
    /// Share of those that converted that were expected to.
    pub recall: f64,
    pub calibration: Vec<CalibrationBin>,
}

impl TestFigures {
    /// `base_rate` is the share that converted before.
    pub(super) fn new(probabilities: &[f64], labels: &[bool], base_rate: f64, threshold: f64) -> Self {
        let converted = labels.iter().filter(|label| **label).count();
        let auc = metrics::auc(probabilities, labels);
        let (auc_low, auc_high) = metrics::auc_interval(auc, converted, labels.len() - converted);
        let brier = metrics::brier(probabilities, labels);
        let brier_of_base_rate = metrics::brier(&vec![base_rate; labels.len()], labels);
        let expected = probabilities.iter().filter(|p| **p >= threshold).count();
        let right = probabilities
            .iter()
            .zip(labels)
            .filter(|(p, label)| **p >= threshold && **label)
            .count();
        Self {
            auc,
            auc_low,
            auc_high,
            brier,
            brier_of_base_rate,
            brier_skill: 1.0 - brier / brier_of_base_rate.max(f64::MIN_POSITIVE),
            log_loss: metrics::log_loss(probabilities, labels),
            lift_at_10_percent: metrics::lift_at_a_tenth(probabilities, labels),
            threshold,
            precision: (expected > 0).then(|| share(right, expected)),
            recall: share(right, converted),
            calibration: metrics::calibration_table(probabilities, labels),
        }
    }

    /// Whether the probabilities say more than the share that converted so far, by more than one standard error of the AUC:
    /// of few outcomes a few always fit.
    pub fn beats_base_rate(&self) -> bool {
        let standard_error = (self.auc_high - self.auc_low) / 4.0;
        self.brier_skill > 0.0 && self.auc - standard_error > 0.5
    }
}

/// One term of the weighted sum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldWeight {
    pub field: String,
    /// What it stands for, for people: "source is webinar".
    pub term: String,
    /// Log odds.
    pub weight: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    pub method: Method,
    pub outcomes: usize,
    pub converted: usize,
    pub parts: Parts,
    /// How strongly weights were held back (ridge penalty); `None` for naive Bayes.
    pub penalty: Option<f64>,
    pub test: TestFigures,
    /// False when the model says no more than the share that converted so far: then nobody is given a probability.
    pub reliable: bool,
    /// What the figures come to, in a sentence.
    pub message: String,
    /// The weightiest first.
    pub weights: Vec<FieldWeight>,
    /// Leaks first.
    pub left_out: Vec<LeftOut>,
}

impl Report {
    pub(super) fn new(
        model: &Model,
        parts: Parts,
        converted: usize,
        penalty: Option<f64>,
        test: TestFigures,
        mut left_out: Vec<LeftOut>,
    ) -> Self {
        left_out.sort_by(|a, b| (!a.reason.is_leak(), &a.field).cmp(&(!b.reason.is_leak(), &b.field)));
        let reliable = test.beats_base_rate();
        let message = if reliable {
            format!(
                "on the newest {} outcomes the best tenth of the leads converted {:.1} times as often as all; AUC {:.2} \
                 ({:.2} to {:.2})",
                parts.test, test.lift_at_10_percent, test.auc, test.auc_low, test.auc_high,
            )
        } else {
            format!(
                "can't tell: on the newest {} outcomes the model says no more than the share of leads that converted before",
                parts.test,
            )
        };
        Self {
            method: model.method,
            outcomes: parts.train + parts.calibrate + parts.test,
            converted,
            parts,
            penalty,
            test,
            reliable,
            message,
            weights: weights(model),
            left_out,
        }
    }

    /// The share of all outcomes that converted.
    pub fn base_rate(&self) -> f64 {
        real(self.converted) / real(self.outcomes.max(1))
    }
}

fn weights(model: &Model) -> Vec<FieldWeight> {
    let mut all: Vec<FieldWeight> = Vec::new();
    for field in &model.fields {
        for (term, weight) in field
            .terms()
            .into_iter()
            .zip(&model.linear.weights[field.first as usize..])
        {
            all.push(FieldWeight {
                field: field.name.clone(),
                term: format!("{} {term}", label(&field.name)),
                weight: *weight,
            });
        }
    }
    all.sort_by(|a, b| {
        b.weight
            .abs()
            .total_cmp(&a.weight.abs())
            .then_with(|| a.term.cmp(&b.term))
    });
    all.truncate(MOST_TERMS);
    all
}
