//! For how long things are kept, by kind, as an organization decides.

use crate::jobs::{JobPayload, Priority, Queue};
use serde::{Deserialize, Serialize};

/// A hundred years: more days than anybody means.
pub const MOST_DAYS: i32 = 36_500;

/// Days by kind, 1 to 36,500; what is null is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Retention {
    /// Leads to whom nothing happened, and who did nothing, for as long: they are deleted with their submissions and scores.
    pub leads_inactive_days: Option<i32>,
    /// What visitors sent with forms; their leads stay.
    pub submissions_days: Option<i32>,
    /// Mails of the ledger that are settled, and whose campaign is over.
    pub messages_days: Option<i32>,
    /// Single opens and clicks; that a mail was opened stays.
    pub events_days: Option<i32>,
    /// Entries of the audit log; null is what the operator set for everybody.
    pub audit_days: Option<i32>,
}

crate::text_enum::text_enum! {
    /// The kinds, in the order in which they are gone through.
    Retained {
        Leads => "leads",
        Submissions => "submissions",
        Messages => "messages",
        Events => "events",
        Audit => "audit",
    }
}

impl Retention {
    pub fn days(&self, kind: Retained) -> Option<i32> {
        match kind {
            Retained::Leads => self.leads_inactive_days,
            Retained::Submissions => self.submissions_days,
            Retained::Messages => self.messages_days,
            Retained::Events => self.events_days,
            Retained::Audit => self.audit_days,
        }
    }
}

/// Deletes what is over, of one organization.
#[derive(Debug, Serialize, Deserialize)]
pub struct ApplyRetention {}

impl JobPayload for ApplyRetention {
    const KIND: &'static str = "privacy.retention";
    const QUEUE: Queue = Queue::Heavy;
    const PRIORITY: Priority = Priority::Low;
}
