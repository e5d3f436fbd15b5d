//! Once more to those who did not open.

use super::MISSING;
use super::commands::Resend;
use crate::{App, effect};
use groundswell_domain::campaigns::{Campaign, CampaignContent, CampaignMetrics, CampaignStatus};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::validate::Problems;
use groundswell_domain::{CampaignId, Error, Scope};

/// A draft for those whom the campaign's mail was sent to and who have not opened it by the time of its launch. It says what the first one
/// said, under another subject if there is one; whoever must not be written to any more is left out as always.
pub async fn resend(app: &App, scope: &Scope, id: CampaignId, resend: Resend) -> Result<Campaign, Error> {
    scope.require(Permission::CampaignsWrite)?;
    let unit = app.store.begin(scope).await?;
    let first = unit.campaigns().get(id).await?.ok_or(MISSING)?;
    let Some(mut mail) = first.frozen.clone().filter(|_| first.launched_at.is_some()) else {
        return Err(Error::conflict(
            "campaign_not_launched",
            "the campaign was never launched: nobody has got its mail yet",
        ));
    };
    let test = unit.campaigns().ab_test(id).await?;
    let won = test.and_then(|test| test.frozen.get(usize::try_from(test.winner?).ok()?).cloned());
    if let Some(won) = won {
        mail = won;
    }
    let mut problems = Problems::new();
    let name = resend.name.unwrap_or_else(|| format!("{} (again)", first.name));
    let name = problems.line("name", &name, 200, false);
    problems.text("subject", resend.subject.as_deref().unwrap_or_default(), 1_000);
    problems.finish()?;
    if let Some(subject) = resend.subject {
        mail.subject = subject;
        app.templates.compile(&mail).map_err(Error::Invalid)?;
    }
    let now = app.now();
    let again = Campaign {
        id: app.id(),
        name,
        status: CampaignStatus::Draft,
        target_audience: LeadFilter::default(),
        content: CampaignContent::default(),
        metrics: CampaignMetrics::default(),
        resend_of: Some(id),
        start_date: None,
        end_date: None,
        budget_allocated: None,
        created_by: scope.actor.user(),
        failure: None,
        created_at: now,
        updated_at: now,
        version: 1,
        run: 0,
        frozen: Some(mail),
        tags: None,
        audience: None,
        snapshot_after: None,
        snapshot_done: false,
        launched_at: None,
        ..first
    };
    unit.campaigns().insert(&again).await?;
    effect::commit(app, scope, unit, Outcome::Recorded, &again).await?;
    Ok(again)
}
