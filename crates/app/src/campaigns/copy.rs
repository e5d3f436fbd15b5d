//! A campaign that is sent again: as a copy, because a campaign and its figures are about one time.

use super::{MISSING, launch};
use crate::App;
use crate::organization::time_zone;
use groundswell_domain::campaigns::{Campaign, CampaignMetrics, CampaignStatus};
use groundswell_domain::identity::Permission;
use groundswell_domain::{CampaignId, Error, Scope};

/// Longest name of a campaign, in characters.
const LONGEST_NAME: usize = 200;

/// Makes a copy under this id and launches it. Asked again, it goes on where it was: nothing is made or sent twice.
pub async fn launch_copy(
    app: &App,
    scope: &Scope,
    id: CampaignId,
    copy: CampaignId,
) -> Result<Campaign, Error> {
    scope.require(Permission::CampaignsWrite)?;
    let found = app.store.read(scope).campaigns().get(copy).await?;
    match found {
        Some(found) if found.status != CampaignStatus::Draft => return Ok(found),
        Some(_) => {}
        None => make(app, scope, id, copy).await?,
    }
    launch(app, scope, copy).await
}

async fn make(app: &App, scope: &Scope, id: CampaignId, copy: CampaignId) -> Result<(), Error> {
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let original = unit.campaigns().get(id).await?.ok_or(MISSING)?;
    let zone = time_zone(unit.as_ref()).await?;
    let date = now
        .with_timezone(&zone.tz())
        .format(", %Y-%m-%d %H:%M")
        .to_string();
    let name: String = original.name.chars().take(LONGEST_NAME - date.len()).collect();
    // One that goes out again to those who did not open has its mail from there.
    let frozen = original.frozen.clone().filter(|_| original.resend_of.is_some());
    let copy = Campaign {
        id: copy,
        name: name + &date,
        status: CampaignStatus::Draft,
        metrics: CampaignMetrics::default(),
        start_date: None,
        end_date: None,
        created_by: scope.actor.user(),
        failure: None,
        created_at: now,
        updated_at: now,
        version: 1,
        run: 0,
        frozen,
        tags: None,
        audience: None,
        snapshot_after: None,
        snapshot_done: false,
        launched_at: None,
        ..original
    };
    unit.campaigns().insert(&copy).await?;
    unit.commit().await?;
    Ok(())
}
