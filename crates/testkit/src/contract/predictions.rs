//! Predictions: what is learned from, trainings, and what leads were given.

use super::{Contract, assert_missing_reference};
use crate::Outcomes;
use chrono::TimeDelta;
use groundswell_domain::email::{EmailEvent, EmailEventKind, EventTrace, MessageKind, NewMessage};
use groundswell_domain::leads::prediction::{
    Engagement, KeptModel, LeadFacts, LeadPrediction, PredictionStatus, Training, train,
};
use groundswell_domain::leads::{Lead, LeadStatus};
use groundswell_domain::{LeadId, PredictionModelId, Scope};

pub async fn predictions(contract: &Contract) {
    outcomes_and_open_leads_are_walked_through(contract).await;
    deeds_count_up_to_the_outcome(contract).await;
    only_those_of_the_client(contract).await;
    trainings_are_kept_and_one_is_active(contract).await;
    predictions_take_each_others_place(contract).await;
    rounds_advance_once(contract).await;
}

async fn lead(contract: &Contract, scope: &Scope, email: &str, status: LeadStatus) -> Lead {
    let mut lead = contract.make.lead(email);
    lead.status = status;
    lead.stage_since += TimeDelta::hours(1);
    contract.read(scope).leads().insert(&lead).await.unwrap();
    lead
}

fn ids(facts: &[LeadFacts]) -> Vec<LeadId> {
    facts.iter().map(|facts| facts.lead.id).collect()
}

async fn outcomes_and_open_leads_are_walked_through(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (mut decided, mut open) = (Vec::new(), Vec::new());
    for (number, status) in LeadStatus::ALL.iter().cycle().take(15).enumerate() {
        let added = lead(contract, &mine, &format!("p{number}@example.com"), *status).await;
        let is_decided = matches!(status, LeadStatus::Converted | LeadStatus::Disqualified);
        if is_decided { &mut decided } else { &mut open }.push(added.id);
    }
    lead(contract, &other, "p0@example.com", LeadStatus::Converted).await;
    decided.sort();
    decided.reverse();
    open.sort();

    let repos = contract.read(&mine);
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let piece = repos.predictions().outcomes(before, 4).await.unwrap();
        for facts in &piece {
            let outcome = facts.outcome.unwrap();
            assert_eq!(outcome.converted, facts.lead.status == LeadStatus::Converted);
            assert_eq!(outcome.at, facts.lead.stage_since);
        }
        seen.extend(ids(&piece));
        before = seen.last().copied();
        if piece.len() < 4 {
            break;
        }
    }
    assert_eq!(seen, decided);

    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let piece = repos.predictions().open_leads(after, 4).await.unwrap();
        assert!(piece.iter().all(|facts| facts.outcome.is_none()));
        seen.extend(ids(&piece));
        after = seen.last().copied();
        if piece.len() < 4 {
            break;
        }
    }
    assert_eq!(seen, open);
}

async fn deeds_count_up_to_the_outcome(contract: &Contract) {
    let scope = contract.organization().await;
    let form = contract.make.form(scope.organization);
    contract.read(&scope).forms().insert(&form).await.unwrap();
    let capture = contract.make.capture(form.id, "grace@example.com");
    let id = contract
        .system
        .forms()
        .capture(scope.organization, capture)
        .await
        .unwrap();
    let message = NewMessage {
        id: contract.make.id(),
        kind: MessageKind::Single,
        campaign_id: None,
        lead_id: Some(id),
        to: "grace@example.com".parse().unwrap(),
        content: None,
        suppressed: None,
        topic_id: None,
    };
    let event = |kind| EmailEvent {
        id: contract.make.id(),
        message_id: message.id,
        kind,
        url: None,
        human: true,
        user_agent: None,
        trace: EventTrace::default(),
        created_at: contract.make.clock.advance(TimeDelta::hours(1)),
    };
    let unit = contract.begin(&scope).await;
    unit.messages()
        .insert_many(std::slice::from_ref(&message), contract.make.now())
        .await
        .unwrap();
    unit.messages()
        .record_event(&event(EmailEventKind::Open))
        .await
        .unwrap();
    unit.commit().await.unwrap();
    // A lead that did nothing stands between, so that nothing is given to the wrong one.
    lead(contract, &scope, "mary@example.com", LeadStatus::New).await;

    let repos = contract.read(&scope);
    let mut known = repos.leads().get(id).await.unwrap().unwrap();
    known.status = LeadStatus::Converted;
    known.stage_since = contract.make.clock.advance(TimeDelta::hours(1));
    let unit = contract.begin(&scope).await;
    assert!(unit.leads().update(&known, known.version).await.unwrap());
    unit.messages()
        .record_event(&event(EmailEventKind::Click))
        .await
        .unwrap();
    unit.commit().await.unwrap();
    let before = Engagement {
        submissions: 1,
        emails_opened: 1,
        ..Engagement::default()
    };
    assert_eq!(
        repos.predictions().outcomes(None, 10).await.unwrap()[0].engagement,
        before
    );
    let facts = repos.predictions().facts(id).await.unwrap().unwrap();
    assert_eq!(facts.engagement, before);
    assert_eq!(facts.lead, repos.leads().get(id).await.unwrap().unwrap());
    let others = repos.predictions().open_leads(None, 10).await.unwrap();
    assert_eq!(others[0].engagement, Engagement::default());

    let mut open = facts.lead;
    open.status = LeadStatus::Qualified;
    let unit = contract.begin(&scope).await;
    assert!(unit.leads().update(&open, open.version).await.unwrap());
    unit.commit().await.unwrap();
    let now = Engagement {
        emails_clicked: 1,
        ..before
    };
    assert_eq!(
        repos.predictions().facts(id).await.unwrap().unwrap().engagement,
        now
    );
    let other = contract.organization().await;
    assert_eq!(contract.read(&other).predictions().facts(id).await.unwrap(), None);
}

async fn only_those_of_the_client(contract: &Contract) {
    let mut scope = contract.organization().await;
    let theirs = lead(contract, &scope, "theirs@example.com", LeadStatus::New).await;
    scope.client = Some(contract.client(&scope).await.id);
    assert_eq!(
        contract
            .read(&scope)
            .predictions()
            .facts(theirs.id)
            .await
            .unwrap(),
        None
    );
}

fn training(contract: &Contract, outcomes: usize) -> KeptModel {
    let training = train(&Outcomes::new(1).examples(outcomes).into_iter().collect());
    KeptModel::new(contract.make.id(), training, contract.make.now()).unwrap()
}

async fn insert(contract: &Contract, scope: &Scope, model: &KeptModel) {
    let unit = contract.begin(scope).await;
    unit.predictions().insert(model).await.unwrap();
    unit.commit().await.unwrap();
}

/// A training whose model is in use.
async fn active(contract: &Contract, scope: &Scope) -> KeptModel {
    let mut model = training(contract, 10);
    model.head.status = PredictionStatus::Trained;
    model.head.active = true;
    insert(contract, scope, &model).await;
    model
}

async fn trainings_are_kept_and_one_is_active(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    assert_eq!(repos.predictions().newest().await.unwrap(), None);
    assert_eq!(repos.predictions().active().await.unwrap(), None);

    let learned = match train(&Outcomes::new(2).examples(400).into_iter().collect()) {
        Training::Trained(learned) => Some(learned),
        Training::Insufficient(_) => None,
    };
    let learned = learned.unwrap();
    let model = learned.model.clone();
    let mut first = KeptModel::new(
        contract.make.id(),
        Training::Trained(learned),
        contract.make.now(),
    )
    .unwrap();
    first.head.active = true;
    insert(contract, &mine, &first).await;
    let kept = repos.predictions().active().await.unwrap().unwrap();
    assert_eq!(kept.head.id, first.head.id);
    let features = Outcomes::new(3).draw().example.features;
    let difference = kept.read().unwrap().probability(&features) - model.probability(&features);
    assert!(difference.abs() < 1e-9);
    let (auc, was) = (
        kept.head.report.unwrap().test.auc,
        first.head.report.as_ref().unwrap().test.auc,
    );
    assert!((auc - was).abs() < 1e-9);

    contract.make.clock.advance(TimeDelta::hours(1));
    let broken = KeptModel::failed(
        contract.make.id(),
        "it broke: 'ü'".to_owned(),
        contract.make.now(),
    );
    insert(contract, &mine, &broken).await;
    assert_eq!(repos.predictions().newest().await.unwrap().unwrap(), broken);
    assert_eq!(
        repos.predictions().active().await.unwrap().unwrap().head.id,
        first.head.id
    );

    contract.make.clock.advance(TimeDelta::hours(1));
    let second = training(contract, 10);
    insert(contract, &mine, &second).await;
    assert_eq!(repos.predictions().newest().await.unwrap().unwrap(), second);
    assert_eq!(repos.predictions().active().await.unwrap(), None);

    // Old ones go, but not the one in use.
    let used = active(contract, &mine).await;
    for _ in 0..12 {
        contract.make.clock.advance(TimeDelta::hours(1));
        let broken = KeptModel::failed(contract.make.id(), "again".to_owned(), contract.make.now());
        insert(contract, &mine, &broken).await;
    }
    assert_eq!(repos.predictions().active().await.unwrap().unwrap(), used);
    assert_eq!(contract.read(&other).predictions().newest().await.unwrap(), None);
    assert_eq!(contract.read(&other).predictions().active().await.unwrap(), None);
}

fn given(contract: &Contract, lead: LeadId, model: PredictionModelId, probability: f64) -> LeadPrediction {
    LeadPrediction {
        lead_id: lead,
        model_id: model,
        probability,
        computed_at: contract.make.now(),
    }
}

async fn predictions_take_each_others_place(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let grace = lead(contract, &mine, "grace@example.com", LeadStatus::New).await;
    let mary = lead(contract, &mine, "mary@example.com", LeadStatus::New).await;
    let model = active(contract, &mine).await.head.id;
    let repos = contract.read(&mine);
    assert_eq!(repos.predictions().prediction(grace.id).await.unwrap(), None);
    repos.predictions().record(&[]).await.unwrap();
    let both = [
        given(contract, grace.id, model, 0.25),
        given(contract, mary.id, model, 0.5),
    ];
    repos.predictions().record(&both).await.unwrap();
    contract.make.clock.advance(TimeDelta::hours(1));
    let newer = given(contract, grace.id, model, 0.75);
    repos.predictions().record(&[newer]).await.unwrap();
    assert_eq!(
        repos.predictions().prediction(grace.id).await.unwrap(),
        Some(newer)
    );
    assert_eq!(
        repos.predictions().prediction(mary.id).await.unwrap(),
        Some(both[1])
    );
    assert_eq!(
        contract
            .read(&other)
            .predictions()
            .prediction(mary.id)
            .await
            .unwrap(),
        None
    );

    let unit = contract.begin(&mine).await;
    unit.leads().delete(mary.id).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(repos.predictions().prediction(mary.id).await.unwrap(), None);
    assert_missing_reference(repos.predictions().record(&[both[1]]).await);
    let theirs = lead(contract, &other, "theirs@example.com", LeadStatus::New).await;
    assert_missing_reference(
        repos
            .predictions()
            .record(&[given(contract, theirs.id, model, 0.5)])
            .await,
    );
}

async fn rounds_advance_once(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let kept = active(contract, &mine).await;
    let (id, repos) = (kept.head.id, contract.read(&mine));
    let mut scoring = kept.scoring.clone();
    scoring.after = Some(contract.make.id());
    assert!(repos.predictions().advance(id, 0, &scoring).await.unwrap());
    assert!(!repos.predictions().advance(id, 0, &kept.scoring).await.unwrap());
    assert!(
        !contract
            .read(&other)
            .predictions()
            .advance(id, 1, &kept.scoring)
            .await
            .unwrap()
    );
    let now = repos.predictions().active().await.unwrap().unwrap();
    assert_eq!((now.pieces, &now.scoring), (1, &scoring));
    scoring.end(contract.make.now());
    assert!(repos.predictions().advance(id, 1, &scoring).await.unwrap());
    active(contract, &mine).await;
    assert!(!repos.predictions().advance(id, 2, &scoring).await.unwrap());
}
