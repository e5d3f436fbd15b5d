//! The audit log.

use super::{Contract, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::audit::{
    ActorKind, AuditAction, AuditActor, AuditEntry, AuditFilter, AuditSort, Target, TargetType,
};
use groundswell_domain::{AuditEntryId, PageRequest, Scope, Sort};
use serde_json::json;

pub async fn audit(contract: &Contract) {
    kept_as_they_are(contract).await;
    only_with_its_effect(contract).await;
    a_known_id_is_left_out(contract).await;
    every_word_can_be_kept(contract).await;
    lists(contract).await;
    filters(contract).await;
    forgets_the_oldest_first(contract).await;
}

/// As little as an entry can say.
fn entry(contract: &Contract, action: AuditAction) -> AuditEntry {
    AuditEntry {
        id: contract.make.id(),
        created_at: contract.make.now(),
        actor: AuditActor {
            kind: ActorKind::System,
            user_id: None,
            api_key_id: None,
        },
        action,
        target: None,
        ip: None,
        user_agent: None,
        request_id: contract.make.id(),
        before: None,
        after: None,
    }
}

/// Everything that an entry can say.
fn full(contract: &Contract, action: AuditAction) -> AuditEntry {
    AuditEntry {
        actor: AuditActor {
            kind: ActorKind::ApiKey,
            user_id: Some(contract.make.id()),
            api_key_id: Some(contract.make.id()),
        },
        target: Some(Target {
            kind: TargetType::Form,
            id: contract.make.id(),
        }),
        ip: Some("2001:db8::7".parse().unwrap()),
        user_agent: Some("Mozilla/5.0 (ü)".to_owned()),
        before: Some(json!({ "name": "Alt", "settings": null })),
        after: Some(json!({ "name": "Neu", "settings": { "notify": ["a@b.example"], "n": 1.5 } })),
        ..entry(contract, action)
    }
}

async fn found(contract: &Contract, scope: &Scope, filter: &AuditFilter) -> Vec<AuditEntry> {
    let newest = PageRequest::first(200, Sort::descending(AuditSort::CreatedAt));
    contract
        .read(scope)
        .audit()
        .list(filter, &newest)
        .await
        .unwrap()
        .items
}

async fn all(contract: &Contract, scope: &Scope) -> Vec<AuditEntry> {
    found(contract, scope, &AuditFilter::default()).await
}

async fn kept_as_they_are(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let little = entry(contract, AuditAction::UserLogin);
    let much = full(contract, AuditAction::FormUpdated);
    let repos = contract.read(&mine);
    repos.audit().append(&[]).await.unwrap();
    repos
        .audit()
        .append(&[little.clone(), much.clone()])
        .await
        .unwrap();
    assert_eq!(
        all(contract, &mine).await,
        [much, little],
        "newest first, by id when the times are equal"
    );
    assert_eq!(all(contract, &other).await, [], "another organization's log");
}

async fn only_with_its_effect(contract: &Contract) {
    let scope = contract.organization().await;
    let form = contract.make.form(scope.organization);
    let created = entry(contract, AuditAction::FormCreated);
    for commit in [false, true] {
        let unit = contract.begin(&scope).await;
        unit.forms().insert(&form).await.unwrap();
        unit.audit().append(std::slice::from_ref(&created)).await.unwrap();
        if commit {
            unit.commit().await.unwrap();
        } else {
            drop(unit);
        }
        let repos = contract.read(&scope);
        assert_eq!(repos.forms().get(form.id).await.unwrap().is_some(), commit);
        assert_eq!(all(contract, &scope).await.len(), usize::from(commit));
    }
}

async fn a_known_id_is_left_out(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let first = entry(contract, AuditAction::UserLoginFailed);
    let mut again = full(contract, AuditAction::UserLoginFailed);
    again.id = first.id;
    let new = entry(contract, AuditAction::UserLogin);
    contract
        .read(&mine)
        .audit()
        .append(std::slice::from_ref(&first))
        .await
        .unwrap();
    contract
        .read(&mine)
        .audit()
        .append(&[again.clone(), new.clone()])
        .await
        .unwrap();
    assert_eq!(all(contract, &mine).await, [new, first]);
    contract
        .read(&other)
        .audit()
        .append(std::slice::from_ref(&again))
        .await
        .unwrap();
    assert_eq!(
        all(contract, &other).await,
        [again],
        "ids are an organization's own"
    );
}

async fn every_word_can_be_kept(contract: &Contract) {
    let scope = contract.organization().await;
    let mut entries: Vec<_> = AuditAction::ALL
        .iter()
        .map(|action| entry(contract, *action))
        .collect();
    entries.extend(ActorKind::ALL.iter().map(|kind| {
        let mut entry = entry(contract, AuditAction::UserLogin);
        entry.actor.kind = *kind;
        entry
    }));
    entries.extend(TargetType::ALL.iter().map(|kind| {
        let mut entry = full(contract, AuditAction::UserLogin);
        entry.target = entry.target.map(|target| Target {
            kind: *kind,
            ..target
        });
        entry
    }));
    contract.read(&scope).audit().append(&entries).await.unwrap();
    entries.reverse();
    assert_eq!(all(contract, &scope).await, entries);
}

async fn lists(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    let mut ids = Vec::new();
    for number in 0..7 {
        let entry = full(contract, AuditAction::LeadDeleted);
        repos.audit().append(std::slice::from_ref(&entry)).await.unwrap();
        ids.push(entry.id);
        // Some share their time, so that ties are broken by id.
        if number % 3 == 2 {
            contract.make.clock.advance(TimeDelta::microseconds(1));
        }
    }
    let (repo, filter) = (repos.audit(), AuditFilter::default());
    assert_pages(
        &ids,
        |entry: &AuditEntry| entry.id,
        |AuditSort::CreatedAt, a, b| (a.created_at, a.id) < (b.created_at, b.id),
        |request| {
            let filter = &filter;
            async move { repo.list(filter, &request).await }
        },
    )
    .await;
}

async fn filters(contract: &Contract) {
    let scope = contract.organization().await;
    let one = full(contract, AuditAction::FormDeleted);
    let end = contract.make.clock.advance(TimeDelta::seconds(1));
    let mut two = full(contract, AuditAction::ApiKeyCreated);
    two.ip = Some("203.0.113.7".parse().unwrap());
    two.target = Some(Target {
        kind: TargetType::ApiKey,
        ..one.target.unwrap()
    });
    let three = entry(contract, AuditAction::ApiKeyCreated);
    let entries = [one.clone(), two.clone(), three.clone()];
    contract.read(&scope).audit().append(&entries).await.unwrap();
    let none = AuditFilter::default;
    let (id, user) = (one.target.map(|target| target.id), one.actor.user_id);
    #[rustfmt::skip]
    let cases: Vec<(AuditFilter, Vec<AuditEntryId>)> = vec![
        (AuditFilter { action: Some(AuditAction::ApiKeyCreated), ..none() }, vec![three.id, two.id]),
        (AuditFilter { action: Some(AuditAction::JobRetried), ..none() }, vec![]),
        (AuditFilter { user, ..none() }, vec![one.id]),
        (AuditFilter { target_id: id, ..none() }, vec![two.id, one.id]),
        (AuditFilter { target_id: id, target_type: Some(TargetType::ApiKey), ..none() }, vec![two.id]),
        (AuditFilter { target_type: Some(TargetType::Form), ..none() }, vec![one.id]),
        (AuditFilter { ip: two.ip, ..none() }, vec![two.id]),
        (AuditFilter { since: Some(end), ..none() }, vec![three.id, two.id]),
        (AuditFilter { until: Some(end), ..none() }, vec![one.id]),
        (AuditFilter { since: Some(one.created_at), until: Some(end), user, ..none() }, vec![one.id]),
    ];
    for (filter, expected) in cases {
        let ids: Vec<_> = found(contract, &scope, &filter)
            .await
            .iter()
            .map(|entry| entry.id)
            .collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
}

async fn forgets_the_oldest_first(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    // What other suites left behind would count.
    contract.make.clock.advance(TimeDelta::seconds(1));
    while contract
        .system
        .forget_audit(contract.make.now(), 100)
        .await
        .unwrap()
        > 0
    {}
    let mut kept = Vec::new();
    for scope in [&mine, &other, &mine, &other] {
        contract.make.clock.advance(TimeDelta::seconds(1));
        let entry = entry(contract, AuditAction::UserLogin);
        contract
            .read(scope)
            .audit()
            .append(std::slice::from_ref(&entry))
            .await
            .unwrap();
        kept.push(entry);
    }
    // Exactly as old is not older.
    let before = kept[3].created_at;
    assert_eq!(contract.system.forget_audit(before, 2).await.unwrap(), 2);
    assert_eq!(all(contract, &mine).await, [kept[2].clone()]);
    assert_eq!(all(contract, &other).await, [kept[3].clone()]);
    assert_eq!(contract.system.forget_audit(before, 2).await.unwrap(), 1);
    assert_eq!(contract.system.forget_audit(before, 2).await.unwrap(), 0);
    assert_eq!(all(contract, &other).await, [kept[3].clone()]);
}
