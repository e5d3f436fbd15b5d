//! Scoring models, and ledgers that are what the models say.

use super::{Contract, assert_duplicate, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::leads::{Lead, LeadEvent, LeadEventKind, Score, ScoreEntry, ScoreSort};
use groundswell_domain::scoring::{ModelSort, ModelStatus, Scorers, ScoringModel, ScoringRun};
use groundswell_domain::{LeadId, PageRequest, Scope, Sort};
use serde_json::json;
use std::collections::BTreeMap;

pub async fn scoring(contract: &Contract) {
    models_are_kept(contract).await;
    ledgers_become_what_models_say(contract).await;
    pieces_and_samples(contract).await;
    runs_take_each_other_s_place(contract).await;
    known_leads_are_scored_by_all_that_is_known(contract).await;
}

fn model(contract: &Contract, scope: &Scope, name: &str) -> ScoringModel {
    let rules = json!([
        { "name": "clicked", "axis": "engagement", "when": { "event": "email_clicked" }, "points": 8, "half_life_days": 10, "cap": 20 },
        { "name": "form", "axis": "engagement", "when": { "event": "form_submitted" }, "points": 3 },
        { "name": "company", "axis": "fit", "when": { "field": "company", "exists": true }, "points": 40 },
    ]);
    ScoringModel {
        id: contract.make.id(),
        name: name.to_owned(),
        status: ModelStatus::Active,
        primary: false,
        rules: serde_json::from_value(rules).unwrap(),
        caps: BTreeMap::from([("email_clicked".to_owned(), 15)]),
        ..ScoringModel::built_in(scope.organization, contract.make.now())
    }
}

fn event(contract: &Contract, lead: LeadId, kind: LeadEventKind) -> LeadEvent {
    LeadEvent {
        id: contract.make.id(),
        lead_id: lead,
        kind,
        subject: Some(contract.make.id()),
        occurred_at: contract.make.now(),
        data: serde_json::Map::new(),
    }
}

async fn models_are_kept(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    let active = repos.scoring().active().await.unwrap();
    assert_eq!(active.len(), 1, "an organization begins with the built-in model");
    let built_in = &active[0];
    let made = ScoringModel::built_in(scope.organization, built_in.created_at);
    assert_eq!(*built_in, made);

    let mut models = vec![built_in.clone()];
    for (name, status) in [
        ("b", ModelStatus::Draft),
        ("a", ModelStatus::Active),
        ("c", ModelStatus::Archived),
    ] {
        contract.make.clock.advance(TimeDelta::seconds(1));
        let model = ScoringModel {
            status,
            ..model(contract, &scope, name)
        };
        repos.scoring().insert(&model).await.unwrap();
        assert_eq!(
            repos.scoring().get(model.id).await.unwrap().as_ref(),
            Some(&model)
        );
        models.push(model);
    }
    let second = ScoringModel {
        primary: true,
        ..model(contract, &scope, "x")
    };
    assert_duplicate(repos.scoring().insert(&second).await);
    let active: Vec<_> = repos
        .scoring()
        .active()
        .await
        .unwrap()
        .iter()
        .map(|model| model.id)
        .collect();
    assert_eq!(
        active,
        [models[0].id, models[2].id],
        "the primary one comes first"
    );
    let drafts = PageRequest::first(10, Sort::descending(ModelSort::Name));
    let drafts = repos
        .scoring()
        .list(Some(ModelStatus::Draft), &drafts)
        .await
        .unwrap();
    assert_eq!(drafts.items, [models[1].clone()]);
    let ids: Vec<_> = models.iter().map(|model| model.id).collect();
    let store = &contract.store;
    assert_pages(
        &ids,
        |model: &ScoringModel| model.id,
        |field, a, b| match field {
            ModelSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
            ModelSort::Name => (&a.name, a.id) < (&b.name, b.id),
        },
        |page| {
            let repos = store.read(&scope);
            async move { repos.scoring().list(None, &page).await }
        },
    )
    .await;
    one_is_primary(contract, &scope, &models).await;
}

/// `models` begins with the built-in one and has an active one in third place.
async fn one_is_primary(contract: &Contract, scope: &Scope, models: &[ScoringModel]) {
    let repos = contract.read(scope);
    let mut crowned = ScoringModel {
        primary: true,
        revision: 2,
        version: 2,
        ..models[2].clone()
    };
    let unit = contract.begin(scope).await;
    unit.scoring().dethrone(contract.make.now()).await.unwrap();
    assert!(unit.scoring().update(&crowned, 1).await.unwrap());
    assert!(
        !unit.scoring().update(&crowned, 1).await.unwrap(),
        "it is at version 2"
    );
    unit.commit().await.unwrap();
    crowned.version = 2;
    assert_eq!(
        repos.scoring().get(crowned.id).await.unwrap(),
        Some(crowned.clone())
    );
    let dethroned = repos.scoring().get(models[0].id).await.unwrap().unwrap();
    assert_eq!((dethroned.primary, dethroned.version), (false, 2));

    let other = contract.organization().await;
    let theirs = contract.read(&other);
    assert_eq!(theirs.scoring().get(crowned.id).await.unwrap(), None);
    assert!(
        !theirs
            .scoring()
            .update(
                &ScoringModel {
                    primary: false,
                    ..crowned.clone()
                },
                2
            )
            .await
            .unwrap()
    );
    assert!(!theirs.scoring().delete(crowned.id).await.unwrap());
    assert_eq!(theirs.scoring().active().await.unwrap().len(), 1);
    assert!(repos.scoring().delete(crowned.id).await.unwrap());
    assert!(!repos.scoring().delete(crowned.id).await.unwrap());
}

async fn ledger(contract: &Contract, scope: &Scope, lead: LeadId) -> Vec<ScoreEntry> {
    let page = PageRequest::first(200, Sort::descending(ScoreSort::CreatedAt));
    let repos = contract.read(scope);
    repos
        .leads()
        .score_entries(lead, None, &page)
        .await
        .unwrap()
        .items
}

/// That the score is the sum of the ledger; the score.
async fn in_step(contract: &Contract, scope: &Scope, lead: LeadId) -> Score {
    let sum = contract
        .read(scope)
        .leads()
        .get(lead)
        .await
        .unwrap()
        .unwrap()
        .score;
    assert_eq!(sum, Score::sum(&ledger(contract, scope, lead).await));
    sum
}

async fn add(contract: &Contract, scope: &Scope, leads: &[Lead]) {
    let unit = contract.begin(scope).await;
    for lead in leads {
        unit.leads().insert(lead).await.unwrap();
    }
    unit.commit().await.unwrap();
}

async fn ledgers_become_what_models_say(contract: &Contract) {
    let scope = contract.organization().await;
    let mut lead = contract.make.lead("grace@example.com");
    lead.company = Some("Navy".to_owned());
    let other = contract.make.lead("ada@example.com");
    add(contract, &scope, &[lead.clone(), other.clone()]).await;
    let repos = contract.read(&scope);
    let built_in = repos.scoring().active().await.unwrap().remove(0);
    let side = model(contract, &scope, "side");
    let both = Scorers::of(
        scope.organization,
        &[built_in.clone(), side.clone()],
        contract.make.now(),
    );
    let events = [
        event(contract, lead.id, LeadEventKind::EmailClicked),
        event(contract, lead.id, LeadEventKind::EmailClicked),
        event(contract, lead.id, LeadEventKind::FormSubmitted),
        event(contract, other.id, LeadEventKind::FormSubmitted),
    ];
    let unit = contract.begin(&scope).await;
    unit.lead_events().add(&events).await.unwrap();
    let nobody = contract.make.id();
    let ids = [lead.id, other.id, nobody];
    let sums = unit
        .scoring()
        .rescore(&both, &ids, contract.make.now())
        .await
        .unwrap();
    assert_eq!(sums.len(), 2, "one does not exist");
    unit.commit().await.unwrap();
    assert_eq!(in_step(contract, &scope, lead.id).await.total, 20);
    assert_eq!(in_step(contract, &scope, other.id).await.total, 10);
    let lines = repos.scoring().lines(&[lead.id]).await.unwrap();
    let beside = Score::sum(lines.iter().filter(|line| !line.primary));
    assert_eq!((beside.fit, beside.engagement), (40, 18));
    assert!(
        lines
            .iter()
            .all(|line| line.primary == (line.model_id == built_in.id))
    );
    let page = PageRequest::first(200, Sort::descending(ScoreSort::CreatedAt));
    let of_side = repos
        .leads()
        .score_entries(lead.id, Some(side.id), &page)
        .await
        .unwrap();
    assert_eq!(Score::sum(&of_side.items), beside);

    // Doing it again changes nothing, not even a time.
    let before = ledger(contract, &scope, lead.id).await;
    contract.make.clock.advance(TimeDelta::hours(1));
    let unit = contract.begin(&scope).await;
    unit.scoring()
        .rescore(&both, &ids, contract.make.now())
        .await
        .unwrap();
    unit.commit().await.unwrap();
    assert_eq!(ledger(contract, &scope, lead.id).await, before);

    // The other way round, and days later; then without the old one.
    contract.make.clock.advance(TimeDelta::days(10));
    let built_in = ScoringModel {
        primary: false,
        ..built_in
    };
    let side = ScoringModel {
        primary: true,
        ..side
    };
    for models in [vec![side.clone(), built_in], vec![side]] {
        let models_now = Scorers::of(scope.organization, &models, contract.make.now());
        let unit = contract.begin(&scope).await;
        unit.scoring()
            .rescore(&models_now, &ids, contract.make.now())
            .await
            .unwrap();
        unit.commit().await.unwrap();
        let sum = in_step(contract, &scope, lead.id).await;
        assert_eq!((sum.fit, sum.engagement), (40, 11));
        let lines = repos.scoring().lines(&ids).await.unwrap();
        let kept = lines.iter().any(|line| !line.primary);
        assert_eq!(kept, models.len() == 2);
    }
    let lines = ledger(contract, &scope, lead.id).await;
    assert!(
        lines
            .iter()
            .any(|line| line.event == "decay" && line.points == -8)
    );

    let theirs = contract.organization().await;
    let unit = contract.begin(&theirs).await;
    let of_theirs = Scorers::of(theirs.organization, &[], contract.make.now());
    assert_eq!(
        unit.scoring()
            .rescore(&of_theirs, &ids, contract.make.now())
            .await
            .unwrap(),
        []
    );
    assert_eq!(unit.scoring().lines(&ids).await.unwrap(), []);
}

async fn pieces_and_samples(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    assert_eq!(repos.scoring().piece_end(None, 5).await.unwrap(), None);
    assert_eq!(repos.scoring().sample(5).await.unwrap(), []);
    let mut leads: Vec<_> = (0..103)
        .map(|n| {
            contract.make.clock.advance(TimeDelta::seconds(1));
            contract.make.lead(&format!("lead{n}@example.com"))
        })
        .collect();
    leads.sort_by_key(|lead| lead.id);
    add(contract, &scope, &leads).await;
    let opened = event(contract, leads[7].id, LeadEventKind::EmailOpened);
    let unit = contract.begin(&scope).await;
    unit.lead_events()
        .add(std::slice::from_ref(&opened))
        .await
        .unwrap();
    unit.commit().await.unwrap();

    let scorers = Scorers::of(
        scope.organization,
        &[model(contract, &scope, "m")],
        contract.make.now(),
    );
    let (mut after, mut done) = (None, Vec::new());
    while let Some(end) = repos.scoring().piece_end(after, 50).await.unwrap() {
        let unit = contract.begin(&scope).await;
        let count = unit
            .scoring()
            .rescore_between(&scorers, after, end, contract.make.now())
            .await
            .unwrap();
        unit.commit().await.unwrap();
        done.push(count);
        after = Some(end);
    }
    assert_eq!(done, [50, 50, 3]);
    assert_eq!(after, leads.last().map(|lead| lead.id));
    assert_eq!(
        in_step(contract, &scope, leads[7].id).await.total,
        2,
        "by the built-in model: none is primary"
    );

    let all = repos.scoring().sample(200).await.unwrap();
    assert_eq!(all.len(), 103);
    let read = all.iter().find(|history| history.lead.id == leads[7].id).unwrap();
    assert_eq!(read.events, [opened]);
    let some = repos.scoring().sample(40).await.unwrap();
    assert!((20..=40).contains(&some.len()), "{}", some.len());
    assert_eq!(some, repos.scoring().sample(40).await.unwrap());
    let newer = some
        .iter()
        .filter(|history| history.lead.id > leads[50].id)
        .count();
    assert!(newer * 4 > some.len(), "from all times");
}

async fn runs_take_each_other_s_place(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    let now = contract.make.now();
    let due = async |contract: &Contract, days: i64| {
        let today = (now + TimeDelta::days(days)).date_naive();
        let due = contract.system.scoring().due(today, None, 1_000).await.unwrap();
        due.contains(&scope.organization)
    };
    assert!(!due(contract, 0).await, "the built-in model does not decay");
    repos
        .scoring()
        .insert(&model(contract, &scope, "decays"))
        .await
        .unwrap();
    assert!(due(contract, 0).await);
    assert_eq!(repos.scoring().run().await.unwrap(), None);
    let run = |contract: &Contract| ScoringRun {
        id: contract.make.id(),
        done: 0,
        leads: 7,
        started_at: now,
        finished_at: None,
        after: None,
        day: now.date_naive(),
    };
    let (first, second) = (run(contract), run(contract));
    repos.scoring().begin_run(&first).await.unwrap();
    assert!(!due(contract, 0).await);
    assert!(due(contract, 1).await);
    let lead: LeadId = contract.make.id();
    assert!(repos.scoring().advance_run(first.id, lead, 4).await.unwrap());
    let stands = ScoringRun {
        done: 4,
        after: Some(lead),
        ..first.clone()
    };
    assert_eq!(repos.scoring().run().await.unwrap(), Some(stands));
    repos.scoring().begin_run(&second).await.unwrap();
    assert!(!repos.scoring().advance_run(first.id, lead, 4).await.unwrap());
    assert!(!repos.scoring().finish_run(first.id, now).await.unwrap());
    assert!(repos.scoring().finish_run(second.id, now).await.unwrap());
    let ended = ScoringRun {
        finished_at: Some(now),
        ..second
    };
    assert_eq!(repos.scoring().run().await.unwrap(), Some(ended));
    let other = contract.organization().await;
    assert_eq!(contract.read(&other).scoring().run().await.unwrap(), None);
}

async fn known_leads_are_scored_by_all_that_is_known(contract: &Contract) {
    let scope = contract.organization().await;
    let form = contract.make.form(scope.organization);
    contract.read(&scope).forms().insert(&form).await.unwrap();
    let primary = ScoringModel {
        primary: true,
        ..model(contract, &scope, "fit")
    };
    let scorers = std::sync::Arc::new(Scorers::of(scope.organization, &[primary], contract.make.now()));
    let mut lead = None;
    for company in [None, Some("Navy")] {
        let mut capture = contract.make.capture(form.id, "grace@example.com");
        capture.lead.company = company.map(str::to_owned);
        capture.scorers = scorers.clone();
        let happened = capture.events(capture.lead.id);
        capture.score = scorers.lines(&capture.lead, &happened, contract.make.now());
        lead = Some(
            contract
                .system
                .forms()
                .capture(scope.organization, capture)
                .await
                .unwrap(),
        );
    }
    let sum = in_step(contract, &scope, lead.unwrap()).await;
    assert_eq!((sum.fit, sum.engagement), (40, 6));
}
