//! Who the people of trusted issuers are.

use super::user;
use crate::contract::{Contract, assert_duplicate, assert_missing_reference};
use chrono::TimeDelta;
use groundswell_domain::UserId;
use groundswell_domain::identity::{IdentityLink, Linked, Role, UserStatus};

pub(super) async fn identity_links(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (ada, eve) = (user(contract, &mine).await, user(contract, &other).await);
    let link = |user_id: UserId, subject: &str| IdentityLink {
        id: contract.make.id(),
        user_id,
        issuer: "https://id.example.com".to_owned(),
        subject: subject.to_owned(),
        created_at: contract.make.now(),
        last_seen: contract.make.now(),
    };
    let repos = contract.read(&mine);
    let repo = repos.identity();
    let first = link(ada.id, "a-1");
    repo.insert_identity_link(&first).await.unwrap();
    repo.insert_identity_link(&link(ada.id, "a-2")).await.unwrap();
    assert_missing_reference(repo.insert_identity_link(&link(eve.id, "e-1")).await);
    let twin = link(eve.id, "a-1");
    let elsewhere = contract.read(&other);
    assert_duplicate(elsewhere.identity().insert_identity_link(&twin).await);

    let linked = async |subject: &str| {
        let directory = contract.system.identity();
        directory.linked("https://id.example.com", subject).await.unwrap()
    };
    let expected = Linked {
        link: first.id,
        organization: mine.organization,
        user: ada.id,
        role: ada.role,
        client: None,
        status: UserStatus::Active,
        last_seen: first.last_seen,
    };
    assert_eq!(linked("a-1").await, Some(expected));
    assert_eq!(linked("A-1").await, None, "subjects are compared exactly");
    let elsewhere_issued = contract
        .system
        .identity()
        .linked("https://id.example.com/", "a-1")
        .await;
    assert_eq!(elsewhere_issued.unwrap(), None);

    let later = contract.make.clock.advance(TimeDelta::hours(1));
    elsewhere
        .identity()
        .touch_identity_link(first.id, later)
        .await
        .unwrap();
    assert_eq!(linked("a-1").await, Some(expected), "another organization's link");
    repo.touch_identity_link(first.id, later).await.unwrap();
    let mut locked = ada.clone();
    locked.status = UserStatus::Disabled;
    locked.role = Role::ContentWriter;
    assert!(repo.update_user(&locked, locked.version).await.unwrap());
    let found = linked("a-1").await.unwrap();
    assert_eq!(
        (found.last_seen, found.status, found.role),
        (later, UserStatus::Disabled, Role::ContentWriter)
    );
    assert!(repo.delete_user(ada.id).await.unwrap());
    assert_eq!(linked("a-1").await, None, "it goes with the person");
}
