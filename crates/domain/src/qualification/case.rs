//! Everything that a verdict about a lead is founded on.

use super::answer::SlotAnswer;
use crate::ids::UserId;
use crate::leads::{Lead, LeadEvent};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// A person set the stage by hand: rules leave it alone until somebody gives it back to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageHold {
    pub reason: Option<String>,
    /// Null when that person has no account any more.
    pub held_by: Option<UserId>,
    pub held_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub lead: Lead,
    /// Empty when no rule asks for events.
    pub events: Vec<LeadEvent>,
    /// Of all frameworks.
    pub answers: Vec<SlotAnswer>,
    pub hold: Option<StageHold>,
}
