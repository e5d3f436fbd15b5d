//! What leads agreed to.

use super::{Contract, assert_missing_reference, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::consents::ConsentDecision::{Granted, Lapsed, Pending, Withdrawn};
use groundswell_domain::consents::{
    Confirmation, Consent, ConsentFilter, ConsentSort, ConsentSource, PENDING_DAYS, Purpose,
};
use groundswell_domain::leads::Lead;
use groundswell_domain::privacy::{Retained, Touched, Treatment};
use groundswell_domain::{LeadId, PageRequest, Scope, Sort};
use std::collections::{HashMap, HashSet};

pub async fn consents(contract: &Contract) {
    lines_are_kept_as_they_are(contract).await;
    the_newest_line_counts(contract).await;
    they_come_with_a_capture(contract).await;
    questions_wait_for_an_answer(contract).await;
    they_outlive_the_form_and_not_the_lead(contract).await;
    erasing_the_lead_tells_of_them(contract).await;
    they_keep_a_lead_from_being_forgotten(contract).await;
    they_forget_who_wrote_them_down(contract).await;
}

async fn lead(contract: &Contract, scope: &Scope, email: &str) -> Lead {
    let lead = contract.make.lead(email);
    contract.read(scope).leads().insert(&lead).await.unwrap();
    lead
}

async fn add(contract: &Contract, scope: &Scope, consent: &Consent) {
    contract.read(scope).consents().add(consent).await.unwrap();
}

async fn list(contract: &Contract, scope: &Scope, lead: LeadId, filter: &ConsentFilter) -> Vec<Consent> {
    let page = PageRequest::first(200, Sort::descending(ConsentSort::CreatedAt));
    let repos = contract.read(scope);
    repos.consents().list(lead, filter, &page).await.unwrap().items
}

async fn all(contract: &Contract, scope: &Scope, lead: LeadId) -> Vec<Consent> {
    list(contract, scope, lead, &ConsentFilter::default()).await
}

async fn lines_are_kept_as_they_are(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let grace = lead(contract, &mine, "grace@example.com").await;
    let mary = lead(contract, &mine, "mary@example.com").await;
    let theirs = lead(contract, &other, "grace@example.com").await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let mut consent = contract.make.consent(grace.id, Granted);
        if number == 0 {
            consent.text = None;
            consent.recorded_by = None;
            consent.source = ConsentSource::Form;
            consent.form_id = Some(contract.make.id());
            consent.submission_id = Some(contract.make.id());
        }
        add(contract, &mine, &consent).await;
        assert_eq!(all(contract, &mine, grace.id).await[0], consent);
        ids.push(consent.id);
        // Some share their time: then the id decides.
        if number % 2 == 0 {
            contract.make.clock.advance(TimeDelta::microseconds(1));
        }
    }
    add(contract, &mine, &contract.make.consent(mary.id, Granted)).await;
    add(contract, &other, &contract.make.consent(theirs.id, Granted)).await;
    assert_pages(
        &ids,
        |consent: &Consent| consent.id,
        |ConsentSort::CreatedAt, a, b| (a.created_at, a.id) < (b.created_at, b.id),
        |page| {
            let repos = contract.read(&mine);
            async move {
                let filter = ConsentFilter::default();
                repos.consents().list(grace.id, &filter, &page).await
            }
        },
    )
    .await;
    assert_eq!(all(contract, &other, grace.id).await, []);
    for missing in [theirs.id, contract.make.id()] {
        let consent = contract.make.consent(missing, Granted);
        assert_missing_reference(contract.read(&mine).consents().add(&consent).await);
    }
}

async fn the_newest_line_counts(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let mut leads = Vec::new();
    for name in ["granted", "withdrawn", "again", "silent", "elsewhere"] {
        leads.push(lead(contract, &mine, &format!("{name}@example.com")).await.id);
    }
    let mut last = Vec::new();
    for (lead, decisions) in [
        (leads[0], &[Withdrawn, Granted][..]),
        (leads[1], &[Granted, Granted, Withdrawn]),
        (leads[2], &[Granted, Withdrawn, Granted]),
    ] {
        // All at the same time.
        for decision in decisions {
            last.push(contract.make.consent(lead, *decision));
            add(contract, &mine, last.last().unwrap()).await;
        }
    }
    contract.make.clock.advance(TimeDelta::seconds(1));
    let news: Purpose = "news".parse().unwrap();
    for lead in [leads[0], leads[4]] {
        let mut consent = contract.make.consent(lead, Withdrawn);
        consent.purpose = news.clone();
        add(contract, &mine, &consent).await;
        last.push(consent);
    }
    let repos = contract.read(&mine);
    let decided = async |purpose: &Purpose, decision| {
        let found = repos.consents().decided(purpose, decision, &leads).await;
        found.unwrap()
    };
    let marketing = Purpose::marketing();
    assert_eq!(
        decided(&marketing, Granted).await,
        HashSet::from([leads[0], leads[2]])
    );
    assert_eq!(decided(&marketing, Withdrawn).await, HashSet::from([leads[1]]));
    assert_eq!(
        decided(&news, Withdrawn).await,
        HashSet::from([leads[0], leads[4]])
    );
    assert_eq!(decided(&news, Granted).await, HashSet::new());
    let one = repos.consents().decided(&marketing, Granted, &leads[1..]).await;
    assert_eq!(one.unwrap(), HashSet::from([leads[2]]));
    let none = repos.consents().decided(&marketing, Granted, &[]).await;
    assert_eq!(none.unwrap(), HashSet::new());
    let theirs = contract.read(&other);
    let none = theirs.consents().decided(&marketing, Granted, &leads).await;
    assert_eq!(none.unwrap(), HashSet::new());

    let current = |purpose: Option<&Purpose>| ConsentFilter {
        purpose: purpose.cloned(),
        current: true,
    };
    let found = list(contract, &mine, leads[0], &current(None)).await;
    assert_eq!(found, [last[8].clone(), last[1].clone()]);
    let found = list(contract, &mine, leads[0], &current(Some(&marketing))).await;
    assert_eq!(found, [last[1].clone()]);
    let found = list(contract, &mine, leads[1], &current(None)).await;
    assert_eq!(found, [last[4].clone()]);
    let of_purpose = ConsentFilter {
        purpose: Some(marketing),
        current: false,
    };
    assert_eq!(list(contract, &mine, leads[0], &of_purpose).await.len(), 2);
    assert_eq!(list(contract, &mine, leads[3], &current(None)).await, []);
}

async fn they_come_with_a_capture(contract: &Contract) {
    let scope = contract.organization().await;
    let form = contract.make.form(scope.organization);
    contract.read(&scope).forms().insert(&form).await.unwrap();
    let known = lead(contract, &scope, "grace@example.com").await;
    for email in ["grace@example.com", "new@example.com"] {
        let mut capture = contract.make.capture(form.id, email);
        for purpose in ["marketing", "news"] {
            let mut consent = contract.make.consent(capture.lead.id, Granted);
            consent.purpose = purpose.parse().unwrap();
            consent.submission_id = Some(capture.submission.id);
            capture.consents.push(consent);
        }
        let forms = contract.system.forms();
        // The second time as after a commit whose answer was lost.
        for _ in 0..2 {
            let went_to = forms.capture(scope.organization, capture.clone()).await.unwrap();
            let mut expected = capture.consents.clone();
            expected.reverse();
            for consent in &mut expected {
                consent.lead_id = went_to;
            }
            assert_eq!(went_to == known.id, email == "grace@example.com");
            assert_eq!(all(contract, &scope, went_to).await, expected, "{email}");
        }
    }
    // All or nothing.
    let mut lost = contract.make.capture(contract.make.id(), "lost@example.com");
    lost.consents = vec![contract.make.consent(lost.lead.id, Granted)];
    let id = lost.lead.id;
    let failed = contract.system.forms().capture(scope.organization, lost).await;
    assert_missing_reference(failed);
    assert_eq!(all(contract, &scope, id).await, []);
}

async fn they_outlive_the_form_and_not_the_lead(contract: &Contract) {
    let scope = contract.organization().await;
    let form = contract.make.form(scope.organization);
    let repos = contract.read(&scope);
    repos.forms().insert(&form).await.unwrap();
    let mut capture = contract.make.capture(form.id, "grace@example.com");
    let mut consent = contract.make.consent(capture.lead.id, Granted);
    consent.form_id = Some(form.id);
    consent.submission_id = Some(capture.submission.id);
    capture.consents = vec![consent.clone()];
    let lead = contract
        .system
        .forms()
        .capture(scope.organization, capture)
        .await
        .unwrap();
    assert!(repos.forms().delete(form.id).await.unwrap());
    assert_eq!(all(contract, &scope, lead).await, [consent]);
    assert!(repos.leads().delete(lead).await.unwrap());
    assert_eq!(all(contract, &scope, lead).await, []);
}

async fn erasing_the_lead_tells_of_them(contract: &Contract) {
    let scope = contract.organization().await;
    let grace = lead(contract, &scope, "grace@example.com").await;
    let mary = lead(contract, &scope, "mary@example.com").await;
    for lead in [grace.id, grace.id, mary.id] {
        add(contract, &scope, &contract.make.consent(lead, Granted)).await;
    }
    let unit = contract.begin(&scope).await;
    let touched = unit
        .erasures()
        .erase_lead(Some(grace.id), "grace@example.com", contract.make.now())
        .await
        .unwrap();
    unit.commit().await.unwrap();
    assert!(
        touched.contains(&Touched::new("consents", Treatment::Deleted, 2)),
        "{touched:?}"
    );
    assert_eq!(all(contract, &scope, grace.id).await, []);
    assert_eq!(all(contract, &scope, mary.id).await.len(), 1);
}

async fn they_keep_a_lead_from_being_forgotten(contract: &Contract) {
    let scope = contract.organization().await;
    let grace = lead(contract, &scope, "grace@example.com").await;
    let idle = lead(contract, &scope, "idle@example.com").await;
    let later = contract.make.clock.advance(TimeDelta::days(1));
    add(contract, &scope, &contract.make.consent(grace.id, Granted)).await;
    let unit = contract.begin(&scope).await;
    let gone = unit.retention().forget(Retained::Leads, later, 10).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(gone, 1);
    let repos = contract.read(&scope);
    assert!(repos.leads().get(grace.id).await.unwrap().is_some());
    assert!(repos.leads().get(idle.id).await.unwrap().is_none());
}

async fn they_forget_who_wrote_them_down(contract: &Contract) {
    let scope = contract.organization().await;
    let user = contract.make.user(scope.organization);
    let grace = lead(contract, &scope, "grace@example.com").await;
    let mut consent = contract.make.consent(grace.id, Granted);
    add(contract, &scope, &consent).await;
    consent.id = contract.make.id();
    consent.recorded_by = Some(user.id);
    add(contract, &scope, &consent).await;
    let unit = contract.begin(&scope).await;
    let touched = unit
        .erasures()
        .erase_user(&user, contract.make.now())
        .await
        .unwrap();
    unit.commit().await.unwrap();
    assert_eq!(touched, [Touched::new("consents", Treatment::Anonymized, 1)]);
    let lines = all(contract, &scope, grace.id).await;
    assert_eq!(lines[0].recorded_by, None);
    assert!(lines[1].recorded_by.is_some());
}

/// What is asked for counts only where nothing was decided, whatever comes first.
#[expect(clippy::too_many_lines, reason = "a story is told in one piece")]
async fn questions_wait_for_an_answer(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (repos, theirs) = (contract.read(&mine), contract.read(&other));
    let marketing = Purpose::marketing();
    let mut leads = Vec::new();
    for (name, decisions) in [
        ("granted", &[Granted, Pending][..]),
        ("withdrawn", &[Withdrawn, Pending, Lapsed]),
        ("pending", &[Lapsed, Pending]),
        ("lapsed", &[Lapsed]),
        ("confirmed", &[Pending, Granted]),
        ("silent", &[]),
    ] {
        let lead = lead(contract, &mine, &format!("{name}@questions.example"))
            .await
            .id;
        for decision in decisions {
            contract.make.clock.advance(TimeDelta::microseconds(1));
            add(contract, &mine, &contract.make.consent(lead, *decision)).await;
        }
        leads.push(lead);
    }
    let found = repos.consents().without(&marketing, &leads).await.unwrap();
    let expected = [(leads[1], Withdrawn), (leads[2], Pending), (leads[3], Lapsed)];
    assert_eq!(found, HashMap::from(expected));
    assert!(
        theirs
            .consents()
            .without(&marketing, &leads)
            .await
            .unwrap()
            .is_empty()
    );
    let news = "news".parse().unwrap();
    assert!(repos.consents().without(&news, &leads).await.unwrap().is_empty());
    assert!(
        repos
            .consents()
            .without(&marketing, &[])
            .await
            .unwrap()
            .is_empty()
    );
    let granted = repos
        .consents()
        .decided(&marketing, Granted, &leads)
        .await
        .unwrap();
    assert_eq!(granted, HashSet::from([leads[0], leads[4]]));
    let current = ConsentFilter {
        current: true,
        ..ConsentFilter::default()
    };
    for (lead, decision) in [(leads[0], Granted), (leads[1], Withdrawn), (leads[2], Pending)] {
        let lines = list(contract, &mine, lead, &current).await;
        assert_eq!(
            lines.iter().map(|line| line.decision).collect::<Vec<_>>(),
            [decision]
        );
    }

    // The answer takes the place of the question, with the proof.
    let submission = contract.make.id();
    let mut asked = Vec::new();
    for purpose in ["marketing", "news"] {
        let mut consent = contract.make.consent(leads[5], Pending);
        consent.purpose = purpose.parse().unwrap();
        consent.submission_id = Some(submission);
        add(contract, &mine, &consent).await;
        asked.push(consent);
    }
    let of = async || {
        repos
            .consents()
            .of_submission(leads[5], submission)
            .await
            .unwrap()
    };
    assert_eq!(of().await, asked);
    let none = theirs.consents().take_pending(leads[5], submission).await;
    assert_eq!(none.unwrap(), []);
    let none = repos.consents().take_pending(leads[5], contract.make.id()).await;
    assert_eq!(none.unwrap(), []);
    let taken = repos.consents().take_pending(leads[5], submission).await;
    assert_eq!(taken.unwrap(), asked);
    assert_eq!(of().await, []);
    assert_eq!(
        repos.consents().take_pending(leads[5], submission).await.unwrap(),
        []
    );
    let mut confirmed = contract.make.consent(leads[5], Granted);
    confirmed.submission_id = Some(submission);
    confirmed.confirmation = Some(Confirmation {
        requested_at: asked[0].created_at,
        ip: Some("2001:db8::1".parse().unwrap()),
        user_agent: Some("Mozilla/5.0".to_owned()),
    });
    add(contract, &mine, &confirmed).await;
    assert_eq!(of().await, [confirmed]);

    // Nobody answered in time.
    let wait = TimeDelta::days(PENDING_DAYS) + TimeDelta::seconds(1);
    let late = contract.make.clock.advance(wait);
    contract.system.forget_expired(late).await.unwrap();
    let found = repos.consents().without(&marketing, &leads).await.unwrap();
    assert_eq!(found.get(&leads[2]), Some(&Lapsed));
}
