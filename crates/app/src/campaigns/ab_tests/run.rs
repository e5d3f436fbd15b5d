//! The job that looks at a running test, decides it, and lets those go who waited.
//!
//! It may be killed anywhere: a decision is written before anybody is let go, and rows that still wait tell what is left to do. Two of them at
//! once do no harm, as each look must follow the one that it knows of.

use super::super::channels::enqueue_lanes;
use super::super::plan::Planner;
use super::super::send::current;
use crate::jobs::{Progress, Stop};
use crate::{App, identity};
use chrono::TimeDelta;
use groundswell_domain::campaigns::{
    AbCounts, AbMode, AbStatus, AbTest, Campaign, CampaignStatus, Judgement, RunAbTest, judge,
};
use groundswell_domain::email::Released;
use groundswell_domain::experiments::{Dice, thompson};
use groundswell_domain::leads::{Lead, LeadFilter};
use groundswell_domain::{Error, LeadId, Scope};
use std::collections::HashMap;

/// Between two looks.
const LOOK: TimeDelta = TimeDelta::minutes(10);

/// Until the audience is written down.
const SOON: TimeDelta = TimeDelta::minutes(1);

/// Rows that are let go in one transaction.
const PIECE: usize = 1_000;

/// The job.
pub async fn run_ab_test(app: &App, scope: &Scope, job: &RunAbTest, stop: &Stop) -> Result<Progress, Error> {
    let Some(campaign) = current(app, scope, job.campaign_id).await? else {
        return Ok(Progress::Done);
    };
    if campaign.status != CampaignStatus::Active || campaign.run != job.run {
        return Ok(Progress::Done);
    }
    if !campaign.snapshot_done {
        return Ok(Progress::ContinueAt(app.now() + SOON));
    }
    let repos = app.store.read(scope);
    let Some(test) = repos.campaigns().ab_test(campaign.id).await? else {
        return Ok(Progress::Done);
    };
    match (test.status, test.winner) {
        (AbStatus::Running, _) => {
            let counts = repos.campaigns().ab_counts(campaign.id).await?;
            match test.design.mode {
                AbMode::Winner => look(app, scope, &campaign, test, &counts, stop).await,
                AbMode::Bandit => batch(app, scope, &campaign, test, &counts, stop).await,
                AbMode::Split => Ok(Progress::Done),
            }
        }
        // A crash, a pause or a person came between the decision and the last one who waited.
        (AbStatus::Decided, Some(winner)) => let_all_go(app, scope, &campaign, winner, stop).await,
        _ => Ok(Progress::Done),
    }
}

async fn look(
    app: &App,
    scope: &Scope,
    campaign: &Campaign,
    mut test: AbTest,
    counts: &AbCounts,
    stop: &Stop,
) -> Result<Progress, Error> {
    let now = app.now();
    let (judgement, outcome) = judge(&test.design, &counts.of(&test.design), counts.began, now);
    let reasons = outcome.reasons.join("; ");
    (test.outcome, test.updated_at) = (Some(outcome), now);
    // Nobody is in the test at all: nothing could ever be seen.
    let nobody = counts.unsettled == 0 && counts.began.is_none();
    let fallback = i32::try_from(test.design.default_variant).unwrap_or_default();
    let winner = match judgement {
        Judgement::Send(winner) => Some(winner),
        Judgement::Wait => nobody.then_some(fallback),
        Judgement::Stop => {
            test.status = AbStatus::Stopped;
            None
        }
    };
    if winner.is_some() {
        (test.status, test.winner, test.decided_at) = (AbStatus::Decided, winner, Some(now));
    }
    if !write(app, scope, &test).await? {
        // Somebody else looked or decided meanwhile.
        return Ok(Progress::ContinueAt(now + SOON));
    }
    tracing::info!(campaign = %campaign.id, status = %test.status, reasons, "looked at an A/B test");
    match (winner, test.status) {
        (Some(winner), _) => let_all_go(app, scope, campaign, winner, stop).await,
        (None, AbStatus::Running) => Ok(Progress::ContinueAt(now + LOOK)),
        (None, _) => Ok(Progress::Done),
    }
}

async fn write(app: &App, scope: &Scope, test: &AbTest) -> Result<bool, Error> {
    let unit = app.store.begin(scope).await?;
    let written = unit.campaigns().update_ab_test(test, test.looks).await?;
    unit.commit().await?;
    Ok(written)
}

/// Everybody who waits gets this version.
async fn let_all_go(
    app: &App,
    scope: &Scope,
    campaign: &Campaign,
    winner: i32,
    stop: &Stop,
) -> Result<Progress, Error> {
    let mut first = true;
    loop {
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let piece = [winner; PIECE];
        if let_go(app, scope, campaign, &piece, std::mem::take(&mut first)).await? < piece.len() {
            return Ok(Progress::Done);
        }
    }
}

/// The next batch of a bandit: as large as the first one, and leaning towards what works.
async fn batch(
    app: &App,
    scope: &Scope,
    campaign: &Campaign,
    mut test: AbTest,
    counts: &AbCounts,
    stop: &Stop,
) -> Result<Progress, Error> {
    let now = app.now();
    let between = TimeDelta::hours(test.design.min_hours.into());
    let looked = test.outcome.as_ref().map(|outcome| outcome.looked_at);
    let last = looked.or(counts.began).unwrap_or(now);
    // Nobody in the batches so far got a mail, or will: nothing could ever be seen of them.
    let nobody = counts.unsettled == 0 && counts.began.is_none();
    if counts.waiting > 0 && !nobody && now < last + between {
        return Ok(Progress::ContinueAt(last + between));
    }
    let (_, mut outcome) = judge(&test.design, &counts.of(&test.design), counts.began, now);
    let arms = test.design.arms(&counts.of(&test.design));
    let size = counts.batch(test.design.share);
    let mut seed = [0; 8];
    app.entropy.fill(&mut seed);
    let mut dice = Dice::seeded(u64::from_le_bytes(seed));
    let given = thompson::allocate(&arms, size, &mut dice);
    outcome.reasons = vec![format!(
        "the next {size} mails are spread as {given:?} over the versions"
    )];
    (test.outcome, test.updated_at) = (Some(outcome), now);
    if counts.waiting == 0 {
        (test.status, test.decided_at) = (AbStatus::Decided, Some(now));
    }
    if !write(app, scope, &test).await? {
        return Ok(Progress::ContinueAt(now + SOON));
    }
    if counts.waiting == 0 {
        return Ok(Progress::Done);
    }
    let mut versions = Vec::new();
    for (variant, count) in (0..).zip(given) {
        versions.extend(std::iter::repeat_n(variant, usize::try_from(count).unwrap_or(0)));
    }
    shuffle(&mut versions, &mut dice);
    let last = versions.len().div_ceil(PIECE).saturating_sub(1);
    for (place, piece) in versions.chunks(PIECE).enumerate() {
        let stopping = stop.is_set();
        let lanes = place == 0 || place == last || stopping;
        let_go(app, scope, campaign, piece, lanes).await?;
        if stopping {
            break;
        }
    }
    Ok(Progress::ContinueAt(now + between))
}

/// Fisher and Yates: who waited longest is not to get another version than others.
fn shuffle(versions: &mut [i32], dice: &mut Dice) {
    for last in (1..versions.len()).rev() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place within the list"
        )]
        let place = (dice.throw() * (last + 1) as f64) as usize;
        versions.swap(last, place.min(last));
    }
}

/// Gives the first rows that wait these versions and their time; how many there were. `lanes`: with jobs that send them, as with the first
/// piece, so that they begin, and the last, as those may have ended meanwhile.
async fn let_go(
    app: &App,
    scope: &Scope,
    campaign: &Campaign,
    versions: &[i32],
    lanes: bool,
) -> Result<usize, Error> {
    let organization = identity::get_organization(app, scope).await?;
    let planner = Planner::new(campaign, &organization);
    let repos = app.store.read(scope);
    let limit = u32::try_from(versions.len()).unwrap_or(u32::MAX);
    let held = repos.messages().held(campaign.id, limit).await?;
    let ids: Vec<LeadId> = held.iter().filter_map(|(_, lead)| *lead).collect();
    let filter = LeadFilter {
        lead_ids: Some(ids),
        ..LeadFilter::default()
    };
    let leads: Vec<Lead> = repos.leads().after(&filter, None, limit).await?;
    let times = planner.times(app, scope, repos.as_ref(), &leads).await?;
    let times: HashMap<LeadId, _> = leads.iter().map(|lead| lead.id).zip(times).collect();
    let rows: Vec<Released> = held
        .iter()
        .zip(versions)
        .map(|((id, lead), variant)| Released {
            id: *id,
            variant: *variant,
            at: lead
                .and_then(|lead| times.get(&lead).copied())
                .unwrap_or(app.now()),
        })
        .collect();
    let unit = app.store.begin(scope).await?;
    unit.messages().release_held(&rows, app.now()).await?;
    // Lanes go on as long as anything is queued: with each piece there would be more of them. Fewer rows than were asked for are the last.
    if lanes || rows.len() < versions.len() {
        enqueue_lanes(app, unit.as_ref(), campaign.id, campaign.run).await?;
    }
    unit.commit().await?;
    Ok(rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffling_loses_nobody_and_mixes() {
        let mut versions: Vec<i32> = (0..1_000).map(|place| i32::from(place >= 500)).collect();
        shuffle(&mut versions, &mut Dice::seeded(5));
        assert_eq!(versions.iter().sum::<i32>(), 500);
        let early: i32 = versions[..500].iter().sum();
        assert!((200..300).contains(&early), "{early}");
    }
}
