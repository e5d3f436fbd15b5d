//! Whether leads are still like those the model has learned from.
//!
//! The population stability index, Σ (now − then) · ln(now / then) over bins. Below 0.1 nothing has changed, from 0.25 on
//! it has (Siddiqi 2006, "Credit Risk Scorecards"; the thresholds are Lewis's, 1994). With few leads the index is large by
//! chance, about (bins − 1) · (1/then + 1/now) (Yurdakul 2018), so then it says nothing.

use super::dataset::Seen;
use super::example::Features;
use super::model::Model;
use super::names::label;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// From here on something is different.
const MODERATE: f64 = 0.1;
/// From here on it matters.
const SIGNIFICANT: f64 = 0.25;
/// With fewer leads chance alone reaches the first threshold.
const LEAST_LEADS: u64 = 300;

crate::text_enum::text_enum! {
    DriftLevel {
        /// There are too few leads to tell.
        Unknown => "unknown",
        Stable => "stable",
        Moderate => "moderate",
        Significant => "significant",
    }
}

impl DriftLevel {
    fn of(index: f64) -> Self {
        if index >= SIGNIFICANT {
            Self::Significant
        } else if index >= MODERATE {
            Self::Moderate
        } else {
            Self::Stable
        }
    }
}

/// How many leads have which value, in the bins of one model.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    pub leads: u64,
    fields: BTreeMap<String, Vec<u64>>,
    scores: Vec<u64>,
}

impl Tally {
    pub(super) fn count_field(&mut self, name: &str, bins: usize, bin: usize) {
        if !self.fields.contains_key(name) {
            self.fields.insert(name.to_owned(), vec![0; bins]);
        }
        if let Some(count) = self.fields.get_mut(name).and_then(|counts| counts.get_mut(bin)) {
            *count += 1;
        }
    }

    pub(super) fn count_score(&mut self, bins: usize, bin: usize) {
        self.leads += 1;
        self.scores.resize(bins, 0);
        self.scores[bin] += 1;
    }

    /// Counts a lead of today.
    pub fn count(&mut self, model: &Model, features: &Features) {
        for field in &model.fields {
            let seen = Seen::of(features.get(&field.name));
            self.count_field(&field.name, field.bins(), field.bin(&seen));
        }
        let (bins, bin) = model.score_bin(model.log_odds(features));
        self.count_score(bins, bin);
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldDrift {
    pub field: String,
    pub label: String,
    /// Population stability index.
    pub index: f64,
    pub level: DriftLevel,
}

/// How much leads have changed since the model was trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drift {
    /// The score's; one step worse when the score begins to change together with a field that has. A field that changes
    /// alone means little.
    pub level: DriftLevel,
    /// Population stability index of the score.
    pub score_index: f64,
    /// The most changed first.
    pub fields: Vec<FieldDrift>,
    /// Whether the model should be trained again.
    pub retrain: bool,
    pub message: String,
}

impl Drift {
    pub fn between(then: &Tally, now: &Tally) -> Self {
        let few = then.leads < LEAST_LEADS || now.leads < LEAST_LEADS;
        let level = |index| {
            if few {
                DriftLevel::Unknown
            } else {
                DriftLevel::of(index)
            }
        };
        let mut fields: Vec<FieldDrift> = then
            .fields
            .iter()
            .filter_map(|(name, before)| {
                let index = stability_index(before, now.fields.get(name)?);
                Some(FieldDrift {
                    field: name.clone(),
                    label: label(name),
                    index,
                    level: level(index),
                })
            })
            .collect();
        fields.sort_by(|a, b| b.index.total_cmp(&a.index).then_with(|| a.field.cmp(&b.field)));
        let score_index = stability_index(&then.scores, &now.scores);
        let of_score = level(score_index);
        let changed: Vec<&str> = fields
            .iter()
            .filter(|field| field.level == DriftLevel::Significant)
            .map(|field| &*field.label)
            .collect();
        let level = match of_score {
            DriftLevel::Stable if !changed.is_empty() => DriftLevel::Moderate,
            DriftLevel::Moderate if !changed.is_empty() => DriftLevel::Significant,
            other => other,
        };
        let retrain = level == DriftLevel::Significant;
        let message = match level {
            DriftLevel::Unknown => format!(
                "there are too few leads to tell whether they have changed: {} then and {} now, {LEAST_LEADS} are needed",
                then.leads, now.leads
            ),
            DriftLevel::Stable => "leads are like those that the model knows".to_owned(),
            DriftLevel::Moderate if changed.is_empty() => "leads are changing: keep an eye on it".to_owned(),
            DriftLevel::Moderate => {
                format!("leads are changing in {}: keep an eye on it", changed.join(", "))
            }
            DriftLevel::Significant => {
                "leads are no longer like those the model knows: train it again".to_owned()
            }
        };
        Self {
            level,
            score_index,
            fields,
            retrain,
            message,
        }
    }
}

/// Half a lead is added to each bin, so that an empty one does not make the index infinite.
fn stability_index(then: &[u64], now: &[u64]) -> f64 {
    let shares = |counts: &[u64]| -> Vec<f64> {
        let with_half: Vec<f64> = counts.iter().map(|count| real(*count) + 0.5).collect();
        let all: f64 = with_half.iter().sum();
        with_half.into_iter().map(|count| count / all).collect()
    };
    shares(then)
        .into_iter()
        .zip(shares(now))
        .map(|(then, now)| (now - then) * (now / then).ln())
        .sum()
}

fn real(count: u64) -> f64 {
    super::numbers::real(usize::try_from(count).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_index() {
        assert!(stability_index(&[500, 500], &[500, 500]).abs() < 1e-12);
        // 0.25 · ln 1.5 + 0.25 · ln 2, a textbook's two bins.
        let index = stability_index(&[500_000, 500_000], &[750_000, 250_000]);
        assert!(
            (index - (0.25 * 1.5_f64.ln() + 0.25 * 2.0_f64.ln())).abs() < 1e-4,
            "{index}"
        );
        assert_eq!(DriftLevel::of(0.1), DriftLevel::Moderate);
        assert_eq!(DriftLevel::of(index), DriftLevel::Significant);
    }
}
