//! Versions of templates, and partials. The templates themselves are in the suite of mail.

use super::{Contract, assert_duplicate, assert_missing_reference, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::email::{
    PartialSort, Template, TemplateFormat, TemplatePartial, TemplateStatus, TemplateVersion, VersionInfo,
    VersionSort,
};
use groundswell_domain::{PageRequest, Scope, Sort, TemplateId, UserId};

pub async fn templates(contract: &Contract) {
    versions(contract).await;
    publishing(contract).await;
    version_lists(contract).await;
    old_drafts(contract).await;
    partials(contract).await;
    partial_lists(contract).await;
}

async fn template(contract: &Contract, scope: &Scope) -> Template {
    let now = contract.make.now();
    let template = Template {
        id: contract.make.id(),
        name: "Letter".to_owned(),
        category: String::new(),
        format: TemplateFormat::Mjml,
        subject: "Hallo".to_owned(),
        html: "<mjml></mjml>".to_owned(),
        text: None,
        variables: Vec::new(),
        status: TemplateStatus::Draft,
        latest_version: 1,
        live_version: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    contract.read(scope).templates().insert(&template).await.unwrap();
    template
}

fn version(contract: &Contract, template_id: TemplateId, number: i32) -> TemplateVersion {
    TemplateVersion {
        template_id,
        number,
        format: TemplateFormat::Mjml,
        subject: format!("Hallo {number} \u{1F44B}"),
        html: "<mjml>'\\\r\n</mjml>".to_owned(),
        text: Some("100% {{ code }}".to_owned()),
        variables: vec!["code".to_owned()],
        created_at: contract.make.now(),
        created_by: Some(contract.make.id()),
        published_at: None,
        published_by: None,
    }
}

async fn versions(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let kept = template(contract, &mine).await;
    let repos = contract.read(&mine);
    let templates = repos.templates();
    let first = version(contract, kept.id, 1);
    templates.insert_version(&first).await.unwrap();
    assert_duplicate(templates.insert_version(&first).await);
    assert_eq!(templates.version(kept.id, 1).await.unwrap(), Some(first.clone()));
    assert_eq!(templates.version(kept.id, 2).await.unwrap(), None);
    let theirs = contract.read(&other);
    assert_eq!(theirs.templates().version(kept.id, 1).await.unwrap(), None);
    assert_missing_reference(
        theirs
            .templates()
            .insert_version(&version(contract, kept.id, 2))
            .await,
    );
    assert_missing_reference(
        templates
            .insert_version(&version(contract, contract.make.id(), 1))
            .await,
    );
    assert!(templates.delete(kept.id).await.unwrap());
    assert_eq!(
        templates.version(kept.id, 1).await.unwrap(),
        None,
        "they go with the template"
    );
}

async fn publishing(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let mut kept = template(contract, &mine).await;
    let repos = contract.read(&mine);
    let templates = repos.templates();
    let (first, second) = (version(contract, kept.id, 1), version(contract, kept.id, 2));
    templates.insert_version(&first).await.unwrap();
    templates.insert_version(&second).await.unwrap();
    assert_eq!(
        templates.live(kept.id).await.unwrap(),
        None,
        "nothing is published"
    );

    kept.begin_version();
    kept.set_live(1);
    assert!(templates.update(&kept, 1).await.unwrap());
    kept.version = 2;
    assert_eq!(templates.get(kept.id).await.unwrap(), Some(kept.clone()));
    assert_eq!(kept.status, TemplateStatus::Changed);
    assert_eq!(templates.live(kept.id).await.unwrap(), Some(first.clone()));
    let theirs = contract.read(&other);
    assert_eq!(theirs.templates().live(kept.id).await.unwrap(), None);

    let by: UserId = contract.make.id();
    let at = contract.make.now();
    theirs
        .templates()
        .mark_published(kept.id, 1, at, Some(by))
        .await
        .unwrap();
    assert_eq!(templates.version(kept.id, 1).await.unwrap(), Some(first.clone()));
    templates.mark_published(kept.id, 1, at, Some(by)).await.unwrap();
    let later = contract.make.clock.advance(TimeDelta::seconds(5));
    templates.mark_published(kept.id, 1, later, None).await.unwrap();
    let published = TemplateVersion {
        published_at: Some(at),
        published_by: Some(by),
        ..first
    };
    assert_eq!(
        templates.version(kept.id, 1).await.unwrap(),
        Some(published),
        "the first time counts"
    );
    assert_eq!(templates.version(kept.id, 2).await.unwrap(), Some(second));
}

async fn version_lists(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let mut kept = template(contract, &mine).await;
    let repos = contract.read(&mine);
    for number in 1..=5 {
        let version = version(contract, kept.id, number);
        repos.templates().insert_version(&version).await.unwrap();
    }
    let beside = template(contract, &mine).await;
    repos
        .templates()
        .insert_version(&version(contract, beside.id, 1))
        .await
        .unwrap();
    kept.set_live(4);
    assert!(repos.templates().update(&kept, 1).await.unwrap());
    assert_pages(
        &[1, 2, 3, 4, 5],
        |info: &VersionInfo| info.number,
        |field, a, b| match field {
            VersionSort::Number => a.number < b.number,
        },
        |page| {
            let repos = contract.read(&mine);
            async move { repos.templates().versions(kept.id, &page).await }
        },
    )
    .await;
    let page = PageRequest::first(200, Sort::descending(VersionSort::Number));
    let all = repos.templates().versions(kept.id, &page).await.unwrap().items;
    assert_eq!(all[0].subject, "Hallo 5 \u{1F44B}");
    let live: Vec<_> = all
        .iter()
        .filter(|info| info.live)
        .map(|info| info.number)
        .collect();
    assert_eq!(live, [4]);
    let theirs = contract.read(&other);
    assert_eq!(
        theirs.templates().versions(kept.id, &page).await.unwrap().items,
        []
    );
}

async fn old_drafts(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let kept = template(contract, &mine).await;
    let repos = contract.read(&mine);
    let templates = repos.templates();
    for number in 1..=4 {
        templates
            .insert_version(&version(contract, kept.id, number))
            .await
            .unwrap();
    }
    templates
        .mark_published(kept.id, 2, contract.make.now(), None)
        .await
        .unwrap();
    let theirs = contract.read(&other);
    assert_eq!(theirs.templates().forget_drafts(kept.id, 4).await.unwrap(), 0);
    assert_eq!(templates.forget_drafts(kept.id, 4).await.unwrap(), 2);
    for (number, there) in [(1, false), (2, true), (3, false), (4, true)] {
        let found = templates.version(kept.id, number).await.unwrap();
        assert_eq!(found.is_some(), there, "{number}");
    }
}

fn partial(contract: &Contract, name: &str) -> TemplatePartial {
    TemplatePartial {
        id: contract.make.id(),
        name: name.to_owned(),
        format: TemplateFormat::Html,
        html: "<p>\u{1F331} '\\</p>".to_owned(),
        created_at: contract.make.now(),
        updated_at: contract.make.now(),
        version: 1,
    }
}

async fn partials(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (repos, theirs) = (contract.read(&mine), contract.read(&other));
    let partials = repos.partials();
    let footer = partial(contract, "footer");
    partials.insert(&footer).await.unwrap();
    assert_eq!(partials.get(footer.id).await.unwrap(), Some(footer.clone()));
    assert_duplicate(partials.insert(&partial(contract, "footer")).await);
    theirs
        .partials()
        .insert(&partial(contract, "footer"))
        .await
        .unwrap();
    let header = partial(contract, "header");
    partials.insert(&header).await.unwrap();

    let names = ["footer", "none", "header"].map(str::to_owned);
    let mut found = partials.by_names(&names).await.unwrap();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(found, [footer.clone(), header.clone()]);
    assert_eq!(partials.by_names(&[]).await.unwrap(), []);

    let mut changed = footer.clone();
    changed.format = TemplateFormat::Mjml;
    changed.html = "<mj-section />".to_owned();
    changed.updated_at = contract.make.clock.advance(TimeDelta::seconds(1));
    assert!(!partials.update(&changed, 2).await.unwrap());
    assert!(!theirs.partials().update(&changed, 1).await.unwrap());
    assert!(partials.update(&changed, 1).await.unwrap());
    changed.version = 2;
    assert_eq!(partials.get(footer.id).await.unwrap(), Some(changed.clone()));
    changed.name = "header".to_owned();
    assert_duplicate(partials.update(&changed, 2).await);

    assert_eq!(theirs.partials().get(footer.id).await.unwrap(), None);
    assert!(!theirs.partials().delete(footer.id).await.unwrap());
    assert!(partials.delete(footer.id).await.unwrap());
    assert!(!partials.delete(footer.id).await.unwrap());
}

async fn partial_lists(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let mut ids = Vec::new();
    for name in ["d", "a", "c", "b", "e"] {
        let partial = partial(contract, name);
        repos.partials().insert(&partial).await.unwrap();
        ids.push(partial.id);
        contract.make.clock.advance(TimeDelta::seconds(1));
    }
    let theirs = contract.read(&other);
    theirs.partials().insert(&partial(contract, "a")).await.unwrap();
    assert_pages(
        &ids,
        |partial: &TemplatePartial| partial.id,
        |field, a, b| match field {
            PartialSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
            PartialSort::Name => (&a.name, a.id) < (&b.name, b.id),
        },
        |page| {
            let repos = contract.read(&mine);
            async move { repos.partials().list(&page).await }
        },
    )
    .await;
}
