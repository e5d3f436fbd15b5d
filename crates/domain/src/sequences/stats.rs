//! What came of a sequence so far.

use super::definition::StepId;
use super::enrollment::ExitReason;
use crate::pipeline::GoalFigures;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SequenceStats {
    /// How often somebody entered.
    pub entered: i64,
    /// How many are inside.
    pub active: i64,
    /// How many left, by reason; those who were deleted or forgotten are still counted.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub exits: BTreeMap<ExitReason, i64>,
    /// Of each goal of the newest version; who left for one that was worded otherwise is only among the exits.
    pub goals: Vec<GoalFigures>,
    /// In the order of the newest version; steps of older ones come last.
    pub steps: Vec<StepStats>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepStats {
    pub step: StepId,
    /// The word of its `type`; null when the newest version does not have it.
    pub kind: Option<String>,
    /// How often somebody came to it.
    pub arrived: i64,
    /// How many are at it now.
    pub here: i64,
    /// Mails of it in the ledger, and what came of them.
    pub mails: i64,
    pub sent: i64,
    /// Mails that a person opened or clicked in.
    pub opened: i64,
    pub clicked: i64,
    pub unsubscribed: i64,
}
