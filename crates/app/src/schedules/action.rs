//! What schedules do: who may have it done, whether it can be, and doing it. The one place that a new action is added to.

use crate::leads::SyncLeads;
use crate::{App, campaigns, duplicates, leads};
use groundswell_domain::schedules::{RunSchedule, ScheduledAction};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Repos, Scope};

/// Refuses those who could not do it by hand.
pub(super) fn may(scope: &Scope, action: &ScheduledAction) -> Result<(), Error> {
    action
        .permissions()
        .iter()
        .try_for_each(|permission| scope.require(*permission))
}

/// Whether there is what it is about.
pub(super) async fn check<R: Repos + ?Sized>(
    repos: &R,
    problems: &mut Problems,
    action: &ScheduledAction,
) -> Result<(), Error> {
    match action {
        ScheduledAction::LaunchCampaign { campaign_id } => {
            let found = repos.campaigns().get(*campaign_id).await?;
            problems.check(
                found.is_some(),
                "action.campaign_id",
                "is not a campaign of yours",
            );
        }
        ScheduledAction::SyncLeads { source_id } => {
            let found = repos.lead_sources().get(*source_id).await?;
            problems.check(found.is_some(), "action.source_id", "is not a source of yours");
        }
        ScheduledAction::ScanDuplicates {} | ScheduledAction::TrainPrediction {} => {}
    }
    Ok(())
}

/// Does it, as somebody would by hand. Repeated after a crash it does no more than once.
pub(super) async fn perform(app: &App, scope: &Scope, run: &RunSchedule) -> Result<(), Error> {
    match run.action {
        ScheduledAction::LaunchCampaign { campaign_id } => {
            campaigns::launch_copy(app, scope, campaign_id, run.makes.into())
                .await
                .map(drop)
        }
        ScheduledAction::SyncLeads { source_id } => {
            let which = SyncLeads {
                source_ids: vec![source_id],
                kind: None,
            };
            leads::sync_leads(app, scope, which).await.map(drop)
        }
        ScheduledAction::ScanDuplicates {} => duplicates::start_scan(app, scope).await.map(drop),
        ScheduledAction::TrainPrediction {} => leads::prediction::start_training(app, scope).await.map(drop),
    }
}
