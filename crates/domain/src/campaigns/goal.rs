//! What a campaign is to bring about: something that happens to a lead within some days of its mail, or of a person's click in it.
//!
//! Nothing is counted as it happens: what happened to leads and which mails they got is kept anyway, and the numbers are read off that
//! when somebody asks. So a goal can be given or changed at any time, also after the mails were sent.

use crate::leads::{LeadEventKind, LeadStage, Tags};
use crate::validate::Problems;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most days.
const MOST_DAYS: u32 = 365;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignGoal {
    pub when: GoalTest,
    /// 1 to 365, 30 when absent.
    #[serde(default = "days")]
    pub within_days: u32,
    /// After what: `sent` when absent.
    #[serde(default)]
    pub after: GoalStart,
}

fn days() -> u32 {
    30
}

crate::text_enum::text_enum! {
    /// From when on the days are counted.
    #[derive(Default)]
    GoalStart {
        /// The mail was sent.
        #[default]
        Sent => "sent",
        /// A person first clicked in it; who did not click does not count.
        Clicked => "clicked",
    }
}

/// When a goal is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GoalTest {
    /// Something happened to the lead.
    Event(GoalEvent),
    /// It came to this stage or further; `disqualified` is that stage alone.
    Stage(LeadStage),
    /// It has this tag. When it got it is not known: it has it now.
    Tag(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GoalEvent {
    /// A kind of the timeline, such as `form_submitted` or `custom`.
    pub kind: LeadEventKind,
    /// What it was about, for example the form of a submission. Anything without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Uuid>,
    /// Of an event of kind `custom`: its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl CampaignGoal {
    pub fn check(&mut self, problems: &mut Problems) {
        problems.check(
            (1..=MOST_DAYS).contains(&self.within_days),
            "goal.within_days",
            format!("must be 1 to {MOST_DAYS}"),
        );
        match &mut self.when {
            GoalTest::Event(event) => {
                problems.check(
                    !event.kind.is_derived(),
                    "goal.when.event.kind",
                    format!("{} brings nothing about: choose another kind", event.kind),
                );
                let custom = event.kind == LeadEventKind::Custom;
                problems.check(
                    custom || event.name.is_none(),
                    "goal.when.event.name",
                    "is for events of kind custom",
                );
                if let Some(name) = &mut event.name {
                    *name = problems.line("goal.when.event.name", name, 100, false);
                }
            }
            GoalTest::Stage(stage) => problems.check(
                *stage != LeadStage::New,
                "goal.when.stage",
                "every lead was new once: choose another stage",
            ),
            GoalTest::Tag(tag) => {
                if let Some(tags) = problems.take("goal.when.tag", Tags::parse([tag.as_str()])) {
                    tags.as_slice().concat().clone_into(tag);
                }
            }
        }
    }

    /// In words, for people.
    pub fn label(&self) -> String {
        let what = match &self.when {
            GoalTest::Event(GoalEvent { kind, subject, name }) => {
                let name = name
                    .as_ref()
                    .map(|name| format!(" \"{name}\""))
                    .unwrap_or_default();
                let subject = subject.map(|id| format!(" {id}")).unwrap_or_default();
                format!("{kind}{name}{subject}")
            }
            GoalTest::Stage(stage) => format!("stage {stage} or further"),
            GoalTest::Tag(tag) => return format!("tag \"{tag}\""),
        };
        format!("{what} within {} days after {}", self.within_days, self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(goal: serde_json::Value) -> Result<CampaignGoal, bool> {
        let mut goal: CampaignGoal = serde_json::from_value(goal).map_err(|_| true)?;
        let mut problems = Problems::new();
        goal.check(&mut problems);
        if problems.is_empty() { Ok(goal) } else { Err(false) }
    }

    #[test]
    fn a_goal_says_what_and_until_when() {
        let goal = checked(json!({ "when": { "stage": "opportunity" } })).unwrap();
        assert_eq!((goal.within_days, goal.after), (30, GoalStart::Sent));
        assert_eq!(
            goal.label(),
            "stage opportunity or further within 30 days after sent"
        );
        let goal = json!({ "when": { "event": { "kind": "custom", "name": " trial " } }, "within_days": 7, "after": "clicked" });
        assert_eq!(
            checked(goal).unwrap().label(),
            "custom \"trial\" within 7 days after clicked"
        );
        assert_eq!(
            checked(json!({ "when": { "tag": "VIP " } })).unwrap().when,
            GoalTest::Tag("vip".into())
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for goal in [
            json!({ "when": { "event": { "kind": "email_sent" } } }),
            json!({ "when": { "event": { "kind": "form_submitted", "name": "x" } } }),
            json!({ "when": { "stage": "new" } }),
            json!({ "when": { "tag": " " } }),
            json!({ "when": { "tag": "x" }, "within_days": 0 }),
            json!({ "when": { "tag": "x" }, "within_days": 366 }),
        ] {
            assert_eq!(checked(goal.clone()), Err(false), "{goal}");
        }
        for goal in [
            json!({}),
            json!({ "when": { "clicked": 1 } }),
            json!({ "when": { "tag": "x" }, "days": 3 }),
        ] {
            assert_eq!(checked(goal.clone()), Err(true), "{goal}");
        }
    }
}
