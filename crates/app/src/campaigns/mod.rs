//! Campaigns: planning them, their life, and the jobs that send them.

mod channels;
mod commands;
mod lane;
mod lifecycle;
mod manage;
mod plan;
mod read;
mod send;
mod snapshot;

pub use commands::{BulkCreated, CampaignPatch, NewCampaign, NewCampaigns, Schedule};
pub use lifecycle::{cancel, complete, launch, pause, resume, schedule, start_scheduled};
pub use manage::{create_campaign, create_campaigns, delete_campaign, replace_campaign, update_campaign};
pub use read::{get_campaign, list_campaigns, metrics, recipients, stats};
pub use send::send_campaign;
pub use snapshot::snapshot_audience;

use groundswell_domain::Error;

const MISSING: Error = Error::NotFound { what: "campaign" };
