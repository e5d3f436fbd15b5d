//! Campaigns: planning them, their life, and the jobs that send them.

mod ab_tests;
mod channels;
mod commands;
mod copy;
mod forecast;
mod lane;
mod lifecycle;
mod manage;
mod plan;
mod read;
mod resend;
mod send;
mod snapshot;

pub use ab_tests::{
    AbReport, DecideAbTest, ShownFigures, create_ab_test, decide_ab_test, list_ab_tests, run_ab_test,
};
pub use commands::{BulkCreated, CampaignPatch, NewCampaign, NewCampaigns, Resend, Schedule};
pub use copy::launch_copy;
pub use forecast::forecast;
pub use lifecycle::{cancel, complete, launch, pause, resume, schedule, start_scheduled};
pub use manage::{create_campaign, create_campaigns, delete_campaign, replace_campaign, update_campaign};
pub use read::{get_campaign, list_campaigns, metrics, recipients, stats, timeline};
pub use resend::resend;
pub use send::send_campaign;
pub use snapshot::snapshot_audience;

use groundswell_domain::Error;

const MISSING: Error = Error::NotFound { what: "campaign" };
