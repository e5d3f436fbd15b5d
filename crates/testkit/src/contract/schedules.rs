//! Schedules, as use-cases and a scheduler see them.

use super::jobs::{add, claim_one, finish};
use super::{Contract, assert_pages};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::jobs::{Cause, JobEnd, ScheduledRun};
use groundswell_domain::schedules::{
    DueSchedule, RunOutcome, Schedule, ScheduleSort, ScheduledAction, Trigger,
};
use groundswell_domain::{PageRequest, ScheduleId, Scope, Sort};

pub async fn schedules(contract: &Contract) {
    kept_as_written(contract).await;
    changed_by_version(contract).await;
    moving_on_is_no_change(contract).await;
    lists(contract).await;
    only_ones_own(contract).await;
    due_is_what_has_come(contract).await;
    runs_that_go_on(contract).await;
    one_scheduler_moves_it_on(contract).await;
}

fn schedule(contract: &Contract, name: &str, next: Option<DateTime<Utc>>) -> Schedule {
    let now = contract.make.now();
    Schedule {
        id: contract.make.id(),
        name: name.to_owned(),
        action: ScheduledAction::SyncLeads {
            source_id: contract.make.id(),
        },
        trigger: Trigger::Cron {
            expression: "30 8 * * MON-FRI".to_owned(),
            time_zone: "Europe/Berlin".parse().unwrap(),
        },
        coalesce: true,
        max_instances: 3,
        misfire_grace: 300,
        enabled: next.is_some(),
        next_run_at: next,
        last_run_at: None,
        last_outcome: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

async fn insert(contract: &Contract, scope: &Scope, schedule: &Schedule) {
    contract.read(scope).schedules().insert(schedule).await.unwrap();
}

async fn get(contract: &Contract, scope: &Scope, id: ScheduleId) -> Option<Schedule> {
    contract.read(scope).schedules().get(id).await.unwrap()
}

async fn kept_as_written(contract: &Contract) {
    let scope = contract.organization().await;
    let now = contract.make.now();
    let mut full = schedule(contract, "Ümläute", Some(now + TimeDelta::hours(1)));
    full.last_run_at = Some(now);
    full.last_outcome = Some(RunOutcome::CrowdedOut);
    let mut plain = schedule(contract, "Plain", None);
    plain.action = ScheduledAction::ScanDuplicates {};
    plain.trigger = Trigger::Interval {
        seconds: 3600,
        start: now,
    };
    for one in [&full, &plain] {
        insert(contract, &scope, one).await;
        assert_eq!(get(contract, &scope, one.id).await.as_ref(), Some(one));
        let unit = contract.begin(&scope).await;
        assert_eq!(
            unit.schedules().get_locked(one.id).await.unwrap().as_ref(),
            Some(one)
        );
    }
    let repos = contract.read(&scope);
    assert!(repos.schedules().delete(full.id).await.unwrap());
    assert!(!repos.schedules().delete(full.id).await.unwrap(), "gone already");
    assert_eq!(get(contract, &scope, full.id).await, None);
}

async fn changed_by_version(contract: &Contract) {
    let scope = contract.organization().await;
    let old = schedule(contract, "Old", None);
    insert(contract, &scope, &old).await;
    let later = contract.make.clock.advance(TimeDelta::seconds(1));
    let new = Schedule {
        name: "New".to_owned(),
        trigger: Trigger::Date { at: later },
        coalesce: false,
        max_instances: 1,
        misfire_grace: 5,
        enabled: true,
        next_run_at: Some(later),
        last_outcome: Some(RunOutcome::Misfired),
        updated_at: later,
        version: 2,
        ..old.clone()
    };
    let repos = contract.read(&scope);
    assert!(repos.schedules().update(&new, 1).await.unwrap());
    assert_eq!(get(contract, &scope, old.id).await.as_ref(), Some(&new));
    assert!(
        !repos.schedules().update(&old, 1).await.unwrap(),
        "it is at version 2"
    );
    assert_eq!(get(contract, &scope, old.id).await, Some(new));
    repos.schedules().delete(old.id).await.unwrap();
}

async fn moving_on_is_no_change(contract: &Contract) {
    let scope = contract.organization().await;
    let now = contract.make.now();
    let mut moved = schedule(contract, "Moves", Some(now));
    insert(contract, &scope, &moved).await;
    moved.next_run_at = None;
    moved.last_run_at = Some(now);
    moved.last_outcome = Some(RunOutcome::Run);
    let mut more = moved.clone();
    more.name = "Not written".to_owned();
    contract.read(&scope).schedules().moved_on(&more).await.unwrap();
    assert_eq!(get(contract, &scope, moved.id).await, Some(moved));
}

async fn lists(contract: &Contract) {
    let scope = contract.organization().await;
    let mut paused = Vec::new();
    for (number, name) in ["b", "a", "c", "a", "b"].iter().enumerate() {
        let one = schedule(contract, name, None);
        insert(contract, &scope, &one).await;
        paused.push(one.id);
        if number % 2 == 0 {
            contract.make.clock.advance(TimeDelta::microseconds(1));
        }
    }
    let future = contract.make.now() + TimeDelta::days(900);
    let active = schedule(contract, "active", Some(future));
    insert(contract, &scope, &active).await;
    let repos = contract.read(&scope);
    let repo = repos.schedules();
    assert_pages(
        &paused,
        |schedule: &Schedule| schedule.id,
        |sort, a, b| match sort {
            ScheduleSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
            ScheduleSort::UpdatedAt => (a.updated_at, a.id) < (b.updated_at, b.id),
            ScheduleSort::Name => (&a.name, a.id) < (&b.name, b.id),
        },
        |request| async move { repo.list(Some(false), &request).await },
    )
    .await;
    let request = PageRequest::first(10, Sort::descending(ScheduleSort::CreatedAt));
    let of = |page: groundswell_domain::Page<Schedule>| page.items.into_iter().map(|one| one.id);
    let enabled: Vec<_> = of(repo.list(Some(true), &request).await.unwrap()).collect();
    assert_eq!(enabled, [active.id]);
    assert_eq!(of(repo.list(None, &request).await.unwrap()).count(), 6);
    repo.delete(active.id).await.unwrap();
}

async fn only_ones_own(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let one = schedule(contract, "Mine", None);
    insert(contract, &mine, &one).await;
    let theirs = contract.read(&other);
    assert_eq!(get(contract, &other, one.id).await, None);
    assert!(!theirs.schedules().update(&one, 1).await.unwrap());
    assert!(!theirs.schedules().delete(one.id).await.unwrap());
    let mut moved = one.clone();
    moved.last_outcome = Some(RunOutcome::Run);
    theirs.schedules().moved_on(&moved).await.unwrap();
    let request = PageRequest::first(10, Sort::descending(ScheduleSort::Name));
    let page = theirs.schedules().list(None, &request).await.unwrap();
    assert!(page.items.is_empty());
    assert_eq!(get(contract, &mine, one.id).await, Some(one));
}

async fn due_is_what_has_come(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let now = contract.make.now();
    let at = |seconds| Some(now + TimeDelta::seconds(seconds));
    let cases = [
        (&mine, at(0)),
        (&other, at(-9)),
        (&mine, at(-9)),
        (&mine, at(1)),
        (&mine, None),
    ];
    let mut made = Vec::new();
    for (scope, next) in cases {
        let one = schedule(contract, "Due", next);
        insert(contract, scope, &one).await;
        made.push((scope.organization, one));
    }
    let expected: Vec<_> = [1, 2, 0]
        .map(|place: usize| {
            let (organization, schedule) = &made[place];
            DueSchedule {
                organization: *organization,
                schedule: schedule.id,
                planned: schedule.next_run_at.unwrap(),
            }
        })
        .to_vec();
    let directory = contract.system.schedules();
    assert_eq!(directory.due(now, None, 10).await.unwrap(), expected);
    assert_eq!(directory.due(now, None, 2).await.unwrap(), expected[..2]);
    let rest = directory.due(now, Some(expected[1]), 10).await.unwrap();
    assert_eq!(rest, expected[2..]);
    for (scope, (_, one)) in [&mine, &other, &mine, &mine, &mine].into_iter().zip(&made) {
        assert!(contract.read(scope).schedules().delete(one.id).await.unwrap());
    }
}

async fn runs_that_go_on(contract: &Contract) {
    let scope = contract.organization().await;
    let one = schedule(contract, "Runs", None);
    let now = contract.make.now();
    let running = async |kinds: &[&str]| {
        let repos = contract.read(&scope);
        repos.schedules().running(one.id, kinds).await.unwrap()
    };
    assert_eq!(running(&["of.run"]).await, 0);
    let job = |kind: &str, schedule: ScheduleId, minutes| {
        let run = ScheduledRun {
            schedule,
            moment: now + TimeDelta::minutes(minutes),
        };
        contract.make.job(kind).caused_by(Cause {
            request: scope.request,
            trace: None,
            run: Some(run),
        })
    };
    let other: ScheduleId = contract.make.id();
    for job in [
        job("of.run", one.id, 0),
        job("of.run", one.id, 1),
        job("work.of.run", one.id, 1),
        job("work.of.run", one.id, 2),
        job("of.run", other, 3),
        job("else", one.id, 4),
    ] {
        add(contract, &scope, &job).await;
    }
    assert_eq!(running(&["of.run", "work.of.run"]).await, 3, "moments, not jobs");
    assert_eq!(running(&["of.run"]).await, 2);
    assert_eq!(running(&[]).await, 0);
    // A run goes on while one of its jobs does; what is claimed is not over.
    let claimed = super::jobs::claim(contract, "work.of.run", 10).await;
    assert_eq!(running(&["of.run", "work.of.run"]).await, 3);
    for job in &claimed {
        assert!(finish(contract, job, &JobEnd::Succeeded).await);
    }
    assert_eq!(running(&["of.run", "work.of.run"]).await, 2);
    let rest = claim_one(contract, "else").await;
    assert!(finish(contract, &rest, &JobEnd::Succeeded).await);
    for job in super::jobs::claim(contract, "of.run", 10).await {
        assert!(finish(contract, &job, &JobEnd::Succeeded).await);
    }
    assert_eq!(running(&["of.run", "work.of.run"]).await, 0);
}

/// Four at once: whoever comes second waits, and then sees that it has moved on.
async fn one_scheduler_moves_it_on(contract: &Contract) {
    let scope = contract.organization().await;
    let now = contract.make.now();
    let one = schedule(contract, "Once", Some(now));
    insert(contract, &scope, &one).await;
    let mut schedulers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (store, make, scope, id) = (
            contract.store.clone(),
            contract.make.clone(),
            scope.clone(),
            one.id,
        );
        schedulers.spawn(async move {
            let unit = store.begin(&scope).await.unwrap();
            let mut found = unit.schedules().get_locked(id).await.unwrap().unwrap();
            if found.planned(now).is_none() {
                return 0;
            }
            unit.jobs().enqueue(&make.job("run.once"), now).await.unwrap();
            found.next_run_at = None;
            unit.schedules().moved_on(&found).await.unwrap();
            unit.commit().await.unwrap();
            1
        });
    }
    let moved: i32 = schedulers.join_all().await.into_iter().sum();
    assert_eq!(moved, 1);
    claim_one(contract, "run.once").await;
}
