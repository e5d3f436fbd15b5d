//! Campaigns: one message to many people, as a state machine over a frozen audience.

mod campaign;
mod channel;
mod delivery;
mod jobs;
mod metrics;
mod ports;
mod status;
mod utm;

pub use campaign::{Campaign, CampaignContent, CampaignSort, CampaignType};
pub use channel::Channel;
pub use delivery::{Day, Delivery, OverCap, Pace, Ramp, SendWindow, TimeOfDay, Zone};
pub use jobs::{SendCampaign, SnapshotAudience, StartCampaign};
pub use metrics::{CampaignMetrics, CampaignStats, MetricsDelta};
pub use ports::*;
pub use status::{Action, CampaignStatus};
pub use utm::{UtmNames, UtmPlan, UtmTags};
