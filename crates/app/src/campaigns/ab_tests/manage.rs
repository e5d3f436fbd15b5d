//! Describing a test, looking at it, and deciding it by hand.

use super::super::MISSING;
use super::commands::{AbReport, DecideAbTest, ShownFigures};
use super::versions::{mail_of, versions};
use crate::{App, effect};
use groundswell_domain::campaigns::{AbDesign, AbStatus, AbTest, Action, CampaignStatus, RunAbTest, judge};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::validate::Problems;
use groundswell_domain::{CampaignId, Error, Page, Scope};

/// Gives a campaign that was not launched yet a test, in place of the one it may have.
pub async fn create_ab_test(
    app: &App,
    scope: &Scope,
    id: CampaignId,
    design: AbDesign,
) -> Result<AbTest, Error> {
    scope.require(Permission::CampaignsWrite)?;
    let mut problems = Problems::new();
    design.check(&mut problems);
    problems.finish()?;
    let unit = app.store.begin(scope).await?;
    let campaign = unit.campaigns().get_locked(id).await?.ok_or(MISSING)?;
    campaign.status.after(Action::Edit)?;
    if campaign.launched_at.is_some() {
        return Err(Error::conflict(
            "campaign_state",
            "this campaign was launched: it is too late for a test",
        ));
    }
    if campaign.status == CampaignStatus::Scheduled {
        // Whoever changes what will go out must be allowed to send it.
        scope.require(Permission::CampaignsLaunch)?;
    }
    if let Some(base) = mail_of(app, unit.as_ref(), &campaign).await? {
        versions(app, unit.as_ref(), &design, &base).await?;
    }
    let now = app.now();
    let test = AbTest {
        id: app.id(),
        campaign_id: id,
        design,
        status: AbStatus::Draft,
        winner: None,
        outcome: None,
        looks: 0,
        decided_at: None,
        created_at: now,
        updated_at: now,
        frozen: Vec::new(),
    };
    unit.campaigns().put_ab_test(&test).await?;
    effect::commit(app, scope, unit, Outcome::Recorded, &test).await?;
    Ok(test)
}

/// The campaign's test, if it has one, with what it shows right now.
pub async fn list_ab_tests(app: &App, scope: &Scope, id: CampaignId) -> Result<Page<AbReport>, Error> {
    scope.require(Permission::CampaignsRead)?;
    let repos = app.store.read(scope);
    repos.campaigns().get(id).await?.ok_or(MISSING)?;
    let mut items = Vec::new();
    if let Some(mut test) = repos.campaigns().ab_test(id).await? {
        let counts = repos.campaigns().ab_counts(id).await?;
        let open = matches!(test.status, AbStatus::Running | AbStatus::Stopped);
        if open && !counts.figures.is_empty() {
            let (_, outcome) = judge(&test.design, &counts.of(&test.design), counts.began, app.now());
            test.outcome = Some(outcome);
        }
        let figures = counts.of(&test.design);
        items.push(AbReport {
            figures: figures
                .iter()
                .map(|figures| ShownFigures::of(&test, *figures))
                .collect(),
            waiting: counts.waiting,
            test,
        });
    }
    let total = u64::try_from(items.len()).ok();
    Ok(Page {
        items,
        next: None,
        total,
    })
}

/// A person decides: everybody who waits gets this version.
pub async fn decide_ab_test(
    app: &App,
    scope: &Scope,
    id: CampaignId,
    decision: DecideAbTest,
) -> Result<AbTest, Error> {
    scope.require(Permission::CampaignsLaunch)?;
    let unit = app.store.begin(scope).await?;
    let campaign = unit.campaigns().get_locked(id).await?.ok_or(MISSING)?;
    let mut test = unit
        .campaigns()
        .ab_test(id)
        .await?
        .ok_or_else(|| Error::conflict("ab_test_state", "the campaign has no A/B test"))?;
    let known = usize::try_from(decision.variant).is_ok_and(|index| index < test.design.variants.len());
    if !known {
        return Err(Error::invalid(
            "variant",
            "must be the number of a variant, from 0",
        ));
    }
    if !matches!(test.status, AbStatus::Running | AbStatus::Stopped) {
        return Err(Error::conflict(
            "ab_test_state",
            format!("a test that is {} can't be decided", test.status),
        ));
    }
    let now = app.now();
    test.status = AbStatus::Decided;
    test.winner = i32::try_from(decision.variant).ok();
    (test.decided_at, test.updated_at) = (Some(now), now);
    if !unit.campaigns().update_ab_test(&test, test.looks).await? {
        return Err(Error::conflict(
            "ab_test_state",
            "the test was just looked at: try again",
        ));
    }
    test.looks += 1;
    if campaign.status == CampaignStatus::Active {
        let job = RunAbTest {
            campaign_id: id,
            run: campaign.run,
        };
        unit.jobs()
            .enqueue(&NewJob::new(app.id(), &job, now), now)
            .await?;
    }
    effect::commit(app, scope, unit, Outcome::Done, &test).await?;
    Ok(test)
}
