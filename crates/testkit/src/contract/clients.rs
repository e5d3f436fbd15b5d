//! Clients, what refers to them, and what is known about all of them.

use super::{Contract, assert_duplicate, assert_missing_reference, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::campaigns::{CampaignStatus, MetricsDelta};
use groundswell_domain::clients::{
    CampaignFacts, Client, ClientFilter, ClientSort, ClientStatus, Contact, MOST_GROUPS, RevenueRange,
};
use groundswell_domain::leads::Tags;
use groundswell_domain::{PageRequest, Scope, Sort};

pub async fn clients(contract: &Contract) {
    kept_as_they_are(contract).await;
    stale_versions_change_nothing(contract).await;
    lists(contract).await;
    filters(contract).await;
    what_refers_to_a_client(contract).await;
    deleting_keeps_campaigns_and_leads(contract).await;
    live_campaigns(contract).await;
    facts(contract).await;
    stats(contract).await;
    stats_are_bounded(contract).await;
}

fn full(contract: &Contract) -> Client {
    let mut client = contract.make.client();
    client.name = "O'Neil \"100%\" \u{1F331}".to_owned();
    client.industry = Some("Software".to_owned());
    client.country = Some("DE".parse().unwrap());
    client.website = Some("https://oneil.example/?a='b'".to_owned());
    client.annual_revenue = Some("1234567.80".parse().unwrap());
    client.currency = "USD".parse().unwrap();
    client.employees = Some(120);
    client.contacts.push(Contact {
        name: "Bo \\ \"x\"".to_owned(),
        email: None,
        phone: Some("+49 30 1".to_owned()),
        role: Some("Buys".to_owned()),
        is_primary: false,
    });
    client.notes = Some("line\nline".to_owned());
    client.tags = Tags::parse(["vip", "straße"]).unwrap();
    client.status = ClientStatus::Prospect;
    client
}

async fn add(contract: &Contract, scope: &Scope, clients: &[Client]) {
    let unit = contract.begin(scope).await;
    for client in clients {
        unit.clients().insert(client).await.unwrap();
    }
    unit.commit().await.unwrap();
}

async fn kept_as_they_are(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (full, plain) = (full(contract), contract.make.client());
    add(contract, &mine, &[full.clone(), plain.clone()]).await;
    let repos = contract.read(&mine);
    assert_eq!(repos.clients().get(full.id).await.unwrap(), Some(full.clone()));
    assert_eq!(repos.clients().get(plain.id).await.unwrap(), Some(plain));
    assert_duplicate(repos.clients().insert(&full).await);
    let unit = contract.begin(&mine).await;
    assert_eq!(
        unit.clients().get_locked(full.id).await.unwrap(),
        Some(full.clone())
    );
    assert_eq!(unit.clients().get_locked(contract.make.id()).await.unwrap(), None);
    drop(unit);

    let theirs = contract.read(&other);
    assert_eq!(theirs.clients().get(full.id).await.unwrap(), None);
    assert!(!theirs.clients().update(&full, 1).await.unwrap());
    assert!(!theirs.clients().delete(full.id).await.unwrap());
    assert_eq!(repos.clients().get(full.id).await.unwrap(), Some(full));
}

async fn stale_versions_change_nothing(contract: &Contract) {
    let scope = contract.organization().await;
    let client = contract.client(&scope).await;
    let repos = contract.read(&scope);
    let mut changed = Client {
        id: client.id,
        created_at: client.created_at,
        ..full(contract)
    };
    changed.updated_at = contract.make.clock.advance(TimeDelta::seconds(1));
    changed.version = 2;
    assert!(
        !repos.clients().update(&changed, 2).await.unwrap(),
        "it is at version 1"
    );
    assert_eq!(
        repos.clients().get(client.id).await.unwrap(),
        Some(client.clone())
    );
    assert!(repos.clients().update(&changed, 1).await.unwrap());
    assert_eq!(
        repos.clients().get(client.id).await.unwrap(),
        Some(changed.clone())
    );
    assert!(
        !repos.clients().update(&client, 1).await.unwrap(),
        "it is at version 2"
    );
    let cleared = Client {
        version: 3,
        updated_at: changed.updated_at,
        ..client
    };
    assert!(repos.clients().update(&cleared, 2).await.unwrap());
    assert_eq!(repos.clients().get(cleared.id).await.unwrap(), Some(cleared));
}

async fn lists(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    contract.client(&other).await;
    let mut clients = Vec::new();
    // Equal times and names, so that ties are broken by id.
    for number in 0..7 {
        let mut client = contract.make.client();
        client.name = ["a", "B", "b"][number % 3].to_owned();
        client.updated_at += TimeDelta::microseconds([3, 1, 2, 1, 0, 3, 3][number]);
        if number % 3 == 2 {
            contract.make.clock.advance(TimeDelta::seconds(1));
        }
        clients.push(client);
    }
    add(contract, &mine, &clients).await;
    let ids: Vec<_> = clients.iter().map(|client| client.id).collect();
    let repos = contract.read(&mine);
    let (repo, all) = (repos.clients(), ClientFilter::default());
    let filter = &all;
    assert_pages(
        &ids,
        |client: &Client| client.id,
        |sort, a, b| match sort {
            ClientSort::CreatedAt => a.created_at <= b.created_at,
            ClientSort::UpdatedAt => a.updated_at <= b.updated_at,
            // The order of letters is the database's business; equal ones stand together.
            ClientSort::Name => a.name != b.name || a.id < b.id,
        },
        |request| async move { repo.list(filter, &request).await },
    )
    .await;
}

async fn filters(contract: &Contract) {
    let scope = contract.organization().await;
    let full = full(contract);
    contract.make.clock.advance(TimeDelta::seconds(1));
    let mut other = contract.make.client();
    other.industry = Some("software".to_owned());
    other.annual_revenue = Some("1234567.81".parse().unwrap());
    other.employees = Some(121);
    contract.make.clock.advance(TimeDelta::seconds(1));
    let mut plain = contract.make.client();
    plain.name = "a_b".to_owned();
    add(contract, &scope, &[full.clone(), other.clone(), plain.clone()]).await;
    let all = ClientFilter::default;
    let name = |part: &str| ClientFilter {
        name: Some(part.to_owned()),
        ..ClientFilter::default()
    };
    let revenue = |currency: &str, min, max| ClientFilter {
        revenue: Some(RevenueRange {
            currency: currency.parse().unwrap(),
            min,
            max,
        }),
        ..ClientFilter::default()
    };
    for (filter, expected) in [
        (all(), vec![full.id, other.id, plain.id]),
        (name("O'NEIL"), vec![full.id]),
        (name("0%"), vec![full.id]),
        (name("_"), vec![plain.id]),
        (
            ClientFilter {
                industry: full.industry.clone(),
                ..all()
            },
            vec![full.id],
        ),
        (
            ClientFilter {
                country: full.country,
                ..all()
            },
            vec![full.id],
        ),
        (
            ClientFilter {
                status: Some(ClientStatus::Active),
                ..all()
            },
            vec![other.id, plain.id],
        ),
        (
            ClientFilter {
                min_employees: Some(120),
                max_employees: Some(120),
                ..all()
            },
            vec![full.id],
        ),
        (
            ClientFilter {
                min_employees: Some(0),
                ..all()
            },
            vec![full.id, other.id],
        ),
        (
            ClientFilter {
                created_after: Some(full.created_at),
                created_before: Some(plain.created_at),
                ..all()
            },
            vec![other.id],
        ),
        // Inclusive at both ends, in one currency, and only where it is known.
        (
            revenue("USD", Some(123_456_780), Some(123_456_780)),
            vec![full.id],
        ),
        (revenue("USD", Some(123_456_781), None), vec![]),
        (revenue("USD", None, Some(123_456_779)), vec![]),
        (revenue("EUR", None, None), vec![other.id]),
        (revenue("EUR", Some(0), None), vec![other.id]),
        (revenue("CHF", None, None), vec![]),
    ] {
        let mut page = PageRequest::first(200, Sort::parse("created_at").unwrap());
        page.with_total = true;
        let list = contract
            .read(&scope)
            .clients()
            .list(&filter, &page)
            .await
            .unwrap();
        assert_eq!(
            list.items.iter().map(|client| client.id).collect::<Vec<_>>(),
            expected,
            "{filter:?}"
        );
        assert_eq!(list.total, Some(expected.len() as u64), "{filter:?}");
    }
}

/// Neither unknown clients nor those of others can be referred to.
async fn what_refers_to_a_client(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let known = contract.client(&mine).await.id;
    let project = contract.project(&mine, None).await.id;
    let repos = contract.read(&mine);
    let their_client = contract.client(&other).await.id;
    let their_project = contract.project(&other, None).await.id;
    for (client, project) in [
        (contract.make.id(), project),
        (their_client, project),
        (known, contract.make.id()),
        (known, their_project),
    ] {
        let mut campaign = contract.make.campaign();
        (campaign.client_id, campaign.project_id) = (Some(client), Some(project));
        let unit = contract.begin(&mine).await;
        assert_missing_reference(unit.campaigns().insert(&campaign).await);
        drop(unit);
        (campaign.client_id, campaign.project_id) = (None, None);
        repos.campaigns().insert(&campaign).await.unwrap();
        (campaign.client_id, campaign.project_id) = (Some(client), Some(project));
        assert_missing_reference(repos.campaigns().update(&campaign, 1).await);
    }
    for client in [contract.make.id(), their_client] {
        let id: uuid::Uuid = contract.make.id();
        let mut lead = contract.make.lead(&format!("{}@links.example", id.simple()));
        lead.client_id = Some(client);
        let unit = contract.begin(&mine).await;
        assert_missing_reference(unit.leads().insert(&lead).await);
        drop(unit);
        assert_missing_reference(
            repos
                .projects()
                .insert(&contract.make.project(Some(client)))
                .await,
        );
    }
}

async fn deleting_keeps_campaigns_and_leads(contract: &Contract) {
    let scope = contract.organization().await;
    let (client, bystander) = (contract.client(&scope).await.id, contract.client(&scope).await.id);
    let (project, kept) = (
        contract.project(&scope, Some(client)).await.id,
        contract.project(&scope, Some(bystander)).await.id,
    );
    let (mut campaign, mut other) = (contract.make.campaign(), contract.make.campaign());
    (campaign.client_id, campaign.project_id) = (Some(client), Some(project));
    (other.client_id, other.project_id) = (Some(bystander), Some(kept));
    let mut lead = contract.make.lead("kept@example.com");
    lead.client_id = Some(client);
    let unit = contract.begin(&scope).await;
    unit.campaigns().insert(&campaign).await.unwrap();
    unit.campaigns().insert(&other).await.unwrap();
    unit.leads().insert(&lead).await.unwrap();
    unit.commit().await.unwrap();

    let unit = contract.begin(&scope).await;
    assert!(unit.clients().delete(client).await.unwrap());
    assert!(!unit.clients().delete(client).await.unwrap());
    unit.commit().await.unwrap();
    let repos = contract.read(&scope);
    assert_eq!(repos.clients().get(client).await.unwrap(), None);
    assert_eq!(repos.projects().get(project).await.unwrap(), None);
    (campaign.client_id, campaign.project_id) = (None, None);
    assert_eq!(repos.campaigns().get(campaign.id).await.unwrap(), Some(campaign));
    lead.client_id = None;
    assert_eq!(repos.leads().get(lead.id).await.unwrap(), Some(lead));
    assert_eq!(repos.campaigns().get(other.id).await.unwrap(), Some(other));
    assert!(repos.projects().get(kept).await.unwrap().is_some());
}

async fn live_campaigns(contract: &Contract) {
    let scope = contract.organization().await;
    let (client, other) = (contract.client(&scope).await.id, contract.client(&scope).await.id);
    let mut expected = Vec::new();
    let unit = contract.begin(&scope).await;
    for (number, status) in CampaignStatus::ALL.iter().enumerate() {
        for owner in [client, other] {
            let mut campaign = contract.make.campaign();
            campaign.name = format!("C{number}");
            campaign.status = *status;
            campaign.client_id = Some(owner);
            unit.campaigns().insert(&campaign).await.unwrap();
            let live = matches!(
                status,
                CampaignStatus::Scheduled | CampaignStatus::Active | CampaignStatus::Paused
            );
            if live && owner == client {
                expected.push((campaign.id, campaign.name));
            }
        }
    }
    assert_eq!(unit.clients().live_campaigns(client).await.unwrap(), expected);
    assert_eq!(
        unit.clients().live_campaigns(contract.make.id()).await.unwrap(),
        []
    );
}

async fn facts(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let client = contract.client(&mine).await.id;
    let quiet = contract.client(&mine).await.id;
    let start = contract.make.now();
    let unit = contract.begin(&mine).await;
    for (status, days, launched) in [
        (CampaignStatus::Active, 1, true),
        (CampaignStatus::Scheduled, 9, false),
        (CampaignStatus::Paused, 3, true),
        (CampaignStatus::Draft, 8, false),
        (CampaignStatus::Completed, 5, true),
    ] {
        let mut campaign = contract.make.campaign();
        campaign.status = status;
        campaign.client_id = Some(client);
        campaign.updated_at = start + TimeDelta::days(days);
        campaign.launched_at = launched.then_some(start);
        unit.campaigns().insert(&campaign).await.unwrap();
        let delta = MetricsDelta {
            audience: 10,
            sent: 5,
            failed: 2,
            unsubscribes: 1,
            ..MetricsDelta::default()
        };
        unit.campaigns().add_metrics(campaign.id, &delta).await.unwrap();
    }
    unit.commit().await.unwrap();
    let found = contract
        .read(&mine)
        .clients()
        .campaign_facts(&[client, quiet])
        .await
        .unwrap();
    let expected = CampaignFacts {
        running: 2,
        paused: 1,
        last_activity: Some(start + TimeDelta::days(5)),
        sent: 25,
        failed: 10,
        unsubscribes: 5,
    };
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [(client, expected)]);
    for (scope, ids) in [(&other, vec![client]), (&mine, vec![quiet]), (&mine, vec![])] {
        assert!(
            contract
                .read(scope)
                .clients()
                .campaign_facts(&ids)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

async fn stats(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    contract.client(&other).await;
    let now = "2030-03-15T12:00:00Z".parse().unwrap();
    let make = |created: &str, industry: Option<&str>, country: Option<&str>, revenue: Option<&str>| {
        let mut client = contract.make.client();
        client.created_at = created.parse().unwrap();
        client.industry = industry.map(str::to_owned);
        client.country = country.map(|code| code.parse().unwrap());
        client.annual_revenue = revenue.map(|amount| amount.parse().unwrap());
        client
    };
    let huge = Some("90000000000000");
    let mut clients = vec![
        make("2029-03-31T23:59:59.999999Z", Some("a"), Some("DE"), None),
        make("2029-04-01T00:00:00Z", Some("b"), Some("DE"), Some("1.00")),
        make("2030-03-01T00:00:00Z", Some("b"), Some("FR"), Some("2.01")),
        make("2030-03-15T12:00:00Z", None, None, None),
    ];
    // Their sum is more than a number holds.
    for _ in 0..1100 {
        let mut rich = make("2020-01-01T00:00:00Z", Some("z"), Some("US"), huge);
        rich.currency = "USD".parse().unwrap();
        rich.status = ClientStatus::Inactive;
        clients.push(rich);
    }
    add(contract, &mine, &clients).await;
    let stats = contract.read(&mine).clients().stats(now).await.unwrap();
    assert_eq!(stats.total, 1104);
    assert_eq!(
        (stats.by_status["active"], stats.by_status["inactive"]),
        (4, 1100)
    );
    let industries: Vec<_> = stats
        .by_industry
        .iter()
        .map(|group| (group.industry.as_deref(), group.clients))
        .collect();
    assert_eq!(industries[..2], [(Some("z"), 1100), (Some("b"), 2)]);
    assert!(industries.contains(&(None, 1)) && industries.contains(&(Some("a"), 1)));
    let countries: Vec<_> = stats
        .by_country
        .iter()
        .map(|group| (group.country.as_deref(), group.clients))
        .collect();
    assert_eq!(countries[..2], [(Some("US"), 1100), (Some("DE"), 2)]);
    assert_eq!((stats.other_industries, stats.other_countries), (0, 0));
    let averages: Vec<_> = stats
        .average_revenue
        .iter()
        .map(|(currency, amount)| format!("{currency} {amount}"))
        .collect();
    assert_eq!(averages, ["EUR 1.51", "USD 90000000000000"]);
    let growth: Vec<_> = stats
        .growth_by_month
        .iter()
        .map(|month| (month.month.as_str(), month.clients))
        .collect();
    assert_eq!(growth.len(), 12);
    assert_eq!((growth[0], growth[11]), (("2029-04", 1), ("2030-03", 2)));
    assert!(growth[1..11].iter().all(|(_, clients)| *clients == 0));
}

async fn stats_are_bounded(contract: &Contract) {
    let scope = contract.organization().await;
    let now = contract.make.now();
    let none = contract.read(&scope).clients().stats(now).await.unwrap();
    assert_eq!((none.total, none.by_industry.len()), (0, 0));
    assert!(none.average_revenue.is_empty());
    let clients: Vec<_> = (0..MOST_GROUPS + 3)
        .map(|number| {
            let mut client = contract.make.client();
            client.industry = Some(format!("industry {number:03}"));
            client
        })
        .collect();
    add(contract, &scope, &clients).await;
    let stats = contract.read(&scope).clients().stats(now).await.unwrap();
    assert_eq!(
        (stats.by_industry.len(), stats.other_industries),
        (MOST_GROUPS, 3)
    );
    assert_eq!(stats.by_industry[0].industry.as_deref(), Some("industry 000"));
    assert_eq!((stats.by_country.len(), stats.other_countries), (1, 0));
}
