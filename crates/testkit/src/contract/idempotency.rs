//! Answers kept for `Idempotency-Key`.

use super::{Contract, assert_duplicate};
use chrono::TimeDelta;
use groundswell_domain::idempotency::{IdempotencyKey, IdempotencyRecord, Outcome};
use serde_json::json;

pub async fn idempotency(contract: &Contract) {
    found_until_it_expires(contract).await;
    exists_only_with_its_effect(contract).await;
    one_of_two_at_once(contract).await;
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey {
        route: "POST /api/forms".to_owned(),
        key: text.to_owned(),
        fingerprint: vec![0, 1, 255],
    }
}

async fn found_until_it_expires(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let repo = repos.idempotency();
    let (key, now) = (key("a"), contract.make.now());
    let expires = now + TimeDelta::hours(24);
    assert_eq!(repo.find(&key, now).await.unwrap(), None);
    let data = json!({ "id": "x", "n": [1.5, null] });
    repo.record(&key, Outcome::Created, &data, now, expires)
        .await
        .unwrap();

    let record = IdempotencyRecord {
        fingerprint: key.fingerprint.clone(),
        outcome: Outcome::Created,
        data,
    };
    assert_eq!(repo.find(&key, now).await.unwrap(), Some(record.clone()));
    let altered = IdempotencyKey {
        fingerprint: vec![9],
        ..key.clone()
    };
    assert_eq!(
        repo.find(&altered, now).await.unwrap(),
        Some(record),
        "the fingerprint is for the caller to compare"
    );
    let elsewhere = IdempotencyKey {
        route: "POST /api/leads".to_owned(),
        ..key.clone()
    };
    assert_eq!(repo.find(&elsewhere, now).await.unwrap(), None, "another route");
    assert_eq!(
        contract.read(&other).idempotency().find(&key, now).await.unwrap(),
        None,
        "another organization"
    );
    contract
        .read(&other)
        .idempotency()
        .record(&key, Outcome::Done, &json!(1), now, expires)
        .await
        .unwrap();

    let last = expires - TimeDelta::microseconds(1);
    assert_duplicate(
        repo.record(
            &altered,
            Outcome::Done,
            &json!(null),
            last,
            last + TimeDelta::hours(24),
        )
        .await,
    );
    assert!(repo.find(&key, last).await.unwrap().is_some());
    assert_eq!(repo.find(&key, expires).await.unwrap(), None, "expired");
    repo.record(
        &altered,
        Outcome::Done,
        &json!(null),
        expires,
        expires + TimeDelta::hours(24),
    )
    .await
    .unwrap();
    let replaced = repo.find(&key, expires).await.unwrap().unwrap();
    assert_eq!(
        (replaced.fingerprint, replaced.outcome, replaced.data),
        (vec![9], Outcome::Done, json!(null))
    );

    let end = expires + TimeDelta::hours(24);
    let before = end - TimeDelta::microseconds(1);
    contract.system.forget_expired(before).await.unwrap();
    assert!(
        repo.find(&key, before).await.unwrap().is_some(),
        "living records stay"
    );
    assert!(contract.system.forget_expired(end).await.unwrap() >= 1);
    assert_eq!(contract.system.forget_expired(end).await.unwrap(), 0);
}

async fn exists_only_with_its_effect(contract: &Contract) {
    let scope = contract.organization().await;
    let now = contract.make.now();
    let unit = contract.begin(&scope).await;
    unit.idempotency()
        .record(
            &key("b"),
            Outcome::Done,
            &json!(1),
            now,
            now + TimeDelta::hours(1),
        )
        .await
        .unwrap();
    drop(unit);
    assert_eq!(
        contract
            .read(&scope)
            .idempotency()
            .find(&key("b"), now)
            .await
            .unwrap(),
        None
    );
}

async fn one_of_two_at_once(contract: &Contract) {
    let scope = contract.organization().await;
    let now = contract.make.now();
    let mut tries = tokio::task::JoinSet::new();
    for number in 0..8 {
        let (store, scope) = (contract.store.clone(), scope.clone());
        tries.spawn(async move {
            let unit = store.begin(&scope).await.unwrap();
            let (key, until) = (key("c"), now + TimeDelta::hours(1));
            match unit
                .idempotency()
                .record(&key, Outcome::Done, &json!(number), now, until)
                .await
            {
                Ok(()) => unit.commit().await.map(|()| true).unwrap(),
                result => {
                    assert_duplicate(result);
                    false
                }
            }
        });
    }
    assert_eq!(tries.join_all().await.into_iter().filter(|won| *won).count(), 1);
}
