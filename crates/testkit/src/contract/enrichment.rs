//! What was found out about leads.

use super::{Contract, assert_missing_reference, assert_pages};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::enrichment::{
    Check, CheckOutcome, Confidence, Enrichment, EnrichmentField, EnrichmentProvider, EnrichmentSettings,
    EnrichmentSource, EnrichmentValue, Fill, Finding, ProviderMethod, ProviderSort, Site, SiteOutcome,
};
use groundswell_domain::leads::Lead;
use groundswell_domain::{LeadId, Scope};
use serde_json::{Value, json};

pub async fn enrichment(contract: &Contract) {
    values_are_a_source_s_latest_word(contract).await;
    what_is_remembered_is_read_back(contract).await;
    a_site_is_visited_by_one_at_a_time(contract).await;
    providers_are_kept_and_listed(contract).await;
    turns_follow_each_other(contract).await;
    settings_are_one_row(contract).await;
    expired_values_and_sites_are_forgotten(contract).await;
    erasing_the_lead_tells_of_them(contract).await;
}

async fn lead(contract: &Contract, scope: &Scope, email: &str) -> Lead {
    let lead = contract.make.lead(email);
    contract.read(scope).leads().insert(&lead).await.unwrap();
    lead
}

fn value(lead: LeadId, field: EnrichmentField, value: Value, now: DateTime<Utc>) -> EnrichmentValue {
    EnrichmentValue {
        lead_id: lead,
        field,
        value,
        source: EnrichmentSource::Site,
        confidence: Confidence::percent(29),
        fetched_at: now,
        expires_at: now + TimeDelta::days(1),
    }
}

async fn values_are_a_source_s_latest_word(contract: &Contract) {
    use EnrichmentField::{City, Company, Technologies};
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let now = contract.make.now();
    let grace = lead(contract, &mine, "grace@example.com").await;
    let theirs = lead(contract, &other, "grace@example.com").await;
    let repos = contract.read(&mine);
    let repo = repos.enrichment();
    let site = EnrichmentSource::Site;
    let first = [
        value(grace.id, City, json!("Berlin"), now),
        value(grace.id, Company, json!("Acme"), now),
    ];
    repo.replace_values(grace.id, site, &first).await.unwrap();
    assert_eq!(repo.values(grace.id).await.unwrap(), first);
    let provider = EnrichmentSource::Provider(contract.make.id());
    let said = EnrichmentValue {
        source: provider,
        ..value(grace.id, Company, json!("Acme Inc."), now)
    };
    repo.replace_values(grace.id, provider, std::slice::from_ref(&said))
        .await
        .unwrap();
    let second = [value(grace.id, Technologies, json!(["nginx"]), now)];
    repo.replace_values(grace.id, site, &second).await.unwrap();
    assert_eq!(repo.values(grace.id).await.unwrap(), [said, second[0].clone()]);
    repo.replace_values(grace.id, site, &[]).await.unwrap();
    assert_eq!(repo.values(grace.id).await.unwrap().len(), 1);
    let hidden = contract.read(&other);
    assert_eq!(hidden.enrichment().values(grace.id).await.unwrap(), []);
    assert_missing_reference(
        hidden
            .enrichment()
            .replace_values(grace.id, site, &[value(grace.id, City, json!("Rome"), now)])
            .await,
    );
    hidden
        .enrichment()
        .replace_values(theirs.id, provider, &[])
        .await
        .unwrap();
    repos.leads().delete(grace.id).await.unwrap();
    assert_eq!(repo.values(grace.id).await.unwrap(), [], "they go with the lead");
}

async fn what_is_remembered_is_read_back(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let now = contract.make.now();
    let grace = lead(contract, &mine, "grace@example.com").await;
    let repos = contract.read(&mine);
    let repo = repos.enrichment();
    assert_eq!(repo.enrichment(grace.id).await.unwrap(), Enrichment::default());
    let mut known = Enrichment::default();
    let check = Check {
        outcome: CheckOutcome::Failed,
        message: Some("away".into()),
        asked: "example.com".into(),
        at: now,
        expires_at: now + TimeDelta::days(1),
    };
    known.checks.insert(EnrichmentSource::Site, check.clone());
    known
        .checks
        .insert(EnrichmentSource::Provider(contract.make.id()), check);
    let fill = Fill {
        value: json!("Acme"),
        source: EnrichmentSource::Site,
        filled_at: now,
        human: true,
    };
    known.fills.insert(EnrichmentField::Custom("a b".into()), fill);
    for _ in 0..2 {
        repo.keep_enrichment(grace.id, &known).await.unwrap();
        assert_eq!(repo.enrichment(grace.id).await.unwrap(), known);
        known.checks.remove(&EnrichmentSource::Site);
    }
    let hidden = contract.read(&other);
    assert_eq!(
        hidden.enrichment().enrichment(grace.id).await.unwrap(),
        Enrichment::default()
    );
    assert_missing_reference(hidden.enrichment().keep_enrichment(grace.id, &known).await);
}

fn site(now: DateTime<Utc>, outcome: SiteOutcome) -> Site {
    Site {
        domain: "example.com".into(),
        outcome,
        findings: vec![Finding {
            field: EnrichmentField::Company,
            value: json!("Acme"),
            confidence: Confidence::percent(90),
        }],
        message: Some("all well".into()),
        fetched_at: now,
        expires_at: now + TimeDelta::days(30),
    }
}

async fn a_site_is_visited_by_one_at_a_time(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let now = contract.make.now();
    let later = |minutes| now + TimeDelta::minutes(minutes);
    let claim = async |scope: &Scope, since, at: DateTime<Utc>| {
        let repos = contract.read(scope);
        let until = at + TimeDelta::minutes(5);
        let claimed = repos
            .enrichment()
            .claim_site("example.com", since, at, until)
            .await;
        claimed.unwrap()
    };
    let found = async |scope: &Scope| {
        contract
            .read(scope)
            .enrichment()
            .site("example.com")
            .await
            .unwrap()
    };
    assert_eq!(found(&mine).await, None);
    assert!(claim(&mine, None, now).await);
    assert!(!claim(&mine, None, later(4)).await, "somebody is there");
    assert!(
        !claim(&mine, Some(later(4)), later(4)).await,
        "also for those in a hurry"
    );
    assert_eq!(found(&mine).await.unwrap().outcome, SiteOutcome::Visiting);
    assert!(
        claim(&other, None, now).await,
        "another organization's visits are its own"
    );
    assert!(claim(&mine, None, later(5)).await, "whoever was there is dead");
    let site = site(later(6), SiteOutcome::Found);
    contract.read(&mine).enrichment().keep_site(&site).await.unwrap();
    assert_eq!(found(&mine).await, Some(site.clone()));
    assert!(!claim(&mine, None, later(7)).await);
    assert!(
        !claim(&mine, Some(later(6)), later(7)).await,
        "it is as new as asked for"
    );
    assert!(
        claim(&mine, Some(later(7)), later(7)).await,
        "it is older than asked for"
    );
    assert_eq!(
        found(&mine).await.unwrap().findings,
        site.findings,
        "what is known stays meanwhile"
    );
    contract.read(&mine).enrichment().keep_site(&site).await.unwrap();
    assert!(claim(&mine, None, site.expires_at).await);
}

fn provider(contract: &Contract, name: &str, position: i32) -> EnrichmentProvider {
    let now = contract.make.now();
    EnrichmentProvider {
        id: contract.make.id(),
        name: name.into(),
        url: "https://api.example.com/{{domain}}".into(),
        method: ProviderMethod::Post,
        headers: [("X-Version".to_owned(), "2".to_owned())].into(),
        body: Some(json!({ "q": "{{company}}" })),
        secret: serde_json::from_value(json!({ "service": "enrichment-x" })).unwrap(),
        mapping: [(EnrichmentField::Custom("crm".into()), "/id".to_owned())].into(),
        confidence: Confidence::percent(80),
        expiry_days: 90,
        position,
        enabled: true,
        rate_per_minute: 60,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

async fn providers_are_kept_and_listed(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let repo = repos.enrichment();
    let mut all = Vec::new();
    for (name, position) in [("c", 5), ("a", 5), ("b", 1), ("d", 9), ("e", 7)] {
        let provider = provider(contract, name, position);
        repo.insert_provider(&provider).await.unwrap();
        assert_eq!(
            repo.provider(provider.id).await.unwrap().as_ref(),
            Some(&provider)
        );
        all.push(provider);
        contract.make.clock.advance(TimeDelta::seconds(1));
    }
    let ids: Vec<_> = all.iter().map(|provider| provider.id).collect();
    assert_pages(
        &ids,
        |provider: &EnrichmentProvider| provider.id,
        |sort, a, b| match sort {
            ProviderSort::Position => (a.position, a.id) < (b.position, b.id),
            ProviderSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
            ProviderSort::Name => (&a.name, a.id) < (&b.name, b.id),
        },
        |page| {
            let repos = contract.read(&mine);
            async move { repos.enrichment().list_providers(&page).await }
        },
    )
    .await;
    let mut changed = EnrichmentProvider {
        name: "z".into(),
        body: None,
        secret: None,
        enabled: false,
        version: 2,
        ..all[2].clone()
    };
    assert!(repo.update_provider(&changed, 1).await.unwrap());
    assert!(
        !repo.update_provider(&changed, 1).await.unwrap(),
        "it has moved on"
    );
    changed.version = 2;
    assert_eq!(repo.provider(changed.id).await.unwrap(), Some(changed));
    let names = async |limit| {
        let found = repo.waterfall(limit).await.unwrap();
        found
            .into_iter()
            .map(|provider| provider.name)
            .collect::<String>()
    };
    assert_eq!((names(9).await.as_str(), names(2).await.as_str()), ("caed", "ca"));
    let hidden = contract.read(&other);
    let theirs = hidden.enrichment();
    assert_eq!(theirs.provider(ids[0]).await.unwrap(), None);
    assert!(!theirs.update_provider(&all[0], 1).await.unwrap());
    assert!(!theirs.delete_provider(ids[0]).await.unwrap());
    assert_eq!(theirs.waterfall(9).await.unwrap(), []);
    assert!(repo.delete_provider(ids[0]).await.unwrap());
    assert!(!repo.delete_provider(ids[0]).await.unwrap());
}

async fn turns_follow_each_other(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let now = contract.make.now();
    let provider = EnrichmentProvider {
        rate_per_minute: 30,
        ..provider(contract, "slow", 1)
    };
    let repos = contract.read(&mine);
    let repo = repos.enrichment();
    repo.insert_provider(&provider).await.unwrap();
    let seconds = TimeDelta::seconds;
    for (at, turn) in [(0, 0), (0, 2), (1, 4), (60, 60), (61, 62)] {
        let taken = repo.take_turn(&provider, now + seconds(at)).await.unwrap();
        assert_eq!(taken, Some(now + seconds(turn)), "asked for at {at}");
    }
    let changed = EnrichmentProvider {
        version: 2,
        ..provider.clone()
    };
    assert!(repo.update_provider(&changed, 1).await.unwrap());
    let taken = repo.take_turn(&provider, now + seconds(61)).await.unwrap();
    assert_eq!(
        taken,
        Some(now + seconds(64)),
        "a change of settings does not forget it"
    );
    let hidden = contract.read(&other);
    assert_eq!(hidden.enrichment().take_turn(&provider, now).await.unwrap(), None);
}

async fn settings_are_one_row(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    assert_eq!(repos.enrichment().settings().await.unwrap(), None);
    let initial = EnrichmentSettings::initial(contract.make.now());
    for settings in [
        initial,
        EnrichmentSettings {
            automatic: true,
            daily_budget: 7,
            spent: 3,
            seen: Some(contract.make.id()),
            ..initial
        },
    ] {
        let unit = contract.begin(&mine).await;
        unit.enrichment().keep_settings(&settings).await.unwrap();
        assert_eq!(unit.enrichment().settings_locked().await.unwrap(), Some(settings));
        unit.commit().await.unwrap();
        assert_eq!(repos.enrichment().settings().await.unwrap(), Some(settings));
    }
    assert_eq!(contract.read(&other).enrichment().settings().await.unwrap(), None);
}

async fn expired_values_and_sites_are_forgotten(contract: &Contract) {
    let mine = contract.organization().await;
    let now = contract.make.now();
    let grace = lead(contract, &mine, "grace@example.com").await;
    let repos = contract.read(&mine);
    let repo = repos.enrichment();
    let said = [value(grace.id, EnrichmentField::City, json!("Berlin"), now)];
    repo.replace_values(grace.id, EnrichmentSource::Site, &said)
        .await
        .unwrap();
    repo.keep_site(&site(now, SiteOutcome::Refused)).await.unwrap();
    contract
        .system
        .forget_expired(now + TimeDelta::hours(23))
        .await
        .unwrap();
    assert_eq!(repo.values(grace.id).await.unwrap(), said);
    contract
        .system
        .forget_expired(now + TimeDelta::days(1))
        .await
        .unwrap();
    assert_eq!(repo.values(grace.id).await.unwrap(), []);
    assert!(repo.site("example.com").await.unwrap().is_some());
    contract
        .system
        .forget_expired(now + TimeDelta::days(30))
        .await
        .unwrap();
    assert_eq!(repo.site("example.com").await.unwrap(), None);
}

async fn erasing_the_lead_tells_of_them(contract: &Contract) {
    let mine = contract.organization().await;
    let now = contract.make.now();
    let grace = lead(contract, &mine, "grace@example.com").await;
    let repos = contract.read(&mine);
    let said = [value(grace.id, EnrichmentField::City, json!("Berlin"), now)];
    let repo = repos.enrichment();
    repo.replace_values(grace.id, EnrichmentSource::Site, &said)
        .await
        .unwrap();
    repo.keep_enrichment(grace.id, &Enrichment::default())
        .await
        .unwrap();
    let unit = contract.begin(&mine).await;
    let touched = unit
        .erasures()
        .erase_lead(Some(grace.id), &grace.email.key(), now)
        .await
        .unwrap();
    unit.commit().await.unwrap();
    for store in ["enrichment_values", "lead_enrichments"] {
        let rows = touched
            .iter()
            .find(|touched| touched.store == store)
            .map(|touched| touched.rows);
        assert_eq!(rows, Some(1), "{store}");
    }
    assert_eq!(repo.enrichment(grace.id).await.unwrap(), Enrichment::default());
}
