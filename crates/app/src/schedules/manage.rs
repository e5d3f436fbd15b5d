//! Create, read, replace, change, delete.

use super::commands::{NewSchedule, NewTrigger, SchedulePatch};
use super::{MISSING, action};
use crate::audit::{self, Event};
use crate::organization::time_zone;
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::locale::TimeZone;
use groundswell_domain::schedules::{Policy, Schedule, ScheduleSort, Trigger, TriggerError};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Page, PageRequest, Repos, ScheduleId, Scope};
use serde_json::json;

const MOST_INSTANCES: i32 = 100;
/// The moments of a day are looked at one by one at most.
const GRACE: std::ops::RangeInclusive<i32> = 5..=86_400;

pub async fn create_schedule(app: &App, scope: &Scope, new: NewSchedule) -> Result<Schedule, Error> {
    scope.require(Permission::JobsManage)?;
    action::may(scope, &new.action)?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let mut problems = Problems::new();
    let default = Policy::default();
    let mut schedule = Schedule {
        id: app.id(),
        name: new.name,
        action: new.action,
        trigger: trigger(app, unit.as_ref(), &mut problems, new.trigger).await?,
        coalesce: new.coalesce,
        max_instances: new
            .max_instances
            .unwrap_or_else(|| i32::try_from(default.max_instances).unwrap_or(MOST_INSTANCES)),
        misfire_grace: new
            .misfire_grace
            .unwrap_or_else(|| i32::try_from(default.misfire_grace.num_seconds()).unwrap_or(*GRACE.end())),
        enabled: new.enabled.unwrap_or(true),
        next_run_at: None,
        last_run_at: None,
        last_outcome: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    check(unit.as_ref(), &mut schedule, problems).await?;
    plan(app, &mut schedule)?;
    unit.schedules().insert(&schedule).await?;
    let event = Event::of(AuditAction::ScheduleCreated, schedule.id).after(told(&schedule));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Created, &schedule).await?;
    Ok(schedule)
}

/// The trigger, if it can be kept.
async fn trigger<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    problems: &mut Problems,
    new: NewTrigger,
) -> Result<Trigger, Error> {
    let trigger = match new {
        NewTrigger::Date { at } => Trigger::Date {
            at: problems.time("trigger.at", Some(at)).unwrap_or(at),
        },
        NewTrigger::Interval { seconds, start } => Trigger::Interval {
            seconds,
            start: problems.time("trigger.start", start).unwrap_or_else(|| app.now()),
        },
        NewTrigger::Cron {
            expression,
            time_zone: named,
        } => {
            let zone = match named {
                Some(name) => problems
                    .take("trigger.time_zone", name.parse())
                    .unwrap_or(TimeZone::UTC),
                None => time_zone(repos).await?,
            };
            Trigger::Cron {
                expression: expression.trim().to_owned(),
                time_zone: zone.tz(),
            }
        }
    };
    if let Err(error) = trigger.check() {
        let field = match error {
            TriggerError::Interval => "trigger.seconds",
            TriggerError::Cron(_) | TriggerError::Never => "trigger.expression",
        };
        problems.add(field, error.to_string());
    }
    Ok(trigger)
}

async fn check<R: Repos + ?Sized>(
    repos: &R,
    schedule: &mut Schedule,
    mut problems: Problems,
) -> Result<(), Error> {
    schedule.name = problems.line("name", &schedule.name, 200, false);
    problems.check(
        (1..=MOST_INSTANCES).contains(&schedule.max_instances),
        "max_instances",
        format!("must be 1 to {MOST_INSTANCES}"),
    );
    problems.check(
        GRACE.contains(&schedule.misfire_grace),
        "misfire_grace",
        format!("must be {} to {} seconds", GRACE.start(), GRACE.end()),
    );
    action::check(repos, &mut problems, &schedule.action).await?;
    problems.finish()
}

/// From now on. What would never run is a mistake.
fn plan(app: &App, schedule: &mut Schedule) -> Result<(), Error> {
    schedule.plan(app.now());
    if schedule.enabled && schedule.next_run_at.is_none() {
        return Err(Error::invalid("trigger", "never comes: it must be in the future"));
    }
    Ok(())
}

/// For the audit log.
fn told(schedule: &Schedule) -> serde_json::Value {
    json!({ "name": schedule.name, "action": schedule.action, "trigger": schedule.trigger, "enabled": schedule.enabled })
}

pub async fn get_schedule(app: &App, scope: &Scope, id: ScheduleId) -> Result<Schedule, Error> {
    scope.require(Permission::JobsRead)?;
    app.store.read(scope).schedules().get(id).await?.ok_or(MISSING)
}

/// Those that are paused, or those that are not, or all.
pub async fn list_schedules(
    app: &App,
    scope: &Scope,
    enabled: Option<bool>,
    page: &PageRequest<ScheduleSort>,
) -> Result<Page<Schedule>, Error> {
    scope.require(Permission::JobsRead)?;
    Ok(app.store.read(scope).schedules().list(enabled, page).await?)
}

pub async fn replace_schedule(
    app: &App,
    scope: &Scope,
    id: ScheduleId,
    new: NewSchedule,
    expected: Option<i32>,
) -> Result<Schedule, Error> {
    let default = Policy::default();
    let patch = SchedulePatch {
        name: Some(new.name),
        action: Some(new.action),
        trigger: Some(new.trigger),
        coalesce: Some(new.coalesce),
        max_instances: new
            .max_instances
            .or_else(|| i32::try_from(default.max_instances).ok()),
        misfire_grace: new
            .misfire_grace
            .or_else(|| i32::try_from(default.misfire_grace.num_seconds()).ok()),
        enabled: Some(new.enabled.unwrap_or(true)),
    };
    update_schedule(app, scope, id, patch, expected).await
}

pub async fn update_schedule(
    app: &App,
    scope: &Scope,
    id: ScheduleId,
    patch: SchedulePatch,
    expected: Option<i32>,
) -> Result<Schedule, Error> {
    scope.require(Permission::JobsManage)?;
    let unit = app.store.begin(scope).await?;
    let old = unit.schedules().get_locked(id).await?.ok_or(MISSING)?;
    // Who changes it answers for what it does from now on.
    action::may(scope, &old.action)?;
    let current = old.version;
    version::check("schedule", current, expected)?;
    let mut problems = Problems::new();
    let mut schedule = old.clone();
    schedule.name = patch.name.unwrap_or(schedule.name);
    if let Some(new) = patch.action {
        action::may(scope, &new)?;
        schedule.action = new;
    }
    if let Some(new) = patch.trigger {
        schedule.trigger = trigger(app, unit.as_ref(), &mut problems, new).await?;
    }
    schedule.coalesce = patch.coalesce.unwrap_or(schedule.coalesce);
    schedule.max_instances = patch.max_instances.unwrap_or(schedule.max_instances);
    schedule.misfire_grace = patch.misfire_grace.unwrap_or(schedule.misfire_grace);
    schedule.enabled = patch.enabled.unwrap_or(schedule.enabled);
    check(unit.as_ref(), &mut schedule, problems).await?;
    // Who only gives it another name loses no moment.
    if (&schedule.trigger, schedule.enabled) != (&old.trigger, old.enabled) {
        plan(app, &mut schedule)?;
    }
    schedule.updated_at = app.now();
    schedule.version += 1;
    let written = unit.schedules().update(&schedule, current).await?;
    version::written("schedule", written, current)?;
    let (before, after) = audit::changes(&old, &schedule)?;
    let event = Event::of(AuditAction::ScheduleUpdated, id)
        .before(before)
        .after(after);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(schedule)
}

/// Runs that go on go on to their end.
pub async fn delete_schedule(app: &App, scope: &Scope, id: ScheduleId) -> Result<(), Error> {
    scope.require(Permission::JobsManage)?;
    let unit = app.store.begin(scope).await?;
    let schedule = unit.schedules().get_locked(id).await?.ok_or(MISSING)?;
    unit.schedules().delete(id).await?;
    let event = Event::of(AuditAction::ScheduleDeleted, id).before(told(&schedule));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(())
}
