//! Forms and their submissions.

use super::{Contract, assert_duplicate, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::forms::{Form, FormSort, Submission, SubmissionSort};
use groundswell_domain::{PageRequest, Sort};

pub async fn forms(contract: &Contract) {
    kept_as_they_are(contract).await;
    stale_versions_change_nothing(contract).await;
    lists(contract).await;
    names_are_searched_literally(contract).await;
    submissions(contract).await;
    deleting_keeps_the_lead(contract).await;
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
        let capture = contract.make.capture(form.id, "grace@example.com");
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
