//! What happened to a lead.

use crate::consents::ConsentDecision;
use crate::ids::{LeadEventId, LeadId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

crate::text_enum::text_enum! {
    /// What kind of thing happened.
    LeadEventKind {
        /// The lead came into being; not kept, but read off the lead.
        Created => "created",
        /// Points were given; not kept, but read off the score's ledger.
        ScoreChanged => "score_changed",
        /// A mail went out to it; not kept, but read off the ledger of mails. `subject` is the message, as of all events of mails.
        EmailSent => "email_sent",
        /// The first open of a mail by a person.
        EmailOpened => "email_opened",
        /// The first click in a mail by a person.
        EmailClicked => "email_clicked",
        /// It wants no more mail at all.
        Unsubscribed => "unsubscribed",
        /// It wants no more mail about a topic, which is the `subject`; `data` has its name as `topic`, the `message_id` and the `campaign_id`.
        TopicLeft => "topic_left",
        /// It wants mail about that topic again.
        TopicJoined => "topic_joined",
        /// A mail came back for good; `data` has the `reason` and the `status`.
        EmailBounced => "email_bounced",
        /// The lead called a mail spam.
        EmailComplained => "email_complained",
        /// `subject` is the form.
        FormSubmitted => "form_submitted",
        /// The link of a double opt-in was followed; `subject` is the form.
        OptInConfirmed => "opt_in_confirmed",
        /// `data` has `from`, `to`, `after_seconds` (in the stage before), who did it (`user_id`, or the `rule`) and,
        /// if somebody said, the `reason`. `subject` is the import that did it, if one did.
        StageChanged => "stage_changed",
        /// `data` has `purpose` and `source`.
        ConsentGranted => "consent_granted",
        /// `data` has `purpose` and `source`.
        ConsentWithdrawn => "consent_withdrawn",
        /// Said in a form, to be confirmed by the address; `data` has `purpose` and `source`.
        ConsentPending => "consent_pending",
        /// Nobody confirmed it in time.
        ConsentLapsed => "consent_lapsed",
        /// `data` has the `text`.
        NoteAdded => "note_added",
        /// Another lead became part of this one; `subject` is the other one.
        Merged => "merged",
        /// It was taken apart again; `subject` is the other one.
        Unmerged => "unmerged",
        /// `data` has the fields that were filled.
        Enriched => "enriched",
        /// `data` has the checklist and its result.
        Qualified => "qualified",
        /// Somebody is to do something about it: `data` has `title`, `text`, `user_id`, and where it comes from. `subject` is the
        /// sequence.
        TaskCreated => "task_created",
        /// Something that another program told; `data` has its `name`.
        Custom => "custom",
    }
}

impl From<ConsentDecision> for LeadEventKind {
    fn from(decision: ConsentDecision) -> Self {
        match decision {
            ConsentDecision::Granted => Self::ConsentGranted,
            ConsentDecision::Withdrawn => Self::ConsentWithdrawn,
            ConsentDecision::Pending => Self::ConsentPending,
            ConsentDecision::Lapsed => Self::ConsentLapsed,
        }
    }
}

impl LeadEventKind {
    /// Whether it is read off another ledger instead of being kept a second time.
    pub fn is_derived(self) -> bool {
        matches!(self, Self::Created | Self::ScoreChanged | Self::EmailSent)
    }
}

/// One thing that happened. It is only ever added.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeadEvent {
    pub id: LeadEventId,
    pub lead_id: LeadId,
    pub kind: LeadEventKind,
    /// The other thing it is about: the form of a submission, the message of an open.
    pub subject: Option<Uuid>,
    pub occurred_at: DateTime<Utc>,
    /// More about it, by kind.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: Map<String, Value>,
}

crate::sort_fields! {
    /// How a timeline can be ordered; both mean the time when it happened.
    TimelineSort {
        OccurredAt => "occurred_at": Time,
        CreatedAt => "created_at": Time,
    }
}
