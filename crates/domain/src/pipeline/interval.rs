//! How sure a share is.

use serde::Serialize;

/// Two-sided 95 %: the 0.975 quantile of the standard normal distribution.
pub(super) const Z: f64 = 1.959_963_984_540_054;

/// A share of a number of leads, 0.0 to 1.0, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Share {
    /// Absent when there is nothing to have a share of.
    pub value: Option<f64>,
    pub low: f64,
    pub high: f64,
}

/// Wilson's score interval: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
/// JASA 22 (1927). Unlike the textbook interval it stays within 0 and 1 and is honest for few leads. Of none it is the
/// whole range.
pub fn wilson(part: i64, whole: i64) -> Share {
    if whole <= 0 {
        return Share {
            value: None,
            low: 0.0,
            high: 1.0,
        };
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of leads are far below 2^52")]
    let (n, p) = (whole as f64, part.clamp(0, whole) as f64 / whole as f64);
    let z2 = Z * Z;
    let center = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    Share {
        value: Some(p),
        low: if part <= 0 { 0.0 } else { (center - half).max(0.0) },
        high: if part >= whole {
            1.0
        } else {
            (center + half).min(1.0)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_the_literature() {
        // Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I: 81 of 263, 15 of 148, 0 of 20.
        for (part, whole, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
        ] {
            let share = wilson(part, whole);
            assert!((share.low - low).abs() < 5e-5, "{share:?}");
            assert!((share.high - high).abs() < 5e-5, "{share:?}");
        }
        assert_eq!(wilson(0, 0).value, None);
        assert!((wilson(7, 7).high - 1.0).abs() < f64::EPSILON);
    }
}
