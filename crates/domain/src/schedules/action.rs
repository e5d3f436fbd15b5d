//! What a schedule can do. The list is closed: to add to it, a variant, and an arm wherever the compiler then asks for one.

use crate::campaigns::{SendCampaign, SnapshotAudience};
use crate::duplicates::ScanDuplicates;
use crate::identity::Permission;
use crate::ids::{CampaignId, SourceId};
use crate::jobs::JobPayload;
use crate::leads::SyncSource;
use crate::leads::prediction::TrainPrediction;
use crate::schedules::RunSchedule;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ScheduledAction {
    /// Makes a copy of the campaign and launches it: each time it goes to whoever its audience means then.
    LaunchCampaign { campaign_id: CampaignId },
    /// Pulls leads from a source.
    SyncLeads { source_id: SourceId },
    /// Looks through all leads for duplicates.
    ScanDuplicates {},
    /// Learns from all outcomes.
    TrainPrediction {},
}

impl ScheduledAction {
    /// What somebody must be allowed to do by hand, to have it done by a schedule.
    pub fn permissions(&self) -> &'static [Permission] {
        match self {
            Self::LaunchCampaign { .. } => &[Permission::CampaignsWrite, Permission::CampaignsLaunch],
            Self::SyncLeads { .. } | Self::ScanDuplicates {} | Self::TrainPrediction {} => {
                &[Permission::LeadsWrite]
            }
        }
    }

    /// Kinds of jobs that are its work: while one of them is unfinished, the run goes on. What comes of a run later, and
    /// may never end, is not among them.
    pub fn kinds(&self) -> &'static [&'static str] {
        match self {
            Self::LaunchCampaign { .. } => &[RunSchedule::KIND, SnapshotAudience::KIND, SendCampaign::KIND],
            Self::SyncLeads { .. } => &[RunSchedule::KIND, SyncSource::KIND],
            Self::ScanDuplicates {} => &[RunSchedule::KIND, ScanDuplicates::KIND],
            Self::TrainPrediction {} => &[RunSchedule::KIND, TrainPrediction::KIND],
        }
    }
}
