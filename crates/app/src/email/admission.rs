//! Which of some mails may leave now: receivers that pushed back take only so many, and so do domains that are young.
//!
//! Asked just before sending begins, in the transaction that begins it, so that all processes count together. What may not go is back in
//! the queue with a later time and without a try counted, and holds nobody up. Mails that a person waits for (a new password) always go, and are
//! counted.

use super::delivery::Batch;
use crate::App;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use groundswell_domain::email::{
    EmailAddress, Identity, OutgoingMail, Settled, Settlement, Throttle, admit as fitting, provider_of,
    pushback,
};
use groundswell_domain::{Error, MessageId, SendingDomainId, UnitOfWork};
use std::collections::{BTreeMap, BTreeSet};

/// What may go, and what goes back.
pub(super) struct Admission {
    pub ids: Vec<MessageId>,
    pub later: Vec<Settlement>,
}

pub(super) async fn admit(
    app: &App,
    unit: &dyn UnitOfWork,
    identity: Option<&Identity>,
    batch: &Batch,
    now: DateTime<Utc>,
) -> Result<Admission, Error> {
    let mails: Vec<&OutgoingMail> = batch.mails.iter().map(|(mail, _)| mail).collect();
    let mut later = throttled(app, unit, &mails, now).await?;
    if let Some(identity) = identity.filter(|identity| identity.warming) {
        warming(app, unit, identity.domain, &mails, &mut later, now).await?;
    }
    let ids = mails
        .iter()
        .enumerate()
        .filter(|(place, _)| !later.contains_key(place))
        .map(|(_, mail)| mail.id)
        .collect();
    let back = |(place, (at, reason)): (usize, (DateTime<Utc>, String))| Settlement {
        id: mails[place].id,
        lease: batch.lease,
        end: Settled::Later { reason, at },
    };
    Ok(Admission {
        ids,
        later: later.into_iter().map(back).collect(),
    })
}

/// By their place: when, and why not now.
type Later = BTreeMap<usize, (DateTime<Utc>, String)>;

/// Nobody waits for it.
fn is_bulk(mail: &OutgoingMail) -> bool {
    mail.unsubscribe_url.is_some()
}

async fn throttled(
    app: &App,
    unit: &dyn UnitOfWork,
    mails: &[&OutgoingMail],
    now: DateTime<Utc>,
) -> Result<Later, Error> {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, mail) in mails.iter().enumerate() {
        places.entry(provider_of(&mail.to)).or_default().push(place);
    }
    let providers: Vec<String> = places.keys().cloned().collect();
    let rules = &app.settings.throttle;
    let mut later = Later::new();
    for mut throttle in unit.sending().throttles(&providers).await? {
        if !throttle.matters(rules, now) {
            unit.sending().forget_throttle(&throttle.provider).await?;
            continue;
        }
        let of_it = places.get(&throttle.provider).map_or(&[][..], Vec::as_slice);
        let (bulk, urgent): (Vec<usize>, Vec<usize>) =
            of_it.iter().partition(|place| is_bulk(mails[**place]));
        for _ in urgent {
            throttle.pass_by(rules, now);
        }
        let share = throttle.take(rules, now, bulk.len());
        for (place, at) in bulk.into_iter().skip(share.pass).zip(share.later) {
            let reason = format!("{} takes no more mail at the moment", throttle.provider);
            later.insert(place, (at, reason));
        }
        unit.sending().keep_throttle(&throttle).await?;
    }
    Ok(later)
}

/// Counts what goes today, and puts the rest off until tomorrow.
async fn warming(
    app: &App,
    unit: &dyn UnitOfWork,
    domain: SendingDomainId,
    mails: &[&OutgoingMail],
    later: &mut Later,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let today = now.date_naive();
    let day = unit.sending().open_day(domain, today).await?;
    let Some(cap) = app.settings.warmup.cap(day.days_before) else {
        return warm(unit, domain, now).await;
    };
    let going: Vec<usize> = (0..mails.len())
        .filter(|place| !later.contains_key(place))
        .collect();
    let (bulk, urgent): (Vec<usize>, Vec<usize>) =
        going.into_iter().partition(|place| is_bulk(mails[*place]));
    let fit = fitting(Some(cap), day.sent, bulk.len());
    let tomorrow = (today + TimeDelta::days(1)).and_time(NaiveTime::MIN).and_utc();
    for place in &bulk[fit..] {
        let reason = format!("the domain is warming up, and {cap} mails is what it may send today");
        later.insert(*place, (tomorrow, reason));
    }
    let sent = u32::try_from(fit + urgent.len()).unwrap_or(u32::MAX);
    if sent > 0 {
        unit.sending().count_day(domain, today, sent).await?;
    }
    Ok(())
}

/// The plan is over: nobody needs to count any more. (If somebody changes the domain at this moment, the next mail will do it.)
async fn warm(unit: &dyn UnitOfWork, domain: SendingDomainId, now: DateTime<Utc>) -> Result<(), Error> {
    if let Some(mut domain) = unit.sending().domain(domain).await? {
        let current = domain.version;
        domain.warmup = false;
        domain.updated_at = now;
        domain.version += 1;
        unit.sending().update_domain(&domain, current).await?;
    }
    Ok(())
}

/// Takes note of receivers that pushed back.
pub(super) async fn back_off(
    app: &App,
    unit: &dyn UnitOfWork,
    pushed: &BTreeSet<String>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if pushed.is_empty() {
        return Ok(());
    }
    let providers: Vec<String> = pushed.iter().cloned().collect();
    let mut known: BTreeMap<String, Throttle> = unit
        .sending()
        .throttles(&providers)
        .await?
        .into_iter()
        .map(|throttle| (throttle.provider.clone(), throttle))
        .collect();
    for provider in providers {
        let mut throttle = known
            .remove(&provider)
            .unwrap_or_else(|| Throttle::new(provider, now));
        throttle.back_off(&app.settings.throttle, now);
        tracing::warn!(
            provider = throttle.provider,
            per_minute = throttle.per_minute,
            "a receiver pushed back"
        );
        unit.sending().keep_throttle(&throttle).await?;
    }
    Ok(())
}

/// The receiver of a mail whose reply says that mail comes too fast.
pub(super) fn pushed_back(to: &EmailAddress, end: &Settled) -> Option<String> {
    match end {
        Settled::Retry { reason, .. } if pushback(reason) => Some(provider_of(to)),
        _ => None,
    }
}

/// Takes note of a complaint about a mail to this address, in the transaction that records it: if they are many, and many of what
/// was sent there, all mail to that receiver slows down. To be called once for each complaint, by whoever hears of it.
pub async fn note_complaint(app: &App, unit: &dyn UnitOfWork, to: &EmailAddress) -> Result<(), Error> {
    let now = app.now();
    let provider = provider_of(to);
    let known = unit
        .sending()
        .throttles(std::slice::from_ref(&provider))
        .await?
        .pop();
    let mut throttle = known.unwrap_or_else(|| Throttle::new(provider.clone(), now));
    let yesterday = now.date_naive() - TimeDelta::days(1);
    let sent = unit.sending().sent_to(&provider, yesterday).await?;
    if throttle.complained(&app.settings.throttle, now, sent) {
        tracing::warn!(
            provider = throttle.provider,
            "too many complaints: mail to this receiver slows down"
        );
    }
    Ok(unit.sending().keep_throttle(&throttle).await?)
}
