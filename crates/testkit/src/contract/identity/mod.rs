//! Organizations, users, sessions, API keys and links to trusted issuers.

mod keys;
mod links;

use super::{Contract, assert_duplicate};
use chrono::TimeDelta;
use groundswell_domain::identity::{Session, User};
use groundswell_domain::{Scope, UserId};

pub async fn identity(contract: &Contract) {
    organizations(contract).await;
    users(contract).await;
    sessions(contract).await;
    faster_rotation_wins(contract).await;
    keys::api_keys(contract).await;
    keys::keys_of_clients(contract).await;
    keys::rotation(contract).await;
    links::identity_links(contract).await;
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
