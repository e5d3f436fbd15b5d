//! Sequences themselves.

use super::{Contract, assert_pages, kept, sequence};
use groundswell_domain::paging::Sort;
use groundswell_domain::sequences::{Sequence, SequenceSort, SequenceStatus};
use groundswell_domain::{PageRequest, SequenceId};

pub(super) async fn kept_with_their_revisions(contract: &Contract) {
    let scope = contract.organization().await;
    let mut sequence = kept(contract, &scope).await;
    let repos = contract.read(&scope);
    let repo = repos.sequences();
    assert_eq!(repo.get(sequence.id).await.unwrap(), Some(sequence.clone()));
    assert_eq!(repo.get(contract.make.id()).await.unwrap(), None);
    let first = sequence.definition.clone();
    sequence.name = "Other".to_owned();
    sequence.status = SequenceStatus::Paused;
    sequence.definition.steps.pop();
    sequence.revision = 2;
    sequence.version = 2;
    assert!(!repo.update(&sequence, 7).await.unwrap(), "another version");
    assert!(repo.update(&sequence, 1).await.unwrap());
    assert_eq!(repo.get(sequence.id).await.unwrap(), Some(sequence.clone()));
    let both = repo
        .definitions(&[(sequence.id, 1), (sequence.id, 2)])
        .await
        .unwrap();
    assert_eq!(both[&(sequence.id, 1)], first);
    assert_eq!(both[&(sequence.id, 2)], sequence.definition);
    assert!(repo.active().await.unwrap().is_empty(), "it is paused");
    assert!(repo.delete(sequence.id, contract.make.now()).await.unwrap());
    assert!(!repo.delete(sequence.id, contract.make.now()).await.unwrap());
    assert!(repo.definitions(&[(sequence.id, 1)]).await.unwrap().is_empty());
}

pub(super) async fn lists(contract: &Contract) {
    let scope = contract.organization().await;
    let mut all: Vec<Sequence> = Vec::new();
    for name in ["b", "a", "B", "welcome back"] {
        let mut sequence = sequence(contract);
        name.clone_into(&mut sequence.name);
        contract.read(&scope).sequences().insert(&sequence).await.unwrap();
        all.push(sequence);
    }
    let ids: Vec<SequenceId> = all.iter().map(|sequence| sequence.id).collect();
    assert_pages(
        &ids,
        |sequence: &Sequence| sequence.id,
        |field, left, right| match field {
            SequenceSort::CreatedAt => left.created_at <= right.created_at,
            SequenceSort::UpdatedAt => left.updated_at <= right.updated_at,
            SequenceSort::Name => left.name <= right.name,
        },
        |page| {
            let repos = contract.read(&scope);
            async move { repos.sequences().list(None, None, &page).await }
        },
    )
    .await;
    let page = PageRequest::new(None, None, Sort::descending(SequenceSort::Name), false).unwrap();
    let repos = contract.read(&scope);
    let named = repos.sequences().list(None, Some("COME"), &page).await.unwrap();
    assert_eq!(named.items, all[3..]);
    let drafts = repos
        .sequences()
        .list(Some(SequenceStatus::Draft), None, &page)
        .await
        .unwrap();
    assert!(drafts.items.is_empty());
    assert_eq!(repos.sequences().active().await.unwrap().len(), 4);
}

pub(super) async fn others_are_out_of_reach(contract: &Contract) {
    let (ours, theirs) = (contract.organization().await, contract.organization().await);
    let sequence = kept(contract, &ours).await;
    let lead = super::leads(contract, &ours, 1).await[0];
    let now = contract.make.now();
    let enrollment = super::entered(contract, &sequence, lead, now);
    contract
        .read(&ours)
        .sequences()
        .enter(std::slice::from_ref(&enrollment))
        .await
        .unwrap();
    let repos = contract.read(&theirs);
    let repo = repos.sequences();
    assert_eq!(repo.get(sequence.id).await.unwrap(), None);
    assert_eq!(repo.enrollment(enrollment.id).await.unwrap(), None);
    assert!(repo.active().await.unwrap().is_empty());
    assert!(repo.with_due(now).await.unwrap().is_empty());
    assert_eq!(repo.next_due().await.unwrap(), None);
    assert!(repo.lock_leads(&[lead]).await.unwrap().is_empty());
    assert!(!repo.wake(&[lead], now).await.unwrap());
    assert!(!repo.delete(sequence.id, now).await.unwrap());
    let directory = contract.system.sequences();
    let late = now + chrono::TimeDelta::days(1);
    let due = directory
        .organizations_with_due(late, None, 10_000)
        .await
        .unwrap();
    assert!(due.contains(&ours.organization) && !due.contains(&theirs.organization));
}
