//! The job that looks for new leads, as long as somebody wants that.

use super::start::key;
use crate::App;
use crate::jobs::Progress;
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use groundswell_domain::enrichment::EnrichLead;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::{Error, Scope};

/// Leads in one transaction.
const PIECE: u32 = 100;
/// Until a transaction that adds leads is surely over: ids are made before it ends, and a lead must not appear behind the place.
const SETTLED: TimeDelta = TimeDelta::seconds(60);
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(60);

/// Puts leads that came since the last look into the queue, within the budget. Leads beyond it are not lost: the place stays before them.
pub async fn enrich_new_leads(app: &App, scope: &Scope) -> Result<Progress, Error> {
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let Some(settings) = unit.enrichment().settings_locked().await? else {
        return Ok(Progress::Done);
    };
    if !settings.automatic {
        return Ok(Progress::Done);
    }
    let room = settings.room(now).min(PIECE);
    if room == 0 {
        return Ok(Progress::ContinueAt(tomorrow(now)));
    }
    let filter = LeadFilter {
        created_before: Some(now - SETTLED),
        ..LeadFilter::default()
    };
    let leads = unit.leads().after(&filter, settings.seen, room).await?;
    for lead in &leads {
        let payload = EnrichLead {
            lead_id: lead.id,
            since: None,
        };
        let job = NewJob::new(app.id(), &payload, now).unique(key(lead.id, false));
        unit.jobs().enqueue(&job, now).await?;
    }
    let count = i32::try_from(leads.len()).unwrap_or(i32::MAX);
    if let Some(last) = leads.last() {
        let settings = settings.after(count, Some(last.id), now);
        unit.enrichment().keep_settings(&settings).await?;
    }
    unit.commit().await?;
    let more = leads.len() == room as usize;
    Ok(Progress::ContinueAt(if more { now } else { now + LOOK_AGAIN }))
}

fn tomorrow(now: DateTime<Utc>) -> DateTime<Utc> {
    let next = now.date_naive().checked_add_days(Days::new(1));
    next.map_or(now + TimeDelta::days(1), |day| {
        day.and_time(NaiveTime::MIN).and_utc()
    })
}
