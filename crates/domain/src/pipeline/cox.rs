//! How much faster one kind of lead converts than another: proportional hazards.

use super::interval::Z;
use serde::Serialize;

/// How many times as fast as the group it is compared with, at any moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HazardRatio {
    pub value: f64,
    /// Lower end of the 95 % interval; the difference may be chance if 1 lies within it.
    pub low: f64,
    pub high: f64,
}

/// A fitted model: per covariate, the logarithm of the hazard ratio and its standard error.
#[derive(Debug, Clone, PartialEq)]
pub struct CoxModel {
    pub coefficients: Vec<f64>,
    pub errors: Vec<f64>,
}

impl CoxModel {
    pub fn ratio(&self, covariate: usize) -> HazardRatio {
        let (b, e) = (self.coefficients[covariate], self.errors[covariate] * Z);
        HazardRatio {
            value: b.exp(),
            low: (b - e).exp(),
            high: (b + e).exp(),
        }
    }
}

/// `weight` leads that ended at the same time, in the same way, and are alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub days: f64,
    pub converted: bool,
    pub weight: f64,
    pub covariates: Vec<f64>,
}

const ROUNDS: usize = 50;
const CLOSE: f64 = 1e-9;

/// Fits D. R. Cox, "Regression models and life-tables", JRSS B 34 (1972), with Efron's handling of ties (JASA 72, 1977),
/// by Newton's method. `None` when the data do not determine it: no events, or groups in which all or none convert.
pub fn cox(cases: &[Case]) -> Option<CoxModel> {
    let size = cases.first()?.covariates.len();
    let mut cases: Vec<&Case> = cases.iter().collect();
    // The latest first: whoever is at risk at a time is all that came before in this order.
    cases.sort_by(|a, b| b.days.total_cmp(&a.days));
    let mut beta = vec![0.0; size];
    let mut last = f64::NEG_INFINITY;
    for _ in 0..ROUNDS {
        let state = likelihood(&cases, &beta, size);
        let step = solve(&state.information, &state.gradient)?;
        if beta.iter().any(|b: &f64| b.abs() > 20.0) || !state.value.is_finite() {
            return None;
        }
        if (state.value - last).abs() < CLOSE && step.iter().all(|s| s.abs() < 1e-7) {
            let mut errors = Vec::with_capacity(size);
            for index in 0..size {
                let mut unit = vec![0.0; size];
                unit[index] = 1.0;
                errors.push(solve(&state.information, &unit)?[index].max(0.0).sqrt());
            }
            return Some(CoxModel {
                coefficients: beta,
                errors,
            });
        }
        last = state.value;
        for (b, s) in beta.iter_mut().zip(step) {
            *b += s;
        }
    }
    None
}

struct State {
    value: f64,
    gradient: Vec<f64>,
    information: Vec<Vec<f64>>,
}

/// Weighted sums of hazards, of hazards times covariates, and of their products.
#[derive(Clone)]
struct Sums {
    s0: f64,
    s1: Vec<f64>,
    s2: Vec<Vec<f64>>,
}

impl Sums {
    fn new(size: usize) -> Self {
        Self {
            s0: 0.0,
            s1: vec![0.0; size],
            s2: vec![vec![0.0; size]; size],
        }
    }

    fn add(&mut self, hazard: f64, x: &[f64]) {
        self.s0 += hazard;
        for (i, a) in x.iter().enumerate() {
            self.s1[i] += hazard * a;
            for (j, b) in x.iter().enumerate() {
                self.s2[i][j] += hazard * a * b;
            }
        }
    }
}

fn likelihood(latest_first: &[&Case], beta: &[f64], size: usize) -> State {
    let mut state = State {
        value: 0.0,
        gradient: vec![0.0; size],
        information: vec![vec![0.0; size]; size],
    };
    let mut risk = Sums::new(size);
    for same in latest_first.chunk_by(|a, b| a.days.total_cmp(&b.days).is_eq()) {
        let mut tied = Sums::new(size);
        let mut events = 0.0;
        for case in same {
            let score: f64 = case.covariates.iter().zip(beta).map(|(x, b)| x * b).sum();
            let hazard = score.exp() * case.weight;
            risk.add(hazard, &case.covariates);
            if case.converted {
                tied.add(hazard, &case.covariates);
                events += case.weight;
                state.value += score * case.weight;
                for (g, x) in state.gradient.iter_mut().zip(&case.covariates) {
                    *g += x * case.weight;
                }
            }
        }
        take_ties(&mut state, &risk, &tied, events, size);
    }
    state
}

/// Of more events at one time, neighbours are taken together: their shares differ by less than can be seen.
const PARTS: u64 = 16;

/// Efron: of `events` that came at once, each is compared with those at risk less its share of the others.
fn take_ties(state: &mut State, risk: &Sums, tied: &Sums, events: f64, size: usize) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of leads"
    )]
    let rounds = (events.round() as u64).min(PARTS);
    #[expect(clippy::cast_precision_loss, reason = "a count of leads")]
    let together = events / rounds as f64;
    for round in 0..rounds {
        // The middle of the shares (0, 1, ... events - 1) ÷ events that are taken together.
        #[expect(clippy::cast_precision_loss, reason = "a count of leads")]
        let part = (round as f64 * together + (together - 1.0) / 2.0) / events;
        let s0 = risk.s0 - part * tied.s0;
        state.value -= s0.ln() * together;
        let mean: Vec<f64> = (0..size).map(|i| (risk.s1[i] - part * tied.s1[i]) / s0).collect();
        for i in 0..size {
            state.gradient[i] -= mean[i] * together;
            for j in 0..size {
                let second = (risk.s2[i][j] - part * tied.s2[i][j]) / s0;
                state.information[i][j] += (second - mean[i] * mean[j]) * together;
            }
        }
    }
}

/// Gauss-Jordan with pivots; `None` for a singular matrix.
fn solve(matrix: &[Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let size = right.len();
    let mut rows: Vec<Vec<f64>> = matrix
        .iter()
        .zip(right)
        .map(|(row, value)| row.iter().copied().chain([*value]).collect())
        .collect();
    for column in 0..size {
        let pivot =
            (column..size).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        if rows[pivot][column].abs() < 1e-12 {
            return None;
        }
        rows.swap(column, pivot);
        let lead = rows[column].clone();
        for (index, row) in rows.iter_mut().enumerate() {
            if index == column {
                continue;
            }
            let factor = row[column] / lead[column];
            for (cell, from) in row.iter_mut().zip(&lead).skip(column) {
                *cell -= factor * from;
            }
        }
    }
    Some(
        (0..size)
            .map(|index| rows[index][size] / rows[index][index])
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_public_data_give_the_reference_s_coefficients() {
        let golden: Value =
            serde_json::from_str(include_str!("../../tests/data/survival/golden.json")).unwrap();
        let mut lines = include_str!("../../tests/data/survival/rossi.csv").lines();
        let names: Vec<&str> = lines.next().unwrap().split(',').skip(2).collect();
        let cases: Vec<_> = lines
            .map(|line| {
                line.split(',')
                    .map(|cell| cell.parse::<f64>().unwrap())
                    .collect::<Vec<_>>()
            })
            .map(|cells| Case {
                days: cells[0],
                converted: cells[1] > 0.5,
                weight: 1.0,
                covariates: cells[2..].to_vec(),
            })
            .collect();
        let model = cox(&cases).unwrap();
        assert_eq!(names.len(), 7);
        for (name, coefficient) in names.iter().zip(&model.coefficients) {
            let expected = golden["rossi_cox"][name].as_f64().unwrap();
            assert!(
                (coefficient - expected).abs() < 5e-5,
                "{name}: {coefficient} {expected}"
            );
        }
        // The summary of the R package `survival` for the same model: fin 0.684, 0.470 to 0.996.
        let fin = model.ratio(0);
        assert!(
            (fin.value - 0.684).abs() < 1e-3
                && (fin.low - 0.470).abs() < 1e-3
                && (fin.high - 0.996).abs() < 1e-3
        );
    }

    #[test]
    fn many_at_once_are_as_many_one_by_one() {
        // Two groups of exponential times, of which the second is twice as fast, in whole days and large numbers.
        let survivors = |rate: f64, day: f64| (-rate * day).exp() * 100_000.0;
        let cases: Vec<_> = [(0.05, 0.0), (0.1, 1.0)]
            .into_iter()
            .flat_map(|(rate, x)| {
                (0..=60).map(move |day| {
                    let (converted, day) = (day < 60, f64::from(day));
                    let later = if converted {
                        survivors(rate, day + 1.0)
                    } else {
                        0.0
                    };
                    Case {
                        days: day,
                        converted,
                        weight: (survivors(rate, day) - later).round(),
                        covariates: vec![x],
                    }
                })
            })
            .filter(|case| case.weight > 0.0)
            .collect();
        let ratio = cox(&cases).unwrap().ratio(0);
        assert!((ratio.value - 2.0).abs() < 0.03, "{ratio:?}");
        assert!(
            ratio.low < ratio.value && ratio.high - ratio.low < 0.1,
            "{ratio:?}"
        );
    }

    #[test]
    fn what_the_data_do_not_tell_is_not_told() {
        assert_eq!(cox(&[]), None);
        let case = |days: f64, converted, x| Case {
            days,
            converted,
            weight: 1.0,
            covariates: vec![x],
        };
        // Only one of the groups converts at all.
        let cases: Vec<_> = (1..20)
            .flat_map(|day| [case(f64::from(day), true, 1.0), case(f64::from(day), false, 0.0)])
            .collect();
        assert_eq!(cox(&cases), None);
        assert_eq!(cox(&[case(1.0, false, 1.0), case(2.0, false, 0.0)]), None);
    }
}
