//! Proposals, the index that they are found by, and merges.

use super::{Contract, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::duplicates::{
    DuplicateFilter, DuplicatePair, DuplicateScan, DuplicateScanStatus, DuplicateSort, DuplicateStatus, Keys,
    LeadMerge, MergeExtras, MergeFields, Person, combine,
};
use groundswell_domain::leads::{Lead, LeadFilter};
use groundswell_domain::{LeadId, PageRequest, Scope, Sort};

pub async fn duplicates(contract: &Contract) {
    pairs_are_found_kept_and_dismissed(contract).await;
    pairs_go_with_their_leads(contract).await;
    one_scan_at_a_time(contract).await;
    leads_are_found_by_their_keys(contract).await;
    changed_leads_come_in_order(contract).await;
    a_merge_needs_the_versions_that_were_read(contract).await;
    addresses_of_merged_leads_are_taken(contract).await;
    scores_are_the_sums_of_their_ledgers(contract).await;
}

async fn leads(contract: &Contract, scope: &Scope, count: usize) -> Vec<Lead> {
    let mut all = Vec::new();
    for _ in 0..count {
        let id: LeadId = contract.make.id();
        let lead = contract.make.lead(&format!("person-{}@x.example", id.0.simple()));
        contract.read(scope).leads().insert(&lead).await.unwrap();
        all.push(lead);
    }
    all.sort_by_key(|lead| lead.id);
    all
}

fn pair(contract: &Contract, one: &Lead, other: &Lead, probability: f64) -> DuplicatePair {
    let (lead_a, lead_b) = DuplicatePair::ordered(one.id, other.id);
    DuplicatePair {
        id: contract.make.id(),
        lead_a,
        lead_b,
        probability,
        evidence: Vec::new(),
        status: DuplicateStatus::Proposed,
        decided_by: None,
        decided_at: None,
        created_at: contract.make.now(),
    }
}

fn dismissed(contract: &Contract, pair: &DuplicatePair) -> DuplicatePair {
    DuplicatePair {
        status: DuplicateStatus::Dismissed,
        decided_by: Some(contract.make.id()),
        decided_at: Some(contract.make.now()),
        ..pair.clone()
    }
}

async fn all(contract: &Contract, scope: &Scope, filter: &DuplicateFilter) -> Vec<DuplicatePair> {
    let page = PageRequest::first(200, Sort::descending(DuplicateSort::Probability));
    contract
        .read(scope)
        .duplicates()
        .list(filter, &page)
        .await
        .unwrap()
        .items
}

/// The unit in which probabilities are kept.
#[expect(clippy::cast_possible_truncation, reason = "0 to 10,000")]
fn units(pair: &DuplicatePair) -> i32 {
    (pair.probability * 10_000.0).round() as i32
}

async fn pairs_are_found_kept_and_dismissed(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let people = leads(contract, &mine, 4).await;
    let repos = contract.read(&mine);
    let ids: Vec<LeadId> = people.iter().map(|lead| lead.id).collect();
    let first = pair(contract, &people[0], &people[1], 0.95);
    let second = pair(contract, &people[2], &people[0], 0.99);
    let third = pair(contract, &people[2], &people[3], 0.95);
    let found = [first.clone(), second.clone(), third.clone()];
    repos.duplicates().found(&ids, false, &found).await.unwrap();
    let any = DuplicateFilter::default();
    let listed: Vec<_> = all(contract, &mine, &any)
        .await
        .iter()
        .map(|pair| pair.id)
        .collect();
    assert_eq!(listed[0], second.id);
    assert_eq!(listed.len(), 3);
    assert_eq!(
        repos.duplicates().get(first.id).await.unwrap(),
        Some(first.clone())
    );
    assert_pages(
        &listed,
        |pair: &DuplicatePair| pair.id,
        |field, a, b| match field {
            DuplicateSort::Probability => (units(a), a.id) < (units(b), b.id),
            DuplicateSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
        },
        |page| {
            let repos = contract.read(&mine);
            async move { repos.duplicates().list(&DuplicateFilter::default(), &page).await }
        },
    )
    .await;
    for (filter, count) in [
        (
            DuplicateFilter {
                min_probability: Some(0.97),
                ..any.clone()
            },
            1,
        ),
        (
            DuplicateFilter {
                lead: Some(people[2].id),
                ..any.clone()
            },
            2,
        ),
        (
            DuplicateFilter {
                status: Some(DuplicateStatus::Dismissed),
                ..any.clone()
            },
            0,
        ),
    ] {
        assert_eq!(all(contract, &mine, &filter).await.len(), count, "{filter:?}");
    }

    what_was_decided_stays(contract, (&mine, &other), &people, (&first, &second)).await;
}

async fn what_was_decided_stays(
    contract: &Contract,
    (mine, other): (&Scope, &Scope),
    people: &[Lead],
    (first, second): (&DuplicatePair, &DuplicatePair),
) {
    let repos = contract.read(mine);
    let any = DuplicateFilter::default();
    let ids: Vec<LeadId> = people.iter().map(|lead| lead.id).collect();
    // Others neither see nor decide.
    let theirs = contract.read(other);
    assert_eq!(theirs.duplicates().get(first.id).await.unwrap(), None);
    assert_eq!(all(contract, other, &any).await, []);
    assert_eq!(
        theirs
            .duplicates()
            .dismiss(&dismissed(contract, first))
            .await
            .unwrap(),
        None
    );

    // Who dismisses first decides; a pair that nobody proposed can be dismissed, too.
    let said = dismissed(contract, first);
    assert_eq!(
        repos.duplicates().dismiss(&said).await.unwrap(),
        Some(said.clone())
    );
    let again = dismissed(contract, first);
    assert_eq!(
        repos.duplicates().dismiss(&again).await.unwrap(),
        Some(said.clone())
    );
    let unheard = dismissed(contract, &pair(contract, &people[1], &people[3], 0.0));
    assert_eq!(
        repos.duplicates().dismiss(&unheard).await.unwrap(),
        Some(unheard.clone())
    );

    // What is found again keeps its id, what is not goes, what was dismissed stays.
    let better = DuplicatePair {
        id: contract.make.id(),
        probability: 0.97,
        ..second.clone()
    };
    let anew = DuplicatePair {
        id: contract.make.id(),
        ..first.clone()
    };
    repos
        .duplicates()
        .found(&ids, false, &[better, anew])
        .await
        .unwrap();
    let left = all(contract, mine, &any).await;
    let left: Vec<_> = left.iter().map(|pair| (pair.id, pair.status)).collect();
    assert_eq!(
        left,
        [
            (second.id, DuplicateStatus::Proposed),
            (first.id, DuplicateStatus::Dismissed),
            (unheard.id, DuplicateStatus::Dismissed)
        ]
    );
    // Forward: only of leads that come first in their pairs.
    repos
        .duplicates()
        .found(&[people[2].id], true, &[])
        .await
        .unwrap();
    assert_eq!(all(contract, mine, &any).await.len(), 3);
    repos
        .duplicates()
        .found(&[people[2].id], false, &[])
        .await
        .unwrap();
    assert_eq!(all(contract, mine, &any).await.len(), 2);
}

async fn pairs_go_with_their_leads(contract: &Contract) {
    let scope = contract.organization().await;
    let people = leads(contract, &scope, 3).await;
    let repos = contract.read(&scope);
    let found = [
        pair(contract, &people[0], &people[1], 0.95),
        pair(contract, &people[1], &people[2], 0.95),
    ];
    let ids = [people[0].id, people[1].id];
    repos.duplicates().found(&ids, true, &found).await.unwrap();
    assert!(repos.leads().delete(people[0].id).await.unwrap());
    let left = all(contract, &scope, &DuplicateFilter::default()).await;
    assert_eq!(left, [found[1].clone()]);
    // One that came too late.
    repos.duplicates().found(&ids, true, &found).await.unwrap();
    assert_eq!(all(contract, &scope, &DuplicateFilter::default()).await.len(), 1);
}

async fn one_scan_at_a_time(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    assert_eq!(repos.duplicates().scan().await.unwrap(), None);
    let first = DuplicateScan::new(contract.make.id(), 7, contract.make.now());
    repos.duplicates().begin_scan(&first).await.unwrap();
    let second = DuplicateScan::new(contract.make.id(), 8, contract.make.now());
    repos.duplicates().begin_scan(&second).await.unwrap();
    assert!(!repos.duplicates().save_scan(&first).await.unwrap());
    assert_eq!(repos.duplicates().lock_scan(first.id).await.unwrap(), None);
    let done = DuplicateScan {
        status: DuplicateScanStatus::Done,
        done: 16,
        compared: 5,
        proposed: 2,
        too_common: 1,
        finished_at: Some(contract.make.now()),
        after: Some(contract.make.id()),
        seen: Some((contract.make.now(), contract.make.id())),
        ..second
    };
    assert!(repos.duplicates().save_scan(&done).await.unwrap());
    assert_eq!(repos.duplicates().scan().await.unwrap(), Some(done.clone()));
    assert_eq!(contract.read(&other).duplicates().scan().await.unwrap(), None);

    // A sweep finds those where something changed since.
    let due = async || {
        let until = contract.make.now();
        let found = contract
            .system
            .leads()
            .organizations_to_compare(until, None, 200)
            .await
            .unwrap();
        found.contains(&mine.organization)
    };
    assert!(!due().await);
    contract.make.clock.advance(TimeDelta::seconds(1));
    leads(contract, &mine, 1).await;
    assert!(due().await);
    contract.make.clock.advance(TimeDelta::seconds(1));
    repos
        .duplicates()
        .begin_scan(&DuplicateScan::new(contract.make.id(), 9, contract.make.now()))
        .await
        .unwrap();
    assert!(!due().await, "a scan that runs looks at all of them");
}

async fn leads_are_found_by_their_keys(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let people = leads(contract, &mine, 3).await;
    let repos = contract.read(&mine);
    let keys = |words: &[&str]| Keys {
        blocks: words.iter().map(|word| (*word).to_owned()).collect(),
        ..Keys::default()
    };
    let gone: LeadId = contract.make.id();
    let index = [
        (people[0].id, keys(&["a", "b"])),
        (people[1].id, keys(&["b"])),
        (gone, keys(&["b"])),
    ];
    repos.duplicates().index(&index).await.unwrap();
    let wanted = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let counts = repos.duplicates().counts(&wanted).await.unwrap();
    assert_eq!(
        (counts.get("a"), counts.get("b"), counts.get("c")),
        (Some(&1), Some(&2), None)
    );
    let mut sharing = repos.duplicates().sharing(&wanted[1..]).await.unwrap();
    sharing.sort();
    assert_eq!(
        sharing,
        [("b".to_owned(), people[0].id), ("b".to_owned(), people[1].id)]
    );
    repos
        .duplicates()
        .index(&[(people[0].id, keys(&["c"]))])
        .await
        .unwrap();
    let counts = repos.duplicates().counts(&wanted).await.unwrap();
    assert_eq!(
        (counts.get("a"), counts.get("b"), counts.get("c")),
        (None, Some(&1), Some(&1))
    );
    let theirs = contract.read(&other);
    assert!(theirs.duplicates().counts(&wanted).await.unwrap().is_empty());
    assert_eq!(theirs.duplicates().sharing(&wanted).await.unwrap(), []);
    assert!(!Person::of(&people[2]).keys().blocks.is_empty());
}

async fn changed_leads_come_in_order(contract: &Contract) {
    let scope = contract.organization().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        contract.make.clock.advance(TimeDelta::seconds(1));
        ids.extend(leads(contract, &scope, 1).await.iter().map(|lead| lead.id));
    }
    let (repos, until) = (contract.read(&scope), contract.make.now());
    let mut seen = None;
    for id in &ids {
        let next = repos.duplicates().changed(seen, until, 1).await.unwrap();
        assert_eq!(next[0].id, *id);
        seen = Some((next[0].updated_at, next[0].id));
    }
    assert_eq!(repos.duplicates().changed(seen, until, 1).await.unwrap(), []);
    let before = until - TimeDelta::milliseconds(500);
    assert_eq!(
        repos.duplicates().changed(None, before, 9).await.unwrap().len(),
        2
    );
}

fn merge(contract: &Contract, this: &Lead, other: &Lead) -> (LeadMerge, Lead) {
    let now = contract.make.now();
    let merge = LeadMerge {
        id: contract.make.id(),
        survivor_id: this.id,
        other_id: other.id,
        merged_by: None,
        merged_at: now,
    };
    (merge, combine(this, other, &MergeFields::default(), now))
}

async fn a_merge_needs_the_versions_that_were_read(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let people = leads(contract, &mine, 2).await;
    let (merge, merged) = merge(contract, &people[0], &people[1]);
    let extras = MergeExtras::default();
    for (scope, read) in [(&mine, (1, 2)), (&mine, (2, 1)), (&other, (1, 1))] {
        let unit = contract.begin(scope).await;
        assert!(!unit.merges().merge(&merge, &merged, read, &extras).await.unwrap());
    }
    let repos = contract.read(&mine);
    let before = [
        repos.leads().get(people[0].id).await.unwrap(),
        repos.leads().get(people[1].id).await.unwrap(),
    ];
    let unit = contract.begin(&mine).await;
    assert!(
        unit.merges()
            .merge(&merge, &merged, (1, 1), &extras)
            .await
            .unwrap()
    );
    unit.merges().seal(&merge).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(repos.leads().get(people[1].id).await.unwrap(), None);
    assert_eq!(
        repos.merges().newest(people[0].id).await.unwrap(),
        Some(merge.clone())
    );
    assert_eq!(
        repos.merges().merged_into(people[1].id).await.unwrap(),
        Some(people[0].id)
    );
    // Who was named before the merge is found where they are now.
    let filter = LeadFilter {
        lead_ids: Some(vec![people[1].id, contract.make.id()]),
        ..LeadFilter::default()
    };
    let found = repos.leads().after(&filter, None, 10).await.unwrap();
    assert_eq!(
        found.iter().map(|lead| lead.id).collect::<Vec<_>>(),
        [people[0].id]
    );
    let theirs = contract.read(&other);
    assert!(theirs.leads().after(&filter, None, 10).await.unwrap().is_empty());
    assert_eq!(theirs.merges().newest(people[0].id).await.unwrap(), None);
    assert_eq!(theirs.merges().merged_into(people[1].id).await.unwrap(), None);
    let unit = contract.begin(&mine).await;
    assert!(!unit.merges().unmerge(&merge, contract.make.now()).await.unwrap());
    unit.commit().await.unwrap();
    let after = [
        repos.leads().get(people[0].id).await.unwrap(),
        repos.leads().get(people[1].id).await.unwrap(),
    ];
    assert_eq!(after, before);
    assert_eq!(repos.merges().newest(people[0].id).await.unwrap(), None);
}

async fn addresses_of_merged_leads_are_taken(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let people = leads(contract, &mine, 3).await;
    let (merge, merged) = merge(contract, &people[0], &people[1]);
    let unit = contract.begin(&mine).await;
    let extras = MergeExtras::default();
    assert!(
        unit.merges()
            .merge(&merge, &merged, (1, 1), &extras)
            .await
            .unwrap()
    );
    unit.commit().await.unwrap();
    let key = people[1].email.key();
    let repos = contract.read(&mine);
    assert_eq!(
        repos.merges().addresses(&[people[0].id]).await.unwrap(),
        std::slice::from_ref(&key)
    );
    let owners = repos.merges().aliases(std::slice::from_ref(&key)).await.unwrap();
    assert_eq!(owners.get(&key), Some(&people[0].id));
    let unit = contract.begin(&mine).await;
    let both = [key.clone(), people[0].email.key()];
    let found = unit.leads().by_email_keys(&both).await.unwrap();
    assert_eq!(
        found.iter().map(|lead| lead.id).collect::<Vec<_>>(),
        [people[0].id]
    );
    drop(unit);

    let new = contract.make.lead(people[1].email.as_str());
    super::assert_duplicate(repos.leads().insert(&new).await);
    assert_eq!(
        repos
            .leads()
            .insert_many(std::slice::from_ref(&new))
            .await
            .unwrap(),
        []
    );
    let mut third = repos.leads().get(people[2].id).await.unwrap().unwrap();
    third.email = people[1].email.clone();
    super::assert_duplicate(repos.leads().update(&third, 1).await);
    let theirs = contract.read(&other);
    theirs
        .leads()
        .insert(&contract.make.lead(people[1].email.as_str()))
        .await
        .unwrap();
    assert!(theirs.merges().aliases(&[key]).await.unwrap().is_empty());
}

async fn scores_are_the_sums_of_their_ledgers(contract: &Contract) {
    let scope = contract.organization().await;
    let people = leads(contract, &scope, 2).await;
    let repos = contract.read(&scope);
    let total = async |lead: LeadId| {
        let lead = repos.leads().get(lead).await.unwrap();
        lead.map(|lead| lead.score.total)
    };
    let unit = contract.begin(&scope).await;
    let lines = [(0, "both"), (1, "both"), (0, "own"), (1, "theirs"), (1, "more")]
        .map(|(lead, event)| contract.make.score_entry(people[lead].id, event));
    unit.leads().add_score(&lines).await.unwrap();
    unit.commit().await.unwrap();
    for later in [0, 1] {
        let (merge, merged) = merge(contract, &people[0], &people[1]);
        let unit = contract.begin(&scope).await;
        let extras = MergeExtras::default();
        let this = repos.leads().get(people[0].id).await.unwrap().unwrap().version;
        assert!(
            unit.merges()
                .merge(&merge, &merged, (this, 1), &extras)
                .await
                .unwrap()
        );
        unit.merges().seal(&merge).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(total(people[0].id).await, Some(40), "what both have counts once");
        assert_eq!(total(people[1].id).await, None);
        let unit = contract.begin(&scope).await;
        for event in 0..later {
            let line = contract.make.score_entry(people[0].id, &format!("since:{event}"));
            unit.leads().add_score(&[line]).await.unwrap();
        }
        unit.merges().unmerge(&merge, contract.make.now()).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(total(people[0].id).await, Some(20 + 10 * later));
        assert_eq!(total(people[1].id).await, Some(30));
    }
}
