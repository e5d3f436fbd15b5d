//! Naive Bayes: the start, while there are too few outcomes for weights that know of each other.
//!
//! It needs far fewer outcomes than logistic regression to come near its best (Ng and Jordan 2001, "On Discriminative vs.
//! Generative classifiers"). Bernoulli for indicators with Laplace's rule; normal for numbers with one variance for both
//! outcomes. In this form its log odds are a weighted sum, so everything that explains the one method explains the other
//! (Hastie, Tibshirani and Friedman, sections 4.3 and 6.6.3).

use super::linear::Linear;
use super::matrix::Matrix;
use super::numbers::real;

/// Imagined leads of each outcome that hold a number's means near the common one.
const IMAGINED: f64 = 1.0;
/// Numbers are standardized: a variance below this within the outcomes is an accident of few leads.
const LEAST_VARIANCE: f64 = 0.1;

/// `is_number` tells for each column whether it is a standardized number; the others are 0 or 1.
pub(super) fn fit(rows: &Matrix, labels: &[bool], is_number: &[bool]) -> Linear {
    let converted = labels.iter().filter(|label| **label).count();
    let (yes, no) = (real(converted), real(labels.len() - converted));
    let mut sums = vec![[0.0; 2]; rows.width];
    let mut squares = vec![0.0; rows.width];
    for (row, label) in rows.rows().zip(labels) {
        for (column, value) in row {
            sums[*column as usize][usize::from(*label)] += value;
            squares[*column as usize] += value * value;
        }
    }
    let mut model = Linear::flat(rows.width, ((yes + 1.0) / (no + 1.0)).ln());
    for column in 0..rows.width {
        let [of_no, of_yes] = sums[column];
        let (weight, constant) = if is_number[column] {
            number(of_yes, of_no, squares[column], yes, no)
        } else {
            indicator(of_yes, of_no, yes, no)
        };
        model.weights[column] = weight;
        model.intercept += constant;
    }
    model
}

/// The log odds of x are ln(p₁/p₀) when x = 1 and ln((1−p₁)/(1−p₀)) when x = 0, with pᵢ = (kᵢ+1)/(nᵢ+2).
fn indicator(of_yes: f64, of_no: f64, yes: f64, no: f64) -> (f64, f64) {
    let p1 = (of_yes + 1.0) / (yes + 2.0);
    let p0 = (of_no + 1.0) / (no + 2.0);
    let absent = ((1.0 - p1) / (1.0 - p0)).ln();
    ((p1 / p0).ln() - absent, absent)
}

/// The log ratio of two normal densities with the same variance s²: x·(μ₁−μ₀)/s² − (μ₁²−μ₀²)/2s².
fn number(of_yes: f64, of_no: f64, squares: f64, yes: f64, no: f64) -> (f64, f64) {
    let m1 = of_yes / (yes + IMAGINED);
    let m0 = of_no / (no + IMAGINED);
    let within = squares - of_yes * of_yes / yes.max(1.0) - of_no * of_no / no.max(1.0);
    let variance = (within / (yes + no - 2.0).max(1.0)).max(LEAST_VARIANCE);
    ((m1 - m0) / variance, -(m1 * m1 - m0 * m0) / (2.0 * variance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_the_counts() {
        let mut rows = Matrix::new(1);
        let labels = [true, true, true, false, false, false];
        for mark in [1.0, 1.0, 0.0, 1.0, 0.0, 0.0] {
            rows.push_row([(0, mark)]);
        }
        let model = fit(&rows, &labels, &[false]);
        // p1 = 3/5, p0 = 2/5.
        let with = model.log_odds(&[(0, 1.0)]);
        let without = model.log_odds(&[]);
        assert!((with - 1.5_f64.ln()).abs() < 1e-12, "{with}");
        assert!((without - (2.0_f64 / 3.0).ln()).abs() < 1e-12, "{without}");
    }
}
