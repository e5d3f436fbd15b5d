//! From values to a lead's own fields, and never over a person's.
//!
//! Nobody who writes leads needs to know of enrichment: a field is ours as long as it holds what we put there. Whatever else it holds, even
//! nothing, a person wanted, and from then on it is theirs.

use super::{Confidence, Enrichment, EnrichmentField, EnrichmentSource, EnrichmentValue, best};
use crate::leads::{Lead, LeadProfile};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Values that are less sure are shown beside the lead, and not taken.
const FILL_FROM: u8 = 50;

/// A field of the lead that enrichment filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fill {
    /// What was put there.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub value: Value,
    pub source: EnrichmentSource,
    pub filled_at: DateTime<Utc>,
    /// A person changed it since: it is not touched any more.
    pub human: bool,
}

impl Enrichment {
    /// Fills what is empty, renews what was filled before, and notes what people changed. True when the lead changed.
    pub fn fill(&mut self, lead: &mut Lead, values: &[EnrichmentValue], now: DateTime<Utc>) -> bool {
        let mut profile = lead.profile();
        for (field, fill) in &mut self.fills {
            fill.human |= present(&profile, field) != Some(fill.value.clone());
        }
        let mut changed = false;
        for (field, value) in best(values, now) {
            if value.confidence < Confidence::percent(FILL_FROM) || !self.may_fill(&profile, field) {
                continue;
            }
            // A value that the field can't have leaves it alone, and a number that it keeps as text is no news each time.
            let mut with = profile.clone();
            let kept = put(&mut with, field, &value.value).filter(|_| with != profile);
            if let Some(kept) = kept {
                profile = with;
                let fill = Fill {
                    value: kept,
                    source: value.source,
                    filled_at: now,
                    human: false,
                };
                self.fills.insert(field.clone(), fill);
                changed = true;
            }
        }
        lead.set_profile(profile);
        changed
    }

    fn may_fill(&self, profile: &LeadProfile, field: &EnrichmentField) -> bool {
        if field.of_lead().is_none() {
            return false;
        }
        match self.fills.get(field) {
            Some(fill) => !fill.human,
            None => present(profile, field).is_none(),
        }
    }
}

/// What the lead has there; nothing for an empty text.
fn present(profile: &LeadProfile, field: &EnrichmentField) -> Option<Value> {
    let text = match field {
        EnrichmentField::Name => Some(&profile.name),
        EnrichmentField::Title => profile.title.as_ref(),
        EnrichmentField::Phone => profile.phone.as_ref(),
        EnrichmentField::Company => profile.company.as_ref(),
        EnrichmentField::Custom(key) => {
            let value = profile.custom_fields.get(key);
            return value.filter(|value| !value.is_null() && *value != "").cloned();
        }
        _ => None,
    };
    text.filter(|text| !text.is_empty())
        .map(|text| text.as_str().into())
}

/// Puts a value there, and answers what is there then. Nothing when the field can't have it.
fn put(profile: &mut LeadProfile, field: &EnrichmentField, value: &Value) -> Option<Value> {
    match field {
        EnrichmentField::Custom(key) => profile.custom(key.clone(), value.clone()).ok()?,
        _ => profile.set(field.of_lead()?, value.clone()).ok()?,
    }
    present(profile, field)
}

#[cfg(test)]
#[path = "fill_tests.rs"]
mod tests;
