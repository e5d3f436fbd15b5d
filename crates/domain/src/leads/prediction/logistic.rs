//! Logistic regression with an L2 penalty, by Newton's method.
//!
//! Iteratively reweighted least squares: Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2nd ed.,
//! section 4.4.1, with the ridge penalty of Le Cessie and Van Houwelingen 1992, and with steps that are halved until they
//! help. Our own code, because it is one page: the crates that have it bring a matrix library or an optimizer of many
//! times this size, and none of them takes sparse rows.

use super::linear::Linear;
use super::matrix::Matrix;
use super::numbers::{sigmoid, softplus};

/// Newton's method doubles the right digits with each step: this is never reached but by rounding.
const MOST_STEPS: usize = 30;
/// Stops when a step would change no weight by more than this.
const SMALL: f64 = 1e-7;
/// Halvings of one step: beyond them it is too small to matter.
const MOST_HALVINGS: usize = 20;
/// Keeps the equations solvable when nearly every probability is 0 or 1.
const RIDGE: f64 = 1e-9;

/// Minimizes Σ −log p(outcome) + penalty/2 · Σ weight². The intercept is not held back. Begins at `start`.
pub(super) fn fit(rows: &Matrix, labels: &[bool], penalty: f64, start: &Linear) -> Linear {
    let mut model = start.clone();
    let mut loss = objective(rows, labels, penalty, &model);
    for _ in 0..MOST_STEPS {
        let Some(step) = newton_step(rows, labels, penalty, &model) else {
            break;
        };
        let mut scale = 1.0;
        let mut better = None;
        for _ in 0..MOST_HALVINGS {
            let next = moved(&model, &step, scale);
            let next_loss = objective(rows, labels, penalty, &next);
            if next_loss <= loss {
                better = Some((next, next_loss));
                break;
            }
            scale /= 2.0;
        }
        let Some((next, next_loss)) = better else {
            break;
        };
        model = next;
        loss = next_loss;
        if step.iter().all(|change| change.abs() * scale < SMALL) {
            break;
        }
    }
    model
}

fn objective(rows: &Matrix, labels: &[bool], penalty: f64, model: &Linear) -> f64 {
    let losses = rows.rows().zip(labels).map(|(row, converted)| {
        let log_odds = model.log_odds(row);
        softplus(if *converted { -log_odds } else { log_odds })
    });
    let held: f64 = model.weights.iter().map(|weight| weight * weight).sum();
    losses.sum::<f64>() + penalty / 2.0 * held
}

fn moved(model: &Linear, step: &[f64], scale: f64) -> Linear {
    let weights = model
        .weights
        .iter()
        .zip(step)
        .map(|(weight, change)| weight - scale * change);
    Linear {
        weights: weights.collect(),
        intercept: model.intercept - scale * step[model.weights.len()],
    }
}

/// H⁻¹g, the intercept last. `None` when the equations have no solution.
fn newton_step(rows: &Matrix, labels: &[bool], penalty: f64, model: &Linear) -> Option<Vec<f64>> {
    let width = rows.width;
    let size = width + 1;
    let mut gradient = vec![0.0; size];
    // The lower triangle, row by row.
    let mut hessian = vec![0.0; size * size];
    for (row, converted) in rows.rows().zip(labels) {
        let p = sigmoid(model.log_odds(row));
        let error = p - f64::from(u8::from(*converted));
        let weight = p * (1.0 - p);
        for (at, (column, value)) in row.iter().enumerate() {
            let column = *column as usize;
            gradient[column] += error * value;
            let line = &mut hessian[column * size..];
            let weighted = weight * value;
            for (other, times) in &row[..=at] {
                line[*other as usize] += weighted * times;
            }
            hessian[width * size + column] += weighted;
        }
        gradient[width] += error;
        hessian[width * size + width] += weight;
    }
    for column in 0..width {
        gradient[column] += penalty * model.weights[column];
        hessian[column * size + column] += penalty;
    }
    for diagonal in 0..size {
        hessian[diagonal * size + diagonal] += RIDGE;
    }
    solve(&mut hessian, gradient, size)
}

/// Solves Hx = g for a symmetric positive definite H by Cholesky's decomposition, in place.
fn solve(h: &mut [f64], mut x: Vec<f64>, size: usize) -> Option<Vec<f64>> {
    for i in 0..size {
        for j in 0..=i {
            let (above, line) = h.split_at(i * size);
            let line = &line[..size];
            let other = if i == j {
                line
            } else {
                &above[j * size..(j + 1) * size]
            };
            let dot: f64 = line[..j].iter().zip(&other[..j]).map(|(a, b)| a * b).sum();
            let rest = line[j] - dot;
            let value = if i == j {
                if rest <= 0.0 || !rest.is_finite() {
                    return None;
                }
                rest.sqrt()
            } else {
                rest / above[j * size + j]
            };
            h[i * size + j] = value;
        }
    }
    for i in 0..size {
        let dot: f64 = (0..i).map(|k| h[i * size + k] * x[k]).sum();
        x[i] = (x[i] - dot) / h[i * size + i];
    }
    for i in (0..size).rev() {
        let dot: f64 = (i + 1..size).map(|k| h[k * size + i] * x[k]).sum();
        x[i] = (x[i] - dot) / h[i * size + i];
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_by_two_table_gives_its_log_odds_ratio() {
        // 30 of 40 convert with the mark, 10 of 40 without: intercept ln(10/30), weight ln 9.
        let mut rows = Matrix::new(1);
        let mut labels = Vec::new();
        for (mark, converted, count) in [
            (1.0, true, 30),
            (1.0, false, 10),
            (0.0, true, 10),
            (0.0, false, 30),
        ] {
            for _ in 0..count {
                rows.push_row([(0, mark)]);
                labels.push(converted);
            }
        }
        let model = fit(&rows, &labels, 1e-9, &Linear::flat(1, 0.0));
        assert!((model.weights[0] - 9.0_f64.ln()).abs() < 1e-6, "{model:?}");
        assert!((model.intercept - (1.0_f64 / 3.0).ln()).abs() < 1e-6, "{model:?}");
        let held = fit(&rows, &labels, 100.0, &Linear::flat(1, 0.0));
        assert!(held.weights[0] > 0.0 && held.weights[0] < 0.5, "{held:?}");
    }

    #[test]
    fn perfectly_separable_data_still_ends() {
        let mut rows = Matrix::new(1);
        for value in [-1.0, -1.0, 1.0, 1.0] {
            rows.push_row([(0, value)]);
        }
        let model = fit(&rows, &[false, false, true, true], 0.01, &Linear::flat(1, 0.0));
        assert!(model.weights[0] > 2.0 && model.weights[0].is_finite());
    }
}
