//! Sources that leads are pulled from.

use super::Contract;
use chrono::TimeDelta;
use groundswell_domain::leads::{
    AuthKind, ImportCounts, LeadSource, OnExisting, SourceAuth, SourceKind, SourceRules, SourceRun,
    SourceSort, SourceState, SyncStatus, Tags,
};
use groundswell_domain::paging::Direction;
use groundswell_domain::{PageRequest, Scope, Sort, SourceId};

pub async fn sources(contract: &Contract) {
    kept_as_they_are(contract).await;
    a_run_is_noted(contract).await;
    listed_in_order(contract).await;
    others_are_out_of_reach(contract).await;
}

fn source(contract: &Contract, name: &str) -> LeadSource {
    let now = contract.make.now();
    LeadSource {
        id: contract.make.id(),
        name: name.to_owned(),
        kind: SourceKind::JsonUrl,
        url: "https://crm.example/people?ü=\"1\"".to_owned(),
        rules: SourceRules {
            auth: SourceAuth {
                kind: AuthKind::Basic,
                secret: Some("lead-source-crm".parse().unwrap()),
                header: None,
                username: Some("ada".to_owned()),
            },
            pointer: Some("/data".to_owned()),
            next_pointer: None,
            since_parameter: Some("since".to_owned()),
            mapping: [("/contact/mail".to_owned(), "email".to_owned())].into(),
            tags: Tags::parse(["crm"]).unwrap(),
            on_existing: OnExisting::Fill,
        },
        state: SourceState::default(),
        last_run: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

async fn insert(contract: &Contract, scope: &Scope, name: &str) -> LeadSource {
    let source = source(contract, name);
    contract.read(scope).lead_sources().insert(&source).await.unwrap();
    source
}

async fn get(contract: &Contract, scope: &Scope, id: SourceId) -> Option<LeadSource> {
    contract.read(scope).lead_sources().get(id).await.unwrap()
}

async fn kept_as_they_are(contract: &Contract) {
    let scope = contract.organization().await;
    let mut source = insert(contract, &scope, "CRM").await;
    assert_eq!(get(contract, &scope, source.id).await, Some(source.clone()));
    source.name = "Other".to_owned();
    source.rules.auth = SourceAuth::default();
    source.updated_at = contract.make.clock.advance(TimeDelta::seconds(1));
    source.version = 2;
    let repos = contract.read(&scope);
    assert!(!repos.lead_sources().update(&source, 7).await.unwrap());
    assert!(repos.lead_sources().update(&source, 1).await.unwrap());
    assert_eq!(get(contract, &scope, source.id).await, Some(source.clone()));
    assert!(repos.lead_sources().delete(source.id).await.unwrap());
    assert!(!repos.lead_sources().delete(source.id).await.unwrap());
    assert_eq!(get(contract, &scope, source.id).await, None);
}

fn run(contract: &Contract) -> SourceRun {
    SourceRun {
        status: SyncStatus::Failed,
        unmodified: false,
        ignored_keys: vec!["late".to_owned()],
        import_id: Some(contract.make.id()),
        counts: ImportCounts {
            rows: 3,
            created: 1,
            updated: 1,
            unchanged: 0,
            failed: 1,
        },
        error: Some("the server answered 500".to_owned()),
        started_at: contract.make.now(),
        finished_at: contract.make.now(),
    }
}

async fn a_run_is_noted(contract: &Contract) {
    let scope = contract.organization().await;
    let mut source = insert(contract, &scope, "CRM").await;
    source.state = SourceState {
        etag: Some("\"one\"".to_owned()),
        last_modified: None,
        since: Some(contract.make.now()),
        import: None,
    };
    let repos = contract.read(&scope);
    let run = run(contract);
    repos.lead_sources().ran(&source, &run).await.unwrap();
    source.last_run = Some(run.clone());
    assert_eq!(get(contract, &scope, source.id).await, Some(source.clone()));

    source.state.import = Some(contract.make.id());
    repos.lead_sources().remember(&source).await.unwrap();
    assert_eq!(get(contract, &scope, source.id).await, Some(source.clone()));
    let former = LeadSource {
        version: 7,
        state: SourceState::default(),
        ..source.clone()
    };
    repos.lead_sources().remember(&former).await.unwrap();
    assert_eq!(get(contract, &scope, source.id).await, Some(source.clone()));

    // Somebody changes it while a sync of the former one runs: that knows nothing of the new one.
    let changed = LeadSource {
        state: SourceState::default(),
        version: 2,
        ..source.clone()
    };
    assert!(repos.lead_sources().update(&changed, 1).await.unwrap());
    repos.lead_sources().ran(&source, &run).await.unwrap();
    assert_eq!(get(contract, &scope, source.id).await, Some(changed));
}

async fn listed_in_order(contract: &Contract) {
    let scope = contract.organization().await;
    let mut expected = Vec::new();
    for name in ["b", "c", "a"] {
        expected.push(insert(contract, &scope, name).await);
    }
    expected.sort_by(|a, b| a.name.cmp(&b.name));
    let repos = contract.read(&scope);
    let (mut cursor, mut met) = (None, Vec::new());
    loop {
        let page = PageRequest {
            limit: 2,
            cursor,
            sort: Sort {
                field: SourceSort::Name,
                direction: Direction::Ascending,
            },
            with_total: false,
        };
        let page = repos.lead_sources().list(&page).await.unwrap();
        met.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(met, expected);
    let mut ids: Vec<_> = expected.iter().map(|source| source.id).collect();
    ids.sort_unstable();
    assert_eq!(repos.lead_sources().ids(&[], None, 2).await.unwrap(), ids[..2]);
    let other = repos
        .lead_sources()
        .ids(&[], Some(SourceKind::CsvUrl), 10)
        .await
        .unwrap();
    assert!(other.is_empty());
    let named = [ids[2], contract.make.id()];
    assert_eq!(
        repos
            .lead_sources()
            .ids(&named, Some(SourceKind::JsonUrl), 10)
            .await
            .unwrap(),
        ids[2..]
    );
}

async fn others_are_out_of_reach(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let source = insert(contract, &mine, "CRM").await;
    let theirs = contract.read(&other);
    assert_eq!(get(contract, &other, source.id).await, None);
    assert!(
        theirs
            .lead_sources()
            .ids(&[source.id], None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(!theirs.lead_sources().update(&source, 1).await.unwrap());
    theirs.lead_sources().ran(&source, &run(contract)).await.unwrap();
    assert!(!theirs.lead_sources().delete(source.id).await.unwrap());
    assert_eq!(get(contract, &mine, source.id).await, Some(source));
}
