//! The one way in which mail leaves: claimed rows are fenced, handed over side by side, and settled.
//!
//! `sending` is committed before the first byte goes out, so a crash leaves at most one group of mails `unknown`, and
//! none is ever sent twice. See design: things that cannot be taken back.

use super::admission::{self, Admission};
use super::{bounces, doubts, sender};
use crate::App;
use crate::audit::{self, Event};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures_util::future::join_all;
use groundswell_domain::audit::AuditAction;
use groundswell_domain::campaigns::{CampaignStatus, MetricsDelta};
use groundswell_domain::email::bounce::{Bounce, Refusal, refused};
use groundswell_domain::email::{
    MessageStatus, OutgoingMail, SendError, Settled, SettledRow, Settlement, is_shared, provider_of,
};
use groundswell_domain::jobs::backoff;
use groundswell_domain::{
    CampaignId, ClientId, Error, LeaseToken, MessageId, Scope, SendingDomainId, UnitOfWork,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Mails that one worker has claimed under one lease.
pub(crate) struct Batch {
    pub lease: LeaseToken,
    /// For whom they are sent: a client with a domain of its own sends from that.
    pub client: Option<ClientId>,
    /// With the tries before this one.
    pub mails: Vec<(OutgoingMail, i32)>,
}

/// Mails that were counted towards a day of their domain, and have not left.
type Counted = (SendingDomainId, NaiveDate, u32);

/// What came of a batch.
pub(crate) struct Handed {
    /// Every server has as much to do as it may until then.
    pub busy: Option<DateTime<Utc>>,
    /// Mails that went back to the queue without a try.
    pub back: u64,
}

/// When a claim made now runs out.
pub(crate) fn lease_end(app: &App, now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::from_std(app.settings.send_lease).unwrap_or(TimeDelta::seconds(60))
}

/// Sends a batch and writes down how it went. Rows that another worker has taken over are left to it.
pub(crate) async fn hand_over(app: &App, scope: &Scope, batch: Batch) -> Result<Handed, Error> {
    let identity = sender::identity(app, scope, batch.client).await?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let Admission { ids, later } =
        admission::admit(app, unit.as_ref(), identity.as_deref(), &batch, now).await?;
    let ours = unit
        .messages()
        .begin_sending(&ids, batch.lease, now, lease_end(app, now))
        .await?;
    end(app, unit.as_ref(), &later).await?;
    unit.commit().await?;

    let mut returned: BTreeMap<MessageId, Bounce> = BTreeMap::new();
    let sending = batch.mails.iter().filter(|(mail, _)| ours.contains(&mail.id));
    let sent = join_all(sending.map(async |(mail, attempts)| {
        let result = app.mailer.send(mail, identity.as_deref()).await;
        let bounce = refusal(app, mail, &result, attempts + 1);
        (&mail.to, mail.id, outcome(app, result, attempts + 1), bounce)
    }))
    .await;
    let (mut ends, mut pushed) = (Vec::with_capacity(sent.len()), BTreeSet::new());
    let (mut busy, mut put_off) = (None, 0_u32);
    let mut taken: BTreeMap<String, u32> = BTreeMap::new();
    for (to, id, end, bounce) in sent {
        returned.extend(bounce.map(|bounce| (id, bounce)));
        pushed.extend(admission::pushed_back(to, &end));
        if matches!(end, Settled::Sent { .. }) {
            let provider = provider_of(to);
            if is_shared(&provider) {
                *taken.entry(provider).or_default() += 1;
            }
        }
        if let Settled::Later { at, .. } = &end {
            put_off += 1;
            busy = Some(busy.map_or(*at, |other: DateTime<Utc>| other.min(*at)));
        }
        ends.push(Settlement {
            id,
            lease: batch.lease,
            end,
        });
    }
    // They were counted towards the day of their domain, and have not left.
    let counted = identity
        .as_deref()
        .filter(|identity| identity.warming && put_off > 0)
        .map(|identity| (identity.domain, now.date_naive(), put_off));
    let settled = finish(app, scope, &ends, &pushed, (counted, &taken)).await?;
    for row in settled.iter().filter(|row| row.after == MessageStatus::Failed) {
        if let Some(bounce) = returned.remove(&row.id) {
            take_refusal(app, scope, bounce).await;
        }
    }
    let back = later.len() as u64 + u64::from(put_off);
    Ok(Handed { busy, back })
}

/// What a server's no means for the address: as if the mail had come back.
fn refusal(
    app: &App,
    mail: &OutgoingMail,
    result: &Result<String, SendError>,
    attempt: i32,
) -> Option<Bounce> {
    let (reply, step, for_good) = match result {
        Err(SendError::Refused { reply, step }) => (reply, *step, true),
        Err(SendError::Transient(reply)) if attempt >= app.settings.send_attempts => (reply, None, false),
        _ => return None,
    };
    refused(Refusal {
        recipient: mail.to.as_str(),
        reply,
        step,
        for_good,
        message_id: &format!("{}@", mail.id),
    })
}

/// Each in a transaction of its own, as it locks a lead, and no other mail may wait for that. That the mail has failed is written already: if this is
/// lost, the server will refuse the next mail, too.
async fn take_refusal(app: &App, scope: &Scope, bounce: Bounce) {
    let taken = async {
        let unit = app.store.begin(scope).await?;
        let taken = bounces::take(app, scope, unit.as_ref(), bounce, None).await?;
        unit.commit().await?;
        Ok::<_, Error>(taken)
    };
    match taken.await {
        Ok(taken) => {
            tracing::debug!(kind = %taken.kind, reason = %taken.reason, "a server refused a recipient");
        }
        Err(error) => tracing::warn!(%error, "that a server refused a recipient could not be kept"),
    }
}

fn outcome(app: &App, result: Result<String, SendError>, attempt: i32) -> Settled {
    match result {
        Ok(reply) => Settled::Sent { reply },
        Err(SendError::Permanent(reason) | SendError::Refused { reply: reason, .. }) => {
            Settled::Failed { reason }
        }
        Err(SendError::Unknown(reason)) => Settled::Unknown { reason },
        Err(SendError::Later { reason, after }) => Settled::Later {
            reason,
            at: app.now() + TimeDelta::from_std(after).unwrap_or(TimeDelta::minutes(1)),
        },
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
    let nothing = BTreeMap::new();
    finish(app, scope, ends, &BTreeSet::new(), (None, &nothing))
        .await
        .map(|_| ())
}

/// The same, and takes note of how many mails each receiver took and of receivers that pushed back: first, as whoever admits mails locks them before the mails, too.
async fn finish(
    app: &App,
    scope: &Scope,
    ends: &[Settlement],
    pushed: &BTreeSet<String>,
    (counted, taken): (Option<Counted>, &BTreeMap<String, u32>),
) -> Result<Vec<SettledRow>, Error> {
    if ends.is_empty() {
        return Ok(Vec::new());
    }
    let unit = app.store.begin(scope).await?;
    admission::back_off(app, unit.as_ref(), pushed, app.now()).await?;
    if let Some((domain, day, mails)) = counted {
        unit.sending().uncount_day(domain, day, mails).await?;
    }
    let settled = end(app, unit.as_ref(), ends).await?;
    // Last, as all lanes want the same rows.
    unit.sending()
        .count_receivers(app.now().date_naive(), taken)
        .await?;
    unit.commit().await?;
    Ok(settled)
}

async fn end(app: &App, unit: &dyn UnitOfWork, ends: &[Settlement]) -> Result<Vec<SettledRow>, Error> {
    if ends.is_empty() {
        return Ok(Vec::new());
    }
    let settled = unit.messages().settle(ends, app.now()).await?;
    if settled.iter().any(|row| row.after == MessageStatus::Unknown) {
        doubts::ask_later(app, unit).await?;
    }
    count_settled(unit, &settled).await?;
    Ok(settled)
}

/// Writes what became of mails into the numbers of their campaigns.
pub(super) async fn count_settled(unit: &dyn UnitOfWork, settled: &[SettledRow]) -> Result<(), Error> {
    let mut deltas: BTreeMap<CampaignId, MetricsDelta> = BTreeMap::new();
    for row in settled {
        if let Some(campaign) = row.campaign_id {
            let delta = deltas.entry(campaign).or_default();
            // Counted as unknown when a sweep thought its worker dead.
            delta.count(row.before, -1);
            delta.count(row.after, 1);
        }
    }
    for (campaign, delta) in &deltas {
        count(unit, *campaign, delta).await?;
    }
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
    if swept.unknown > 0 {
        doubts::ask_later(app, unit.as_ref()).await?;
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
