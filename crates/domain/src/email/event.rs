//! What comes back from a mail.

use crate::ids::{CampaignId, EmailEventId, LeadId, MessageId};
use chrono::{DateTime, Utc};
use serde::Serialize;

crate::text_enum::text_enum! {
    EmailEventKind { Open => "open", Click => "click", Unsubscribe => "unsubscribe" }
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
    /// Whether a person did it, as far as the user agent tells. What a bot did is kept, and counts nowhere.
    pub human: bool,
    pub created_at: DateTime<Utc>,
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
