//! Taking imports back.

use super::Contract;
use super::imports::import;
use groundswell_domain::consents::{Consent, ConsentDecision, ConsentFilter, ConsentSort, ConsentSource};
use groundswell_domain::leads::{
    Import, ImportStatus, KeptLead, Lead, LeadEvent, LeadEventKind, Mark, TimelineSort, UndoCounts, Undone,
};
use groundswell_domain::{ImportId, LeadId, PageRequest, Scope, Sort};

pub async fn undo(contract: &Contract) {
    everything_is_as_before(contract).await;
    what_happened_since_stays(contract).await;
    moves_of_the_import_are_taken_back(contract).await;
    only_what_has_ended_can_be_undone(contract).await;
    others_are_out_of_reach(contract).await;
}

async fn begun(contract: &Contract, scope: &Scope) -> ImportId {
    let import = Import {
        dry_run: false,
        ..import(contract)
    };
    contract.read(scope).imports().insert(&import).await.unwrap();
    import.id
}

async fn end(contract: &Contract, scope: &Scope, id: ImportId) {
    let now = contract.make.now();
    contract
        .read(scope)
        .imports()
        .finish(id, None, now)
        .await
        .unwrap();
}

async fn update(contract: &Contract, scope: &Scope, id: ImportId, leads: &[Lead]) {
    let unit = contract.begin(scope).await;
    let marks: Vec<_> = leads.iter().map(|lead| (lead.id, Mark::Updated)).collect();
    unit.imports().mark(id, &marks).await.unwrap();
    unit.leads().update_many(leads).await.unwrap();
    unit.commit().await.unwrap();
}

async fn create(contract: &Contract, scope: &Scope, id: ImportId, leads: &[Lead]) {
    let unit = contract.begin(scope).await;
    assert_eq!(unit.leads().insert_many(leads).await.unwrap().len(), leads.len());
    let marks: Vec<_> = leads.iter().map(|lead| (lead.id, Mark::Created)).collect();
    unit.imports().mark(id, &marks).await.unwrap();
    unit.commit().await.unwrap();
}

/// In pieces of one lead; all counts.
async fn take_back(contract: &Contract, scope: &Scope, id: ImportId) -> UndoCounts {
    let repos = contract.read(scope);
    assert!(repos.imports().start_undo(id).await.unwrap());
    loop {
        let unit = contract.begin(scope).await;
        let counts = unit.imports().undo(id, 1).await.unwrap().counts;
        unit.commit().await.unwrap();
        assert!(counts.sum() <= 1);
        if counts.sum() == 0 {
            break;
        }
    }
    repos.imports().end_undo(id).await.unwrap();
    let import = repos.imports().get(id).await.unwrap().unwrap();
    assert_eq!(import.status, ImportStatus::Undone);
    import.undone.unwrap()
}

async fn get(contract: &Contract, scope: &Scope, id: LeadId) -> Option<Lead> {
    contract.read(scope).leads().get(id).await.unwrap()
}

async fn existing(contract: &Contract, scope: &Scope) -> Lead {
    let lead = new_lead(contract);
    contract.read(scope).leads().insert(&lead).await.unwrap();
    get(contract, scope, lead.id).await.unwrap()
}

fn renamed(contract: &Contract, lead: &Lead, name: &str) -> Lead {
    Lead {
        name: name.to_owned(),
        updated_at: contract.make.now(),
        status: groundswell_domain::leads::LeadStatus::Qualified,
        ..lead.clone()
    }
}

fn new_lead(contract: &Contract) -> Lead {
    let id: LeadId = contract.make.id();
    contract.make.lead(&format!("lead-{id}@undo.example"))
}

fn consent(contract: &Contract, lead: LeadId, import: Option<ImportId>) -> Consent {
    Consent {
        id: contract.make.id(),
        lead_id: lead,
        purpose: "news".parse().unwrap(),
        decision: ConsentDecision::Granted,
        text: Some("Write to me".to_owned()),
        source: ConsentSource::Import,
        form_id: None,
        submission_id: None,
        import_id: import,
        recorded_by: None,
        confirmation: None,
        created_at: contract.make.now(),
    }
}

async fn everything_is_as_before(contract: &Contract) {
    let scope = contract.organization().await;
    let (known, agreed) = (existing(contract, &scope).await, existing(contract, &scope).await);
    let before = contract.read(&scope).leads().status_counts().await.unwrap();
    let id = begun(contract, &scope).await;
    let new = [new_lead(contract), new_lead(contract)];
    create(contract, &scope, id, &new).await;
    // Twice: what counts is the row before the first time.
    update(contract, &scope, id, &[renamed(contract, &known, "Once")]).await;
    update(
        contract,
        &scope,
        id,
        &[
            renamed(contract, &known, "Twice"),
            renamed(contract, &new[0], "New"),
        ],
    )
    .await;
    let repos = contract.read(&scope);
    let given = [
        consent(contract, agreed.id, Some(id)),
        consent(contract, known.id, Some(id)),
    ];
    repos.consents().add_many(&given).await.unwrap();
    let marks = [(agreed.id, Mark::Consented), (known.id, Mark::Consented)];
    repos.imports().mark(id, &marks).await.unwrap();
    end(contract, &scope, id).await;

    let counts = take_back(contract, &scope, id).await;
    let expected = UndoCounts {
        deleted: 2,
        restored: 2,
        kept: 0,
    };
    assert_eq!(counts, expected);
    assert_eq!(get(contract, &scope, known.id).await, Some(known));
    assert_eq!(get(contract, &scope, agreed.id).await, Some(agreed.clone()));
    for lead in new {
        assert_eq!(get(contract, &scope, lead.id).await, None);
    }
    let page = PageRequest {
        limit: 10,
        sort: Sort::descending(ConsentSort::CreatedAt),
        cursor: None,
        with_total: false,
    };
    let none = repos
        .consents()
        .list(agreed.id, &ConsentFilter::default(), &page)
        .await
        .unwrap();
    assert!(none.items.is_empty());
    assert_eq!(repos.leads().status_counts().await.unwrap(), before);
    assert_eq!(repos.imports().kept(id, None, 10).await.unwrap(), []);
}

async fn what_happened_since_stays(contract: &Contract) {
    let scope = contract.organization().await;
    let known = existing(contract, &scope).await;
    let id = begun(contract, &scope).await;
    let (edited, active) = (new_lead(contract), new_lead(contract));
    create(contract, &scope, id, &[edited.clone(), active.clone()]).await;
    update(contract, &scope, id, &[renamed(contract, &known, "Imported")]).await;
    end(contract, &scope, id).await;
    let repos = contract.read(&scope);
    assert!(
        repos
            .leads()
            .update(&renamed(contract, &edited, "By hand"), 1)
            .await
            .unwrap()
    );
    let own = consent(contract, active.id, None);
    repos.consents().add(&own).await.unwrap();
    let counts = take_back(contract, &scope, id).await;
    assert_eq!((counts.restored, counts.kept), (1, 2));
    assert_eq!(get(contract, &scope, edited.id).await.unwrap().name, "By hand");
    let kept = |id: LeadId, reason: &str| KeptLead {
        lead_id: id,
        reason: reason.to_owned(),
    };
    let mut expected = [
        kept(edited.id, "was changed after the import"),
        kept(
            active.id,
            "has mails, answers, consents, notes or other events of after the import",
        ),
    ];
    expected.sort_by_key(|lead| lead.lead_id);
    assert_eq!(repos.imports().kept(id, None, 10).await.unwrap(), expected);
    let after = Some(expected[0].lead_id);
    assert_eq!(repos.imports().kept(id, after, 10).await.unwrap(), expected[1..]);
}

fn event(contract: &Contract, lead: &Lead, kind: LeadEventKind, import: Option<ImportId>) -> LeadEvent {
    LeadEvent {
        id: contract.make.id(),
        lead_id: lead.id,
        kind,
        subject: import.map(|id| id.0),
        occurred_at: contract.make.now(),
        data: serde_json::Map::new(),
    }
}

async fn moves_of_the_import_are_taken_back(contract: &Contract) {
    use LeadEventKind::{NoteAdded, StageChanged};
    let scope = contract.organization().await;
    let (moved, noted) = (existing(contract, &scope).await, existing(contract, &scope).await);
    let earlier = event(contract, &moved, StageChanged, None);
    let repos = contract.read(&scope);
    repos
        .lead_events()
        .add(std::slice::from_ref(&earlier))
        .await
        .unwrap();
    contract.make.clock.advance(chrono::TimeDelta::seconds(1));
    let id = begun(contract, &scope).await;
    let made = new_lead(contract);
    create(contract, &scope, id, std::slice::from_ref(&made)).await;
    let there = repos
        .imports()
        .created(id, &[moved.id, made.id, noted.id])
        .await
        .unwrap();
    assert_eq!(there, [made.id].into());
    let both = [
        renamed(contract, &moved, "Moved"),
        renamed(contract, &noted, "Noted"),
    ];
    update(contract, &scope, id, &both).await;
    let by_import = [&moved, &noted].map(|lead| event(contract, lead, StageChanged, Some(id)));
    repos.lead_events().add(&by_import).await.unwrap();
    let note = event(contract, &noted, NoteAdded, None);
    repos
        .lead_events()
        .add(std::slice::from_ref(&note))
        .await
        .unwrap();
    end(contract, &scope, id).await;

    let counts = take_back(contract, &scope, id).await;
    assert_eq!((counts.deleted, counts.restored, counts.kept), (1, 1, 1));
    let page = PageRequest {
        limit: 10,
        sort: Sort::descending(TimelineSort::OccurredAt),
        cursor: None,
        with_total: false,
    };
    for (lead, kept) in [
        (&moved, vec![earlier.id]),
        (&noted, vec![by_import[1].id, note.id]),
    ] {
        let lead = get(contract, &scope, lead.id).await.unwrap();
        let seen = repos.lead_events().timeline(&lead, &page).await.unwrap();
        let mut seen: Vec<_> = seen
            .items
            .iter()
            .filter(|event| event.kind != LeadEventKind::Created)
            .map(|event| event.id)
            .collect();
        let mut kept = kept;
        seen.sort_unstable();
        kept.sort_unstable();
        assert_eq!(seen, kept, "{}", lead.name);
    }
}

async fn only_what_has_ended_can_be_undone(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    let imports = repos.imports();
    let id = begun(contract, &scope).await;
    assert!(!imports.start_undo(id).await.unwrap(), "it has not ended");
    end(contract, &scope, id).await;
    assert_eq!(imports.undo(id, 10).await.unwrap(), Undone::default());
    take_back(contract, &scope, id).await;
    assert!(!imports.start_undo(id).await.unwrap(), "it is undone");
    let dry = import(contract);
    imports.insert(&dry).await.unwrap();
    end(contract, &scope, dry.id).await;
    assert!(!imports.start_undo(dry.id).await.unwrap(), "it did nothing");
}

async fn others_are_out_of_reach(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let id = begun(contract, &mine).await;
    let lead = new_lead(contract);
    create(contract, &mine, id, std::slice::from_ref(&lead)).await;
    end(contract, &mine, id).await;
    let theirs = contract.read(&other);
    assert!(!theirs.imports().start_undo(id).await.unwrap());
    assert!(contract.read(&mine).imports().start_undo(id).await.unwrap());
    assert_eq!(theirs.imports().undo(id, 10).await.unwrap(), Undone::default());
    assert_eq!(theirs.imports().kept(id, None, 10).await.unwrap(), []);
    assert!(get(contract, &mine, lead.id).await.is_some());
}
