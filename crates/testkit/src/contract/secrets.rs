//! Secrets, data keys, and what is known about the installation. Nothing is encrypted here: to the store, all of it is bytes.

use super::{Contract, assert_duplicate, assert_missing_reference, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::secrets::{
    Census, DataKey, Holder, HolderKind, Resealed, Sealed, Secret, SecretFilter, SecretSort, WrappedKey,
};
use groundswell_domain::{Scope, SecretId, UserId};

pub async fn secrets(contract: &Contract) {
    kept_as_they_are(contract).await;
    one_per_holder_and_service(contract).await;
    lists_and_filters(contract).await;
    the_first_match_wins(contract).await;
    holders_take_theirs_along(contract).await;
    data_keys(contract).await;
    sealing_anew(contract).await;
    the_installation(contract).await;
}

fn wrapped(version: i32, master: &str) -> WrappedKey {
    WrappedKey {
        version,
        master: master.to_owned(),
        bytes: vec![0, 0xff, u8::try_from(version).unwrap(), b'\''],
    }
}

fn sealed(key_version: i32, byte: u8) -> Sealed {
    Sealed {
        key_version,
        bytes: vec![byte, 0, 0xff],
    }
}

/// Adds data key `version`, under the master key `old`.
async fn add_key(contract: &Contract, scope: &Scope, version: i32) {
    let key = DataKey {
        key: wrapped(version, "old"),
        created_at: contract.make.now(),
    };
    assert!(contract.read(scope).data_keys().add_key(&key).await.unwrap());
}

async fn user(contract: &Contract, scope: &Scope) -> UserId {
    let user = contract.make.user(scope.organization);
    let repos = contract.read(scope);
    repos.identity().insert_user(&user, "hash").await.unwrap();
    user.id
}

fn secret(contract: &Contract, holder: Holder, service: &str) -> Secret {
    Secret {
        id: contract.make.id(),
        holder,
        service: service.parse().unwrap(),
        last4: Some("wxyz".to_owned()),
        created_by: Some(contract.make.id()),
        created_at: contract.make.now(),
        updated_at: contract.make.now(),
        version: 1,
    }
}

async fn put(contract: &Contract, scope: &Scope, holder: Holder, service: &str) -> Secret {
    let secret = secret(contract, holder, service);
    let repos = contract.read(scope);
    repos.secrets().insert(&secret, &sealed(1, 1)).await.unwrap();
    secret
}

async fn kept_as_they_are(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let mut kept = secret(contract, Holder::Organization, "openai");
    assert_missing_reference(repos.secrets().insert(&kept, &sealed(1, 1)).await);
    add_key(contract, &mine, 1).await;
    repos.secrets().insert(&kept, &sealed(1, 1)).await.unwrap();
    assert_duplicate(repos.secrets().insert(&kept, &sealed(1, 1)).await);
    for holder in [
        Holder::User(contract.make.id()),
        Holder::Client(contract.make.id()),
    ] {
        let nobody = secret(contract, holder, "openai");
        assert_missing_reference(repos.secrets().insert(&nobody, &sealed(1, 1)).await);
    }

    let created = kept.created_at;
    kept.last4 = None;
    kept.created_by = None;
    kept.updated_at = contract.make.clock.advance(TimeDelta::seconds(1));
    kept.version = 2;
    assert!(!repos.secrets().replace(&kept, &sealed(1, 2), 2).await.unwrap());
    assert!(repos.secrets().replace(&kept, &sealed(1, 2), 1).await.unwrap());
    assert!(!repos.secrets().replace(&kept, &sealed(1, 3), 1).await.unwrap());
    assert_eq!(kept.created_at, created);
    let stored = repos.secrets().resolve(&kept.service, None, None).await.unwrap();
    let stored = stored.unwrap();
    assert_eq!(
        (stored.secret, stored.sealed, stored.key),
        (kept.clone(), sealed(1, 2), wrapped(1, "old"))
    );

    let unit = contract.begin(&mine).await;
    let found = unit.secrets().find_locked(kept.holder, &kept.service).await;
    assert_eq!(found.unwrap(), Some(kept.clone()));
    let absent = "other".parse().unwrap();
    assert_eq!(
        unit.secrets().find_locked(kept.holder, &absent).await.unwrap(),
        None
    );
    drop(unit);

    add_key(contract, &other, 1).await;
    let theirs = contract.read(&other);
    let found = theirs.secrets().resolve(&kept.service, None, None).await.unwrap();
    assert_eq!(found, None);
    assert!(!theirs.secrets().replace(&kept, &sealed(1, 9), 2).await.unwrap());
    assert!(!theirs.secrets().delete(kept.id).await.unwrap());
    assert!(
        theirs
            .data_keys()
            .sealed(None, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(repos.secrets().delete(kept.id).await.unwrap());
    assert!(!repos.secrets().delete(kept.id).await.unwrap());
}

async fn one_per_holder_and_service(contract: &Contract) {
    let scope = contract.organization().await;
    add_key(contract, &scope, 1).await;
    let client = contract.client(&scope).await.id;
    let (ada, ben) = (user(contract, &scope).await, user(contract, &scope).await);
    let holders = [
        Holder::Organization,
        Holder::Client(client),
        Holder::User(ada),
        Holder::User(ben),
    ];
    for holder in holders {
        for service in ["a", "b"] {
            put(contract, &scope, holder, service).await;
            let twin = secret(contract, holder, service);
            let twice = contract.read(&scope).secrets().insert(&twin, &sealed(1, 1)).await;
            assert_duplicate(twice);
        }
    }
}

async fn lists_and_filters(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    for scope in [&mine, &other] {
        add_key(contract, scope, 1).await;
    }
    let (ada, ben) = (user(contract, &mine).await, user(contract, &mine).await);
    let client = contract.client(&mine).await.id;
    put(contract, &other, Holder::Organization, "a").await;
    let mut ids = Vec::new();
    for (holder, service) in [
        (Holder::User(ada), "b"),
        (Holder::User(ada), "a_c"),
        (Holder::Client(client), "b"),
        (Holder::Organization, "b"),
        (Holder::User(ben), "b"),
    ] {
        ids.push(put(contract, &mine, holder, service).await.id);
        if ids.len() == 2 {
            contract.make.clock.advance(TimeDelta::seconds(1));
        }
    }
    let repos = contract.read(&mine);
    let repo = repos.secrets();
    let visible = SecretFilter {
        user: Some(ada),
        shared: true,
        ..SecretFilter::default()
    };
    let filter = &visible;
    assert_pages(
        &ids[..4],
        |secret: &Secret| secret.id,
        |sort, a, b| match sort {
            SecretSort::Service => (&a.service, a.id) < (&b.service, b.id),
            SecretSort::CreatedAt => a.created_at <= b.created_at,
            SecretSort::UpdatedAt => a.updated_at <= b.updated_at,
        },
        |request| async move { repo.list(filter, &request).await },
    )
    .await;
    let base = || visible.clone();
    for (filter, expected) in [
        (SecretFilter::default(), vec![]),
        (
            SecretFilter {
                shared: false,
                ..base()
            },
            vec![ids[0], ids[1]],
        ),
        (SecretFilter { user: None, ..base() }, vec![ids[2], ids[3]]),
        (
            SecretFilter {
                kind: Some(HolderKind::User),
                ..base()
            },
            vec![ids[0], ids[1]],
        ),
        (
            SecretFilter {
                kind: Some(HolderKind::Client),
                ..base()
            },
            vec![ids[2]],
        ),
        (
            SecretFilter {
                kind: Some(HolderKind::Organization),
                ..base()
            },
            vec![ids[3]],
        ),
        (
            SecretFilter {
                client: Some(client),
                ..base()
            },
            vec![ids[2]],
        ),
        (
            SecretFilter {
                service: "a_c".parse().ok(),
                ..base()
            },
            vec![ids[1]],
        ),
    ] {
        let sort = groundswell_domain::Sort::parse("created_at").unwrap();
        let page = groundswell_domain::PageRequest::first(50, sort);
        let found = repo.list(&filter, &page).await.unwrap().items;
        let found: Vec<SecretId> = found.iter().map(|secret| secret.id).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}

async fn the_first_match_wins(contract: &Contract) {
    let scope = contract.organization().await;
    add_key(contract, &scope, 1).await;
    let (ada, ben) = (user(contract, &scope).await, user(contract, &scope).await);
    let (a, b) = (contract.client(&scope).await.id, contract.client(&scope).await.id);
    let service = "smtp".parse().unwrap();
    let own = put(contract, &scope, Holder::User(ada), "smtp").await.id;
    let repos = contract.read(&scope);
    let resolve = async |user, client| {
        let found = repos.secrets().resolve(&service, user, client).await.unwrap();
        found.map(|stored| stored.secret.id)
    };
    assert_eq!(resolve(Some(ben), Some(a)).await, None);
    let clients = put(contract, &scope, Holder::Client(a), "smtp").await.id;
    let all = put(contract, &scope, Holder::Organization, "smtp").await.id;
    put(contract, &scope, Holder::Organization, "smtp2").await;
    for (user, client, expected) in [
        (Some(ada), Some(a), own),
        (Some(ada), None, own),
        (Some(ben), Some(a), clients),
        (None, Some(a), clients),
        (Some(ben), Some(b), all),
        (None, None, all),
    ] {
        assert_eq!(resolve(user, client).await, Some(expected), "{user:?} {client:?}");
    }
}

async fn holders_take_theirs_along(contract: &Contract) {
    let scope = contract.organization().await;
    add_key(contract, &scope, 1).await;
    let ada = user(contract, &scope).await;
    let client = contract.client(&scope).await.id;
    put(contract, &scope, Holder::User(ada), "a").await;
    put(contract, &scope, Holder::Client(client), "a").await;
    let kept = put(contract, &scope, Holder::Organization, "a").await;
    let repos = contract.read(&scope);
    assert!(repos.identity().delete_user(ada).await.unwrap());
    assert!(repos.clients().delete(client).await.unwrap());
    let left = repos.data_keys().sealed(None, None, 10).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].secret, kept);
}

async fn data_keys(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    for (scope, version) in [(&mine, 1), (&mine, 2), (&mine, 3), (&other, 1)] {
        add_key(contract, scope, version).await;
    }
    let repos = contract.read(&mine);
    let key = DataKey {
        key: wrapped(2, "another"),
        created_at: contract.make.now(),
    };
    assert!(!repos.data_keys().add_key(&key).await.unwrap());
    let versions = async || {
        let keys = repos.data_keys().keys().await.unwrap();
        keys.iter()
            .map(|kept| (kept.key.version, kept.key.master.clone()))
            .collect::<Vec<_>>()
    };
    let new = WrappedKey {
        master: "new".to_owned(),
        bytes: vec![7],
        version: 3,
    };
    assert!(
        !repos
            .data_keys()
            .rewrap_key(&wrapped(3, "another"), &new)
            .await
            .unwrap(),
        "it is not what was read"
    );
    assert!(
        repos
            .data_keys()
            .rewrap_key(&wrapped(3, "old"), &new)
            .await
            .unwrap()
    );
    assert!(
        !repos
            .data_keys()
            .rewrap_key(&wrapped(3, "old"), &new)
            .await
            .unwrap()
    );
    assert_eq!(repos.data_keys().keys().await.unwrap()[2].key, new);
    put(contract, &mine, Holder::Organization, "a").await;
    assert_eq!(repos.data_keys().delete_unused_keys(3).await.unwrap(), 1);
    assert_eq!(versions().await, [(1, "old".to_owned()), (3, "new".to_owned())]);
    assert_eq!(contract.read(&other).data_keys().keys().await.unwrap().len(), 1);
}

async fn sealing_anew(contract: &Contract) {
    let scope = contract.organization().await;
    add_key(contract, &scope, 1).await;
    let mut all = Vec::new();
    for service in ["a", "b", "c", "d", "e"] {
        all.push(put(contract, &scope, Holder::Organization, service).await);
    }
    add_key(contract, &scope, 2).await;
    let repos = contract.read(&scope);
    let keys = repos.data_keys();
    let ids = async |below, after, limit| {
        let found = keys.sealed(below, after, limit).await.unwrap();
        found.iter().map(|stored| stored.secret.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Some(2), None, 2).await, [all[0].id, all[1].id]);
    assert_eq!(
        ids(Some(2), Some(all[1].id), 9).await,
        [all[2].id, all[3].id, all[4].id]
    );
    assert_eq!(ids(Some(1), None, 9).await, []);
    let anew = |index: usize, from| Resealed {
        id: all[index].id,
        version: 1,
        from,
        sealed: sealed(2, 9),
    };
    // Somebody gave a new value in between.
    let changed = Secret {
        version: 2,
        ..all[1].clone()
    };
    assert!(repos.secrets().replace(&changed, &sealed(1, 4), 1).await.unwrap());
    let unit = contract.begin(&scope).await;
    let written = unit
        .data_keys()
        .reseal(&[anew(0, 1), anew(1, 1), anew(2, 7)])
        .await;
    assert_eq!(written.unwrap(), 1);
    unit.commit().await.unwrap();
    assert_eq!(
        keys.reseal(&[anew(0, 1)]).await.unwrap(),
        0,
        "another run was first"
    );
    let found = keys.sealed(None, None, 2).await.unwrap();
    assert_eq!(
        found[0].secret, all[0],
        "nothing but the bytes and the key changes"
    );
    assert_eq!((&found[0].sealed, found[0].key.version), (&sealed(2, 9), 2));
    assert_eq!((&found[1].sealed, found[1].key.version), (&sealed(1, 4), 1));
    assert_eq!(
        ids(Some(2), None, 9).await,
        [all[1].id, all[2].id, all[3].id, all[4].id]
    );
    assert_eq!(keys.delete_unused_keys(2).await.unwrap(), 0);
}

/// Other checks have left organizations and keys behind.
async fn the_installation(contract: &Contract) {
    let directory = contract.system.keys();
    let now = contract.make.now();
    assert_eq!(directory.key_check().await.unwrap(), None);
    assert!(!directory.keep_key_check(Some("a.x"), "b.y", now).await.unwrap());
    assert!(directory.keep_key_check(None, "a.x", now).await.unwrap());
    assert!(!directory.keep_key_check(None, "b.y", now).await.unwrap());
    assert!(!directory.keep_key_check(Some("b.y"), "b.y", now).await.unwrap());
    assert!(directory.keep_key_check(Some("a.x"), "b.y", now).await.unwrap());
    assert_eq!(directory.key_check().await.unwrap().as_deref(), Some("b.y"));

    let later = contract.make.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(directory.rotation().await.unwrap(), None);
    assert_eq!(directory.begin_rotation(now).await.unwrap(), now);
    assert_eq!(directory.begin_rotation(later).await.unwrap(), now, "it goes on");
    directory.end_rotation(later).await.unwrap();
    assert_eq!(
        directory.rotation().await.unwrap(),
        Some(now),
        "that was another one"
    );
    directory.end_rotation(now).await.unwrap();
    assert_eq!(directory.rotation().await.unwrap(), None);

    let before = directory.census(Some(later)).await.unwrap();
    assert_eq!(before.secrets, before.waiting, "all keys were made before");
    assert_eq!(directory.census(None).await.unwrap().waiting, 0);
    let scope = contract.organization().await;
    add_key(contract, &scope, 1).await;
    put(contract, &scope, Holder::Organization, "a").await;
    let after = directory.census(Some(later)).await.unwrap();
    let more = |masters: &[(String, u64)], master: &str| {
        masters
            .iter()
            .find(|(id, _)| id == master)
            .map_or(0, |(_, count)| *count)
    };
    let Census {
        secrets,
        waiting,
        masters,
    } = after;
    assert_eq!((secrets, waiting), (before.secrets + 1, before.waiting));
    assert_eq!(more(&masters, "old"), more(&before.masters, "old") + 1);
    assert_eq!(more(&masters, "new"), 1);

    let mut met = Vec::new();
    while let Some(last) = {
        let page = directory.key_holders(None, met.last().copied(), 2).await.unwrap();
        met.extend(page.iter().copied());
        page.last().copied()
    } {
        assert_eq!(met.last(), Some(&last));
    }
    assert!(
        met.windows(2).all(|pair| pair[0] < pair[1]),
        "each once, in order"
    );
    assert!(met.contains(&scope.organization));
    let foreign = directory.key_holders(Some("old"), None, 50).await.unwrap();
    assert_eq!(foreign.len(), 1);
    assert!(!foreign.contains(&scope.organization));
}
