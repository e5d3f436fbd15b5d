//! Campaigns: one message to many people, as a state machine over a frozen audience.

mod campaign;
mod jobs;
mod metrics;
mod ports;
mod status;

pub use campaign::{Campaign, CampaignContent, CampaignSort, CampaignType};
pub use jobs::{SendCampaign, SnapshotAudience, StartCampaign};
pub use metrics::{CampaignMetrics, CampaignStats, MetricsDelta};
pub use ports::*;
pub use status::{Action, CampaignStatus};
