//! One organization's jobs, as use-cases see them. Each check has kinds of its own: a queue is shared by all
//! organizations, and one check must not claim another's jobs.

use super::{Contract, assert_duplicate, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::jobs::{
    Cause, ClaimedJob, Job, JobEnd, JobFilter, JobSort, JobStatus, NewJob, Queue, ScheduledRun, Wanted,
};
use groundswell_domain::{JobId, PageRequest, Scope, Sort};
use std::collections::HashSet;

pub(super) const LEASE: TimeDelta = TimeDelta::seconds(60);

pub async fn jobs(contract: &Contract) {
    queued_with_the_transaction(contract).await;
    what_it_goes_back_to(contract).await;
    unique_keys(contract).await;
    one_of_many_gets_the_unique_key(contract).await;
    cancelled_while_running(contract).await;
    retried_by_hand(contract).await;
    only_ones_own(contract).await;
    lists(contract).await;
}

pub(super) async fn add(contract: &Contract, scope: &Scope, job: &NewJob) -> JobId {
    contract
        .read(scope)
        .jobs()
        .enqueue(job, contract.make.now())
        .await
        .unwrap()
}

pub(super) async fn get(contract: &Contract, scope: &Scope, id: JobId) -> Job {
    contract.read(scope).jobs().get(id).await.unwrap().unwrap()
}

pub(super) fn wanted<'a>(kinds: &'a [&'a str], limit: u32) -> Wanted<'a> {
    Wanted {
        queue: Queue::Default,
        kinds,
        limit,
    }
}

/// Claims with a new lease of 60 seconds from now.
pub(super) async fn claim(contract: &Contract, kind: &str, limit: u32) -> Vec<ClaimedJob> {
    let now = contract.make.now();
    contract
        .system
        .jobs()
        .claim(&[wanted(&[kind], limit)], contract.make.id(), now, now + LEASE)
        .await
        .unwrap()
}

pub(super) async fn claim_one(contract: &Contract, kind: &str) -> ClaimedJob {
    let mut jobs = claim(contract, kind, 10).await;
    assert_eq!(jobs.len(), 1, "{kind}: one job is due");
    jobs.remove(0)
}

pub(super) async fn finish(contract: &Contract, job: &ClaimedJob, end: &JobEnd) -> bool {
    contract
        .system
        .jobs()
        .finish(job.id, job.lease, end, contract.make.now())
        .await
        .unwrap()
}

async fn queued_with_the_transaction(contract: &Contract) {
    let scope = contract.organization().await;
    let job = contract.make.job("with.transaction");
    let unit = contract.begin(&scope).await;
    assert_eq!(
        unit.jobs().enqueue(&job, contract.make.now()).await.unwrap(),
        job.id
    );
    drop(unit);
    assert_eq!(
        contract.read(&scope).jobs().get(job.id).await.unwrap(),
        None,
        "rolled back"
    );

    let unit = contract.begin(&scope).await;
    unit.jobs().enqueue(&job, contract.make.now()).await.unwrap();
    unit.commit().await.unwrap();
    let expected = Job {
        id: job.id,
        kind: job.kind.clone(),
        status: JobStatus::Queued,
        attempt: 0,
        max_attempts: 3,
        run_at: job.run_at,
        last_error: None,
        request_id: Some(scope.request),
        traceparent: None,
        schedule_id: None,
        scheduled_for: None,
        created_at: contract.make.now(),
        finished_at: None,
    };
    assert_eq!(get(contract, &scope, job.id).await, expected);

    let claimed = claim_one(contract, "with.transaction").await;
    assert_eq!(
        (claimed.id, claimed.organization, &claimed.kind),
        (job.id, scope.organization, &job.kind)
    );
    assert_eq!(
        (&claimed.payload, claimed.attempt, claimed.max_attempts),
        (&job.payload, 1, 3)
    );
    assert_duplicate(
        contract
            .read(&scope)
            .jobs()
            .enqueue(&job, contract.make.now())
            .await,
    );
}

async fn what_it_goes_back_to(contract: &Contract) {
    let mut scope = contract.organization().await;
    scope.trace = Some(
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            .parse()
            .unwrap(),
    );
    let run = ScheduledRun {
        schedule: contract.make.id(),
        moment: contract.make.now() - TimeDelta::seconds(5),
    };
    let other = Cause {
        request: contract.make.id(),
        trace: None,
        run: Some(run),
    };
    // The scope's own, unless the job says something else.
    let jobs = [
        contract.make.job("goes.back"),
        contract.make.job("goes.back").caused_by(other),
    ];
    for (job, cause) in jobs.iter().zip([scope.cause(), other]) {
        add(contract, &scope, job).await;
        let read = get(contract, &scope, job.id).await;
        assert_eq!(
            (read.request_id, read.traceparent),
            (Some(cause.request), cause.trace)
        );
        assert_eq!(read.schedule_id, cause.run.map(|run| run.schedule));
        assert_eq!(read.scheduled_for, cause.run.map(|run| run.moment));
        assert_eq!(claim_one(contract, "goes.back").await.cause, Some(cause));
    }
    let of_it = JobFilter {
        schedule: Some(run.schedule),
        ..JobFilter::default()
    };
    let page = PageRequest::first(10, Sort::descending(JobSort::CreatedAt));
    let repos = contract.read(&scope);
    let found = repos.jobs().list(&of_it, &page).await.unwrap().items;
    assert_eq!(found.iter().map(|job| job.id).collect::<Vec<_>>(), [jobs[1].id]);
}

async fn unique_keys(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let job = || contract.make.job("unique").unique("campaign:1");
    let first = job();
    assert_eq!(add(contract, &mine, &first).await, first.id);
    assert_eq!(add(contract, &mine, &job()).await, first.id, "queued");
    let theirs = job();
    assert_eq!(
        add(contract, &other, &theirs).await,
        theirs.id,
        "another organization's key"
    );

    let claimed = claim(contract, "unique", 10).await;
    assert_eq!(claimed.len(), 2);
    assert_eq!(add(contract, &mine, &job()).await, first.id, "running");
    let mine_claimed = claimed.iter().find(|job| job.id == first.id).unwrap();
    assert!(
        finish(
            contract,
            mine_claimed,
            &JobEnd::Continue {
                at: contract.make.now()
            }
        )
        .await
    );
    assert_eq!(add(contract, &mine, &job()).await, first.id, "queued again");
    let again = claim_one(contract, "unique").await;
    assert!(finish(contract, &again, &JobEnd::Succeeded).await);
    let second = job();
    assert_eq!(
        add(contract, &mine, &second).await,
        second.id,
        "free after the end"
    );
    assert_eq!(get(contract, &mine, first.id).await.status, JobStatus::Succeeded);
}

async fn one_of_many_gets_the_unique_key(contract: &Contract) {
    let scope = contract.organization().await;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (store, scope, now) = (contract.store.clone(), scope.clone(), contract.make.now());
        let job = contract.make.job("unique.race").unique("one");
        tries.spawn(async move {
            let unit = store.begin(&scope).await.unwrap();
            let id = unit.jobs().enqueue(&job, now).await.unwrap();
            unit.commit().await.unwrap();
            id
        });
    }
    let ids: HashSet<_> = tries.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 1);
    assert!(ids.contains(&claim_one(contract, "unique.race").await.id));
}

async fn cancelled_while_running(contract: &Contract) {
    let scope = contract.organization().await;
    let (queued, running) = (
        contract.make.job("cancel.queued"),
        contract.make.job("cancel.running"),
    );
    add(contract, &scope, &queued).await;
    add(contract, &scope, &running).await;
    let claimed = claim_one(contract, "cancel.running").await;
    let now = contract.make.now();
    let repos = contract.read(&scope);
    for id in [queued.id, running.id] {
        assert!(repos.jobs().cancel(id, now).await.unwrap());
        let job = get(contract, &scope, id).await;
        assert_eq!((job.status, job.finished_at), (JobStatus::Cancelled, Some(now)));
        assert!(!repos.jobs().cancel(id, now).await.unwrap(), "cancelled already");
    }
    assert!(
        !contract
            .system
            .jobs()
            .heartbeat(running.id, claimed.lease, now + LEASE)
            .await
            .unwrap()
    );
    assert!(
        !finish(contract, &claimed, &JobEnd::Succeeded).await,
        "its result is thrown away"
    );
    assert_eq!(
        get(contract, &scope, running.id).await.status,
        JobStatus::Cancelled
    );
    contract.make.clock.advance(LEASE * 2);
    assert!(claim(contract, "cancel.queued", 10).await.is_empty());
    assert!(claim(contract, "cancel.running", 10).await.is_empty());
    assert!(
        !repos.jobs().cancel(contract.make.id(), now).await.unwrap(),
        "there is no such job"
    );
}

async fn retried_by_hand(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    let job = NewJob {
        max_attempts: 1,
        ..contract.make.job("retry").unique("k")
    };
    add(contract, &scope, &job).await;
    let now = contract.make.now();
    assert!(!repos.jobs().retry(job.id, now).await.unwrap(), "queued");
    let claimed = claim_one(contract, "retry").await;
    assert!(!repos.jobs().retry(job.id, now).await.unwrap(), "running");
    assert!(
        finish(
            contract,
            &claimed,
            &JobEnd::Failed {
                error: "no".to_owned(),
                at: now
            }
        )
        .await
    );

    let later = contract.make.clock.advance(TimeDelta::minutes(5));
    assert!(repos.jobs().retry(job.id, later).await.unwrap());
    let after = get(contract, &scope, job.id).await;
    assert_eq!(
        (after.status, after.attempt, after.run_at),
        (JobStatus::Queued, 0, later)
    );
    assert_eq!(after.finished_at, None);
    let claimed = claim_one(contract, "retry").await;
    assert_eq!(claimed.attempt, 1);
    assert!(
        finish(
            contract,
            &claimed,
            &JobEnd::Discarded {
                error: "no".to_owned()
            }
        )
        .await
    );

    let twin = contract.make.job("retry").unique("k");
    assert_eq!(add(contract, &scope, &twin).await, twin.id);
    assert_duplicate(repos.jobs().retry(job.id, later).await);
    assert!(repos.jobs().cancel(twin.id, later).await.unwrap());
    assert!(
        repos.jobs().retry(job.id, later).await.unwrap(),
        "discarded, and the key is free"
    );
    assert!(repos.jobs().cancel(job.id, later).await.unwrap());
    assert!(repos.jobs().retry(job.id, later).await.unwrap(), "cancelled");
    assert!(finish(contract, &claim_one(contract, "retry").await, &JobEnd::Succeeded).await);
    assert!(!repos.jobs().retry(job.id, later).await.unwrap(), "succeeded");
}

async fn only_ones_own(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let job = contract.make.job("not.yours");
    add(contract, &mine, &job).await;
    let theirs = contract.read(&other);
    let now = contract.make.now();
    assert_eq!(theirs.jobs().get(job.id).await.unwrap(), None);
    assert!(!theirs.jobs().cancel(job.id, now).await.unwrap());
    let request = PageRequest {
        with_total: true,
        ..PageRequest::first(10, Sort::descending(JobSort::CreatedAt))
    };
    let page = theirs.jobs().list(&JobFilter::default(), &request).await.unwrap();
    assert_eq!((page.items.len(), page.total), (0, Some(0)));
    assert!(contract.read(&mine).jobs().cancel(job.id, now).await.unwrap());
    assert!(!theirs.jobs().retry(job.id, now).await.unwrap());
}

async fn lists(contract: &Contract) {
    let scope = contract.organization().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        let now = contract.make.now();
        let job = contract
            .make
            .job("listed")
            .at(now - TimeDelta::seconds([1, 3, 2, 2, 1, 9, 3][number]));
        ids.push(add(contract, &scope, &job).await);
        if number % 3 == 0 {
            contract.make.clock.advance(TimeDelta::microseconds(1));
        }
    }
    let other = contract.make.job("listed.other");
    add(contract, &scope, &other).await;
    contract
        .read(&scope)
        .jobs()
        .cancel(other.id, contract.make.now())
        .await
        .unwrap();
    let filters = [
        JobFilter {
            status: Some(JobStatus::Queued),
            ..JobFilter::default()
        },
        JobFilter {
            kind: Some("listed".to_owned()),
            ..JobFilter::default()
        },
        JobFilter {
            status: Some(JobStatus::Queued),
            kind: Some("listed".to_owned()),
            ..JobFilter::default()
        },
    ];
    let repos = contract.read(&scope);
    for filter in &filters {
        let repo = repos.jobs();
        assert_pages(
            &ids,
            |job: &Job| job.id,
            |sort, a, b| match sort {
                JobSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
                JobSort::RunAt => (a.run_at, a.id) < (b.run_at, b.id),
            },
            |request| async move { repo.list(filter, &request).await },
        )
        .await;
    }
    claim(contract, "listed", 100).await;
}
