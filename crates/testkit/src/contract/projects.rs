//! Projects.

use super::{Contract, assert_duplicate, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::projects::{Project, ProjectFilter, ProjectSort, ProjectStatus};
use groundswell_domain::{PageRequest, Sort};

pub async fn projects(contract: &Contract) {
    kept_as_they_are(contract).await;
    lists_and_filters(contract).await;
    campaigns_of_others(contract).await;
    deleting_keeps_campaigns(contract).await;
}

async fn kept_as_they_are(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let mut project = contract.project(&mine, None).await;
    let repos = contract.read(&mine);
    assert_eq!(
        repos.projects().get(project.id).await.unwrap(),
        Some(project.clone())
    );
    assert_duplicate(repos.projects().insert(&project).await);
    let before = project.clone();
    project.client_id = Some(contract.client(&mine).await.id);
    project.name = "O'Neil \"100%\"".to_owned();
    project.description = Some("a\nb".to_owned());
    project.status = ProjectStatus::Archived;
    project.start_date = Some(contract.make.now());
    project.end_date = Some(contract.make.now() + TimeDelta::days(2));
    project.updated_at = contract.make.clock.advance(TimeDelta::seconds(1));
    project.version = 2;
    assert!(
        !repos.projects().update(&project, 2).await.unwrap(),
        "it is at version 1"
    );
    assert!(repos.projects().update(&project, 1).await.unwrap());
    assert!(
        !repos.projects().update(&before, 1).await.unwrap(),
        "it is at version 2"
    );
    let unit = contract.begin(&mine).await;
    assert_eq!(
        unit.projects().get_locked(project.id).await.unwrap(),
        Some(project.clone())
    );
    assert_eq!(
        unit.projects().get_locked(contract.make.id()).await.unwrap(),
        None
    );
    drop(unit);

    let theirs = contract.read(&other);
    assert_eq!(theirs.projects().get(project.id).await.unwrap(), None);
    assert!(!theirs.projects().update(&project, 2).await.unwrap());
    assert!(!theirs.projects().delete(project.id).await.unwrap());
    assert_eq!(repos.projects().get(project.id).await.unwrap(), Some(project));
}

async fn lists_and_filters(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    contract.project(&other, None).await;
    let client = contract.client(&mine).await.id;
    let repos = contract.read(&mine);
    let mut ids = Vec::new();
    for number in 0..5 {
        let mut project = contract.make.project((number == 1).then_some(client));
        project.name = ["b", "a_c"][number % 2].to_owned();
        project.updated_at += TimeDelta::microseconds([3, 1, 1, 0, 3][number]);
        if number == 3 {
            project.status = ProjectStatus::Archived;
            contract.make.clock.advance(TimeDelta::seconds(1));
        }
        repos.projects().insert(&project).await.unwrap();
        ids.push(project.id);
    }
    let (repo, all) = (repos.projects(), ProjectFilter::default());
    let filter = &all;
    assert_pages(
        &ids,
        |project: &Project| project.id,
        |sort, a, b| match sort {
            ProjectSort::CreatedAt => a.created_at <= b.created_at,
            ProjectSort::UpdatedAt => a.updated_at <= b.updated_at,
            ProjectSort::Name => (&a.name, a.id) < (&b.name, b.id),
        },
        |request| async move { repo.list(filter, &request).await },
    )
    .await;
    let all = ProjectFilter::default;
    for (filter, expected) in [
        (
            ProjectFilter {
                client_id: Some(client),
                ..all()
            },
            vec![ids[1]],
        ),
        (
            ProjectFilter {
                status: Some(ProjectStatus::Archived),
                ..all()
            },
            vec![ids[3]],
        ),
        (
            ProjectFilter {
                name: Some("A_".to_owned()),
                ..all()
            },
            vec![ids[1], ids[3]],
        ),
    ] {
        let page = PageRequest::first(50, Sort::parse("created_at").unwrap());
        let found = repo.list(&filter, &page).await.unwrap().items;
        assert_eq!(
            found.iter().map(|project| project.id).collect::<Vec<_>>(),
            expected,
            "{filter:?}"
        );
    }
}

async fn campaigns_of_others(contract: &Contract) {
    let scope = contract.organization().await;
    let (a, b) = (contract.client(&scope).await.id, contract.client(&scope).await.id);
    let project = contract.project(&scope, None).await.id;
    let repos = contract.read(&scope);
    for client in [Some(a), None, Some(a)] {
        let mut campaign = contract.make.campaign();
        (campaign.client_id, campaign.project_id) = (client, Some(project));
        repos.campaigns().insert(&campaign).await.unwrap();
    }
    assert_eq!(repos.projects().campaigns_of_others(project, a).await.unwrap(), 0);
    assert_eq!(repos.projects().campaigns_of_others(project, b).await.unwrap(), 2);
}

async fn deleting_keeps_campaigns(contract: &Contract) {
    let scope = contract.organization().await;
    let client = contract.client(&scope).await.id;
    let project = contract.project(&scope, Some(client)).await.id;
    let mut campaign = contract.make.campaign();
    (campaign.client_id, campaign.project_id) = (Some(client), Some(project));
    let repos = contract.read(&scope);
    repos.campaigns().insert(&campaign).await.unwrap();
    assert!(repos.projects().delete(project).await.unwrap());
    assert!(!repos.projects().delete(project).await.unwrap());
    campaign.project_id = None;
    assert_eq!(repos.campaigns().get(campaign.id).await.unwrap(), Some(campaign));
}
