//! The test for whoever looks once, at an end that was fixed before (Welch 1947).

use super::Effect;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// What a test asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// Whether the treatment is different.
    Two,
    /// Whether it is better.
    Greater,
}

/// What a test answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Where the difference lies, with a probability of 1 − alpha over all tests; the upper end is infinite if only one side was asked for.
    pub interval: (f64, f64),
    pub p_value: f64,
}

/// `alpha` lies between 0 and 1. `None` if the effect's degrees of freedom are no number.
pub fn t_test(effect: &Effect, alpha: f64, sides: Sides) -> Option<Comparison> {
    let t = StudentsT::new(0.0, 1.0, effect.freedom).ok()?;
    let statistic = effect.estimate / effect.error;
    Some(match sides {
        Sides::Two => {
            let half = t.inverse_cdf(1.0 - alpha / 2.0) * effect.error;
            Comparison {
                interval: (effect.estimate - half, effect.estimate + half),
                p_value: 2.0 * t.sf(statistic.abs()),
            }
        }
        Sides::Greater => Comparison {
            interval: (
                effect.estimate - t.inverse_cdf(1.0 - alpha) * effect.error,
                f64::INFINITY,
            ),
            p_value: t.sf(statistic),
        },
    })
}
