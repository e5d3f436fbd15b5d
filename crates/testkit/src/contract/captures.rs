//! What visitors send, kept with everything that goes with it.

use super::{Contract, assert_duplicate, assert_missing_reference};
use chrono::TimeDelta;
use groundswell_domain::forms::{Form, NewCapture};
use groundswell_domain::idempotency::{IdempotencyKey, Outcome};
use groundswell_domain::jobs::{JobFilter, JobSort, NewJob, Priority};
use groundswell_domain::leads::{LeadFilter, LeadStatus, ScoreSort};
use groundswell_domain::{LeadId, PageRequest, Scope, Sort};
use std::collections::BTreeSet;
use tokio::task::JoinSet;

pub async fn captures(contract: &Contract) {
    a_new_address_is_a_new_lead(contract).await;
    a_known_lead_is_completed(contract).await;
    many_at_once_are_kept_apart(contract).await;
    nobody_bears_the_failure_of_another(contract).await;
    an_idempotency_key_is_taken_once(contract).await;
}

async fn form(contract: &Contract) -> (Scope, Form) {
    let scope = contract.organization().await;
    let form = contract.make.form(scope.organization);
    contract.read(&scope).forms().insert(&form).await.unwrap();
    (scope, form)
}

fn job(contract: &Contract) -> NewJob {
    NewJob {
        id: contract.make.id(),
        kind: "forms.notify".to_owned(),
        payload: serde_json::json!({ "n": 1 }),
        priority: Priority::Normal,
        max_attempts: 3,
        run_at: contract.make.now(),
        unique_key: None,
        cause: None,
    }
}

async fn score_lines(contract: &Contract, scope: &Scope, lead: LeadId) -> usize {
    let page = PageRequest::first(200, Sort::descending(ScoreSort::CreatedAt));
    let repos = contract.read(scope);
    repos
        .leads()
        .score_entries(lead, None, &page)
        .await
        .unwrap()
        .items
        .len()
}

async fn a_new_address_is_a_new_lead(contract: &Contract) {
    let (scope, form) = form(contract).await;
    let mut capture = contract.make.capture(form.id, "Grace@Example.com");
    capture.job = Some(job(contract));
    let forms = contract.system.forms();
    assert_eq!(
        forms.capture(scope.organization, capture.clone()).await.unwrap(),
        capture.lead.id
    );
    // Again, as after a commit whose answer was lost.
    assert_eq!(
        forms.capture(scope.organization, capture.clone()).await.unwrap(),
        capture.lead.id
    );
    let repos = contract.read(&scope);
    let lead = repos.leads().get(capture.lead.id).await.unwrap().unwrap();
    assert_eq!(lead.score.total, capture.score[0].points);
    assert_eq!(lead.version, 1);
    assert_eq!(score_lines(contract, &scope, lead.id).await, 1);
    assert_eq!(
        repos.forms().submission(capture.submission.id).await.unwrap(),
        Some(capture.submission)
    );
    assert_eq!(
        repos.leads().status_counts().await.unwrap().of(LeadStatus::New),
        1
    );
    let jobs = PageRequest::first(10, Sort::descending(JobSort::CreatedAt));
    let jobs = repos
        .jobs()
        .list(&JobFilter::default(), &jobs)
        .await
        .unwrap()
        .items;
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0].id, jobs[0].max_attempts), (capture.job.unwrap().id, 3));
}

async fn a_known_lead_is_completed(contract: &Contract) {
    let (scope, form) = form(contract).await;
    let mut known = contract.make.lead("grace@example.com");
    known.name = String::new();
    known.status = LeadStatus::Qualified;
    let repos = contract.read(&scope);
    repos.leads().insert(&known).await.unwrap();
    contract.make.clock.advance(TimeDelta::seconds(1));
    let mut capture = contract.make.capture(form.id, "GRACE@example.com");
    capture.lead.company = Some("Another Ltd".to_owned());
    let lead = contract
        .system
        .forms()
        .capture(scope.organization, capture.clone())
        .await
        .unwrap();
    assert_eq!(lead, known.id);
    let lead = repos.leads().get(known.id).await.unwrap().unwrap();
    assert_eq!(lead.name, capture.lead.name, "what was missing");
    assert_eq!(lead.company, known.company, "what was there");
    assert_eq!(lead.status, LeadStatus::Qualified);
    assert_eq!((lead.version, lead.updated_at), (2, contract.make.now()));
    assert_eq!(lead.score.total, capture.score[0].points);
    assert_eq!(repos.leads().get(capture.lead.id).await.unwrap(), None);
    let submission = repos
        .forms()
        .submission(capture.submission.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(submission.lead_id, known.id);
    assert_eq!(repos.leads().status_counts().await.unwrap().total(), 1);

    // Nothing new is known: the lead is not touched but for its score.
    let capture = contract.make.capture(form.id, "grace@example.com");
    contract
        .system
        .forms()
        .capture(scope.organization, capture)
        .await
        .unwrap();
    let lead = repos.leads().get(known.id).await.unwrap().unwrap();
    assert_eq!(lead.version, 2);
    assert_eq!(score_lines(contract, &scope, known.id).await, 2);
}

/// Captures at the same time, as different requests; the leads they went to or how they failed, in their order.
async fn together(
    contract: &Contract,
    captures: Vec<(Scope, NewCapture)>,
) -> Vec<Result<LeadId, groundswell_domain::StoreError>> {
    let mut tasks = JoinSet::new();
    for (number, (scope, capture)) in captures.into_iter().enumerate() {
        let system = contract.system.clone();
        tasks.spawn(async move { (number, system.forms().capture(scope.organization, capture).await) });
    }
    let mut results = tasks.join_all().await;
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

async fn many_at_once_are_kept_apart(contract: &Contract) {
    let ours = form(contract).await;
    let theirs = form(contract).await;
    let capture = |number: usize| {
        let (scope, form) = if number.is_multiple_of(2) { &ours } else { &theirs };
        // Every address twenty times in each organization.
        let address = format!("visitor{}@example.com", number / 2 % 10);
        (scope.clone(), contract.make.capture(form.id, &address))
    };
    let results = together(contract, (0..400).map(capture).collect()).await;
    let ids: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    for (place, (scope, _)) in [&ours, &theirs].into_iter().enumerate() {
        let mine: BTreeSet<_> = ids.iter().skip(place).step_by(2).collect();
        assert_eq!(mine.len(), 10, "one lead for each address");
        let repos = contract.read(scope);
        let leads = repos
            .leads()
            .after(&LeadFilter::default(), None, 100)
            .await
            .unwrap();
        assert_eq!(leads.iter().map(|lead| &lead.id).collect::<BTreeSet<_>>(), mine);
        assert!(
            leads.iter().all(|lead| lead.score.total == 200),
            "every submission counts"
        );
        assert_eq!(
            repos.leads().status_counts().await.unwrap().of(LeadStatus::New),
            10
        );
    }
}

async fn nobody_bears_the_failure_of_another(contract: &Contract) {
    let (scope, form) = form(contract).await;
    let (other, foreign) = self::form(contract).await;
    let capture = |number: usize| {
        let form = match number % 10 {
            0 => contract.make.id(),
            5 => foreign.id,
            _ => form.id,
        };
        let address = format!("visitor{number}@example.com");
        (scope.clone(), contract.make.capture(form, &address))
    };
    let results = together(contract, (0..100).map(capture).collect()).await;
    for (number, result) in results.into_iter().enumerate() {
        if number.is_multiple_of(5) {
            assert_missing_reference(result);
        } else {
            result.unwrap();
        }
    }
    let leads = contract
        .read(&scope)
        .leads()
        .count(&LeadFilter::default())
        .await
        .unwrap();
    assert_eq!(leads, 80, "a submission that failed left no lead");
    let leads = contract
        .read(&other)
        .leads()
        .count(&LeadFilter::default())
        .await
        .unwrap();
    assert_eq!(leads, 0);
}

async fn an_idempotency_key_is_taken_once(contract: &Contract) {
    let (scope, form) = form(contract).await;
    let key = IdempotencyKey {
        route: "POST /webhook".to_owned(),
        key: "k".to_owned(),
        fingerprint: vec![1],
    };
    let capture = |number: usize| {
        let mut capture = contract
            .make
            .capture(form.id, &format!("visitor{number}@example.com"));
        if number < 3 {
            capture.idempotency = Some(key.clone());
        }
        (scope.clone(), capture)
    };
    let results = together(contract, (0..20).map(capture).collect()).await;
    let kept: Vec<_> = results[..3]
        .iter()
        .filter_map(|result| result.as_ref().ok())
        .collect();
    assert_eq!(kept.len(), 1);
    let record = contract
        .read(&scope)
        .idempotency()
        .find(&key, contract.make.now())
        .await
        .unwrap();
    let record = record.unwrap();
    assert_eq!(record.outcome, Outcome::Recorded);
    assert_eq!(record.data["lead_id"], serde_json::json!(kept[0]));
    let mut taken = 0;
    for result in results {
        if result.is_err() {
            assert_duplicate(result);
            taken += 1;
        }
    }
    assert_eq!(taken, 2);
}
