//! Who comes into a sequence, and who may come again.

use super::event::LeadEvents;
use super::test::{EventTest, Since};
use crate::ids::{CampaignId, FormId, SegmentId};
use crate::leads::{LeadEvent, LeadEventKind};
use crate::validate::Problems;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Most ways in of one kind.
const MOST_WAYS: usize = 20;

/// Besides the API, which always can.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SequenceEntry))]
pub struct Entry {
    /// Whoever is in this segment: at once when something happens to a lead or is written of it, and looked at again each hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment_id: Option<SegmentId>,
    /// Whoever sends one of these forms.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub forms: BTreeSet<FormId>,
    /// Whomever one of these happens to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventEntry>,
    /// Recipients of campaigns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub campaigns: Vec<CampaignEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventEntry {
    pub kind: LeadEventKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

crate::text_enum::text_enum! {
    /// Which recipients of a campaign.
    CampaignTrigger {
        /// Whoever got its mail.
        Sent => "sent",
        Opened => "opened",
        Clicked => "clicked",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignEntry {
    pub campaign_id: CampaignId,
    pub on: CampaignTrigger,
}

impl Entry {
    pub(super) fn check(&self, problems: &mut Problems) {
        for (name, count) in [
            ("entry.forms", self.forms.len()),
            ("entry.events", self.events.len()),
            ("entry.campaigns", self.campaigns.len()),
        ] {
            problems.check(count <= MOST_WAYS, name, format!("at most {MOST_WAYS}"));
        }
        for (index, event) in self.events.iter().enumerate() {
            problems.check(
                !event.kind.is_derived(),
                &format!("entry.events[{index}].kind"),
                format!("{} lets nobody in: use a segment", event.kind),
            );
            let name = event.name.as_deref().unwrap_or_default();
            problems.line(&format!("entry.events[{index}].name"), name, 100, true);
        }
    }

    /// Whether an event lets its lead in.
    pub fn lets_in(&self, event: &LeadEvent) -> bool {
        let by_form = event.kind == LeadEventKind::FormSubmitted
            && event
                .subject
                .is_some_and(|form| self.forms.contains(&FormId(form)));
        let by_event = self.events.iter().any(|entry| {
            let test = EventTest {
                kind: entry.kind,
                subject: entry.subject,
                name: entry.name.clone(),
                since: Since::Entry,
            };
            test.means(event)
        });
        by_form || by_event || self.campaigns.iter().any(|entry| entry.means(event))
    }

    /// Expressions of those who come in without anything happening to them: recipients of campaigns.
    pub fn expressions(&self) -> impl Iterator<Item = String> {
        let sent = self
            .campaigns
            .iter()
            .filter(|entry| entry.on == CampaignTrigger::Sent);
        sent.map(|entry| format!("sent campaign(\"{}\")", entry.campaign_id))
    }

    /// Whether leads must be looked for.
    pub fn looks_for_leads(&self) -> bool {
        self.segment_id.is_some() || self.expressions().next().is_some()
    }
}

impl CampaignEntry {
    fn means(&self, event: &LeadEvent) -> bool {
        let kind = match self.on {
            CampaignTrigger::Sent => return false,
            CampaignTrigger::Opened => LeadEventKind::EmailOpened,
            CampaignTrigger::Clicked => LeadEventKind::EmailClicked,
        };
        let campaign = event.data.get("campaign_id").and_then(|value| value.as_str());
        event.kind == kind && campaign == Some(self.campaign_id.to_string().as_str())
    }
}

/// Whether somebody who was in the sequence may come in again. Nobody is in it twice at a time, unless `replace` ends the first
/// time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReEntry {
    #[default]
    Never,
    /// So many days after the exit.
    AfterDays(u32),
    /// As soon as it has left.
    Always,
    /// Whenever something lets it in: whoever is inside begins anew.
    Replace,
}

/// The last time somebody entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastEntry {
    pub entered_at: DateTime<Utc>,
    /// `None`: it is inside.
    pub exited_at: Option<DateTime<Utc>>,
}

impl ReEntry {
    /// Why not, in words, if it may not.
    pub fn refuses(self, last: Option<LastEntry>, now: DateTime<Utc>) -> Option<&'static str> {
        let last = last?;
        match (self, last.exited_at) {
            (Self::Replace, _) | (Self::Always, Some(_)) => None,
            (_, None) => Some("is in the sequence"),
            (Self::Never, Some(_)) => Some("was in the sequence"),
            (Self::AfterDays(days), Some(at)) => {
                (now - at < TimeDelta::days(days.into())).then_some("left the sequence too short a time ago")
            }
        }
    }
}
