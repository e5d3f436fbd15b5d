//! Forms and their submissions.

use super::{Contract, assert_duplicate, assert_missing_reference, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::consents::{ConsentDecision, ConsentFilter, ConsentSort, FormConsent};
use groundswell_domain::email::AddressFlag;
use groundswell_domain::forms::{
    Form, FormSort, QUARANTINE_DAYS, Quarantined, SpamReason, SpamSignal, Submission, SubmissionSort,
    SubmissionStatus, Verdict,
};
use groundswell_domain::leads::Score;
use groundswell_domain::{FormId, PageRequest, Scope, Sort};

pub async fn forms(contract: &Contract) {
    kept_as_they_are(contract).await;
    stale_versions_change_nothing(contract).await;
    lists(contract).await;
    names_are_searched_literally(contract).await;
    submissions(contract).await;
    deleting_keeps_the_lead(contract).await;
    what_is_held_back(contract).await;
    what_is_released(contract).await;
}

async fn kept_as_they_are(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let mut form = contract.make.form(mine.organization);
    form.campaign_id = Some(contract.make.id());
    let repos = contract.read(&mine);
    repos.forms().insert(&form).await.unwrap();
    assert_eq!(repos.forms().get(form.id).await.unwrap(), Some(form.clone()));
    assert_eq!(
        contract.system.forms().form(form.id).await.unwrap(),
        Some(form.clone()),
        "by visitors"
    );
    assert_duplicate(repos.forms().insert(&form).await);

    let theirs = contract.read(&other);
    assert_eq!(theirs.forms().get(form.id).await.unwrap(), None);
    assert!(!theirs.forms().update(&form, form.version).await.unwrap());
    assert!(!theirs.forms().delete(form.id).await.unwrap());
    assert_eq!(repos.forms().get(form.id).await.unwrap(), Some(form));
    assert_eq!(
        contract.system.forms().form(contract.make.id()).await.unwrap(),
        None
    );
}

async fn stale_versions_change_nothing(contract: &Contract) {
    let scope = contract.organization().await;
    let form = contract.make.form(scope.organization);
    let repos = contract.read(&scope);
    repos.forms().insert(&form).await.unwrap();

    let mut changed = form.clone();
    changed.name = "Renamed".to_owned();
    changed.fields.pop();
    changed.styling.clear();
    changed.settings.thank_you = None;
    changed.campaign_id = Some(contract.make.id());
    changed.updated_at = contract.make.clock.advance(TimeDelta::seconds(1));
    changed.version = 2;
    assert!(
        !repos.forms().update(&changed, 2).await.unwrap(),
        "it is at version 1"
    );
    assert_eq!(repos.forms().get(form.id).await.unwrap(), Some(form.clone()));
    assert!(repos.forms().update(&changed, 1).await.unwrap());
    assert_eq!(repos.forms().get(form.id).await.unwrap(), Some(changed.clone()));
    assert!(
        !repos.forms().update(&form, 1).await.unwrap(),
        "it is at version 2"
    );
    assert_eq!(repos.forms().get(form.id).await.unwrap(), Some(changed));
}

async fn lists(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    contract
        .read(&other)
        .forms()
        .insert(&contract.make.form(other.organization))
        .await
        .unwrap();
    let mut ids = Vec::new();
    // Equal times and names, so that ties are broken by id.
    for number in 0..7 {
        let mut form = contract.make.form(mine.organization);
        form.name = ["a", "B", "b"][number % 3].to_owned();
        form.updated_at += TimeDelta::microseconds([3, 1, 2, 1, 0, 3, 3][number]);
        if number % 3 == 2 {
            contract.make.clock.advance(TimeDelta::seconds(1));
        }
        repos.forms().insert(&form).await.unwrap();
        ids.push(form.id);
    }
    let repo = repos.forms();
    assert_pages(
        &ids,
        |form: &Form| form.id,
        |sort, a, b| match sort {
            FormSort::CreatedAt => a.created_at <= b.created_at,
            FormSort::UpdatedAt => a.updated_at <= b.updated_at,
            // The order of letters is the database's business; equal ones stand together.
            FormSort::Name => a.name != b.name || a.id < b.id,
        },
        |request| async move { repo.list(None, &request).await },
    )
    .await;
}

async fn names_are_searched_literally(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    for name in ["100% off", "100 off", "a_b", "axb", r"back\slash"] {
        let mut form = contract.make.form(scope.organization);
        form.name = name.to_owned();
        repos.forms().insert(&form).await.unwrap();
    }
    let request = PageRequest::first(
        50,
        Sort {
            field: FormSort::Name,
            direction: groundswell_domain::Direction::Ascending,
        },
    );
    for (part, expected) in [
        ("0%", vec!["100% off"]),
        ("A_B", vec!["a_b"]),
        (r"K\S", vec![r"back\slash"]),
        ("OFF", vec!["100 off", "100% off"]),
    ] {
        let page = repos.forms().list(Some(part), &request).await.unwrap();
        let mut names: Vec<_> = page.items.iter().map(|form| form.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "part {part}");
    }
}

async fn submissions(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let (form, empty) = (
        contract.make.form(mine.organization),
        contract.make.form(mine.organization),
    );
    repos.forms().insert(&form).await.unwrap();
    repos.forms().insert(&empty).await.unwrap();
    let mut ids = Vec::new();
    for number in 0..5 {
        let mut capture = contract.make.capture(form.id, "grace@example.com");
        capture.submission.test = number == 1;
        if number == 2 {
            capture.submission.verdict = verdict();
        }
        let mut submission = capture.submission.clone();
        submission.lead_id = contract
            .system
            .forms()
            .capture(mine.organization, capture)
            .await
            .unwrap();
        assert_eq!(
            repos.forms().submission(submission.id).await.unwrap(),
            Some(submission.clone())
        );
        assert_eq!(
            contract
                .read(&other)
                .forms()
                .submission(submission.id)
                .await
                .unwrap(),
            None
        );
        ids.push(submission.id);
        if number % 2 == 0 {
            contract.make.clock.advance(TimeDelta::microseconds(1));
        }
    }
    let repo = repos.forms();
    assert_pages(
        &ids,
        |submission: &Submission| submission.id,
        |SubmissionSort::CreatedAt, a, b| (a.created_at, a.id) < (b.created_at, b.id),
        |request| async move { repo.submissions(form.id, &request).await },
    )
    .await;
    let request = PageRequest::first(50, Sort::descending(SubmissionSort::CreatedAt));
    assert!(
        repos
            .forms()
            .submissions(empty.id, &request)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert!(
        contract
            .read(&other)
            .forms()
            .submissions(form.id, &request)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

async fn deleting_keeps_the_lead(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    let form = contract.make.form(scope.organization);
    repos.forms().insert(&form).await.unwrap();
    let capture = contract.make.capture(form.id, "grace@example.com");
    let submission = capture.submission.clone();
    let lead = contract
        .system
        .forms()
        .capture(scope.organization, capture)
        .await
        .unwrap();
    assert!(repos.forms().delete(form.id).await.unwrap());
    assert!(!repos.forms().delete(form.id).await.unwrap());
    assert_eq!(repos.forms().submission(submission.id).await.unwrap(), None);
    assert_eq!(contract.system.forms().form(form.id).await.unwrap(), None);
    assert!(repos.leads().get(lead).await.unwrap().is_some());
}

fn verdict() -> Verdict {
    Verdict {
        score: 100,
        reasons: vec![SpamReason {
            signal: SpamSignal::HiddenField,
            points: 100,
            field: Some("name".to_owned()),
        }],
        flags: vec![AddressFlag::Role],
        quarantined: true,
    }
}

fn held(contract: &Contract, form: FormId, email: &str) -> Quarantined {
    let capture = contract.make.capture(form, email);
    let mut submission = capture.submission;
    submission.status = SubmissionStatus::Quarantined;
    submission.verdict = verdict();
    Quarantined {
        submission,
        email: email.parse().unwrap(),
        profile: capture.lead.profile(),
        consents: vec![FormConsent {
            purpose: "marketing".parse().unwrap(),
            text: "Ja, schreibt mir!".to_owned(),
            required: false,
        }],
        double_opt_in: true,
    }
}

async fn quarantined(contract: &Contract, scope: &Scope, form: FormId, email: &str) -> Quarantined {
    let held = held(contract, form, email);
    contract
        .read(scope)
        .forms()
        .quarantine(&held, None)
        .await
        .unwrap();
    held
}

async fn what_is_held_back(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (repos, theirs) = (contract.read(&mine), contract.read(&other));
    let form = contract.make.form(mine.organization);
    repos.forms().insert(&form).await.unwrap();
    let lost = held(contract, contract.make.id(), "Grace@Example.com");
    assert_missing_reference(repos.forms().quarantine(&lost, None).await);
    let mut ids = Vec::new();
    let mut first = None;
    for number in 0..5 {
        let held = quarantined(contract, &mine, form.id, "Grace@Example.com").await;
        let id = held.submission.id;
        first.get_or_insert(held.submission.lead_id);
        assert_eq!(repos.forms().quarantined(id).await.unwrap(), Some(held));
        assert_eq!(theirs.forms().quarantined(id).await.unwrap(), None);
        assert_eq!(repos.forms().submission(id).await.unwrap(), None);
        assert!(!theirs.forms().reject(id).await.unwrap());
        ids.push(id);
        if number % 2 == 0 {
            contract.make.clock.advance(TimeDelta::microseconds(1));
        }
    }
    let repo = repos.forms();
    assert_eq!(repo.promised_lead("grace@example.com").await.unwrap(), first);
    assert_eq!(repo.promised_lead("mary@example.com").await.unwrap(), None);
    let theirs = theirs.forms();
    assert_eq!(theirs.promised_lead("grace@example.com").await.unwrap(), None);
    let status = SubmissionStatus::Quarantined;
    assert_pages(
        &ids,
        |submission: &Submission| submission.id,
        |SubmissionSort::CreatedAt, a, b| (a.created_at, a.id) < (b.created_at, b.id),
        |request| async move { repo.held_back(form.id, status, &request).await },
    )
    .await;

    assert!(repo.reject(ids[0]).await.unwrap());
    assert!(
        !repo.reject(ids[0]).await.unwrap(),
        "it is not in quarantine any more"
    );
    let request = PageRequest::first(50, Sort::descending(SubmissionSort::CreatedAt));
    let rejected = repo
        .held_back(form.id, SubmissionStatus::Rejected, &request)
        .await
        .unwrap();
    assert_eq!(rejected.items.len(), 1);
    assert_eq!(rejected.items[0].status, SubmissionStatus::Rejected);
    assert_eq!(
        repo.held_back(form.id, status, &request)
            .await
            .unwrap()
            .items
            .len(),
        4
    );
    assert!(
        repo.submissions(form.id, &request)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert!(
        theirs
            .held_back(form.id, status, &request)
            .await
            .unwrap()
            .items
            .is_empty()
    );

    let kept = contract
        .make
        .clock
        .advance(TimeDelta::days(QUARANTINE_DAYS) - TimeDelta::seconds(1));
    contract.system.forget_expired(kept).await.unwrap();
    assert_eq!(
        repo.held_back(form.id, status, &request)
            .await
            .unwrap()
            .items
            .len(),
        4
    );
    let over = contract.make.clock.advance(TimeDelta::seconds(2));
    assert!(contract.system.forget_expired(over).await.unwrap() >= 5);
    assert!(
        repo.held_back(form.id, status, &request)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    let gone = repo
        .held_back(form.id, SubmissionStatus::Rejected, &request)
        .await
        .unwrap();
    assert!(gone.items.is_empty());
}

async fn what_is_released(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let form = contract.make.form(mine.organization);
    repos.forms().insert(&form).await.unwrap();
    let held = quarantined(contract, &mine, form.id, "grace@example.com").await;
    let mut capture = contract.make.capture(form.id, "grace@example.com");
    capture.lead.id = held.submission.lead_id;
    for line in &mut capture.score {
        line.lead_id = capture.lead.id;
    }
    capture.submission = Submission {
        status: SubmissionStatus::Accepted,
        ..held.submission
    };
    let mut consent = contract.make.consent(capture.lead.id, ConsentDecision::Pending);
    consent.submission_id = Some(capture.submission.id);
    capture.consents = vec![consent.clone()];

    let unit = contract.begin(&other).await;
    assert_eq!(unit.forms().release(&capture).await.unwrap(), None);
    drop(unit);
    for expected in [Some(capture.lead.id), None] {
        let unit = contract.begin(&mine).await;
        assert_eq!(unit.forms().release(&capture).await.unwrap(), expected);
        unit.commit().await.unwrap();
    }
    let id = capture.submission.id;
    assert_eq!(repos.forms().quarantined(id).await.unwrap(), None);
    assert_eq!(
        repos.forms().submission(id).await.unwrap(),
        Some(capture.submission)
    );
    let lead = repos.leads().get(capture.lead.id).await.unwrap().unwrap();
    assert_eq!(lead.score, Score::sum(&capture.score));
    let page = PageRequest::first(50, Sort::descending(ConsentSort::CreatedAt));
    let lines = repos
        .consents()
        .list(lead.id, &ConsentFilter::default(), &page)
        .await
        .unwrap();
    assert_eq!(lines.items, [consent]);

    // One that was rejected does not come back, and one of a known address goes to that lead.
    let held = quarantined(contract, &mine, form.id, "grace@example.com").await;
    let mut again = contract.make.capture(form.id, "grace@example.com");
    again.submission = Submission {
        status: SubmissionStatus::Accepted,
        ..held.submission
    };
    let unit = contract.begin(&mine).await;
    assert_eq!(unit.forms().release(&again).await.unwrap(), Some(lead.id));
    drop(unit);
    assert!(repos.forms().reject(again.submission.id).await.unwrap());
    let unit = contract.begin(&mine).await;
    assert_eq!(unit.forms().release(&again).await.unwrap(), None);
    drop(unit);
    assert!(repos.forms().delete(form.id).await.unwrap());
    assert_eq!(
        repos.forms().quarantined(again.submission.id).await.unwrap(),
        None
    );
}
