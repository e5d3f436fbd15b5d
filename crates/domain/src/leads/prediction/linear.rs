//! Log odds as a weighted sum: what both methods learn.

use super::matrix::Matrix;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Linear {
    pub weights: Vec<f64>,
    pub intercept: f64,
}

impl Linear {
    /// Says the same of everybody.
    pub fn flat(width: usize, intercept: f64) -> Self {
        Self {
            weights: vec![0.0; width],
            intercept,
        }
    }

    pub fn log_odds(&self, row: &[(u32, f64)]) -> f64 {
        let sum: f64 = row
            .iter()
            .map(|(column, value)| self.weights[*column as usize] * value)
            .sum();
        self.intercept + sum
    }

    pub fn all(&self, rows: &Matrix) -> Vec<f64> {
        rows.rows().map(|row| self.log_odds(row)).collect()
    }
}
