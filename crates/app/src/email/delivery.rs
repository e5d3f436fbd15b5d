//! The one way in which mail leaves: claimed rows are fenced, handed over side by side, and settled.
//!
//! `sending` is committed before the first byte goes out, so a crash leaves at most one group of mails `unknown`, and
//! none is ever sent twice. See design: things that cannot be taken back.

use crate::App;
use crate::audit::{self, Event};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use groundswell_domain::audit::AuditAction;
use groundswell_domain::campaigns::{CampaignStatus, MetricsDelta};
use groundswell_domain::email::{MessageStatus, OutgoingMail, SendError, Settled, Settlement};
use groundswell_domain::jobs::backoff;
use groundswell_domain::{CampaignId, Error, LeaseToken, Scope, UnitOfWork};
use serde_json::json;
use std::collections::BTreeMap;

/// Mails that one worker has claimed under one lease.
pub(crate) struct Batch {
    pub lease: LeaseToken,
    /// With the tries before this one.
    pub mails: Vec<(OutgoingMail, i32)>,
}

/// When a claim made now runs out.
pub(crate) fn lease_end(app: &App, now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::from_std(app.settings.send_lease).unwrap_or(TimeDelta::seconds(60))
}

/// Sends a batch and writes down how it went. Rows that another worker has taken over are left to it.
pub(crate) async fn hand_over(app: &App, scope: &Scope, batch: Batch) -> Result<(), Error> {
    let ids: Vec<_> = batch.mails.iter().map(|(mail, _)| mail.id).collect();
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let ours = unit
        .messages()
        .begin_sending(&ids, batch.lease, now, lease_end(app, now))
        .await?;
    unit.commit().await?;

    let sending = batch.mails.iter().filter(|(mail, _)| ours.contains(&mail.id));
    let ends = join_all(sending.map(async |(mail, attempts)| {
        let end = outcome(app, app.mailer.send(mail).await, attempts + 1);
        Settlement {
            id: mail.id,
            lease: batch.lease,
            end,
        }
    }))
    .await;
    settle(app, scope, &ends).await
}

fn outcome(app: &App, result: Result<String, SendError>, attempt: i32) -> Settled {
    match result {
        Ok(reply) => Settled::Sent { reply },
        Err(SendError::Permanent(reason)) => Settled::Failed { reason },
        Err(SendError::Unknown(reason)) => Settled::Unknown { reason },
        Err(SendError::Transient(reason)) if attempt >= app.settings.send_attempts => Settled::Failed {
            reason: format!("given up after {attempt} tries; the last reply: {reason}"),
        },
        Err(SendError::Transient(reason)) => {
            let wait = backoff(u32::try_from(attempt).unwrap_or(1), app.jitter());
            Settled::Retry {
                reason,
                at: app.now() + wait,
            }
        }
    }
}

/// Writes ends into the ledger and the campaigns' numbers.
pub(crate) async fn settle(app: &App, scope: &Scope, ends: &[Settlement]) -> Result<(), Error> {
    if ends.is_empty() {
        return Ok(());
    }
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let mut deltas: BTreeMap<CampaignId, MetricsDelta> = BTreeMap::new();
    for row in unit.messages().settle(ends, now).await? {
        if let Some(campaign) = row.campaign_id {
            let delta = deltas.entry(campaign).or_default();
            // Counted as unknown when a sweep thought its worker dead.
            delta.count(row.before, -1);
            delta.count(row.after, 1);
        }
    }
    for (campaign, delta) in &deltas {
        count(unit.as_ref(), *campaign, delta).await?;
    }
    unit.commit().await?;
    Ok(())
}

/// Adds to a campaign's numbers.
pub(crate) async fn count(
    unit: &dyn UnitOfWork,
    campaign: CampaignId,
    delta: &MetricsDelta,
) -> Result<(), Error> {
    if delta.is_empty() {
        return Ok(());
    }
    Ok(unit.campaigns().add_metrics(campaign, delta).await?)
}

/// Completes a campaign that has nobody left to settle. A transaction of its own: it locks the campaign before its
/// numbers, and a settlement has locked the numbers already.
pub(crate) async fn complete_if_settled(app: &App, scope: &Scope, campaign: CampaignId) -> Result<(), Error> {
    let unit = app.store.begin(scope).await?;
    if unit.campaigns().complete_if_settled(campaign, app.now()).await? {
        let event = Event::of(AuditAction::CampaignCompleted, campaign)
            .before(json!({ "status": CampaignStatus::Active }))
            .after(json!({ "status": CampaignStatus::Completed }));
        audit::record(app, scope, unit.as_ref(), event).await?;
        unit.commit().await?;
        tracing::info!(%campaign, "campaign completed");
    }
    Ok(())
}

/// Takes over from dead workers: what they had only claimed is queued again, what they were sending is unknown.
pub(crate) async fn sweep(app: &App, scope: &Scope, campaign: Option<CampaignId>) -> Result<(), Error> {
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let swept = unit.messages().sweep(campaign, now).await?;
    if swept.requeued + swept.unknown > 0 {
        tracing::warn!(
            requeued = swept.requeued,
            unknown = swept.unknown,
            "took over from a worker that died"
        );
    }
    if let Some(campaign) = campaign {
        let mut delta = MetricsDelta::default();
        delta.count(
            MessageStatus::Unknown,
            i64::try_from(swept.unknown).unwrap_or(i64::MAX),
        );
        count(unit.as_ref(), campaign, &delta).await?;
    }
    unit.commit().await?;
    Ok(())
}
