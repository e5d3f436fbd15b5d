//! The model that every organization starts with.

use super::model::{ModelStatus, ScoringModel, ScoringRule};
use crate::ids::OrganizationId;
use crate::leads::Axis;
use chrono::{DateTime, Utc};
use serde_json::{Map, json};
use std::collections::BTreeMap;

/// Rule, event, points.
const RULES: [(&str, &str, i32); 5] = [
    ("form_submitted", "form_submitted", 10),
    ("double_opt_in_confirmed", "opt_in_confirmed", 5),
    ("email_opened", "email_opened", 2),
    ("email_clicked", "email_clicked", 5),
    ("unsubscribed", "unsubscribed", -10),
];

impl ScoringModel {
    /// It has the id of its organization, so that whoever makes it makes the same one. The migration that introduced
    /// models writes these rules as well.
    pub fn built_in(organization: OrganizationId, now: DateTime<Utc>) -> Self {
        let rule = |(name, event, points): (&str, &str, i32)| ScoringRule {
            name: name.to_owned(),
            axis: Axis::Engagement,
            when: Map::from_iter([("event".to_owned(), json!(event))]),
            points,
            half_life_days: None,
            cap: None,
            kind: None,
            max_per_day: None,
        };
        Self {
            id: organization.0.into(),
            name: "Built-in".to_owned(),
            status: ModelStatus::Active,
            primary: true,
            rules: RULES.into_iter().map(rule).collect(),
            caps: BTreeMap::new(),
            revision: 1,
            run: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}
