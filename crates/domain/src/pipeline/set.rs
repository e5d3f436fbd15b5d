//! Which leads a number counts.

use super::{Dimension, GoalOf, GoalSet};
use crate::error::Error;
use crate::ids::{CampaignId, ClientId, FormId};
use crate::leads::LeadStage;
use crate::validate::Problems;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use url::form_urlencoded;

/// Every condition that is set must hold. An empty set means all leads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeadSet {
    pub created_from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub created_before: Option<DateTime<Utc>>,
    pub source: Option<String>,
    /// An empty text means those that have none; so with the other two.
    pub utm_source: Option<String>,
    pub utm_medium: Option<String>,
    pub utm_campaign: Option<String>,
    /// Filled in this form.
    pub form_id: Option<FormId>,
    /// Filled in a form of this campaign.
    pub campaign_id: Option<CampaignId>,
    pub client_id: Option<ClientId>,
    /// Got at least this far, wherever they are now; not `disqualified`, which is no step of the way.
    pub reached: Option<LeadStage>,
    /// Are here now.
    pub stage: Option<LeadStage>,
    /// Have been in their stage since this time or later.
    pub since_from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub since_before: Option<DateTime<Utc>>,
    /// Are customers, and became it less than so many days after they came.
    pub converted_within_days: Option<u32>,
    /// Why they converted or not; an empty text means that nobody said.
    pub reason: Option<String>,
    /// Converted by a goal, or could.
    pub goal: Option<GoalSet>,
}

impl LeadSet {
    /// What no store could be asked for.
    pub fn check(&self) -> Result<(), Error> {
        let mut problems = Problems::new();
        problems.time("created_from", self.created_from);
        problems.time("created_before", self.created_before);
        problems.time("since_from", self.since_from);
        problems.time("since_before", self.since_before);
        problems.check(
            self.reached != Some(LeadStage::Disqualified),
            "reached",
            "is no step of the way: ask for stage=disqualified",
        );
        for (field, text) in [
            ("source", &self.source),
            ("utm_source", &self.utm_source),
            ("utm_medium", &self.utm_medium),
            ("utm_campaign", &self.utm_campaign),
            ("reason", &self.reason),
        ] {
            if let Some(text) = text {
                problems.text(field, text, 500);
            }
        }
        problems.finish()
    }

    /// What no report could be narrowed to: a report tells these apart itself, and each of its numbers is one of them.
    pub fn check_report(&self, by: Option<Dimension>) -> Result<(), Error> {
        self.check()?;
        let mut problems = Problems::new();
        let apart = "is what reports tell apart: it is for the list of leads, GET /api/leads/analytics/leads";
        problems.check(self.stage.is_none(), "stage", apart);
        problems.check(self.reached.is_none(), "reached", apart);
        problems.check(self.reason.is_none(), "reason", apart);
        problems.check(
            self.converted_within_days.is_none(),
            "converted_within_days",
            apart,
        );
        problems.check(self.goal.is_none(), "goal", apart);
        let form = by == Some(Dimension::Form) && self.form_id.is_some();
        problems.check(
            !form,
            "form_id",
            "is told apart by `by=form`: choose one of the two",
        );
        let campaign = by == Some(Dimension::Campaign) && self.campaign_id.is_some();
        problems.check(
            !campaign,
            "campaign_id",
            "is told apart by `by=campaign`: choose one of the two",
        );
        problems.finish()
    }

    /// Where the leads can be listed: path and query.
    pub fn link(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let time = |time: &DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let Self {
            created_from,
            created_before,
            source,
            utm_source,
            utm_medium,
            utm_campaign,
            form_id,
            campaign_id,
            client_id,
            reached,
            stage,
            since_from,
            since_before,
            converted_within_days,
            reason,
            goal,
        } = self;
        let of = goal.as_ref().map(|goal| goal.of);
        for (name, value) in [
            ("created_from", created_from.as_ref().map(time)),
            ("created_before", created_before.as_ref().map(time)),
            ("source", source.clone()),
            ("utm_source", utm_source.clone()),
            ("utm_medium", utm_medium.clone()),
            ("utm_campaign", utm_campaign.clone()),
            ("form_id", form_id.map(|id| id.to_string())),
            ("campaign_id", campaign_id.map(|id| id.to_string())),
            ("client_id", client_id.map(|id| id.to_string())),
            ("reached", reached.map(|stage| stage.to_string())),
            ("stage", stage.map(|stage| stage.to_string())),
            ("since_from", since_from.as_ref().map(time)),
            ("since_before", since_before.as_ref().map(time)),
            (
                "converted_within_days",
                converted_within_days.map(|days| days.to_string()),
            ),
            ("reason", reason.clone()),
            (
                "goal_campaign_id",
                of.and_then(|of| match of {
                    GoalOf::Campaign(id) => Some(id.to_string()),
                    GoalOf::Sequence(..) => None,
                }),
            ),
            (
                "goal_sequence_id",
                of.and_then(|of| match of {
                    GoalOf::Sequence(id, _) => Some(id.to_string()),
                    GoalOf::Campaign(_) => None,
                }),
            ),
            (
                "goal",
                of.and_then(|of| match of {
                    GoalOf::Sequence(_, number) => Some(number.to_string()),
                    GoalOf::Campaign(_) => None,
                }),
            ),
            ("goal_part", goal.as_ref().map(|goal| goal.part.to_string())),
        ] {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        }
        let query = query.finish();
        let path = "/api/leads/analytics/leads";
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{query}")
        }
    }

    /// That many of these leads.
    pub fn counted(&self, count: i64) -> Counted {
        Counted {
            count,
            leads: self.link(),
        }
    }
}

/// How many leads, and which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counted {
    pub count: i64,
    /// Path and query of the list of these leads.
    pub leads: String,
}

crate::sort_fields! {
    /// How the leads of a set can be ordered.
    SetSort { CreatedAt => "created_at": Time }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_have_what_is_set() {
        assert_eq!(LeadSet::default().link(), "/api/leads/analytics/leads");
        let set = LeadSet {
            created_from: Some(DateTime::UNIX_EPOCH),
            utm_source: Some(String::new()),
            reason: Some("too dear & late".into()),
            reached: Some(LeadStage::Qualified),
            ..LeadSet::default()
        };
        assert_eq!(
            set.counted(3).leads,
            "/api/leads/analytics/leads?created_from=1970-01-01T00%3A00%3A00Z&utm_source=&reached=qualified&reason=too+dear+%26+late"
        );
        let nowhere = LeadSet {
            reached: Some(LeadStage::Disqualified),
            ..LeadSet::default()
        };
        assert!(nowhere.check().is_err());
    }

    #[test]
    fn reports_are_not_narrowed_to_what_they_tell_apart() {
        let filled = LeadSet {
            form_id: Some(uuid::Uuid::nil().into()),
            ..LeadSet::default()
        };
        assert!(filled.check_report(None).is_ok());
        assert!(filled.check_report(Some(Dimension::Source)).is_ok());
        assert!(filled.check_report(Some(Dimension::Form)).is_err());
        let here = LeadSet {
            stage: Some(LeadStage::New),
            ..LeadSet::default()
        };
        assert!(here.check().is_ok());
        assert!(here.check_report(None).is_err());
    }
}
