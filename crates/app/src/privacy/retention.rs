//! Deletes, once a night, what is kept for longer than an organization wants.

use crate::App;
use crate::audit::{self, Event};
use crate::jobs::{Progress, Stop};
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::privacy::{ApplyRetention, Retained, RetentionDue};
use groundswell_domain::{Error, Scope};
use serde_json::{Map, Value, json};

/// Organizations that are looked at together.
const PAGE: u32 = 200;
/// Things that are deleted in one transaction; deleting a lead takes several statements.
const PIECE: u32 = 500;
const LEADS: u32 = 100;
/// Local hour at which a night's work begins.
const HOUR: u32 = 2;

/// Puts a job into the queue for each organization that is due. Any number of processes may do so, as often as they like.
/// Answers how many were due.
pub async fn schedule_retention(app: &App) -> Result<u64, Error> {
    let now = app.now();
    let (mut after, mut due) = (None, 0);
    loop {
        let page = app.system.retention().organizations(after, PAGE).await?;
        for organization in page.iter().filter(|organization| is_due(organization, now)) {
            let scope = Scope::job(organization.organization, app.request_id());
            let job = NewJob::new(app.id(), &ApplyRetention {}, now).unique("retention");
            let unit = app.store.begin(&scope).await?;
            unit.jobs().enqueue(&job, now).await?;
            unit.commit().await?;
            due += 1;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.organization),
            _ => return Ok(due),
        }
    }
}

/// Once on each local day, from two o'clock on; so the first time is in the night after it was decided.
fn is_due(organization: &RetentionDue, now: DateTime<Utc>) -> bool {
    let zone = organization.time_zone.tz();
    let (now, last) = (now.with_timezone(&zone), organization.last.with_timezone(&zone));
    now.date_naive() > last.date_naive() && now.hour() >= HOUR
}

/// The job: short transactions, and an entry in the audit log that tells how much of what was deleted.
pub async fn apply_retention(app: &App, scope: &Scope, stop: &Stop) -> Result<Progress, Error> {
    let repos = app.store.read(scope);
    let Some(organization) = repos.identity().organization().await? else {
        return Ok(Progress::Done);
    };
    let now = app.now();
    let mut counts = Map::new();
    for kind in Retained::ALL {
        let Some(days) = organization.retention.days(*kind) else {
            continue;
        };
        let Some(before) = now.checked_sub_signed(TimeDelta::days(days.into())) else {
            continue;
        };
        let limit = if *kind == Retained::Leads { LEADS } else { PIECE };
        let mut gone = 0;
        while !stop.is_set() {
            let unit = app.store.begin(scope).await?;
            let piece = unit.retention().forget(*kind, before, limit).await?;
            unit.commit().await?;
            gone += piece;
            if piece < u64::from(limit) {
                break;
            }
        }
        if gone > 0 {
            counts.insert(kind.as_str().to_owned(), json!(gone));
        }
    }
    let stopped = stop.is_set();
    let unit = app.store.begin(scope).await?;
    if !counts.is_empty() {
        let event = Event::of(AuditAction::RetentionApplied, organization.id).after(Value::Object(counts));
        audit::record(app, scope, unit.as_ref(), event).await?;
    }
    if !stopped {
        unit.retention().done(now).await?;
    }
    unit.commit().await?;
    Ok(if stopped {
        Progress::ContinueAt(now)
    } else {
        Progress::Done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_begins_at_two_where_the_organization_is() {
        let time = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let due = |zone: &str, last: &str, now: &str| {
            let organization = RetentionDue {
                organization: uuid::Uuid::nil().into(),
                time_zone: zone.parse().unwrap(),
                last: time(last),
            };
            is_due(&organization, time(now))
        };
        assert!(!due("UTC", "2027-01-10T10:00:00Z", "2027-01-11T01:59:59Z"));
        assert!(due("UTC", "2027-01-10T10:00:00Z", "2027-01-11T02:00:00Z"));
        assert!(!due("UTC", "2027-01-11T02:00:00Z", "2027-01-11T23:00:00Z"));
        assert!(!due(
            "Europe/Berlin",
            "2027-01-10T10:00:00Z",
            "2027-01-11T00:30:00Z"
        ));
        assert!(due(
            "Europe/Berlin",
            "2027-01-10T10:00:00Z",
            "2027-01-11T01:00:00Z"
        ));
        assert!(due(
            "America/New_York",
            "2027-01-10T10:00:00Z",
            "2027-01-11T07:00:00Z"
        ));
        assert!(!due(
            "America/New_York",
            "2027-01-10T10:00:00Z",
            "2027-01-11T02:00:00Z"
        ));
        // A machine that was off in the night does it in the morning.
        assert!(due("UTC", "2027-01-08T02:00:00Z", "2027-01-11T09:00:00Z"));
    }
}
