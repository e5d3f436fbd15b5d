//! Whether people were spread over the variants as it was meant.

use super::real;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Below this p-value the figures of a test are worth nothing until somebody has found out why (Fabijan et al., "Diagnosing sample
/// ratio mismatch in online controlled experiments", KDD 2019). Small, as it is looked at often.
pub const SUSPICIOUS: f64 = 0.001;

/// Pearson's chi-square test of counts against weights: the p-value. A variant without weight is left out; 1 if there is nothing to compare.
pub fn sample_ratio(counts: &[u64], weights: &[f64]) -> f64 {
    let all: f64 = counts.iter().copied().map(real).sum();
    let weight: f64 = weights.iter().sum();
    let mut statistic = 0.0;
    for (count, own) in counts.iter().zip(weights).filter(|(_, own)| **own > 0.0) {
        let expected = own / weight * all;
        if expected > 0.0 {
            statistic += (real(*count) - expected).powi(2) / expected;
        }
    }
    let groups = counts.len().min(weights.len()) as u64;
    match ChiSquared::new(real(groups.saturating_sub(1))) {
        Ok(chi) if all > 0.0 => chi.sf(statistic),
        _ => 1.0,
    }
}
