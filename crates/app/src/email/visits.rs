//! Opens and clicks that wait: judging them, and what they mean for leads and campaigns.

use super::verdicts::{Deltas, count_all, judge_alone, lead_event, look_together};
use crate::App;
use crate::jobs::{Progress, Stop};
use crate::scoring;
use chrono::TimeDelta;
use groundswell_domain::campaigns::MetricsDelta;
use groundswell_domain::email::{EmailEvent, EmailEventKind, EventContext, EventEffect, TakeVisits};
use groundswell_domain::jobs::{JobPayload, NewJob};
use groundswell_domain::{Error, MessageId, Scope, UnitOfWork};
use std::collections::BTreeSet;

/// What one transaction takes.
const PIECE: u32 = 256;
/// Organizations that are looked up at once.
const PAGE: u32 = 200;
/// What waits longer than this was overlooked: it came while the job was just ending.
const FORGOTTEN: TimeDelta = TimeDelta::seconds(30);

/// The job: judges and counts until nothing waits.
pub async fn take_visits(app: &App, scope: &Scope, stop: &Stop) -> Result<Progress, Error> {
    loop {
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let unit = app.store.begin(scope).await?;
        let visits = unit.messages().take_visits(PIECE).await?;
        if visits.is_empty() {
            return Ok(Progress::Done);
        }
        let (_, deltas) = record_all(app, scope, unit.as_ref(), visits).await?;
        count_all(unit.as_ref(), deltas).await?;
        unit.commit().await?;
    }
}

/// Sees to visits for which there is no job: they came when the last one had looked for more, and had not ended. Answers for how
/// many organizations.
pub async fn schedule_visits(app: &App) -> Result<u64, Error> {
    let now = app.now();
    let (mut after, mut found) = (None, 0);
    loop {
        let inbox = app.system.visits();
        let page = inbox
            .organizations_with_visits(now - FORGOTTEN, after, PAGE)
            .await?;
        for organization in &page {
            let scope = Scope::job(*organization, app.request_id());
            let job = NewJob::new(app.id(), &TakeVisits {}, now).unique(TakeVisits::KIND);
            let unit = app.store.begin(&scope).await?;
            unit.jobs().enqueue(&job, now).await?;
            unit.commit().await?;
            found += 1;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(*last),
            _ => return Ok(found),
        }
    }
}

/// Judges, keeps and scores events. Answers what each was about (nothing for those of mails that are gone), and what is still to be
/// counted when everything else is written: many transactions want the same campaign's numbers, and hold nothing else then.
pub(super) async fn record_all(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    mut events: Vec<EmailEvent>,
) -> Result<(Vec<Option<EventEffect>>, Deltas), Error> {
    let mut deltas = Deltas::default();
    let followed =
        |event: &EmailEvent| matches!(event.kind, EmailEventKind::Click | EmailEventKind::Honeypot);
    let (clicked, all): (BTreeSet<MessageId>, BTreeSet<MessageId>) = (
        events
            .iter()
            .filter(|event| followed(event))
            .map(|event| event.message_id)
            .collect(),
        events.iter().map(|event| event.message_id).collect(),
    );
    for event in &mut events {
        judge_alone(event);
    }
    if !clicked.is_empty() {
        // With what is known of the mail: several clicks together can tell what one does not. All mails are locked at once.
        let all: Vec<MessageId> = all.into_iter().collect();
        let mut contexts = unit.messages().lock_for_events(&all).await?;
        contexts.retain(|message, _| clicked.contains(message));
        look_together(app, scope, unit, &contexts, &mut events, &mut deltas).await?;
    }
    let effects = unit.messages().record_events(&events).await?;
    let mut happened = Vec::new();
    for (event, effect) in events.iter().zip(&effects) {
        let Some(effect) = effect else { continue };
        if effect.first {
            let context = EventContext {
                campaign_id: effect.campaign_id,
                lead_id: effect.lead_id,
                sent_at: None,
            };
            happened.extend(lead_event(app, &context, event));
        }
        if let Some(campaign) = effect.campaign_id.filter(|_| event.human) {
            *deltas.entry(campaign).or_default() += delta(event.kind, effect.first);
        }
    }
    if !happened.is_empty() {
        scoring::happened(app, scope, unit, &happened).await?;
    }
    Ok((effects, deltas))
}

fn delta(kind: EmailEventKind, first: bool) -> MetricsDelta {
    let (one, first) = (1, i64::from(first));
    match kind {
        EmailEventKind::Open => MetricsDelta {
            opens: one,
            unique_opens: first,
            ..MetricsDelta::default()
        },
        EmailEventKind::Click => MetricsDelta {
            clicks: one,
            unique_clicks: first,
            ..MetricsDelta::default()
        },
        EmailEventKind::Unsubscribe => MetricsDelta {
            unsubscribes: first,
            ..MetricsDelta::default()
        },
        EmailEventKind::Honeypot => MetricsDelta::default(),
    }
}
