//! A rule, read once and ready to be asked about many leads.

use super::condition::Condition;
use super::facts::LeadFacts;
use super::model::{MOST_POINTS, MOST_TOTAL, ScoringRule};
use super::parse::{EventCondition, Reader};
use crate::error::FieldError;
use crate::leads::{Axis, LeadEvent};

#[derive(Debug)]
pub(super) enum When {
    Lead(Condition),
    Event(EventCondition),
}

#[derive(Debug)]
pub(super) struct Rule {
    pub name: String,
    pub points: i32,
    pub half_life: Option<i32>,
    pub cap: Option<i32>,
    pub kind: String,
    pub max_per_day: Option<u32>,
    pub when: When,
}

impl Rule {
    /// `at` is the path of the rule in the model.
    pub fn read(at: &str, rule: &ScoringRule, problems: &mut Vec<FieldError>) -> Option<Self> {
        let before = problems.len();
        let mut check = |ok: bool, field: &str, message: String| {
            if !ok {
                problems.push(FieldError::new(format!("{at}.{field}"), message));
            }
        };
        check(is_name(&rule.name), "name", NAME.to_owned());
        let points = rule.points != 0 && (-MOST_POINTS..=MOST_POINTS).contains(&rule.points);
        check(
            points,
            "points",
            format!("must be -{MOST_POINTS} to {MOST_POINTS}, and not 0"),
        );
        if rule.axis == Axis::Fit {
            for (field, given) in [
                ("half_life_days", rule.half_life_days.is_some()),
                ("cap", rule.cap.is_some()),
                ("kind", rule.kind.is_some()),
                ("max_per_day", rule.max_per_day.is_some()),
            ] {
                check(!given, field, "is only for rules of engagement".to_owned());
            }
        } else {
            let within =
                |value: Option<i32>, most: i32| value.is_none_or(|value| (1..=most).contains(&value));
            check(
                within(rule.half_life_days, 3_650),
                "half_life_days",
                "must be 1 to 3650 days".to_owned(),
            );
            check(
                within(rule.cap, MOST_TOTAL),
                "cap",
                format!("must be 1 to {MOST_TOTAL}"),
            );
            check(
                within(rule.max_per_day, 1_000),
                "max_per_day",
                "must be 1 to 1000".to_owned(),
            );
            check(rule.kind.as_deref().is_none_or(is_name), "kind", NAME.to_owned());
        }
        let at = format!("{at}.when");
        let mut reader = Reader::new(problems);
        let when = match rule.axis {
            Axis::Fit => When::Lead(reader.condition(&at, &rule.when, 1)?),
            Axis::Engagement => When::Event(reader.event(&at, &rule.when)?),
        };
        if problems.len() > before {
            return None;
        }
        let kind = match (&rule.kind, &when) {
            (Some(kind), _) => kind.clone(),
            (None, When::Event(event)) => event.kinds.first().map_or("", |kind| kind.as_str()).to_owned(),
            (None, When::Lead(_)) => String::new(),
        };
        Some(Self {
            name: rule.name.clone(),
            points: rule.points,
            half_life: rule.half_life_days,
            cap: rule.cap,
            kind,
            max_per_day: rule.max_per_day.and_then(|most| u32::try_from(most).ok()),
            when,
        })
    }

    /// Each hit gives its points for good, whatever else there is.
    pub fn is_additive(&self) -> bool {
        let plain = self.half_life.is_none() && self.cap.is_none() && self.max_per_day.is_none();
        plain && !self.reads_lead()
    }

    pub fn reads_lead(&self) -> bool {
        match &self.when {
            When::Lead(_) => true,
            When::Event(event) => event.lead.is_some(),
        }
    }

    /// Whether what happened is what it counts.
    pub fn hit(&self, event: &LeadEvent) -> bool {
        let When::Event(wanted) = &self.when else {
            return false;
        };
        wanted.hit(event)
    }

    /// Whether it is about such a lead at all.
    pub fn suits(&self, lead: &LeadFacts<'_>) -> bool {
        match &self.when {
            When::Lead(condition) => condition.holds(lead),
            When::Event(event) => event.lead.as_ref().is_none_or(|condition| condition.holds(lead)),
        }
    }
}

pub(crate) const NAME: &str = "must have 1 to 60 lower-case letters, digits, `_` and `-`";

/// No dot, so that the names of the ledger's own lines can't be taken.
pub(crate) fn is_name(name: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
    (1..=60).contains(&name.len()) && name.bytes().all(fine)
}
