//! The ledger: one row per mail to one person, written before anything irreversible happens.
//!
//! `queued -> claimed -> sending -> sent | failed | unknown`. `sending` is committed just before the bytes go out, so a
//! row found in `sending` after a crash may or may not have been delivered: it becomes `unknown` and is never sent
//! again by itself. Only `claimed` goes back to `queued`.

use super::EmailAddress;
use crate::ids::{CampaignId, LeadId, LeaseToken, MessageId, TopicId};
use crate::jobs::{JobPayload, Priority, Queue};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

crate::text_enum::text_enum! {
    /// Where a mail stands.
    MessageStatus {
        /// Waits for its turn (or for another try).
        Queued => "queued",
        /// A worker prepares it.
        Claimed => "claimed",
        /// The bytes may be on their way.
        Sending => "sending",
        /// The server took it.
        Sent => "sent",
        /// It was not delivered, and won't be.
        Failed => "failed",
        /// Not sent on purpose; `reason` says why.
        Suppressed => "suppressed",
        /// The connection broke at a moment when the server may have taken it.
        Unknown => "unknown",
        /// The campaign was cancelled first.
        Cancelled => "cancelled",
    }
}

crate::text_enum::text_enum! {
    /// What a mail is for.
    MessageKind {
        Campaign => "campaign",
        /// Sent by hand or through the API to one person.
        Single => "single",
        /// Tells the team something; not tracked.
        Notification => "notification",
        /// An invitation, a new password, a confirmation; the link in it is kept nowhere, nor is the mail.
        Account => "account",
        /// Asks whoever sent a form whether it was them; made when it leaves, as the link in it is kept nowhere.
        Confirmation => "confirmation",
        /// Answers whoever sent a form.
        AutoReply => "auto_reply",
        /// A step of a sequence; made when it leaves, as campaigns' are.
        Sequence => "sequence",
    }
}

/// A mail with its merge fields filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageContent {
    pub subject: String,
    pub html: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    pub id: MessageId,
    pub kind: MessageKind,
    pub campaign_id: Option<CampaignId>,
    pub lead_id: Option<LeadId>,
    pub to: EmailAddress,
    /// Absent for campaign mails, whose subject is the campaign's, and for mails of sequences.
    pub subject: Option<String>,
    pub status: MessageStatus,
    /// How often it was handed to the mail server.
    pub attempts: i32,
    /// The last reply of the server, or why it was not sent.
    pub reason: Option<String>,
    /// Not before this moment, when it waits for another try.
    pub next_attempt_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    /// The first open.
    pub opened_at: Option<DateTime<Utc>>,
    /// The first click.
    pub clicked_at: Option<DateTime<Utc>>,
    /// Which variant of its campaign's A/B test it is, from 0.
    pub variant: Option<i32>,
    /// What it is about, which its recipient may leave.
    pub topic_id: Option<TopicId>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A row to be added to the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    pub id: MessageId,
    pub kind: MessageKind,
    pub campaign_id: Option<CampaignId>,
    pub lead_id: Option<LeadId>,
    pub to: EmailAddress,
    /// What to send; absent for mails of campaigns and sequences, which are merged when they are sent.
    pub content: Option<MessageContent>,
    /// Why it must not be sent: it is then added as `suppressed`.
    pub suppressed: Option<String>,
    /// What it is about.
    pub topic_id: Option<TopicId>,
}

/// A row of a campaign, and when it is to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedMessage {
    pub message: NewMessage,
    /// Not before this moment.
    pub at: DateTime<Utc>,
    /// Of an A/B test.
    pub variant: Option<i32>,
}

/// When rows are due that wait for a decision: no clock ever comes here.
pub const HELD: DateTime<Utc> = match DateTime::from_timestamp(253_370_764_800, 0) {
    // The year 9999.
    Some(time) => time,
    None => DateTime::<Utc>::MAX_UTC,
};

/// A row that waits no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    pub id: MessageId,
    pub variant: i32,
    /// Not before this moment.
    pub at: DateTime<Utc>,
}

/// A row that a worker may send.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedMessage {
    pub id: MessageId,
    pub kind: MessageKind,
    pub campaign_id: Option<CampaignId>,
    pub lead_id: Option<LeadId>,
    pub to: EmailAddress,
    /// Tries before this one.
    pub attempts: i32,
    /// Of an A/B test.
    pub variant: Option<i32>,
    /// What it is about.
    pub topic_id: Option<TopicId>,
}

/// A mail that counts against the frequency caps of its lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch {
    pub lead_id: LeadId,
    pub message_id: MessageId,
    /// When it was sent. Absent while a worker has it: whether it will be is not known.
    pub at: Option<DateTime<Utc>>,
}

/// How one try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    Sent {
        reply: String,
    },
    /// Goes back to the queue until `at`.
    Retry {
        reason: String,
        at: DateTime<Utc>,
    },
    /// The same, and it was no try: nobody was asked to take it.
    Later {
        reason: String,
        at: DateTime<Utc>,
    },
    Failed {
        reason: String,
    },
    Suppressed {
        reason: String,
    },
    Unknown {
        reason: String,
    },
}

impl Settled {
    pub fn status(&self) -> MessageStatus {
        match self {
            Self::Sent { .. } => MessageStatus::Sent,
            Self::Retry { .. } | Self::Later { .. } => MessageStatus::Queued,
            Self::Failed { .. } => MessageStatus::Failed,
            Self::Suppressed { .. } => MessageStatus::Suppressed,
            Self::Unknown { .. } => MessageStatus::Unknown,
        }
    }

    /// The server's reply, or the reason.
    pub fn reason(&self) -> &str {
        match self {
            Self::Sent { reply } => reply,
            Self::Retry { reason, .. }
            | Self::Later { reason, .. }
            | Self::Failed { reason }
            | Self::Suppressed { reason }
            | Self::Unknown { reason } => reason,
        }
    }
}

/// One settled row; `lease` proves that the worker still owned it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    pub id: MessageId,
    pub lease: LeaseToken,
    pub end: Settled,
}

#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    pub campaign_id: Option<CampaignId>,
    pub lead_id: Option<LeadId>,
    pub status: Option<MessageStatus>,
    pub kind: Option<MessageKind>,
    /// The exact address, without case.
    pub to: Option<String>,
}

crate::sort_fields! {
    /// How mails can be ordered.
    MessageSort { CreatedAt => "created_at": Time }
}

/// Sends one mail of the ledger that is not a campaign's.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeliverMessage {
    pub message_id: MessageId,
}

impl JobPayload for DeliverMessage {
    const KIND: &'static str = "email.deliver";
    const QUEUE: Queue = Queue::Mail;
    const PRIORITY: Priority = Priority::High;
    // The ledger decides when to give up; the job must outlast it.
    const MAX_ATTEMPTS: i32 = 50;
}
