//! From a sum of weights to a probability that means what it says.
//!
//! Isotonic regression on outcomes that the weights have not seen. It needs about a thousand of them to be better than a
//! curve with two parameters (Niculescu-Mizil and Caruana 2005, "Predicting good probabilities with supervised learning"),
//! so each outcome is first mixed with what Platt's sigmoid says there (Platt 1999): with few outcomes the curve is mostly the
//! sigmoid, with many the sigmoid has no say.

use super::isotonic::{self, Knot};
use super::linear::Linear;
use super::logistic;
use super::matrix::Matrix;
use super::numbers::{real, sigmoid};
use serde::{Deserialize, Serialize};

/// The sigmoid counts as much as this many outcomes, spread over all of them.
const SAY_OF_THE_SIGMOID: f64 = 500.0;
/// Holds back the slope of the sigmoid over standardized scores: few outcomes can't prove a steep one, and infinity would
/// fit those best that scores happen to separate.
const PENALTY: f64 = 3.0;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Calibration {
    knots: Vec<Knot>,
    /// No probability is nearer to 0 or 1 than this: so many outcomes can't tell (Laplace's rule of succession).
    margin: f64,
}

impl Calibration {
    pub fn fit(log_odds: &[f64], labels: &[bool]) -> Self {
        let count = real(log_odds.len());
        let sigmoid = Sigmoid::fit(log_odds, labels);
        let say = SAY_OF_THE_SIGMOID / count;
        let points = log_odds.iter().zip(labels).map(|(score, converted)| {
            let observed = f64::from(u8::from(*converted));
            (*score, (observed + say * sigmoid.at(*score)) / (1.0 + say))
        });
        Self {
            knots: isotonic::fit(points.collect()),
            margin: 1.0 / (count + 2.0),
        }
    }

    /// Strictly between 0 and 1.
    pub fn probability(&self, log_odds: f64) -> f64 {
        isotonic::at(&self.knots, log_odds).clamp(self.margin, 1.0 - self.margin)
    }
}

/// Platt's sigmoid with a slope that never falls: a model that ranks backwards is no use turned round.
struct Sigmoid(Linear);

impl Sigmoid {
    fn fit(log_odds: &[f64], labels: &[bool]) -> Self {
        let count = real(log_odds.len().max(1));
        let mean = log_odds.iter().sum::<f64>() / count;
        let variance = log_odds.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / count;
        // Where all scores are the same, the slope is 0 whatever they are divided by.
        let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        let mut rows = Matrix::new(1);
        for score in log_odds {
            rows.push_row([(0, (score - mean) / deviation)]);
        }
        let model = logistic::fit(&rows, labels, PENALTY, &Linear::flat(1, 0.0));
        if model.weights[0] < 0.0 {
            let converted = labels.iter().filter(|label| **label).count();
            return Self(Linear::flat(
                1,
                (real(converted + 1) / real(labels.len() - converted + 1)).ln(),
            ));
        }
        let slope = model.weights[0] / deviation;
        Self(Linear {
            weights: vec![slope],
            intercept: model.intercept - slope * mean,
        })
    }

    fn at(&self, score: f64) -> f64 {
        sigmoid(self.0.log_odds(&[(0, score)]))
    }
}
