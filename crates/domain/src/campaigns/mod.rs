//! Campaigns: one message to many people, as a state machine over a frozen audience.

mod ab_test;
mod campaign;
mod channel;
mod delivery;
mod forecast;
mod goal;
mod jobs;
mod metrics;
mod ports;
mod status;
mod timeline;
mod utm;

pub use ab_test::{
    AbCounts, AbDesign, AbLift, AbMetric, AbMode, AbOutcome, AbStatus, AbTest, Assignment, Judgement,
    RunAbTest, Variant, VariantFigures, judge,
};
pub use campaign::{Campaign, CampaignContent, CampaignSort, CampaignType};
pub use channel::Channel;
pub use delivery::{Day, Delivery, OverCap, Pace, Ramp, SendWindow, TimeOfDay, Zone};
pub use forecast::{Cost, Course, DayOfMails, Exclusion, Forecast, PastRun, Rate, RateBasis};
pub use goal::{CampaignGoal, GoalEvent, GoalStart, GoalTest};
pub use jobs::{SendCampaign, SnapshotAudience, StartCampaign};
pub use metrics::{CampaignFigures, CampaignMetrics, CampaignStats, MetricsDelta};
pub use ports::*;
pub use status::{Action, CampaignStatus};
pub use timeline::{MOST_TIMELINE_HOURS, Timeline, TimelineHour};
pub use utm::{UtmNames, UtmPlan, UtmTags};
