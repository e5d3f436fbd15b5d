//! How likely it is that the treatment is better, and what choosing wrongly would cost.

use super::{Difference, Effect};
use serde::Serialize;
use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// What is believed of the relative difference before anything was measured: a normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    pub mean: f64,
    pub deviation: f64,
}

/// What is believed of the difference afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Posterior {
    pub estimate: f64,
    pub error: f64,
    /// Ends of the credible interval.
    pub low: f64,
    pub high: f64,
    pub chance_to_win: f64,
    /// What is lost on average by staying with the control, though the treatment may be better.
    pub risk_of_control: f64,
    /// What is lost on average by choosing the treatment, though the control may be better.
    pub risk_of_treatment: f64,
}

/// The normal approximation, conjugate to a normal prior; without a prior all differences are equally likely. `None` when the figures are no numbers.
pub fn posterior(effect: &Effect, prior: Option<Prior>, alpha: f64) -> Option<Posterior> {
    let unit = match effect.difference {
        Difference::Absolute => effect.baseline.abs(),
        Difference::Relative => 1.0,
    };
    let measured = effect.error.powi(-2);
    let (estimate, precision) = match prior {
        Some(prior) => {
            let believed = (prior.deviation * unit).powi(-2);
            let precision = measured + believed;
            let sum = effect.estimate * measured + prior.mean * unit * believed;
            (sum / precision, precision)
        }
        None => (effect.estimate, measured),
    };
    let error = precision.powf(-0.5);
    let normal = Normal::new(estimate, error).ok()?;
    let standard = Normal::standard();
    let wins = normal.sf(0.0);
    // E[max(X, 0)] of a normal X; the other risk is E[max(−X, 0)].
    let gain = estimate * wins + error * standard.pdf(estimate / error);
    Some(Posterior {
        estimate,
        error,
        low: normal.inverse_cdf(alpha / 2.0),
        high: normal.inverse_cdf(1.0 - alpha / 2.0),
        chance_to_win: wins,
        risk_of_control: gain.max(0.0),
        risk_of_treatment: (gain - estimate).max(0.0),
    })
}
