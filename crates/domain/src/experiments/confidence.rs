//! An interval that stays valid while people watch it, for any kind of measure.
//!
//! Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences"
//! (arXiv 2103.06476v7). It holds for large samples only: with few people, or rates near 0, `decide` is what is exact.

use super::{Comparison, Effect};

/// `tuned_for` is the number of people at which the interval is to be narrowest.
pub fn confidence_sequence(effect: &Effect, alpha: f64, tuned_for: f64) -> Comparison {
    // Equation 161.
    let log = -2.0 * alpha.ln();
    let rho2 = (log + (log + 1.0).ln()) / tuned_for;
    let n = effect.people;
    let grown = n * rho2 + 1.0;
    // Equation 9, for the variance of one person.
    let half = (effect.error.powi(2) * n).sqrt()
        * (2.0 * grown * (grown.sqrt() / alpha).ln() / (n * n * rho2)).sqrt();
    // Equation 155.
    let squares = effect.estimate.powi(2) * n / effect.error.powi(2);
    let evidence = rho2 * squares / (2.0 * grown) - grown.ln() / 2.0;
    Comparison {
        interval: (effect.estimate - half, effect.estimate + half),
        p_value: (-evidence).exp().min(1.0),
    }
}
