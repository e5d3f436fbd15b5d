//! What is known of a lead, as it is kept, and as something to learn from.

use super::example::{Example, FeatureValue, Features, Known, Outcome};
use crate::leads::Lead;
use serde_json::Value;

/// What a lead did, up to its outcome if there is one: what came later can't foretell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Engagement {
    pub submissions: i64,
    pub emails_sent: i64,
    /// Mails that were opened, each once.
    pub emails_opened: i64,
    pub emails_clicked: i64,
    /// Mails whose link to unsubscribe was used.
    pub unsubscribed: i64,
}

/// A lead with what it did and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LeadFacts {
    pub lead: Lead,
    /// `None` while it is open.
    pub outcome: Option<Outcome>,
    pub engagement: Engagement,
}

impl LeadFacts {
    /// Left out is what names the lead (address, telephone number) and what says the outcome in other words (status, stage).
    pub fn features(&self) -> Features {
        let lead = &self.lead;
        let mut features = Features::new();
        let mut add = |name: &str, value: Option<FeatureValue>| {
            if let Some(value) = value {
                features.insert(name.to_owned(), Known::from(value));
            }
        };
        let word = |text: &Option<String>| text.as_deref().and_then(FeatureValue::category);
        add("source", FeatureValue::category(&lead.source));
        add("title", word(&lead.title));
        add("company", word(&lead.company));
        add("utm_source", word(&lead.utm.source));
        add("utm_medium", word(&lead.utm.medium));
        add("utm_campaign", word(&lead.utm.campaign));
        add(
            "email_domain",
            lead.email
                .as_str()
                .rsplit('@')
                .next()
                .and_then(FeatureValue::category),
        );
        add("has_name", Some(FeatureValue::Flag(!lead.name.is_empty())));
        add("has_phone", Some(FeatureValue::Flag(lead.phone.is_some())));
        for tag in lead.tags.as_slice() {
            add(&format!("tag:{tag}"), Some(FeatureValue::Flag(true)));
        }
        for (key, value) in &lead.custom_fields {
            add(&format!("custom:{key}"), FeatureValue::of_json(value));
        }
        let did = self.engagement;
        for (name, count) in [
            ("submissions", did.submissions),
            ("emails_sent", did.emails_sent),
            ("emails_opened", did.emails_opened),
            ("emails_clicked", did.emails_clicked),
            ("unsubscribed", did.unsubscribed),
        ] {
            add(name, FeatureValue::of_json(&Value::from(count)));
        }
        features
    }

    /// `None` while it is open.
    pub fn example(&self) -> Option<Example> {
        Some(Example {
            created_at: self.lead.created_at,
            outcome: self.outcome?,
            features: self.features(),
        })
    }
}
