//! API keys.

use super::user;
use crate::contract::{Contract, assert_duplicate, assert_missing_reference};
use chrono::TimeDelta;
use groundswell_domain::UserId;
use groundswell_domain::clients::ClientStatus;
use groundswell_domain::identity::{ApiKey, ApiKeyCredentials, Permission, Role, Standing};
use groundswell_domain::money::Money;
use std::net::IpAddr;

fn key(contract: &Contract, user: UserId, prefix: &str) -> ApiKeyCredentials {
    ApiKeyCredentials {
        key: ApiKey {
            id: contract.make.id(),
            user_id: user,
            name: "CI".to_owned(),
            prefix: prefix.to_owned(),
            scopes: vec![Permission::LeadsRead, Permission::FormsWrite],
            client_id: None,
            ip_ranges: vec!["203.0.113.0/24".parse().unwrap(), "2001:db8::1".parse().unwrap()],
            budget: Some(Money {
                minor: 5_000,
                currency: "JPY".parse().unwrap(),
            }),
            expires_at: Some(contract.make.now() + TimeDelta::days(1)),
            last_used_at: None,
            last_used_ip: None,
            replaces: None,
            replaced_by: None,
            created_at: contract.make.now(),
        },
        secret_hash: vec![1, 0, 255],
    }
}

pub(super) async fn api_keys(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (ada, bob) = (user(contract, &mine).await, user(contract, &mine).await);
    let key = |user: UserId, prefix: &str| key(contract, user, prefix);
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
    assert_eq!(
        repo.api_key(ada.id, first.key.id).await.unwrap(),
        Some(first.key.clone())
    );
    for (scope, user) in [(&mine, bob.id), (&other, ada.id)] {
        let repos = contract.read(scope);
        let found = repos.identity().api_key(user, first.key.id).await.unwrap();
        assert_eq!(found, None, "somebody else's key");
    }
    let standing = Standing {
        user: ada.id,
        role: Role::CompanyAdmin,
        client: None,
    };
    let found = async || contract.system.identity().api_key("gsk_first").await.unwrap();
    assert_eq!(found().await, Some((mine.organization, standing, first.clone())));
    assert_eq!(
        contract.system.identity().api_key("gsk_none").await.unwrap(),
        None
    );

    let used = async || found().await.unwrap().2.key.last_used_at;
    let ip: IpAddr = "2001:db8::1".parse().unwrap();
    let start = contract.make.now();
    contract
        .read(&other)
        .identity()
        .touch_api_key(first.key.id, start, None)
        .await
        .unwrap();
    assert_eq!(used().await, None, "another organization's key");
    repo.touch_api_key(first.key.id, start, Some(ip)).await.unwrap();
    repo.touch_api_key(first.key.id, start + TimeDelta::seconds(59), None)
        .await
        .unwrap();
    assert_eq!(used().await, Some(start), "written again only after a minute");
    let later = start + TimeDelta::seconds(61);
    assert_eq!(found().await.unwrap().2.key.last_used_ip, Some(ip));
    repo.touch_api_key(first.key.id, later, None).await.unwrap();
    assert_eq!(found().await.unwrap().2.key.last_used_ip, None);
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

pub(super) async fn keys_of_clients(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let ada = user(contract, &mine).await;
    let mut client = contract.client(&mine).await;
    let foreign = contract.client(&other).await;
    let repos = contract.read(&mine);
    let mut limited = key(contract, ada.id, "gsk_limited");
    for nobody in [foreign.id, contract.make.id()] {
        limited.key.client_id = Some(nobody);
        assert_missing_reference(repos.identity().insert_api_key(&limited).await);
    }
    limited.key.client_id = Some(client.id);
    repos.identity().insert_api_key(&limited).await.unwrap();
    let free = key(contract, ada.id, "gsk_free");
    repos.identity().insert_api_key(&free).await.unwrap();
    let found = async || contract.system.identity().api_key("gsk_limited").await.unwrap();
    assert_eq!(found().await.unwrap().2, limited);
    for (status, works) in [
        (ClientStatus::Inactive, false),
        (ClientStatus::Prospect, true),
        (ClientStatus::Active, true),
    ] {
        client.status = status;
        assert!(repos.clients().update(&client, client.version).await.unwrap());
        client.version += 1;
        assert_eq!(found().await.is_some(), works, "{status}");
    }
    // Without its limit it would be a stronger key, so it goes with the client.
    assert!(repos.clients().delete(client.id).await.unwrap());
    assert_eq!(found().await, None);
    assert_eq!(repos.identity().api_keys(ada.id).await.unwrap(), [free.key]);
}

pub(super) async fn rotation(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (ada, bob) = (user(contract, &mine).await, user(contract, &mine).await);
    let repos = contract.read(&mine);
    let repo = repos.identity();
    let old = key(contract, ada.id, "gsk_old");
    repo.insert_api_key(&old).await.unwrap();
    let mut new = key(contract, ada.id, "gsk_new");
    new.key.replaces = Some(old.key.id);
    repo.insert_api_key(&new).await.unwrap();
    let ends = contract.make.now() + TimeDelta::hours(1);
    for (scope, user) in [(&mine, bob.id), (&other, ada.id)] {
        let repos = contract.read(scope);
        let replaced = repos
            .identity()
            .replace_api_key(user, old.key.id, new.key.id, ends);
        assert!(!replaced.await.unwrap(), "somebody else's key");
    }
    assert!(
        repo.replace_api_key(ada.id, old.key.id, new.key.id, ends)
            .await
            .unwrap()
    );
    let again = repo.replace_api_key(ada.id, old.key.id, contract.make.id(), ends);
    assert!(!again.await.unwrap(), "it is replaced already");
    let kept = repo.api_key(ada.id, old.key.id).await.unwrap().unwrap();
    assert_eq!(
        (kept.replaced_by, kept.expires_at),
        (Some(new.key.id), Some(ends))
    );
    assert!(repo.delete_api_key(ada.id, old.key.id).await.unwrap());
    let kept = repo.api_key(ada.id, new.key.id).await.unwrap();
    assert_eq!(kept, Some(new.key), "the new one still tells what it replaces");
}
