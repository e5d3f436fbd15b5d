//! Whose jobs come first, when many wait. Each check has kinds of its own: see `jobs`.

use super::Contract;
use super::jobs::{LEASE, add, claim, claim_one, finish, wanted};
use chrono::TimeDelta;
use groundswell_domain::jobs::{JobEnd, JobFilter, JobSort, JobStatus, NewJob, Priority};
use groundswell_domain::{PageRequest, Scope, Sort};

pub async fn queue_turns(contract: &Contract) {
    each_queue_has_its_own_room(contract).await;
    a_single_job_does_not_wait_for_a_thousand(contract).await;
    who_has_less_running_comes_first(contract).await;
}

async fn each_queue_has_its_own_room(contract: &Contract) {
    let scope = contract.organization().await;
    for kind in ["room.one", "room.one", "room.one", "room.two", "room.two"] {
        add(contract, &scope, &contract.make.job(kind)).await;
    }
    let now = contract.make.now();
    let rooms = [wanted(&["room.one"], 2), wanted(&["room.two"], 10)];
    let lease = contract.make.id();
    let queue = contract.system.jobs();
    let claimed = queue.claim(&rooms, lease, now, now + LEASE).await.unwrap();
    let of = |kind: &str| claimed.iter().filter(|job| job.kind == kind).count();
    assert_eq!((of("room.one"), of("room.two")), (2, 2));
    claim_one(contract, "room.one").await;
}

async fn enqueue_many(contract: &Contract, scope: &Scope, kind: &str, jobs: usize) {
    let unit = contract.begin(scope).await;
    for _ in 0..jobs {
        unit.jobs()
            .enqueue(&contract.make.job(kind), contract.make.now())
            .await
            .unwrap();
    }
    unit.commit().await.unwrap();
}

/// However much is queued before it, and with one slot only.
async fn a_single_job_does_not_wait_for_a_thousand(contract: &Contract) {
    let (many, few) = (contract.organization().await, contract.organization().await);
    enqueue_many(contract, &many, "in.turn", 300).await;
    contract.make.clock.advance(TimeDelta::seconds(1));
    let single = contract.make.job("in.turn");
    add(contract, &few, &single).await;
    let mut served = Vec::new();
    for _ in 0..4 {
        let job = claim(contract, "in.turn", 1).await.remove(0);
        assert!(finish(contract, &job, &JobEnd::Succeeded).await);
        served.push(job);
    }
    assert!(
        served[..2].iter().any(|job| job.id == single.id),
        "it is served in the first or the second turn"
    );
    let of_many: Vec<_> = served.iter().filter(|job| job.id != single.id).collect();
    assert_eq!(of_many.len(), 3, "nobody's place is left empty");
    // A priority goes before the turn, but not before others' share.
    let urgent = NewJob {
        priority: Priority::High,
        ..contract.make.job("in.turn")
    };
    add(contract, &few, &urgent).await;
    assert_eq!(claim(contract, "in.turn", 1).await[0].id, urgent.id);
    add(
        contract,
        &few,
        &NewJob {
            id: contract.make.id(),
            ..urgent
        },
    )
    .await;
    let next = claim(contract, "in.turn", 1).await.remove(0);
    assert_eq!(next.organization, many.organization);
    // Several at once are shared out evenly.
    enqueue_many(contract, &few, "in.turn", 10).await;
    let batch = claim(contract, "in.turn", 8).await;
    let of = |scope: &Scope| {
        batch
            .iter()
            .filter(|job| job.organization == scope.organization)
            .count()
    };
    assert_eq!((of(&many), of(&few)), (4, 4));
    for scope in [&many, &few] {
        cancel_all(contract, scope, "in.turn").await;
    }
}

async fn cancel_all(contract: &Contract, scope: &Scope, kind: &str) {
    let repos = contract.read(scope);
    for status in [JobStatus::Queued, JobStatus::Running] {
        let filter = JobFilter {
            status: Some(status),
            kind: Some(kind.to_owned()),
            ..JobFilter::default()
        };
        loop {
            let page = PageRequest::first(200, Sort::descending(JobSort::CreatedAt));
            let jobs = repos.jobs().list(&filter, &page).await.unwrap().items;
            if jobs.is_empty() {
                break;
            }
            for job in jobs {
                assert!(repos.jobs().cancel(job.id, contract.make.now()).await.unwrap());
            }
        }
    }
}

async fn who_has_less_running_comes_first(contract: &Contract) {
    let scopes = [
        contract.organization().await,
        contract.organization().await,
        contract.organization().await,
    ];
    enqueue_many(contract, &scopes[0], "less.running", 5).await;
    assert_eq!(claim(contract, "less.running", 3).await.len(), 3);
    contract.make.clock.advance(TimeDelta::seconds(1));
    for scope in &scopes[1..] {
        enqueue_many(contract, scope, "less.running", 3).await;
    }
    let next = claim(contract, "less.running", 4).await;
    let of = |scope: &Scope| {
        next.iter()
            .filter(|job| job.organization == scope.organization)
            .count()
    };
    assert_eq!((of(&scopes[0]), of(&scopes[1]), of(&scopes[2])), (0, 2, 2));
    // What nobody holds any more takes no room.
    contract.make.clock.advance(LEASE + TimeDelta::seconds(1));
    let rest = claim(contract, "less.running", 100).await;
    assert_eq!(rest.len(), 11, "what is queued, and what was held");
}
