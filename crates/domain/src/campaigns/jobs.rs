//! Background work of campaigns.

use crate::ids::CampaignId;
use crate::jobs::{JobPayload, Priority, Queue};
use serde::{Deserialize, Serialize};

/// Launches a scheduled campaign when its time has come.
#[derive(Debug, Serialize, Deserialize)]
pub struct StartCampaign {
    pub campaign_id: CampaignId,
    /// The run it was scheduled for: a campaign that was scheduled anew has another one.
    pub run: i32,
}

impl JobPayload for StartCampaign {
    const KIND: &'static str = "campaigns.start";
}

/// Writes the audience into the ledger.
#[derive(Debug, Serialize, Deserialize)]
pub struct SnapshotAudience {
    pub campaign_id: CampaignId,
    pub run: i32,
}

impl JobPayload for SnapshotAudience {
    const KIND: &'static str = "campaigns.snapshot";
    const QUEUE: Queue = Queue::Campaigns;
}

/// Sends what is due, then continues itself until the campaign is finished or no longer active.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendCampaign {
    pub campaign_id: CampaignId,
    /// Each launch and resume is a run of its own; the jobs of an older run stop.
    pub run: i32,
    /// Several lanes send side by side.
    pub lane: u32,
}

impl JobPayload for SendCampaign {
    const KIND: &'static str = "campaigns.send";
    const QUEUE: Queue = Queue::Campaigns;
    const PRIORITY: Priority = Priority::Low;
    // Counted per crash only: a run that continues itself uses none up.
    const MAX_ATTEMPTS: i32 = 100;
}
