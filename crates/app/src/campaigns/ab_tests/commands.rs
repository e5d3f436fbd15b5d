//! What callers send and are shown.

use groundswell_domain::campaigns::{AbMetric, AbTest, VariantFigures};
use serde::{Deserialize, Serialize};

/// A person's decision.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecideAbTest {
    /// The version, from 0, that goes to everybody who waits.
    pub variant: u32,
}

/// A version in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShownFigures {
    pub name: String,
    #[serde(flatten)]
    pub figures: VariantFigures,
    /// Successes ÷ sent, 0.0 to 1.0; absent while nothing was sent.
    pub rate: Option<f64>,
    /// Where the true rate lies in 95 of 100 cases, for this version alone.
    pub low: f64,
    pub high: f64,
}

impl ShownFigures {
    pub(super) fn of(test: &AbTest, figures: VariantFigures) -> Self {
        let success = match test.design.metric {
            AbMetric::Opens => figures.opens,
            AbMetric::Clicks => figures.clicks,
        };
        let (low, high) = VariantFigures::interval(success, figures.sent);
        let index = usize::try_from(figures.variant).ok();
        let variant = index.and_then(|index| test.design.variants.get(index));
        Self {
            name: variant.map_or_else(String::new, |variant| variant.name.clone()),
            rate: VariantFigures::rate(success, figures.sent),
            low,
            high,
            figures,
        }
    }
}

/// A test and what it shows right now.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AbReport {
    #[serde(flatten)]
    pub test: AbTest,
    /// Of all mails of each version, also those that went out after the decision.
    pub figures: Vec<ShownFigures>,
    /// Mails that wait for the decision.
    pub waiting: i64,
}
