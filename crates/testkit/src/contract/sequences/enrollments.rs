//! Who is on the way.

use super::{Contract, entered, kept, leads};
use crate::contract::{assert_duplicate, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::sequences::{
    Enrollment, EnrollmentFilter, EnrollmentSort, EnrollmentStatus, ExitReason, Phase, SequenceStatus,
};
use groundswell_domain::{EnrollmentId, PageRequest, Sort};
use std::collections::BTreeMap;

#[expect(clippy::too_many_lines, reason = "a story is told in one piece")]
pub(super) async fn a_lead_is_inside_once(contract: &Contract) {
    let scope = contract.organization().await;
    let sequence = kept(contract, &scope).await;
    let leads = leads(contract, &scope, 3).await;
    let now = contract.make.now();
    let mut first: Vec<Enrollment> = leads
        .iter()
        .map(|lead| entered(contract, &sequence, *lead, now))
        .collect();
    let unit = contract.begin(&scope).await;
    let missing = contract.make.id();
    let locked = unit
        .sequences()
        .lock_leads(&[leads[1], missing, leads[0]])
        .await
        .unwrap();
    assert_eq!(locked, leads[..2], "those that there are, in order");
    unit.sequences().enter(&first).await.unwrap();
    unit.commit().await.unwrap();
    let repos = contract.read(&scope);
    let repo = repos.sequences();
    let again = entered(contract, &sequence, leads[0], now);
    assert_duplicate(repo.enter(std::slice::from_ref(&again)).await);
    let last = repo.last_entries(sequence.id, &leads).await.unwrap();
    assert_eq!((last.len(), last[&leads[0]].exited_at), (3, None));

    let later = now + TimeDelta::hours(1);
    first[0].exit(ExitReason::Goal, Some("met".to_owned()), later);
    first[1].step = "mail".to_owned();
    first[1].taken = 1;
    first[1].phase = Phase::Waiting;
    first[1].due_at = Some(later);
    first[1].wake_at = Some(later);
    first[1].listens = true;
    repo.write(&first[..2]).await.unwrap();
    for enrollment in &first {
        assert_eq!(
            repo.enrollment(enrollment.id).await.unwrap().as_ref(),
            Some(enrollment)
        );
    }
    let mut again = entered(contract, &sequence, leads[0], later);
    repo.enter(std::slice::from_ref(&again)).await.unwrap();
    let last = repo.last_entries(sequence.id, &leads[..1]).await.unwrap();
    assert_eq!(
        (last[&leads[0]].entered_at, last[&leads[0]].exited_at),
        (later, None)
    );
    let inside = repo.active_of(&leads, Some(sequence.id)).await.unwrap();
    assert_eq!(inside.len(), 3);
    assert!(
        repo.active_of(&leads, Some(contract.make.id()))
            .await
            .unwrap()
            .is_empty()
    );

    let ids: Vec<EnrollmentId> = first.iter().chain([&again]).map(|one| one.id).collect();
    assert_pages(
        &ids,
        |one: &Enrollment| one.id,
        |_: EnrollmentSort, left, right| left.entered_at <= right.entered_at,
        |page| {
            let repos = contract.read(&scope);
            let id = sequence.id;
            async move {
                repos
                    .sequences()
                    .enrollments(id, &EnrollmentFilter::default(), &page)
                    .await
            }
        },
    )
    .await;
    let page = PageRequest::new(None, None, Sort::descending(EnrollmentSort::CreatedAt), false).unwrap();
    let found = async |filter: EnrollmentFilter| {
        repo.enrollments(sequence.id, &filter, &page)
            .await
            .unwrap()
            .items
            .len()
    };
    let by = EnrollmentFilter::default;
    assert_eq!(
        found(EnrollmentFilter {
            status: Some(EnrollmentStatus::Exited),
            ..by()
        })
        .await,
        1
    );
    assert_eq!(
        found(EnrollmentFilter {
            exit_reason: Some(ExitReason::Goal),
            ..by()
        })
        .await,
        1
    );
    assert_eq!(
        found(EnrollmentFilter {
            step: Some("mail".into()),
            ..by()
        })
        .await,
        1
    );
    assert_eq!(
        found(EnrollmentFilter {
            lead_id: Some(leads[0]),
            ..by()
        })
        .await,
        2
    );

    // On an older revision.
    assert_eq!(repo.outdated(sequence.id, 1, 10).await.unwrap(), []);
    assert_eq!(repo.outdated(sequence.id, 2, 10).await.unwrap().len(), 3);
    again.version = 2;
    repo.write(std::slice::from_ref(&again)).await.unwrap();
    assert_eq!(repo.outdated(sequence.id, 2, 10).await.unwrap().len(), 2);
    assert_eq!(repo.outdated(sequence.id, 2, 1).await.unwrap().len(), 1);
}

pub(super) async fn who_is_due(contract: &Contract) {
    let scope = contract.organization().await;
    let mut sequence = kept(contract, &scope).await;
    let leads = leads(contract, &scope, 3).await;
    let now = contract.make.now();
    let mut all: Vec<Enrollment> = leads
        .iter()
        .map(|lead| entered(contract, &sequence, *lead, now))
        .collect();
    all[0].wake_at = Some(now + TimeDelta::hours(2));
    all[1].wake_at = Some(now + TimeDelta::hours(1));
    all[2].wake_at = None;
    let repos = contract.read(&scope);
    let repo = repos.sequences();
    assert_eq!(repo.next_due().await.unwrap(), None);
    repo.enter(&all).await.unwrap();
    assert_eq!(repo.next_due().await.unwrap(), all[1].wake_at);
    assert!(repo.with_due(now).await.unwrap().is_empty());
    let late = now + TimeDelta::hours(3);
    assert_eq!(repo.with_due(late).await.unwrap(), [sequence.id]);
    let due = repo.due(sequence.id, late, 10).await.unwrap();
    assert_eq!(
        due,
        [(all[1].id, leads[1]), (all[0].id, leads[0])],
        "the oldest first"
    );
    assert_eq!(repo.due(sequence.id, late, 1).await.unwrap().len(), 1);
    assert_eq!(
        repo.due(sequence.id, now + TimeDelta::hours(1), 10)
            .await
            .unwrap()
            .len(),
        1
    );
    sequence.status = SequenceStatus::Paused;
    assert!(repo.update(&sequence, 1).await.unwrap());
    assert!(
        repo.with_due(late).await.unwrap().is_empty(),
        "a paused one waits"
    );
    assert_eq!(repo.next_due().await.unwrap(), None);
    let unit = contract.begin(&scope).await;
    let locked = unit
        .sequences()
        .lock(&[all[0].id, contract.make.id()])
        .await
        .unwrap();
    assert_eq!(locked, all[..1]);
}

pub(super) async fn who_listens_is_woken(contract: &Contract) {
    let scope = contract.organization().await;
    let sequence = kept(contract, &scope).await;
    let leads = leads(contract, &scope, 4).await;
    let now = contract.make.now();
    let later = Some(now + TimeDelta::days(1));
    let mut all: Vec<Enrollment> = leads
        .iter()
        .map(|lead| entered(contract, &sequence, *lead, now))
        .collect();
    for one in &mut all {
        one.wake_at = later;
    }
    all[0].listens = true;
    all[1].listens = true;
    all[1].phase = Phase::Calling;
    all[1].wake_at = None;
    all[2].listens = true;
    let repos = contract.read(&scope);
    let repo = repos.sequences();
    repo.enter(&all).await.unwrap();
    assert!(!repo.wake(&[], now).await.unwrap());
    assert!(!repo.wake(&[leads[1], leads[3]], now).await.unwrap());
    assert!(repo.wake(&[leads[0], leads[1], leads[3]], now).await.unwrap());
    for (index, expected) in [Some(now), None, later, later].into_iter().enumerate() {
        assert_eq!(
            repo.enrollment(all[index].id).await.unwrap().unwrap().wake_at,
            expected,
            "{index}"
        );
    }
}

pub(super) async fn programs_are_told_at_one_place(contract: &Contract) {
    let scope = contract.organization().await;
    let sequence = kept(contract, &scope).await;
    let lead = leads(contract, &scope, 1).await[0];
    let now = contract.make.now();
    let mut one = entered(contract, &sequence, lead, now);
    one.taken = 4;
    one.wake_at = None;
    one.phase = Phase::Calling;
    let repos = contract.read(&scope);
    let repo = repos.sequences();
    repo.enter(std::slice::from_ref(&one)).await.unwrap();
    assert!(!repo.tried(one.id, 3).await.unwrap());
    assert!(repo.tried(one.id, 4).await.unwrap());
    assert!(!repo.answered(one.id, 3, true, now).await.unwrap());
    assert!(repo.answered(one.id, 4, false, now).await.unwrap());
    assert!(
        !repo.answered(one.id, 4, true, now).await.unwrap(),
        "it was answered"
    );
    let found = repo.enrollment(one.id).await.unwrap().unwrap();
    assert_eq!(
        (found.phase, found.attempt, found.wake_at),
        (Phase::Refused, 1, Some(now))
    );
}

pub(super) async fn numbers(contract: &Contract) {
    let scope = contract.organization().await;
    let sequence = kept(contract, &scope).await;
    let leads = leads(contract, &scope, 3).await;
    let now = contract.make.now();
    let mut all: Vec<Enrollment> = leads
        .iter()
        .map(|lead| entered(contract, &sequence, *lead, now))
        .collect();
    all[0].exit(ExitReason::Finished, None, now);
    let repos = contract.read(&scope);
    let repo = repos.sequences();
    repo.enter(&all).await.unwrap();
    assert_eq!(
        repo.inside(sequence.id).await.unwrap(),
        BTreeMap::from([("wait".to_owned(), 2)])
    );
    assert_eq!(
        repo.exits(sequence.id).await.unwrap(),
        BTreeMap::from([(ExitReason::Finished, 1)])
    );
    let counts = BTreeMap::from([("step:wait".to_owned(), 2), ("step:mail".to_owned(), 1)]);
    repo.count(sequence.id, &counts).await.unwrap();
    repo.count(sequence.id, &counts).await.unwrap();
    repo.leads_go(&leads[..2], ExitReason::Deleted).await.unwrap();
    let found = repo.counts(sequence.id).await.unwrap();
    let expected = [
        ("exit:deleted", 1),
        ("gone", 2),
        ("step:mail", 2),
        ("step:wait", 4),
    ];
    assert_eq!(
        found,
        expected.map(|(name, count)| (name.to_owned(), count)).into()
    );
    repos.leads().delete(leads[1]).await.unwrap();
    assert_eq!(
        repo.enrollment(all[1].id).await.unwrap(),
        None,
        "it goes with its lead"
    );
}
