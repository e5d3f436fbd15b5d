//! Rules of qualification, slots, holds and runs.

use super::{Contract, assert_duplicate, assert_missing_reference, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::leads::{Lead, LeadEvent, LeadEventKind};
use groundswell_domain::qualification::{
    Case, Framework, QualificationRun, RuleSet, RuleSetSort, Slot, SlotAnswer, SlotSource, SlotState,
    StageHold,
};
use groundswell_domain::{LeadId, PageRequest, Scope, Sort};
use serde_json::json;

pub async fn qualification(contract: &Contract) {
    rules_are_kept(contract).await;
    slots_and_holds(contract).await;
    runs_take_each_other_s_place(contract).await;
}

fn rules(contract: &Contract, name: &str, enabled: bool) -> RuleSet {
    let slots = json!({ "budget": { "weight": 3, "required": true, "question": "Wie viel?" } });
    let gates = json!([{ "name": "g", "require": { "field": "company", "exists": true }, "slot": "need" }]);
    let fillers =
        json!([{ "name": "f", "slot": "need", "state": "weak", "when": { "event": "form_submitted" } }]);
    let stages = json!([{ "name": "s", "to": "engaged", "min_score": 5, "min_coverage": 0.25 }]);
    RuleSet {
        id: contract.make.id(),
        name: name.to_owned(),
        enabled,
        framework: Framework::Bant,
        slots: serde_json::from_value(slots).unwrap(),
        weak_allowed: 1,
        gates: serde_json::from_value(gates).unwrap(),
        fillers: serde_json::from_value(fillers).unwrap(),
        stages: serde_json::from_value(stages).unwrap(),
        run: None,
        created_at: contract.make.now(),
        updated_at: contract.make.now(),
        version: 1,
    }
}

async fn rules_are_kept(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    assert_eq!(repos.qualification().enabled().await.unwrap(), None);
    let mut all = Vec::new();
    for (name, enabled) in [("b", false), ("a", true), ("c", false)] {
        contract.make.clock.advance(TimeDelta::seconds(1));
        let rules = rules(contract, name, enabled);
        repos.qualification().insert(&rules).await.unwrap();
        assert_eq!(
            repos.qualification().get(rules.id).await.unwrap().as_ref(),
            Some(&rules)
        );
        all.push(rules);
    }
    assert_duplicate(repos.qualification().insert(&rules(contract, "x", true)).await);
    assert_eq!(
        repos.qualification().enabled().await.unwrap().as_ref(),
        Some(&all[1])
    );
    let page = PageRequest::first(10, Sort::descending(RuleSetSort::Name));
    let off = repos.qualification().list(Some(false), &page).await.unwrap();
    assert_eq!(off.items, [all[2].clone(), all[0].clone()]);
    let ids: Vec<_> = all.iter().map(|rules| rules.id).collect();
    let store = &contract.store;
    assert_pages(
        &ids,
        |rules: &RuleSet| rules.id,
        |field, a, b| match field {
            RuleSetSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
            RuleSetSort::Name => (&a.name, a.id) < (&b.name, b.id),
        },
        |page| {
            let repos = store.read(&scope);
            async move { repos.qualification().list(None, &page).await }
        },
    )
    .await;

    let mut crowned = RuleSet {
        enabled: true,
        framework: Framework::Champ,
        version: 2,
        ..all[0].clone()
    };
    let unit = contract.begin(&scope).await;
    unit.qualification().disable(contract.make.now()).await.unwrap();
    assert!(unit.qualification().update(&crowned, 1).await.unwrap());
    assert!(
        !unit.qualification().update(&crowned, 1).await.unwrap(),
        "it is at version 2"
    );
    unit.commit().await.unwrap();
    crowned.version = 2;
    assert_eq!(
        repos.qualification().enabled().await.unwrap(),
        Some(crowned.clone())
    );
    let disabled = repos.qualification().get(all[1].id).await.unwrap().unwrap();
    assert_eq!((disabled.enabled, disabled.version), (false, 2));

    let other = contract.organization().await;
    let theirs = contract.read(&other);
    assert_eq!(theirs.qualification().get(crowned.id).await.unwrap(), None);
    assert_eq!(theirs.qualification().enabled().await.unwrap(), None);
    assert!(!theirs.qualification().update(&crowned, 2).await.unwrap());
    assert!(!theirs.qualification().delete(crowned.id).await.unwrap());
    theirs.qualification().disable(contract.make.now()).await.unwrap();
    assert!(repos.qualification().enabled().await.unwrap().is_some());
    assert!(repos.qualification().delete(crowned.id).await.unwrap());
    assert!(!repos.qualification().delete(crowned.id).await.unwrap());
}

fn answer(contract: &Contract, slot: Slot, state: SlotState) -> SlotAnswer {
    SlotAnswer {
        framework: Framework::Bant,
        slot,
        state,
        confidence: 0.7,
        evidence: Some("sagt „ja“".to_owned()),
        source: SlotSource::Person,
        rule: None,
        answered_by: Some(contract.make.id()),
        answered_at: contract.make.now(),
    }
}

async fn case(contract: &Contract, scope: &Scope, lead: LeadId, events: bool) -> Option<Case> {
    let repos = contract.read(scope);
    let mut cases = repos.qualification().cases(&[lead], events, false).await.unwrap();
    assert!(cases.len() <= 1);
    let mut case = cases.pop()?;
    case.answers.sort_by_key(|answer| (answer.framework, answer.slot));
    Some(case)
}

async fn slots_and_holds(contract: &Contract) {
    let scope = contract.organization().await;
    let leads: Vec<Lead> = ["grace@example.com", "ada@example.com"]
        .map(|email| contract.make.lead(email))
        .into();
    let unit = contract.begin(&scope).await;
    for lead in &leads {
        unit.leads().insert(lead).await.unwrap();
    }
    let event = LeadEvent {
        id: contract.make.id(),
        lead_id: leads[0].id,
        kind: LeadEventKind::FormSubmitted,
        subject: None,
        occurred_at: contract.make.now(),
        data: serde_json::Map::new(),
    };
    unit.lead_events()
        .add(std::slice::from_ref(&event))
        .await
        .unwrap();
    unit.commit().await.unwrap();
    let (grace, ada) = (leads[0].id, leads[1].id);
    let empty = case(contract, &scope, grace, true).await.unwrap();
    assert_eq!(
        (empty.events, empty.answers, empty.hold),
        (vec![event], vec![], None)
    );
    assert_eq!(case(contract, &scope, grace, false).await.unwrap().events, []);

    let budget = answer(contract, Slot::Budget, SlotState::Weak);
    let need = SlotAnswer {
        source: SlotSource::Form,
        rule: Some("asked".to_owned()),
        answered_by: None,
        evidence: None,
        ..answer(contract, Slot::Need, SlotState::Confirmed)
    };
    let pain = SlotAnswer {
        framework: Framework::Meddic,
        ..answer(contract, Slot::IdentifyPain, SlotState::Disqualifying)
    };
    let unit = contract.begin(&scope).await;
    let given = [
        (grace, budget.clone()),
        (ada, budget.clone()),
        (grace, pain.clone()),
    ];
    unit.qualification().answer(&given).await.unwrap();
    // One that is there, and one that is new.
    let better = SlotAnswer {
        confidence: 0.9,
        answered_by: None,
        ..answer(contract, Slot::Budget, SlotState::Confirmed)
    };
    let again = [(grace, better.clone()), (grace, need.clone())];
    unit.qualification().answer(&again).await.unwrap();
    unit.qualification().answer(&[]).await.unwrap();
    unit.commit().await.unwrap();
    let known = case(contract, &scope, grace, false).await.unwrap().answers;
    assert_eq!(known, [better, need.clone(), pain.clone()]);
    assert_eq!(
        case(contract, &scope, ada, false).await.unwrap().answers,
        [budget]
    );
    let repos = contract.read(&scope);
    let nobody = contract.make.id();
    assert_missing_reference(repos.qualification().answer(&[(nobody, need.clone())]).await);
    let slots = [Slot::Budget, Slot::IdentifyPain];
    repos
        .qualification()
        .forget(grace, Framework::Bant, &slots)
        .await
        .unwrap();
    assert_eq!(
        case(contract, &scope, grace, false).await.unwrap().answers,
        [need, pain]
    );
    holds(contract, &scope, (grace, ada)).await;
}

/// Of two leads.
async fn holds(contract: &Contract, scope: &Scope, (grace, ada): (LeadId, LeadId)) {
    let repos = contract.read(scope);
    let nobody: LeadId = contract.make.id();
    let hold = StageHold {
        reason: Some("knows the boss".to_owned()),
        held_by: Some(contract.make.id()),
        held_at: contract.make.now(),
    };
    repos.qualification().hold(grace, &hold).await.unwrap();
    let newer = StageHold {
        reason: None,
        held_by: None,
        ..hold
    };
    repos.qualification().hold(grace, &newer).await.unwrap();
    assert_eq!(
        case(contract, scope, grace, false).await.unwrap().hold,
        Some(newer)
    );

    let unit = contract.begin(scope).await;
    let both = [grace, nobody, ada];
    assert_eq!(
        unit.qualification().cases(&both, true, true).await.unwrap().len(),
        2
    );
    assert_eq!(unit.qualification().cases(&[], true, true).await.unwrap(), []);
    let (first, last) = (grace.min(ada), grace.max(ada));
    let all = unit
        .qualification()
        .cases_between(None, last, true)
        .await
        .unwrap();
    assert_eq!(all.len(), 2);
    let second = unit
        .qualification()
        .cases_between(Some(first), last, false)
        .await
        .unwrap();
    assert_eq!(second[0].lead.id, last);
    drop(unit);

    let other = contract.organization().await;
    assert_eq!(case(contract, &other, grace, true).await, None);
    let theirs = contract.read(&other);
    assert!(!theirs.qualification().release(grace).await.unwrap());
    assert!(repos.qualification().release(grace).await.unwrap());
    assert!(!repos.qualification().release(grace).await.unwrap());
    // Everything goes with the lead.
    assert!(repos.leads().delete(grace).await.unwrap());
    assert_eq!(case(contract, scope, grace, true).await, None);
}

async fn runs_take_each_other_s_place(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    let (now, lead) = (contract.make.now(), contract.make.id());
    assert_eq!(repos.qualification().run().await.unwrap(), None);
    let run = || QualificationRun {
        id: contract.make.id(),
        done: 0,
        moved: 0,
        leads: 7,
        started_at: now,
        finished_at: None,
        after: None,
    };
    let (first, second) = (run(), run());
    repos.qualification().begin_run(&first).await.unwrap();
    let advanced = repos.qualification().advance_run(first.id, lead, 4, 1).await;
    assert!(advanced.unwrap());
    let stands = QualificationRun {
        done: 4,
        moved: 1,
        after: Some(lead),
        ..first.clone()
    };
    assert_eq!(repos.qualification().run().await.unwrap(), Some(stands));
    repos.qualification().begin_run(&second).await.unwrap();
    assert!(
        !repos
            .qualification()
            .advance_run(first.id, lead, 4, 1)
            .await
            .unwrap()
    );
    assert!(!repos.qualification().finish_run(first.id, now).await.unwrap());
    assert!(repos.qualification().finish_run(second.id, now).await.unwrap());
    let ended = QualificationRun {
        finished_at: Some(now),
        ..second
    };
    assert_eq!(repos.qualification().run().await.unwrap(), Some(ended));
    let other = contract.organization().await;
    assert_eq!(contract.read(&other).qualification().run().await.unwrap(), None);
}
