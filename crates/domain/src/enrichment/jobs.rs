//! Background work of enrichment.

use crate::ids::LeadId;
use crate::jobs::{JobPayload, Priority};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Asks the sources about one lead.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnrichLead {
    pub lead_id: LeadId,
    /// Answers from before this moment don't count. A moment and not a flag, so that another attempt does not ask again those who
    /// answered the first one.
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
}

impl JobPayload for EnrichLead {
    const KIND: &'static str = "leads.enrich";
    const MAX_ATTEMPTS: i32 = 6;
    const PRIORITY: Priority = Priority::Low;
}

/// Looks for leads that were added, for as long as an organization wants them enriched by themselves. One per organization; it continues and
/// never succeeds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnrichNewLeads {}

impl JobPayload for EnrichNewLeads {
    const KIND: &'static str = "leads.enrich_new";
    /// It must outlive any trouble.
    const MAX_ATTEMPTS: i32 = i32::MAX;
    const PRIORITY: Priority = Priority::Low;
}
