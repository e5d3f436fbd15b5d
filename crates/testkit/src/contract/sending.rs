//! Sending domains, their days, receivers that pushed back, and turns at servers.

use super::{Contract, assert_duplicate, assert_missing_reference, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::Scope;
use groundswell_domain::email::{
    Check, DkimAlgorithm, DkimKey, DomainChecks, DomainDay, MailFrom, Pace, SendingDomain, SendingDomainSort,
    Throttle, Turn,
};

pub async fn sending(contract: &Contract) {
    domains(contract).await;
    domain_lists(contract).await;
    days(contract).await;
    throttles(contract).await;
    receivers(contract).await;
    due_domains(contract).await;
    turns(contract).await;
    turns_side_by_side(contract).await;
    whom_mails_come_from(contract).await;
}

fn from(address: &str) -> MailFrom {
    MailFrom {
        name: "Ada, \u{1F331}".to_owned(),
        address: address.parse().unwrap(),
    }
}

fn domain(contract: &Contract, name: &str) -> SendingDomain {
    SendingDomain {
        id: contract.make.id(),
        domain: name.to_owned(),
        client_id: None,
        from: None,
        keys: vec![DkimKey {
            selector: "gs1".to_owned(),
            algorithm: DkimAlgorithm::Ed25519,
            public: "AAAA+/==".to_owned(),
        }],
        checks: DomainChecks::default(),
        verified_at: None,
        check_at: None,
        warmup: true,
        created_at: contract.make.now(),
        updated_at: contract.make.now(),
        version: 1,
    }
}

async fn domains(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let sending = repos.sending();
    let first = domain(contract, "example.com");
    sending.insert_domain(&first).await.unwrap();
    assert_eq!(sending.domain(first.id).await.unwrap(), Some(first.clone()));
    let again = domain(contract, "example.com");
    assert_duplicate(sending.insert_domain(&again).await);
    // Whose mail it is shows in the DNS, so others may have the name, too.
    let theirs = contract.read(&other);
    theirs.sending().insert_domain(&again).await.unwrap();
    let mut foreign = domain(contract, "foreign.example");
    foreign.client_id = Some(contract.client(&other).await.id);
    assert_missing_reference(sending.insert_domain(&foreign).await);

    let mut changed = first.clone();
    changed.from = Some(from("hello@example.com"));
    changed.checks.dkim = Check::pass("it's there");
    changed.checks.checked_at = Some(contract.make.now());
    changed.verified_at = Some(contract.make.now());
    changed.warmup = false;
    changed.updated_at = contract.make.clock.advance(TimeDelta::seconds(1));
    assert!(!sending.update_domain(&changed, 2).await.unwrap());
    assert!(!theirs.sending().update_domain(&changed, 1).await.unwrap());
    assert_eq!(theirs.sending().domain(first.id).await.unwrap(), None);
    assert_eq!(sending.verified_domains(10).await.unwrap(), []);
    assert!(sending.update_domain(&changed, 1).await.unwrap());
    changed.version = 2;
    assert_eq!(sending.domain(first.id).await.unwrap(), Some(changed.clone()));
    assert_eq!(sending.verified_domains(10).await.unwrap(), [changed]);
    assert_eq!(theirs.sending().verified_domains(10).await.unwrap(), []);
    assert_eq!(sending.count_domains().await.unwrap(), 1);

    let found = contract.system.sending();
    let mut all = Vec::new();
    while let Some(next) = found.with_domains(all.last().copied(), 1).await.unwrap().pop() {
        all.push(next);
    }
    assert!(all.contains(&mine.organization) && all.contains(&other.organization));
    assert!(all.is_sorted() && !all.windows(2).any(|two| two[0] == two[1]));

    assert!(!theirs.sending().delete_domain(first.id).await.unwrap());
    assert!(sending.delete_domain(first.id).await.unwrap());
    assert!(!sending.delete_domain(first.id).await.unwrap());
    assert_eq!(sending.domain(first.id).await.unwrap(), None);
}

async fn domain_lists(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let mut ids = Vec::new();
    for number in 0..5 {
        let domain = domain(contract, &format!("d{}.example", (number * 3) % 5));
        repos.sending().insert_domain(&domain).await.unwrap();
        ids.push(domain.id);
    }
    let theirs = domain(contract, "theirs.example");
    contract
        .read(&other)
        .sending()
        .insert_domain(&theirs)
        .await
        .unwrap();
    assert_pages(
        &ids,
        |domain: &SendingDomain| domain.id,
        |field, a, b| match field {
            SendingDomainSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
            SendingDomainSort::Domain => (&a.domain, a.id) < (&b.domain, b.id),
        },
        |page| {
            let repos = contract.read(&mine);
            async move { repos.sending().list_domains(&page).await }
        },
    )
    .await;
}

async fn open(contract: &Contract, scope: &Scope, of: &SendingDomain, ahead: i64, mails: u32) -> DomainDay {
    let day = contract.make.now().date_naive() + TimeDelta::days(ahead);
    let unit = contract.begin(scope).await;
    let opened = unit.sending().open_day(of.id, day).await.unwrap();
    if mails > 0 {
        unit.sending().count_day(of.id, day, mails).await.unwrap();
    }
    unit.commit().await.unwrap();
    opened
}

async fn days(contract: &Contract) {
    let scope = contract.organization().await;
    let (one, two) = (domain(contract, "one.example"), domain(contract, "two.example"));
    for domain in [&one, &two] {
        contract
            .read(&scope)
            .sending()
            .insert_domain(domain)
            .await
            .unwrap();
    }
    let day = |days_before, sent| DomainDay { days_before, sent };
    assert_eq!(open(contract, &scope, &one, 0, 7).await, day(0, 0));
    assert_eq!(open(contract, &scope, &one, 0, 3).await, day(0, 7));
    // Three of them have not left after all; more can't be taken off than there were.
    let today = contract.make.now().date_naive();
    let unit = contract.begin(&scope).await;
    unit.sending().uncount_day(one.id, today, 3).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(open(contract, &scope, &one, 0, 3).await, day(0, 7));
    let unit = contract.begin(&scope).await;
    unit.sending().uncount_day(two.id, today, 9).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(open(contract, &scope, &two, 0, 0).await, day(0, 0));
    assert_eq!(open(contract, &scope, &one, 1, 0).await, day(1, 0));
    // A day on which nothing was sent is none.
    assert_eq!(open(contract, &scope, &one, 2, 1).await, day(1, 0));
    assert_eq!(open(contract, &scope, &one, 3, 0).await, day(2, 0));
    assert_eq!(
        open(contract, &scope, &one, 0, 0).await,
        day(0, 10),
        "no later day counts"
    );

    // Two processes count together.
    let mut tasks = Vec::new();
    for _ in 0..8 {
        tasks.push(open(contract, &scope, &two, 0, 5));
    }
    let mut seen: Vec<u32> = Vec::new();
    for opened in futures_util::future::join_all(tasks).await {
        seen.push(opened.sent);
    }
    seen.sort_unstable();
    assert_eq!(seen, [0, 5, 10, 15, 20, 25, 30, 35], "one after the other");
    let unit = contract.begin(&scope).await;
    assert!(unit.sending().delete_domain(one.id).await.unwrap());
    unit.commit().await.unwrap();
}

async fn receivers(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (repos, theirs) = (contract.read(&mine), contract.read(&other));
    let today = contract.make.now().date_naive();
    let yesterday = today - TimeDelta::days(1);
    let sent = |of: &[(&str, u32)]| {
        of.iter()
            .map(|(name, mails)| ((*name).to_owned(), *mails))
            .collect()
    };
    let count =
        async |day, of: &[(&str, u32)]| repos.sending().count_receivers(day, &sent(of)).await.unwrap();
    count(yesterday, &[("google", 5)]).await;
    count(today, &[("google", 2), ("yahoo", 1)]).await;
    count(today, &[("google", 3), ("x.example", 1)]).await;
    count(today, &[]).await;
    for (provider, since, mails) in [
        ("google", today, 5),
        ("google", yesterday, 10),
        ("yahoo", yesterday, 1),
        ("apple", yesterday, 0),
    ] {
        assert_eq!(
            repos.sending().sent_to(provider, since).await.unwrap(),
            mails,
            "{provider} since {since}"
        );
    }
    assert_eq!(theirs.sending().sent_to("google", yesterday).await.unwrap(), 0);
    let later = contract.make.now() + TimeDelta::days(2);
    contract.system.forget_expired(later).await.unwrap();
    assert_eq!(repos.sending().sent_to("google", yesterday).await.unwrap(), 5);
}

/// Of any organization. Suites share a database, so there may be others.
async fn due_domains(contract: &Contract) {
    let scope = contract.organization().await;
    let now = contract.make.now();
    let mut ids = Vec::new();
    for (name, due) in [
        ("due.example", Some(now)),
        ("never.example", None),
        ("later.example", Some(now + TimeDelta::hours(1))),
    ] {
        let domain = SendingDomain {
            check_at: due,
            ..domain(contract, name)
        };
        contract
            .read(&scope)
            .sending()
            .insert_domain(&domain)
            .await
            .unwrap();
        let kept = contract.read(&scope).sending().domain(domain.id).await.unwrap();
        assert_eq!(kept.unwrap().check_at, due);
        ids.push(domain.id);
    }
    let due = async |at| {
        let found = contract.system.sending().due_domains(at, 1_000).await.unwrap();
        let mine = found
            .into_iter()
            .filter(|(organization, _)| *organization == scope.organization);
        mine.map(|(_, id)| id).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(due(now).await, [ids[0], ids[1]].into());
    assert_eq!(
        due(now + TimeDelta::hours(1)).await,
        ids.iter().copied().collect()
    );
    assert_eq!(
        contract.system.sending().due_domains(now, 1).await.unwrap().len(),
        1
    );
}

async fn throttles(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let named = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut google = Throttle::new("google".to_owned(), contract.make.now());
    google.per_minute = Some(12.5);
    google.next_turn = 1_800_000_000_123_456;
    google.horizon = 1_800_000_001_123_456;
    let mut yahoo = Throttle::new("yahoo".to_owned(), contract.make.now());
    yahoo.complaints = 2;
    let unit = contract.begin(&mine).await;
    for throttle in [&yahoo, &google] {
        unit.sending().keep_throttle(throttle).await.unwrap();
    }
    unit.commit().await.unwrap();
    let find = async |scope: &Scope, names: &[&str]| {
        let unit = contract.begin(scope).await;
        unit.sending().throttles(&named(names)).await.unwrap()
    };
    assert_eq!(
        find(&mine, &["yahoo", "apple", "google"]).await,
        [google.clone(), yahoo.clone()],
        "in order"
    );
    assert_eq!(find(&mine, &["apple"]).await, []);
    assert_eq!(find(&mine, &[]).await, []);
    assert_eq!(find(&other, &["google", "yahoo"]).await, []);

    google.per_minute = None;
    google.complaints = 1;
    let repos = contract.read(&mine);
    repos.sending().keep_throttle(&google).await.unwrap();
    assert_eq!(find(&mine, &["google"]).await, [google]);
    contract
        .read(&other)
        .sending()
        .forget_throttle("google")
        .await
        .unwrap();
    assert_eq!(find(&mine, &["google"]).await.len(), 1);
    repos.sending().forget_throttle("google").await.unwrap();
    assert_eq!(find(&mine, &["google"]).await, []);
    assert_eq!(find(&mine, &["yahoo"]).await, [yahoo]);
}

fn pace(interval: i64, burst: i64, patience: i64) -> Pace {
    Pace {
        interval: TimeDelta::milliseconds(interval),
        burst: TimeDelta::milliseconds(burst),
        patience: TimeDelta::milliseconds(patience),
    }
}

async fn turns(contract: &Contract) {
    let directory = contract.system.sending();
    let now = contract.make.now();
    let name = format!("server-{}", contract.make.id::<uuid::Uuid>());
    let pace = pace(500, 1000, 600);
    let after = |milliseconds| now + TimeDelta::milliseconds(milliseconds);
    let mut taken = Vec::new();
    for _ in 0..4 {
        taken.push(directory.take_turn(&name, &pace, now).await.unwrap());
    }
    // Two at once, one that is waited for, and no more within the patience.
    assert_eq!(
        taken,
        [
            Turn::At(now),
            Turn::At(now),
            Turn::At(after(500)),
            Turn::NotBefore(after(400))
        ]
    );
    // Asking takes nothing.
    let again = directory.take_turn(&name, &pace, after(400)).await.unwrap();
    assert_eq!(again, Turn::At(after(1000)));
    let rested = directory.take_turn(&name, &pace, after(60_000)).await.unwrap();
    assert_eq!(
        rested,
        Turn::At(after(60_000)),
        "what was not used is not saved up beyond the burst"
    );
    let other = format!("{name}-other");
    assert_eq!(
        directory.take_turn(&other, &pace, now).await.unwrap(),
        Turn::At(now)
    );
}

async fn turns_side_by_side(contract: &Contract) {
    let now = contract.make.now();
    let name = format!("server-{}", contract.make.id::<uuid::Uuid>());
    let pace = pace(100, 100, 1950);
    let asked = (0..40).map(|_| contract.system.sending().take_turn(&name, &pace, now));
    let mut moments: Vec<_> = futures_util::future::join_all(asked)
        .await
        .into_iter()
        .filter_map(|turn| match turn.unwrap() {
            Turn::At(at) => Some((at - now).num_milliseconds()),
            Turn::NotBefore(_) => None,
        })
        .collect();
    moments.sort_unstable();
    assert_eq!(moments, (0..20).map(|number| number * 100).collect::<Vec<_>>());
}

async fn whom_mails_come_from(contract: &Contract) {
    let scope = contract.organization().await;
    let unit = contract.begin(&scope).await;
    let mut organization = unit.identity().organization().await.unwrap().unwrap();
    assert_eq!(organization.from, None);
    organization.from = Some(from("news@example.com"));
    let current = organization.version;
    assert!(
        unit.identity()
            .update_organization(&organization, current)
            .await
            .unwrap()
    );
    unit.commit().await.unwrap();
    let found = contract
        .read(&scope)
        .identity()
        .organization()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.from, Some(from("news@example.com")));
}
