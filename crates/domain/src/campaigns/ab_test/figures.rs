//! The counts of one version.

use super::AbDesign;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The quantile of the normal distribution for 95 %.
const Z: f64 = 1.959_964;

/// How many mails of a version there are, and what people did with them; each counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VariantFigures {
    /// From 0.
    pub variant: i32,
    /// Rows of the ledger, also of people whom nothing is sent to.
    pub assigned: i64,
    pub sent: i64,
    pub opens: i64,
    pub clicks: i64,
    pub unsubscribes: i64,
}

/// The figures of a campaign's test.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AbCounts {
    /// Of versions that have any mails.
    pub figures: Vec<VariantFigures>,
    /// When the first mail of any version was sent.
    pub began: Option<DateTime<Utc>>,
    /// Mails that have a version and are not settled.
    pub unsettled: i64,
    /// Mails that wait for a version.
    pub waiting: i64,
}

impl AbCounts {
    /// Of all versions, also those that have no mails.
    pub fn of(&self, design: &AbDesign) -> Vec<VariantFigures> {
        let known = |variant| {
            self.figures
                .iter()
                .find(|figures| figures.variant == variant)
                .copied()
        };
        let none = |variant| VariantFigures {
            variant,
            ..VariantFigures::default()
        };
        (0..)
            .zip(&design.variants)
            .map(|(variant, _)| known(variant).unwrap_or_else(|| none(variant)))
            .collect()
    }

    /// How many mails a bandit's batch has: a share of all, at most those that wait, and one at least.
    pub fn batch(&self, share: f64) -> u64 {
        let assigned: i64 = self.figures.iter().map(|figures| figures.assigned).sum();
        let all = real(assigned + self.waiting);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a part of a number of people"
        )]
        let size = (all * share).ceil().max(1.0) as u64;
        size.min(VariantFigures::count(self.waiting))
    }
}

impl VariantFigures {
    /// A share of those that were sent, if any were.
    pub fn rate(part: i64, whole: i64) -> Option<f64> {
        (whole > 0).then(|| real(part) / real(whole))
    }

    pub(super) fn count(number: i64) -> u64 {
        u64::try_from(number).unwrap_or(0)
    }

    /// Within which shares the true one of `part` of `whole` lies in 95 of 100 cases: Wilson, "Probable inference, the law of succession,
    /// and statistical inference", JASA 22 (1927). For a look at one version; comparisons are the outcome's.
    pub fn interval(part: i64, whole: i64) -> (f64, f64) {
        if whole <= 0 {
            return (0.0, 1.0);
        }
        let (n, p) = (real(whole), real(part.clamp(0, whole)) / real(whole));
        let z = Z * Z / n;
        let middle = (p + z / 2.0) / (1.0 + z);
        let half = Z / (1.0 + z) * (p * (1.0 - p) / n + z / (4.0 * n)).sqrt();
        ((middle - half).max(0.0), (middle + half).min(1.0))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of mails are far below 2^53")]
fn real(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_wilson() {
        // As statsmodels' proportion_confint(10, 100, method="wilson") gives them.
        let (low, high) = VariantFigures::interval(10, 100);
        assert!(
            (low - 0.055_229).abs() < 1e-5 && (high - 0.174_367).abs() < 1e-5,
            "{low} {high}"
        );
        assert_eq!(VariantFigures::interval(0, 0), (0.0, 1.0));
        let (low, high) = VariantFigures::interval(0, 50);
        assert!(low < 1e-9 && high < 0.08);
        let (low, high) = VariantFigures::interval(60, 50);
        assert!(
            low > 0.9 && high > 1.0 - 1e-9,
            "more opens than mails that surely arrived"
        );
    }
}
