//! What is thought of opens and clicks, and putting right what was counted when that changes.
//!
//! A mail is locked before its lead, and the lead before the campaign's numbers, here as where an event comes in.

use super::delivery::count;
use crate::{App, leads, scoring};
use groundswell_domain::campaigns::MetricsDelta;
use groundswell_domain::email::classify::judge;
use groundswell_domain::email::{EmailEvent, EmailEventKind, EventContext};
use groundswell_domain::leads::{LeadEvent, LeadEventKind};
use groundswell_domain::{Error, LeadEventId, MessageId, Scope, UnitOfWork};
use serde_json::json;

/// Judges all events of one mail together. Answers which were judged otherwise before.
pub(super) fn judge_all(context: &EventContext, events: &mut [EmailEvent]) -> Vec<usize> {
    let seen: Vec<_> = events.iter().map(|event| event.seen(context.sent_at)).collect();
    let judgements = judge(&seen);
    let taken = events.iter_mut().zip(judgements).enumerate();
    taken
        .filter_map(|(at, (event, judgement))| event.take(judgement).then_some(at))
        .collect()
}

/// Judges what is kept of a mail anew, with `incoming` beside it, which is not kept yet. Everything that was counted of it
/// is right afterwards.
pub(super) async fn look_again(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    message: MessageId,
    incoming: Option<&mut EmailEvent>,
) -> Result<bool, Error> {
    let Some(context) = unit.messages().lock_for_events(message).await? else {
        if let Some(event) = incoming {
            judge_alone(event);
        }
        return Ok(false);
    };
    let before = unit.messages().events_of(message).await?;
    let mut events = before.clone();
    events.extend(incoming.as_deref().cloned());
    let mut changed = judge_all(&context, &mut events);
    if let (Some(event), Some(judged)) = (incoming, events.get(before.len())) {
        event.clone_from(judged);
    }
    changed.retain(|at| *at < before.len());
    events.truncate(before.len());
    if changed.is_empty() {
        return Ok(false);
    }
    let changed: Vec<&EmailEvent> = changed.iter().filter_map(|at| events.get(*at)).collect();
    unit.messages().rejudge(message, &changed).await?;
    correct(app, scope, unit, &context, (before.as_slice(), events.as_slice())).await?;
    Ok(true)
}

/// An event by itself.
pub(super) fn judge_alone(event: &mut EmailEvent) {
    let judgement = judge(&[event.seen(None)]).pop();
    if let Some(judgement) = judgement {
        event.take(judgement);
    }
}

/// Counters, events of the lead, and its score, after verdicts have changed.
async fn correct(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    context: &EventContext,
    (before, after): (&[EmailEvent], &[EmailEvent]),
) -> Result<(), Error> {
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    let mut delta = MetricsDelta::default();
    for kind in [EmailEventKind::Open, EmailEventKind::Click] {
        let (old, now) = (Counted::of(kind, before), Counted::of(kind, after));
        let all = now.all - old.all;
        let unique = i64::from(now.first.is_some()) - i64::from(old.first.is_some());
        if kind == EmailEventKind::Open {
            (delta.opens, delta.unique_opens) = (all, unique);
        } else {
            (delta.clicks, delta.unique_clicks) = (all, unique);
        }
        let id = |counted: &Counted<'_>| counted.first.map(|event| event.id);
        if id(&old) != id(&now) {
            gone.extend(old.first.map(|event| LeadEventId::from(event.id.0)));
            new.extend(now.first);
        }
    }
    if let Some(lead) = context.lead_id.filter(|_| !gone.is_empty() || !new.is_empty()) {
        let new: Vec<LeadEvent> = new
            .into_iter()
            .filter_map(|event| lead_event(app, context, event))
            .collect();
        unit.lead_events().add(&new).await?;
        unit.lead_events().retract(lead, &gone).await?;
        scoring::from_scratch(app, scope, unit, &[lead]).await?;
    }
    match context.campaign_id {
        Some(campaign) => count(unit, campaign, &delta).await,
        None => Ok(()),
    }
}

/// People's events of a kind.
struct Counted<'a> {
    all: i64,
    first: Option<&'a EmailEvent>,
}

impl<'a> Counted<'a> {
    fn of(kind: EmailEventKind, events: &'a [EmailEvent]) -> Self {
        let people = || events.iter().filter(|event| event.kind == kind && event.human);
        Self {
            all: i64::try_from(people().count()).unwrap_or(i64::MAX),
            first: people().next(),
        }
    }
}

/// What an event means in the history of its lead; `None` if nothing.
pub(super) fn lead_event(app: &App, context: &EventContext, event: &EmailEvent) -> Option<LeadEvent> {
    let kind = match event.kind {
        EmailEventKind::Open => LeadEventKind::EmailOpened,
        EmailEventKind::Click => LeadEventKind::EmailClicked,
        EmailEventKind::Unsubscribe => LeadEventKind::Unsubscribed,
        EmailEventKind::Honeypot => return None,
    };
    let data = json!({
        "url": event.url,
        "campaign_id": context.campaign_id,
        "verdict": event.trace.verdict,
        "reasons": Some(&event.trace.reasons).filter(|reasons| !reasons.is_empty()),
    });
    Some(LeadEvent {
        id: event.id.0.into(),
        subject: Some(event.message_id.0),
        occurred_at: event.created_at,
        ..leads::event(app, context.lead_id?, kind, data)
    })
}
