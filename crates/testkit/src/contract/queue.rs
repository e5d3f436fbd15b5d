//! The queue, as workers see it. Each check has kinds of its own: see `jobs`.

use super::Contract;
use super::jobs::{LEASE, add, claim, claim_one, finish, get, wanted};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::LeaseToken;
use groundswell_domain::jobs::{JobEnd, JobStatus, NewJob, Priority};
use groundswell_domain::platform::Clock;
use std::collections::HashSet;
use std::time::Duration;

pub async fn queue(contract: &Contract) {
    claimed_by_priority_and_time(contract).await;
    other_kinds_and_later_jobs_stay(contract).await;
    a_lease_runs_out(contract).await;
    a_stale_lease_changes_nothing(contract).await;
    every_end(contract).await;
    attempts_are_exhausted(contract).await;
    a_crash_in_the_last_attempt_fails(contract).await;
    never_claimed_twice(contract).await;
    finished_jobs_are_forgotten(contract).await;
    depth(contract).await;
    a_commit_wakes_a_worker(contract).await;
}

async fn claimed_by_priority_and_time(contract: &Contract) {
    let scope = contract.organization().await;
    let now = contract.make.now();
    let with = |priority, seconds| NewJob {
        priority,
        ..contract
            .make
            .job("in.order")
            .at(now - TimeDelta::seconds(seconds))
    };
    let jobs = [
        with(Priority::Low, 9),
        with(Priority::Normal, 1),
        with(Priority::High, 0),
        with(Priority::Normal, 5),
        with(Priority::Normal, 5),
        with(Priority::High, 3),
    ];
    for job in &jobs {
        add(contract, &scope, job).await;
    }
    let mut order = Vec::new();
    for limit in [4, 1, 1, 1] {
        let claimed = claim(contract, "in.order", limit).await;
        assert!(claimed.len() <= limit as usize);
        order.extend(claimed.into_iter().map(|job| job.id));
    }
    assert_eq!(order, [5, 2, 3, 4, 1, 0].map(|place: usize| jobs[place].id));
}

async fn other_kinds_and_later_jobs_stay(contract: &Contract) {
    let scope = contract.organization().await;
    let now = contract.make.now();
    let (mine, other) = (contract.make.job("some.kind"), contract.make.job("other.kind"));
    let later = contract.make.job("some.kind").at(now + TimeDelta::seconds(1));
    for job in [&mine, &other, &later] {
        add(contract, &scope, job).await;
    }
    let queue = contract.system.jobs();
    assert!(
        queue
            .claim(&[wanted(&[], 10)], contract.make.id(), now, now + LEASE)
            .await
            .unwrap()
            .is_empty(),
        "no kinds"
    );
    assert_eq!(claim_one(contract, "some.kind").await.id, mine.id);
    contract.make.clock.advance(TimeDelta::seconds(1));
    let lease = contract.make.id();
    let now = contract.make.now();
    let both = queue
        .claim(
            &[wanted(&["some.kind", "other.kind"], 10)],
            lease,
            now,
            now + LEASE,
        )
        .await
        .unwrap();
    assert_eq!(
        both.iter().map(|job| job.id).collect::<Vec<_>>(),
        [other.id, later.id]
    );
    assert!(both.iter().all(|job| job.lease == lease));
}

async fn a_lease_runs_out(contract: &Contract) {
    let scope = contract.organization().await;
    let job = contract.make.job("lease.ends");
    add(contract, &scope, &job).await;
    let first = claim_one(contract, "lease.ends").await;
    let start = contract.make.now();

    contract.make.clock.set(start + TimeDelta::seconds(45));
    let extended = contract.make.now() + LEASE;
    assert!(
        contract
            .system
            .jobs()
            .heartbeat(job.id, first.lease, extended)
            .await
            .unwrap()
    );
    contract.make.clock.set(extended);
    assert!(
        claim(contract, "lease.ends", 10).await.is_empty(),
        "held until its last moment"
    );

    contract.make.clock.advance(TimeDelta::microseconds(1));
    let second = claim_one(contract, "lease.ends").await;
    assert_eq!((second.id, second.attempt), (job.id, 2), "a crash is an attempt");
    assert_ne!(second.lease, first.lease);
    assert_eq!(get(contract, &scope, job.id).await.status, JobStatus::Running);
}

async fn a_stale_lease_changes_nothing(contract: &Contract) {
    let scope = contract.organization().await;
    let job = contract.make.job("stale.lease");
    add(contract, &scope, &job).await;
    let stale = claim_one(contract, "stale.lease").await;
    contract.make.clock.advance(LEASE + TimeDelta::seconds(1));
    let current = claim_one(contract, "stale.lease").await;
    let before = get(contract, &scope, job.id).await;
    let now = contract.make.now();
    for end in ends(now) {
        assert!(!finish(contract, &stale, &end).await, "{end:?}");
    }
    assert!(
        !contract
            .system
            .jobs()
            .heartbeat(job.id, stale.lease, now + LEASE)
            .await
            .unwrap()
    );
    assert!(
        !contract
            .system
            .jobs()
            .heartbeat(contract.make.id(), current.lease, now + LEASE)
            .await
            .unwrap()
    );
    assert_eq!(get(contract, &scope, job.id).await, before);
    assert!(finish(contract, &current, &JobEnd::Succeeded).await);
    for end in ends(now) {
        assert!(
            !finish(contract, &current, &end).await,
            "finished already: {end:?}"
        );
    }
    assert_eq!(get(contract, &scope, job.id).await.status, JobStatus::Succeeded);
}

async fn every_end(contract: &Contract) {
    let scope = contract.organization().await;
    let now = contract.make.now();
    let at = now + TimeDelta::seconds(30);
    let error = || "it \u{fc} broke".to_owned();
    let cases = [
        (JobEnd::Succeeded, JobStatus::Succeeded, 1, None, Some(now), false),
        (
            JobEnd::Failed { error: error(), at },
            JobStatus::Queued,
            1,
            Some(error()),
            None,
            true,
        ),
        (
            JobEnd::Discarded { error: error() },
            JobStatus::Discarded,
            1,
            Some(error()),
            Some(now),
            false,
        ),
        (JobEnd::Continue { at }, JobStatus::Queued, 0, None, None, true),
    ];
    for (end, status, attempt, last_error, finished_at, again) in cases {
        let job = contract.make.job("every.end");
        add(contract, &scope, &job).await;
        let claimed = claim_one(contract, "every.end").await;
        assert!(finish(contract, &claimed, &end).await, "{end:?}");
        let after = get(contract, &scope, job.id).await;
        assert_eq!(
            (after.status, after.attempt, after.last_error, after.finished_at),
            (status, attempt, last_error, finished_at),
            "{end:?}"
        );
        assert_eq!(after.run_at, if again { at } else { job.run_at }, "{end:?}");
        assert!(
            claim(contract, "every.end", 10).await.is_empty(),
            "{end:?}: not before its time"
        );
        if again {
            contract.make.clock.set(at);
            let next = claim_one(contract, "every.end").await;
            assert_eq!((next.id, next.attempt), (job.id, attempt + 1), "{end:?}");
            assert!(finish(contract, &next, &JobEnd::Succeeded).await);
            assert_eq!(
                get(contract, &scope, job.id).await.last_error,
                None,
                "in the end it succeeded"
            );
            contract.make.clock.set(now);
        }
    }
    contract.make.clock.set(at);
}

async fn attempts_are_exhausted(contract: &Contract) {
    let scope = contract.organization().await;
    let job = contract.make.job("exhausted");
    add(contract, &scope, &job).await;
    for attempt in 1..=3 {
        let claimed = claim_one(contract, "exhausted").await;
        assert_eq!(claimed.attempt, attempt);
        let end = JobEnd::Failed {
            error: format!("try {attempt}"),
            at: contract.make.now(),
        };
        assert!(finish(contract, &claimed, &end).await);
    }
    let job = get(contract, &scope, job.id).await;
    assert_eq!((job.status, job.attempt), (JobStatus::Failed, 3));
    assert_eq!(
        (job.last_error.as_deref(), job.finished_at),
        (Some("try 3"), Some(contract.make.now()))
    );
    assert!(claim(contract, "exhausted", 10).await.is_empty());
}

async fn a_crash_in_the_last_attempt_fails(contract: &Contract) {
    let scope = contract.organization().await;
    let job = NewJob {
        max_attempts: 1,
        ..contract.make.job("last.crash")
    };
    add(contract, &scope, &job).await;
    let claimed = claim_one(contract, "last.crash").await;
    contract.make.clock.advance(LEASE + TimeDelta::seconds(1));
    assert!(claim(contract, "last.crash", 10).await.is_empty());
    let after = get(contract, &scope, job.id).await;
    assert_eq!(
        (after.status, after.attempt, after.finished_at),
        (JobStatus::Failed, 1, Some(contract.make.now()))
    );
    assert!(after.last_error.is_some_and(|reason| !reason.is_empty()));
    assert!(!finish(contract, &claimed, &JobEnd::Succeeded).await);
}

async fn never_claimed_twice(contract: &Contract) {
    const JOBS: usize = 200;
    let scope = contract.organization().await;
    let unit = contract.begin(&scope).await;
    for _ in 0..JOBS {
        unit.jobs()
            .enqueue(&contract.make.job("many.workers"), contract.make.now())
            .await
            .unwrap();
    }
    unit.commit().await.unwrap();
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (system, make) = (contract.system.clone(), contract.make.clone());
        workers.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let (lease, now): (LeaseToken, _) = (make.id(), make.clock.now());
                let jobs = system
                    .jobs()
                    .claim(&[wanted(&["many.workers"], 7)], lease, now, now + LEASE)
                    .await
                    .unwrap();
                if jobs.is_empty() {
                    return mine;
                }
                for job in jobs {
                    assert!(
                        system
                            .jobs()
                            .finish(job.id, lease, &JobEnd::Succeeded, now)
                            .await
                            .unwrap()
                    );
                    mine.push(job.id);
                }
            }
        });
    }
    let claimed: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
    // A worker may meet only rows that others hold and stop early; what is left is still there.
    let rest = claim(contract, "many.workers", 1000).await;
    let different: HashSet<_> = claimed
        .iter()
        .copied()
        .chain(rest.iter().map(|job| job.id))
        .collect();
    assert_eq!(claimed.len() + rest.len(), JOBS, "no job twice");
    assert_eq!(different.len(), JOBS, "every job once");
}

async fn finished_jobs_are_forgotten(contract: &Contract) {
    let scope = contract.organization().await;
    let jobs = contract.system.jobs();
    let start = contract.make.clock.advance(TimeDelta::seconds(1));
    // What other checks left behind.
    for status in [JobStatus::Succeeded, JobStatus::Failed] {
        while jobs.forget(status, start, 1000).await.unwrap() > 0 {}
    }
    let mut ids = Vec::new();
    for _ in 0..4 {
        let job = contract.make.job("forgotten");
        add(contract, &scope, &job).await;
        ids.push(job.id);
        if ids.len() < 4 {
            let claimed = claim_one(contract, "forgotten").await;
            assert!(finish(contract, &claimed, &JobEnd::Succeeded).await);
        }
        contract.make.clock.advance(TimeDelta::seconds(1));
    }
    let before = start + TimeDelta::seconds(2);
    assert_eq!(jobs.forget(JobStatus::Failed, before, 10).await.unwrap(), 0);
    assert_eq!(jobs.forget(JobStatus::Succeeded, before, 1).await.unwrap(), 1);
    let repos = contract.read(&scope);
    assert_eq!(repos.jobs().get(ids[0]).await.unwrap(), None, "the oldest first");
    assert_eq!(jobs.forget(JobStatus::Succeeded, before, 10).await.unwrap(), 1);
    assert!(
        repos.jobs().get(ids[2]).await.unwrap().is_some(),
        "at that moment, not before"
    );
    let later = contract.make.now();
    assert_eq!(jobs.forget(JobStatus::Queued, later, 10).await.unwrap(), 0);
    assert!(repos.jobs().get(ids[3]).await.unwrap().is_some());
    claim_one(contract, "forgotten").await;
}

async fn depth(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    for scope in [&mine, &mine, &other] {
        add(contract, scope, &contract.make.job("deep")).await;
    }
    let done = claim(contract, "deep", 2).await;
    assert!(finish(contract, &done[0], &JobEnd::Succeeded).await);
    let mut depth = contract.system.jobs().depth().await.unwrap();
    depth.retain(|(kind, ..)| kind == "deep");
    depth.sort_by_key(|(_, status, _)| status.as_str());
    assert_eq!(
        depth,
        [
            ("deep".to_owned(), JobStatus::Queued, 1),
            ("deep".to_owned(), JobStatus::Running, 1)
        ]
    );
}

async fn a_commit_wakes_a_worker(contract: &Contract) {
    let scope = contract.organization().await;
    // Hints of the checks before this one.
    while tokio::time::timeout(Duration::from_millis(300), contract.system.jobs().wait_for_work())
        .await
        .is_ok()
    {}
    let unit = contract.begin(&scope).await;
    unit.jobs()
        .enqueue(&contract.make.job("wakes"), contract.make.now())
        .await
        .unwrap();
    unit.commit().await.unwrap();
    let woken = tokio::time::timeout(Duration::from_secs(10), contract.system.jobs().wait_for_work()).await;
    assert!(woken.is_ok(), "nobody told the worker");
}

fn ends(now: DateTime<Utc>) -> [JobEnd; 4] {
    [
        JobEnd::Succeeded,
        JobEnd::Failed {
            error: "no".to_owned(),
            at: now,
        },
        JobEnd::Discarded {
            error: "no".to_owned(),
        },
        JobEnd::Continue { at: now },
    ]
}
