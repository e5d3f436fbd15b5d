//! How good probabilities were, in the field's usual figures.

use super::numbers::{real, share};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// The probability that a converted lead was given more than another one; half of it for ties (Hanley and `McNeil` 1982).
/// 0.5 when one of the outcomes is missing.
pub fn auc(scores: &[f64], labels: &[bool]) -> f64 {
    let mut order: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ties = order.chunk_by(|a, b| a.0.total_cmp(&b.0) == Ordering::Equal);
    auc_of_levels(ties.map(|tie| {
        let yes = tie.iter().filter(|(_, converted)| *converted).count();
        [tie.len() - yes, yes]
    }))
}

/// The same from counts `[disqualified, converted]` of levels, the lowest first.
pub(super) fn auc_of_levels(levels: impl Iterator<Item = [usize; 2]>) -> f64 {
    let (mut no, mut yes, mut wins) = (0, 0, 0.0);
    for [more_no, more_yes] in levels {
        wins += real(more_yes) * (real(no) + real(more_no) / 2.0);
        no += more_no;
        yes += more_yes;
    }
    if no == 0 || yes == 0 {
        0.5
    } else {
        wins / (real(no) * real(yes))
    }
}

/// 95 % interval of an AUC (Hanley and `McNeil` 1982, formula 1).
pub(super) fn auc_interval(auc: f64, converted: usize, disqualified: usize) -> (f64, f64) {
    let (yes, no) = (real(converted.max(1)), real(disqualified.max(1)));
    let q1 = auc / (2.0 - auc);
    let q2 = 2.0 * auc * auc / (1.0 + auc);
    let variance =
        (auc * (1.0 - auc) + (yes - 1.0) * (q1 - auc * auc) + (no - 1.0) * (q2 - auc * auc)) / (yes * no);
    let half = 1.96 * variance.max(0.0).sqrt();
    ((auc - half).max(0.0), (auc + half).min(1.0))
}

/// Mean squared distance between probability and outcome, 0 is best (Brier 1950).
pub fn brier(probabilities: &[f64], labels: &[bool]) -> f64 {
    let each = probabilities
        .iter()
        .zip(labels)
        .map(|(p, converted)| (p - f64::from(u8::from(*converted))).powi(2));
    each.sum::<f64>() / real(labels.len().max(1))
}

/// Mean −ln of the probability that was given to what happened, 0 is best.
pub fn log_loss(probabilities: &[f64], labels: &[bool]) -> f64 {
    let each = probabilities
        .iter()
        .zip(labels)
        .map(|(p, converted)| -(if *converted { *p } else { 1.0 - p }).ln());
    each.sum::<f64>() / real(labels.len().max(1))
}

/// How many times more often the best tenth converted than all. Ties at the border count with their mean.
pub fn lift_at_a_tenth(scores: &[f64], labels: &[bool]) -> f64 {
    let mut order: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all = order.iter().filter(|(_, converted)| *converted).count();
    let best = order.len().div_ceil(10);
    let (mut taken, mut found) = (0, 0.0);
    for tie in order.chunk_by(|a, b| a.0.total_cmp(&b.0) == Ordering::Equal) {
        let take = tie.len().min(best - taken);
        let yes = tie.iter().filter(|(_, converted)| *converted).count();
        found += real(take) * share(yes, tie.len());
        taken += take;
    }
    if all == 0 {
        1.0
    } else {
        found / real(best) / share(all, order.len())
    }
}

/// 95 % interval of a share (Wilson 1927).
pub fn wilson(part: usize, all: usize) -> (f64, f64) {
    const Z: f64 = 1.96;
    if all == 0 {
        return (0.0, 1.0);
    }
    let (n, p) = (real(all), share(part, all));
    let middle = p + Z * Z / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + Z * Z / n;
    (
        ((middle - half) / whole).max(0.0),
        ((middle + half) / whole).min(1.0),
    )
}

/// Leads that were given about the same probability, and how many of them converted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalibrationBin {
    pub lowest: f64,
    pub highest: f64,
    /// Mean probability.
    pub predicted: f64,
    /// Share that converted.
    pub observed: f64,
    /// 95 % interval of that share.
    pub observed_low: f64,
    pub observed_high: f64,
    pub leads: usize,
}

/// Ten bins with about equally many leads; fewer when there are not five for each.
pub(super) fn calibration_table(probabilities: &[f64], labels: &[bool]) -> Vec<CalibrationBin> {
    let mut order: Vec<(f64, bool)> = probabilities
        .iter()
        .copied()
        .zip(labels.iter().copied())
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = order.len();
    let bins = (count / 5).clamp(1, 10);
    let of = |bin: usize| {
        let leads = &order[bin * count / bins..(bin + 1) * count / bins];
        let converted = leads.iter().filter(|(_, converted)| *converted).count();
        let (observed_low, observed_high) = wilson(converted, leads.len());
        Some(CalibrationBin {
            lowest: leads.first()?.0,
            highest: leads.last()?.0,
            predicted: leads.iter().map(|(p, _)| p).sum::<f64>() / real(leads.len()),
            observed: share(converted, leads.len()),
            observed_low,
            observed_high,
            leads: leads.len(),
        })
    };
    (0..bins).filter_map(of).collect()
}

/// The probability from which on "will convert" is the best guess, by F₁ (Van Rijsbergen 1979).
pub(super) fn best_threshold(probabilities: &[f64], labels: &[bool]) -> f64 {
    let mut order: Vec<(f64, bool)> = probabilities
        .iter()
        .copied()
        .zip(labels.iter().copied())
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all = order.iter().filter(|(_, converted)| *converted).count();
    let (mut taken, mut found) = (0, 0);
    let mut best = (0.0, 0.5);
    for tie in order.chunk_by(|a, b| a.0.total_cmp(&b.0) == Ordering::Equal) {
        taken += tie.len();
        found += tie.iter().filter(|(_, converted)| *converted).count();
        let f1 = 2.0 * real(found) / real(taken + all);
        if f1 > best.0 {
            best = (f1, tie[0].0);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-3, "{a} is not {b}");
    }

    #[test]
    fn known_figures() {
        near(auc(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]), 0.75);
        near(auc(&[0.5; 4], &[false, true, false, true]), 0.5);
        near(auc(&[1.0, 2.0], &[true, true]), 0.5);
        near(brier(&[0.9, 0.2], &[true, false]), 0.025);
        near(log_loss(&[0.5, 0.5], &[true, false]), 2.0_f64.ln());
        // Agresti and Coull's example: 0 of 10.
        near(wilson(0, 10).1, 0.2775);
        near(wilson(5, 10).0, 0.2366);
        let (low, high) = auc_interval(0.8, 50, 50);
        assert!(
            low > 0.70 && low < 0.73 && high > 0.87 && high < 0.9,
            "{low} {high}"
        );
    }

    #[test]
    fn the_lift_shares_ties_at_the_border() {
        let mut labels = vec![false; 20];
        labels[0] = true;
        labels[1] = true;
        near(lift_at_a_tenth(&[0.5; 20], &labels), 1.0);
        let mut scores = vec![0.1; 20];
        scores[0] = 0.9;
        scores[1] = 0.9;
        near(lift_at_a_tenth(&scores, &labels), 10.0);
        near(best_threshold(&scores, &labels), 0.9);
    }

    #[test]
    fn the_table_counts_everybody_once() {
        let probabilities: Vec<f64> = (0..103).map(|at| real(at) / 103.0).collect();
        let labels: Vec<bool> = (0..103).map(|at| at % 3 == 0).collect();
        let table = calibration_table(&probabilities, &labels);
        assert_eq!(table.len(), 10);
        assert_eq!(table.iter().map(|bin| bin.leads).sum::<usize>(), 103);
        assert_eq!(calibration_table(&probabilities[..12], &labels[..12]).len(), 2);
    }
}
