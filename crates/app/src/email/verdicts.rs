//! What is thought of opens and clicks, and putting right what was counted when that changes.
//!
//! A mail is locked before its lead, and the lead before the campaign's numbers, here as where an event comes in.

use super::delivery::count;
use crate::{App, leads, scoring};
use groundswell_domain::campaigns::MetricsDelta;
use groundswell_domain::email::classify::judge;
use groundswell_domain::email::{EmailEvent, EmailEventKind, EventContext};
use groundswell_domain::leads::{LeadEvent, LeadEventKind};
use groundswell_domain::{CampaignId, Error, LeadEventId, MessageId, Scope, UnitOfWork};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// Judges all events of one mail together. Answers which were judged otherwise before.
pub(super) fn judge_all(context: &EventContext, events: &mut [EmailEvent]) -> Vec<usize> {
    let seen: Vec<_> = events.iter().map(|event| event.seen(context.sent_at)).collect();
    let judgements = judge(&seen);
    let taken = events.iter_mut().zip(judgements).enumerate();
    taken
        .filter_map(|(at, (event, judgement))| event.take(judgement).then_some(at))
        .collect()
}

/// Judges what is kept of a mail anew. Everything that was counted of it is right afterwards. Answers whether a verdict is another
/// one.
pub(super) async fn look_again(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    message: MessageId,
) -> Result<bool, Error> {
    let contexts = unit.messages().lock_for_events(&[message]).await?;
    let mut deltas = Deltas::default();
    let changed = look_together(app, scope, unit, &contexts, &mut [], &mut deltas).await?;
    count_all(unit, deltas).await?;
    Ok(changed)
}

/// Changes of campaigns' numbers, to be written last.
pub(super) type Deltas = BTreeMap<CampaignId, MetricsDelta>;

pub(super) async fn count_all(unit: &dyn UnitOfWork, deltas: Deltas) -> Result<(), Error> {
    for (campaign, delta) in deltas {
        count(unit, campaign, &delta).await?;
    }
    Ok(())
}

/// Judges what is kept of locked mails anew, together with what comes in.
pub(super) async fn look_together(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    contexts: &HashMap<MessageId, EventContext>,
    incoming: &mut [EmailEvent],
    deltas: &mut Deltas,
) -> Result<bool, Error> {
    let messages: Vec<MessageId> = contexts.keys().copied().collect();
    let mut kept = unit.messages().events_of(&messages).await?;
    let mut corrections = Vec::new();
    for (message, context) in contexts {
        let before = kept.remove(message).unwrap_or_default();
        let mut new: Vec<&mut EmailEvent> = incoming
            .iter_mut()
            .filter(|event| event.message_id == *message)
            .collect();
        let mut events = before.clone();
        events.extend(new.iter().map(|event| (**event).clone()));
        let mut changed = judge_all(context, &mut events);
        for (event, judged) in new.iter_mut().zip(events.drain(before.len()..)) {
            **event = judged;
        }
        changed.retain(|at| *at < before.len());
        if changed.is_empty() {
            continue;
        }
        let changed: Vec<&EmailEvent> = changed.iter().filter_map(|at| events.get(*at)).collect();
        unit.messages().rejudge(*message, &changed).await?;
        corrections.push((context, before, events));
    }
    // In one order, as they lock leads.
    corrections.sort_by_key(|(context, ..)| context.lead_id);
    for (context, before, after) in &corrections {
        correct(app, scope, unit, context, (before, after), deltas).await?;
    }
    Ok(!corrections.is_empty())
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
    deltas: &mut Deltas,
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
    if let Some(campaign) = context.campaign_id {
        *deltas.entry(campaign).or_default() += delta;
    }
    Ok(())
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
