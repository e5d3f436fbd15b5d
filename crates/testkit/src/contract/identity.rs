//! Organizations, users, sessions and API keys.

use super::{Contract, assert_duplicate};
use chrono::TimeDelta;
use groundswell_domain::identity::{ApiKey, ApiKeyCredentials, Permission, Role, Session, Standing, User};
use groundswell_domain::{Scope, UserId};

pub async fn identity(contract: &Contract) {
    organizations(contract).await;
    users(contract).await;
    sessions(contract).await;
    faster_rotation_wins(contract).await;
    api_keys(contract).await;
}

async fn user(contract: &Contract, scope: &Scope) -> User {
    let user = contract.make.user(scope.organization);
    contract
        .read(scope)
        .identity()
        .insert_user(&user, "$argon2id$hash")
        .await
        .unwrap();
    user
}

async fn organizations(contract: &Contract) {
    let organization = contract.make.organization();
    let scope = contract.make.scope(organization.id);
    assert_eq!(
        contract.read(&scope).identity().organization().await.unwrap(),
        None
    );

    let unit = contract.begin(&scope).await;
    unit.identity().insert_organization(&organization).await.unwrap();
    assert_eq!(
        unit.identity().organization().await.unwrap(),
        Some(organization.clone()),
        "seen by its own transaction"
    );
    drop(unit);
    assert_eq!(
        contract.read(&scope).identity().organization().await.unwrap(),
        None,
        "a dropped transaction is undone"
    );

    let unit = contract.begin(&scope).await;
    unit.identity().insert_organization(&organization).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(
        contract.read(&scope).identity().organization().await.unwrap(),
        Some(organization.clone())
    );
    assert_duplicate(
        contract
            .read(&scope)
            .identity()
            .insert_organization(&organization)
            .await,
    );
}

async fn users(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let user = user(contract, &mine).await;
    assert_eq!(
        contract.read(&mine).identity().user(user.id).await.unwrap(),
        Some(user.clone())
    );
    assert_eq!(
        contract.read(&other).identity().user(user.id).await.unwrap(),
        None
    );

    let found = contract
        .system
        .identity()
        .credentials(&user.email.key())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.user, found.password_hash.as_str()),
        (user.clone(), "$argon2id$hash")
    );
    assert!(
        contract
            .system
            .identity()
            .credentials("nobody@example.com")
            .await
            .unwrap()
            .is_none()
    );

    let mut twin = contract.make.user(other.organization);
    twin.email = user.email.as_str().to_uppercase().parse().unwrap();
    assert_duplicate(contract.read(&other).identity().insert_user(&twin, "hash").await);
}

fn session(contract: &Contract, scope: &Scope, user: UserId) -> Session {
    Session {
        id: contract.make.id(),
        organization_id: scope.organization,
        user_id: user,
        salt: vec![0, 255, 7],
        generation: 0,
        rotated_at: contract.make.now(),
        created_at: contract.make.now(),
        revoked_at: None,
        user_agent: Some("curl/8".to_owned()),
        ip: None,
    }
}

async fn sessions(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let user = user(contract, &mine).await;
    let session = session(contract, &mine, user.id);
    let repo = contract.read(&mine);
    repo.identity().insert_session(&session).await.unwrap();
    let stored = async || {
        contract
            .system
            .identity()
            .session(session.id)
            .await
            .unwrap()
            .unwrap()
    };
    assert_eq!(stored().await, session);

    let later = contract.make.clock.advance(TimeDelta::minutes(1));
    assert!(
        !contract
            .read(&other)
            .identity()
            .rotate_session(session.id, 0, later)
            .await
            .unwrap()
    );
    assert!(
        !contract
            .read(&other)
            .identity()
            .revoke_session(session.id, later)
            .await
            .unwrap()
    );
    assert!(
        repo.identity()
            .rotate_session(session.id, 0, later)
            .await
            .unwrap()
    );
    assert!(
        !repo
            .identity()
            .rotate_session(session.id, 0, later)
            .await
            .unwrap(),
        "an old generation"
    );
    assert_eq!(
        stored().await,
        Session {
            generation: 1,
            rotated_at: later,
            ..session.clone()
        }
    );

    assert!(repo.identity().revoke_session(session.id, later).await.unwrap());
    assert!(
        !repo.identity().revoke_session(session.id, later).await.unwrap(),
        "revoked already"
    );
    assert!(
        !repo
            .identity()
            .rotate_session(session.id, 1, later)
            .await
            .unwrap(),
        "revoked"
    );
    assert_eq!(stored().await.revoked_at, Some(later));
    assert!(
        contract
            .system
            .identity()
            .session(contract.make.id())
            .await
            .unwrap()
            .is_none()
    );
}

async fn faster_rotation_wins(contract: &Contract) {
    let scope = contract.organization().await;
    let user = user(contract, &scope).await;
    let session = session(contract, &scope, user.id);
    contract
        .read(&scope)
        .identity()
        .insert_session(&session)
        .await
        .unwrap();
    let now = contract.make.now();
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let repos = contract.read(&scope);
        tries.spawn(async move { repos.identity().rotate_session(session.id, 0, now).await.unwrap() });
    }
    assert_eq!(tries.join_all().await.into_iter().filter(|won| *won).count(), 1);
}

async fn api_keys(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (ada, bob) = (user(contract, &mine).await, user(contract, &mine).await);
    let key = |user: UserId, prefix: &str| ApiKeyCredentials {
        key: ApiKey {
            id: contract.make.id(),
            user_id: user,
            name: "CI".to_owned(),
            prefix: prefix.to_owned(),
            scopes: vec![Permission::LeadsRead, Permission::FormsWrite],
            expires_at: Some(contract.make.now() + TimeDelta::days(1)),
            last_used_at: None,
            created_at: contract.make.now(),
        },
        secret_hash: vec![1, 0, 255],
    };
    let repos = contract.read(&mine);
    let repo = repos.identity();
    let first = key(ada.id, "gsk_first");
    repo.insert_api_key(&first).await.unwrap();
    contract.make.clock.advance(TimeDelta::seconds(1));
    let second = key(ada.id, "gsk_second");
    repo.insert_api_key(&second).await.unwrap();
    repo.insert_api_key(&key(bob.id, "gsk_bob")).await.unwrap();
    assert_duplicate(repo.insert_api_key(&key(bob.id, "gsk_first")).await);

    assert_eq!(
        repo.api_keys(ada.id).await.unwrap(),
        vec![second.key.clone(), first.key.clone()]
    );
    assert!(
        contract
            .read(&other)
            .identity()
            .api_keys(ada.id)
            .await
            .unwrap()
            .is_empty()
    );
    let found = async || contract.system.identity().api_key("gsk_first").await.unwrap();
    assert_eq!(
        found().await,
        Some((
            mine.organization,
            Standing {
                user: first.key.user_id,
                role: Role::CompanyAdmin,
                client: None,
            },
            first.clone()
        ))
    );
    assert_eq!(
        contract.system.identity().api_key("gsk_none").await.unwrap(),
        None
    );

    let used = async || found().await.unwrap().2.key.last_used_at;
    let start = contract.make.now();
    contract
        .read(&other)
        .identity()
        .touch_api_key(first.key.id, start)
        .await
        .unwrap();
    assert_eq!(used().await, None, "another organization's key");
    repo.touch_api_key(first.key.id, start).await.unwrap();
    repo.touch_api_key(first.key.id, start + TimeDelta::seconds(59))
        .await
        .unwrap();
    assert_eq!(used().await, Some(start), "written again only after a minute");
    let later = start + TimeDelta::seconds(61);
    repo.touch_api_key(first.key.id, later).await.unwrap();
    assert_eq!(used().await, Some(later));

    assert!(
        !repo.delete_api_key(bob.id, first.key.id).await.unwrap(),
        "somebody else's key"
    );
    assert!(
        !contract
            .read(&other)
            .identity()
            .delete_api_key(ada.id, first.key.id)
            .await
            .unwrap()
    );
    assert!(repo.delete_api_key(ada.id, first.key.id).await.unwrap());
    assert!(
        !repo.delete_api_key(ada.id, first.key.id).await.unwrap(),
        "gone already"
    );
    assert_eq!(found().await, None);
}
