//! Topics, and who left them.

use super::{Contract, assert_pages};
use groundswell_domain::duplicates::{LeadMerge, MergeExtras, MergeFields, combine};
use groundswell_domain::email::{
    EmailAddress, Topic, TopicFilter, TopicLeave, TopicLeaveSort, TopicSort, TopicUses,
};
use groundswell_domain::paging::MAX_LIMIT;
use groundswell_domain::{ClientId, PageRequest, Sort, TopicId};
use std::collections::BTreeSet;

pub async fn topics(contract: &Contract) {
    keeping(contract).await;
    lists(contract).await;
    choosing(contract).await;
    leaving(contract).await;
    who_left(contract).await;
    what_names_them(contract).await;
    merges(contract).await;
}

fn topic(contract: &Contract, name: &str, client_id: Option<ClientId>) -> Topic {
    Topic {
        id: contract.make.id(),
        name: name.to_owned(),
        description: Some("Once a month \u{1F331}".to_owned()),
        client_id,
        archived: false,
        created_at: contract.make.now(),
        updated_at: contract.make.now(),
        version: 1,
    }
}

fn leave(contract: &Contract, topic: TopicId, email: &str) -> TopicLeave {
    TopicLeave {
        id: contract.make.id(),
        topic_id: topic,
        email: EmailAddress::from_trusted(email.to_owned()),
        message_id: Some(contract.make.id()),
        created_at: contract.make.now(),
    }
}

fn keys<const N: usize>(of: [&str; N]) -> Vec<String> {
    of.map(str::to_owned).to_vec()
}

async fn keeping(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (repos, theirs) = (contract.read(&mine), contract.read(&other));
    let news = topic(contract, "News", None);
    repos.topics().insert(&news).await.unwrap();
    assert_eq!(repos.topics().get(news.id).await.unwrap(), Some(news.clone()));
    assert_eq!(repos.topics().count().await.unwrap(), 1);
    assert_eq!(theirs.topics().get(news.id).await.unwrap(), None);
    assert_eq!(theirs.topics().count().await.unwrap(), 0);
    let unit = contract.begin(&mine).await;
    assert_eq!(
        unit.topics().get_locked(news.id).await.unwrap(),
        Some(news.clone())
    );
    drop(unit);

    let changed = Topic {
        name: "Our news".to_owned(),
        description: None,
        archived: true,
        version: 2,
        ..news.clone()
    };
    assert!(
        !repos.topics().update(&changed, 2).await.unwrap(),
        "it is at version 1"
    );
    assert!(!theirs.topics().update(&changed, 1).await.unwrap());
    assert!(repos.topics().update(&changed, 1).await.unwrap());
    assert_eq!(repos.topics().get(news.id).await.unwrap(), Some(changed));
    assert!(!theirs.topics().delete(news.id).await.unwrap());
    assert!(repos.topics().delete(news.id).await.unwrap());
    assert!(!repos.topics().delete(news.id).await.unwrap());
    assert_eq!(repos.topics().get(news.id).await.unwrap(), None);
}

async fn lists(contract: &Contract) {
    let scope = contract.organization().await;
    let client = contract.client(&scope).await.id;
    let repos = contract.read(&scope);
    let (mut all, mut archived, mut clients) = (Vec::new(), Vec::new(), Vec::new());
    for (name, of_client, is_archived) in [
        ("C", false, false),
        ("a", true, false),
        ("B", true, true),
        ("d", false, true),
        ("E", false, false),
    ] {
        let made = Topic {
            archived: is_archived,
            ..topic(contract, name, of_client.then_some(client))
        };
        repos.topics().insert(&made).await.unwrap();
        all.push(made.id);
        archived.extend(is_archived.then_some(made.id));
        clients.extend(of_client.then_some(made.id));
    }
    for (filter, expected) in [
        (TopicFilter::default(), &all),
        (
            TopicFilter {
                archived: Some(true),
                ..TopicFilter::default()
            },
            &archived,
        ),
        (
            TopicFilter {
                client_id: Some(client),
                ..TopicFilter::default()
            },
            &clients,
        ),
    ] {
        assert_pages(
            expected,
            |topic: &Topic| topic.id,
            |field, a, b| match field {
                TopicSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
                TopicSort::Name => (&a.name, a.id) < (&b.name, b.id),
            },
            |page| {
                let repos = contract.read(&scope);
                async move { repos.topics().list(&filter, &page).await }
            },
        )
        .await;
    }
}

async fn choosing(contract: &Contract) {
    let (scope, other) = (contract.organization().await, contract.organization().await);
    let (one, two) = (contract.client(&scope).await.id, contract.client(&scope).await.id);
    let repos = contract.read(&scope);
    let made = [
        topic(contract, "b", None),
        topic(contract, "a", Some(one)),
        topic(contract, "c", Some(two)),
        Topic {
            archived: true,
            ..topic(contract, "d", None)
        },
    ];
    for topic in &made {
        repos.topics().insert(topic).await.unwrap();
    }
    contract
        .read(&other)
        .topics()
        .insert(&topic(contract, "theirs", None))
        .await
        .unwrap();
    for (clients, expected) in [
        (&[][..], &["b"][..]),
        (&[one], &["a", "b"]),
        (&[one, two], &["a", "b", "c"]),
    ] {
        let offered = repos.topics().offered(clients).await.unwrap();
        let names: Vec<&str> = offered.iter().map(|topic| topic.name.as_str()).collect();
        assert_eq!(names, expected);
    }
}

async fn leaving(contract: &Contract) {
    let (scope, other) = (contract.organization().await, contract.organization().await);
    let (repos, theirs) = (contract.read(&scope), contract.read(&other));
    let (news, offers) = (topic(contract, "News", None), topic(contract, "Offers", None));
    for topic in [&news, &offers] {
        repos.topics().insert(topic).await.unwrap();
    }
    let grace = leave(contract, news.id, "Grace@X.example");
    assert!(repos.topics().leave(&grace).await.unwrap());
    let again = leave(contract, news.id, "grace@x.example");
    assert!(
        !repos.topics().leave(&again).await.unwrap(),
        "one address leaves once"
    );
    let from_offers = leave(contract, offers.id, "grace@x.example");
    assert!(repos.topics().leave(&from_offers).await.unwrap());
    assert!(
        repos
            .topics()
            .leave(&leave(contract, news.id, "mary@x.example"))
            .await
            .unwrap()
    );

    let asked = keys(["grace@x.example", "mary@x.example", "nobody@x.example"]);
    let left: BTreeSet<_> = repos
        .topics()
        .left(&asked, &[news.id])
        .await
        .unwrap()
        .into_iter()
        .collect();
    let of = |key: &str, topic: TopicId| (key.to_owned(), topic);
    assert_eq!(
        left,
        BTreeSet::from([of("grace@x.example", news.id), of("mary@x.example", news.id)])
    );
    let both = repos.topics().left(&asked, &[news.id, offers.id]).await.unwrap();
    assert_eq!(both.len(), 3);
    assert_eq!(repos.topics().left(&asked, &[]).await.unwrap(), []);
    assert_eq!(repos.topics().left(&[], &[news.id]).await.unwrap(), []);
    assert_eq!(theirs.topics().left(&asked, &[news.id]).await.unwrap(), []);
    assert_eq!(
        repos.topics().left_by(&keys(["grace@x.example"])).await.unwrap(),
        [grace, from_offers.clone()]
    );
    assert_eq!(
        theirs.topics().left_by(&keys(["grace@x.example"])).await.unwrap(),
        []
    );

    assert!(!theirs.topics().join(news.id, "grace@x.example").await.unwrap());
    assert!(repos.topics().join(news.id, "grace@x.example").await.unwrap());
    assert!(!repos.topics().join(news.id, "grace@x.example").await.unwrap());
    assert_eq!(
        repos.topics().left_by(&keys(["grace@x.example"])).await.unwrap(),
        std::slice::from_ref(&from_offers)
    );
    theirs.topics().take_back(&[from_offers.id]).await.unwrap();
    assert_eq!(
        repos
            .topics()
            .left_by(&keys(["grace@x.example"]))
            .await
            .unwrap()
            .len(),
        1
    );
    repos.topics().take_back(&[]).await.unwrap();
    repos
        .topics()
        .take_back(&[from_offers.id, contract.make.id()])
        .await
        .unwrap();
    assert_eq!(
        repos.topics().left_by(&keys(["grace@x.example"])).await.unwrap(),
        []
    );
}

async fn who_left(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    let (news, offers) = (topic(contract, "News", None), topic(contract, "Offers", None));
    for topic in [&news, &offers] {
        repos.topics().insert(topic).await.unwrap();
    }
    let mut ids = Vec::new();
    for name in ["e", "a", "d", "b", "c"] {
        let one = leave(contract, news.id, &format!("{name}@x.example"));
        assert!(repos.topics().leave(&one).await.unwrap());
        ids.push(one.id);
    }
    assert!(
        repos
            .topics()
            .leave(&leave(contract, offers.id, "a@x.example"))
            .await
            .unwrap()
    );
    assert_pages(
        &ids,
        |leave: &TopicLeave| leave.id,
        |field, a, b| match field {
            TopicLeaveSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
        },
        |page| {
            let repos = contract.read(&scope);
            async move { repos.topics().leaves(news.id, None, &page).await }
        },
    )
    .await;
    let page = PageRequest::first(MAX_LIMIT, Sort::descending(TopicLeaveSort::CreatedAt));
    let one = repos
        .topics()
        .leaves(news.id, Some("a@x.example"), &page)
        .await
        .unwrap();
    assert_eq!(one.items.len(), 1);
    assert_eq!(one.items[0].email.as_str(), "a@x.example");
}

async fn what_names_them(contract: &Contract) {
    let (scope, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&scope);
    let news = topic(contract, "News", None);
    repos.topics().insert(&news).await.unwrap();
    assert_eq!(repos.topics().uses(news.id).await.unwrap(), TopicUses::default());
    let mut campaign = contract.make.campaign();
    campaign.topic_id = Some(news.id);
    repos.campaigns().insert(&campaign).await.unwrap();
    let kept = repos.campaigns().get(campaign.id).await.unwrap().unwrap();
    assert_eq!(kept.topic_id, Some(news.id));
    repos
        .topics()
        .leave(&leave(contract, news.id, "a@x.example"))
        .await
        .unwrap();
    let uses = TopicUses {
        campaigns: true,
        sequences: false,
        leaves: true,
    };
    assert_eq!(repos.topics().uses(news.id).await.unwrap(), uses);
    assert_eq!(
        contract.read(&other).topics().uses(news.id).await.unwrap(),
        TopicUses::default()
    );
    // Who left it goes with it.
    assert!(repos.topics().delete(news.id).await.unwrap());
    assert_eq!(repos.topics().left_by(&keys(["a@x.example"])).await.unwrap(), []);
}

/// What comes with a merge goes with it, and what was there before stays.
async fn merges(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    let (news, offers) = (topic(contract, "News", None), topic(contract, "Offers", None));
    for topic in [&news, &offers] {
        repos.topics().insert(topic).await.unwrap();
    }
    let (this, other) = (
        contract.make.lead("this@x.example"),
        contract.make.lead("other@x.example"),
    );
    for lead in [&this, &other] {
        repos.leads().insert(lead).await.unwrap();
    }
    let own = leave(contract, news.id, "this@x.example");
    assert!(repos.topics().leave(&own).await.unwrap());
    let now = contract.make.now();
    let merged = combine(&this, &other, &MergeFields::default(), now);
    let merge = LeadMerge {
        id: contract.make.id(),
        survivor_id: this.id,
        other_id: other.id,
        merged_by: None,
        merged_at: now,
    };
    let extras = MergeExtras {
        topics: [news.id, offers.id]
            .map(|id| leave(contract, id, "this@x.example"))
            .to_vec(),
        ..MergeExtras::default()
    };
    let unit = contract.begin(&scope).await;
    assert!(
        unit.merges()
            .merge(&merge, &merged, (1, 1), &extras)
            .await
            .unwrap()
    );
    unit.merges().seal(&merge).await.unwrap();
    unit.commit().await.unwrap();
    let left = async || {
        let left = contract
            .read(&scope)
            .topics()
            .left_by(&keys(["this@x.example"]))
            .await
            .unwrap();
        left.iter().map(|leave| leave.id).collect::<Vec<_>>()
    };
    assert_eq!(left().await, [own.id, extras.topics[1].id]);
    let unit = contract.begin(&scope).await;
    unit.merges().unmerge(&merge, contract.make.now()).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(left().await, [own.id]);
}
