//! What comes back from a mail.

use super::classify::{Evidence, Judgement, Method, Network, Seen, Verdict};
use crate::ids::{CampaignId, EmailEventId, LeadId, MessageId};
use chrono::{DateTime, Utc};
use serde::Serialize;

crate::text_enum::text_enum! {
    EmailEventKind {
        Open => "open",
        Click => "click",
        Unsubscribe => "unsubscribe",
        /// The link that no person can see was followed.
        Honeypot => "honeypot",
    }
}

/// One open, click or unsubscribe, kept raw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EmailEvent {
    pub id: EmailEventId,
    pub message_id: MessageId,
    pub kind: EmailEventKind,
    /// The link, of a click.
    pub url: Option<String>,
    pub user_agent: Option<String>,
    /// Whether a person did it, by the verdict. What a program did is kept, and counts nowhere.
    pub human: bool,
    pub trace: EventTrace,
    pub created_at: DateTime<Utc>,
}

/// How an event came in, as far as it is kept, and what is thought of it (see `classify`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventTrace {
    pub method: Option<Method>,
    /// Never the whole address.
    pub network: Option<Network>,
    /// Whether the request named a language.
    pub language: Option<bool>,
    pub verdict: Verdict,
    pub reasons: Vec<Evidence>,
}

impl Default for EventTrace {
    /// Nothing is known but that it counts: events from before there were verdicts.
    fn default() -> Self {
        Self {
            method: None,
            network: None,
            language: None,
            verdict: Verdict::Human,
            reasons: Vec::new(),
        }
    }
}

impl EmailEvent {
    /// What a judge may look at.
    pub fn seen(&self, sent_at: Option<DateTime<Utc>>) -> Seen {
        Seen {
            kind: self.kind,
            at: self.created_at,
            // An open may come at any time: only clicks need reading.
            sent_at: sent_at.filter(|_| self.kind == EmailEventKind::Click),
            url: self.url.clone(),
            agent: self.user_agent.clone(),
            network: self.trace.network,
            method: self.trace.method,
            language: self.trace.language,
        }
    }

    /// Whether that changed anything.
    pub fn take(&mut self, judgement: Judgement) -> bool {
        let changed = self.trace.verdict != judgement.verdict || self.trace.reasons != judgement.reasons;
        self.human = judgement.verdict.is_human();
        self.trace.verdict = judgement.verdict;
        self.trace.reasons = judgement.reasons;
        changed
    }
}

/// The mail that events are about, locked until the transaction ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventContext {
    pub campaign_id: Option<CampaignId>,
    pub lead_id: Option<LeadId>,
    pub sent_at: Option<DateTime<Utc>>,
}

/// What an event was about, so that metrics and scores can follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEffect {
    pub campaign_id: Option<CampaignId>,
    pub lead_id: Option<LeadId>,
    /// Where the message went.
    pub to: super::EmailAddress,
    /// Whether it is the message's first event of its kind that a person caused.
    pub first: bool,
}
