//! Which sources are asked, and which of their values counts.

use super::{Confidence, EnrichmentField, EnrichmentSource, EnrichmentValue, Fill};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A field that is known with this confidence is not asked for any more.
pub const SURE: u8 = 90;

crate::text_enum::text_enum! {
    /// What came of asking a source.
    CheckOutcome {
        Found => "found",
        /// It knows nothing of this lead.
        Nothing => "nothing",
        /// It does not want to be asked.
        Refused => "refused",
        Failed => "failed",
        /// It will be asked at `expires_at`, as often as it may be.
        Waiting => "waiting",
    }
}

/// When a source was asked about a lead, and how that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub outcome: CheckOutcome,
    /// Why it failed.
    pub message: Option<String>,
    /// What it was asked with: the answer to another question counts no longer.
    pub asked: String,
    pub at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl Check {
    /// Whether the answer still counts, for somebody who wants none from before `since`.
    pub fn is_fresh(&self, asked: &str, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        self.outcome != CheckOutcome::Waiting
            && self.asked == asked
            && self.expires_at > now
            && since.is_none_or(|since| self.at >= since)
    }
}

/// What is remembered of a lead's enrichment, apart from the values.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Enrichment {
    #[serde(default)]
    pub checks: BTreeMap<EnrichmentSource, Check>,
    /// The lead's own fields that enrichment has filled.
    #[serde(default)]
    pub fills: BTreeMap<EnrichmentField, Fill>,
}

/// The value of each field that counts: the surest, of equally sure ones the newest, then the one of the first source.
pub fn best(values: &[EnrichmentValue], now: DateTime<Utc>) -> BTreeMap<&EnrichmentField, &EnrichmentValue> {
    let rank = |value: &EnrichmentValue| {
        (
            value.confidence,
            value.fetched_at,
            std::cmp::Reverse(value.source),
        )
    };
    let mut best: BTreeMap<&EnrichmentField, &EnrichmentValue> = BTreeMap::new();
    for value in values.iter().filter(|value| value.expires_at > now) {
        let place = best.entry(&value.field).or_insert(value);
        if rank(value) > rank(place) {
            *place = value;
        }
    }
    best
}

/// Whether a source could tell something of these fields that is not known well enough.
pub(crate) fn is_worth_asking<'a>(
    mut fields: impl Iterator<Item = &'a EnrichmentField>,
    values: &[EnrichmentValue],
    now: DateTime<Utc>,
) -> bool {
    let sure = Confidence::percent(SURE);
    let settled: BTreeSet<&EnrichmentField> = best(values, now)
        .into_iter()
        .filter(|(_, value)| value.confidence >= sure)
        .map(|(field, _)| field)
        .collect();
    fields.any(|field| !settled.contains(field))
}

impl super::EnrichmentProvider {
    /// Whether it can tell something that earlier sources did not tell well enough. What it said itself does not count.
    pub fn is_worth_asking(&self, values: &[EnrichmentValue], now: DateTime<Utc>) -> bool {
        let own = EnrichmentSource::Provider(self.id);
        let others: Vec<EnrichmentValue> = values
            .iter()
            .filter(|value| value.source != own)
            .cloned()
            .collect();
        is_worth_asking(self.mapping.keys(), &others, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use serde_json::json;

    fn value(
        field: EnrichmentField,
        text: &str,
        source: EnrichmentSource,
        percent: u8,
        hour: i64,
    ) -> EnrichmentValue {
        let at = DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
        EnrichmentValue {
            lead_id: uuid::Uuid::nil().into(),
            field,
            value: json!(text),
            source,
            confidence: Confidence::percent(percent),
            fetched_at: at,
            expires_at: at + TimeDelta::hours(10),
        }
    }

    #[test]
    fn the_surest_value_counts_then_the_newest_then_the_first_source() {
        use EnrichmentField::{City, Company, Country};
        use EnrichmentSource::{Address, Site};
        let values = [
            value(Company, "guess", Address, 30, 9),
            value(Company, "name", Site, 80, 5),
            value(Country, "old", Address, 60, 5),
            value(Country, "new", Site, 60, 6),
            value(City, "second", Site, 60, 5),
            value(City, "first", Address, 60, 5),
            value(EnrichmentField::Industry, "expired", Site, 99, 0),
        ];
        let now = DateTime::UNIX_EPOCH + TimeDelta::hours(10);
        let said: Vec<_> = best(&values, now)
            .values()
            .map(|value| value.value.as_str().unwrap())
            .collect();
        assert_eq!(said, ["name", "new", "first"]);
        let later = now + TimeDelta::hours(5);
        assert_eq!(best(&values, later)[&Company].value, "guess");
    }

    #[test]
    fn who_can_tell_nothing_new_is_not_asked() {
        use EnrichmentField::{City, Company};
        let now = DateTime::UNIX_EPOCH + TimeDelta::hours(1);
        let values = [
            value(Company, "x", EnrichmentSource::Site, SURE, 0),
            value(City, "x", EnrichmentSource::Site, SURE - 1, 0),
        ];
        let worth = |fields: &[EnrichmentField]| is_worth_asking(fields.iter(), &values, now);
        assert!(!worth(&[Company]));
        assert!(worth(&[Company, City]));
        assert!(!worth(&[]));
    }

    #[test]
    fn an_answer_counts_for_its_question_and_its_time() {
        let at = DateTime::UNIX_EPOCH;
        let check = Check {
            outcome: CheckOutcome::Nothing,
            message: None,
            asked: "acme.de".into(),
            at,
            expires_at: at + TimeDelta::days(1),
        };
        let hour = at + TimeDelta::hours(1);
        assert!(check.is_fresh("acme.de", None, hour) && check.is_fresh("acme.de", Some(at), hour));
        assert!(!check.is_fresh("other.de", None, hour));
        assert!(!check.is_fresh("acme.de", Some(hour), hour));
        assert!(!check.is_fresh("acme.de", None, check.expires_at));
        let waiting = Check {
            outcome: CheckOutcome::Waiting,
            ..check
        };
        assert!(!waiting.is_fresh("acme.de", None, hour));
    }
}
