//! Templates, suppressed addresses and the outbox. The ledger has a suite of its own.

use super::{Contract, assert_duplicate, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::email::{
    OutboxMail, Suppression, SuppressionReason, SuppressionSort, Template, TemplateFormat, TemplateSort,
    TemplateStatus,
};
use groundswell_domain::{MessageId, PageRequest, Sort};

pub async fn email(contract: &Contract) {
    templates(contract).await;
    template_lists(contract).await;
    suppressions(contract).await;
    suppression_lists(contract).await;
    outbox(contract).await;
}

fn template(contract: &Contract) -> Template {
    Template {
        id: contract.make.id(),
        name: "Willkommen \u{1F44B}".to_owned(),
        category: "newsletter".to_owned(),
        format: TemplateFormat::Html,
        subject: "Hallo {{ lead.name | default(\"du\") }}".to_owned(),
        html: "<p style='x'>100% \\ {{ code }}</p>\r\n".to_owned(),
        text: None,
        variables: vec!["code".to_owned()],
        status: TemplateStatus::Draft,
        latest_version: 1,
        live_version: None,
        created_at: contract.make.now(),
        updated_at: contract.make.now(),
        version: 1,
    }
}

async fn templates(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let template = template(contract);
    let repos = contract.read(&mine);
    let templates = repos.templates();
    templates.insert(&template).await.unwrap();
    assert_eq!(templates.get(template.id).await.unwrap(), Some(template.clone()));
    assert_duplicate(templates.insert(&template).await);

    let mut changed = template.clone();
    changed.name = "Neu".to_owned();
    changed.category = "offer".to_owned();
    changed.text = Some("Text".to_owned());
    changed.variables.clear();
    changed.updated_at = contract.make.clock.advance(TimeDelta::seconds(1));
    assert!(!templates.update(&changed, 2).await.unwrap());
    let theirs = contract.read(&other);
    assert!(!theirs.templates().update(&changed, 1).await.unwrap());
    assert!(!theirs.templates().delete(template.id).await.unwrap());
    assert_eq!(theirs.templates().get(template.id).await.unwrap(), None);
    assert_eq!(templates.get(template.id).await.unwrap(), Some(template.clone()));
    assert!(templates.update(&changed, 1).await.unwrap());
    changed.version = 2;
    assert_eq!(templates.get(template.id).await.unwrap(), Some(changed));
    assert!(templates.delete(template.id).await.unwrap());
    assert!(!templates.delete(template.id).await.unwrap());
    assert_eq!(templates.get(template.id).await.unwrap(), None);
}

async fn template_lists(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let mut ids = Vec::new();
    for number in 0..5 {
        let mut template = template(contract);
        template.name = ["b", "a"][number % 2].to_owned();
        repos.templates().insert(&template).await.unwrap();
        ids.push(template.id);
    }
    let mut offer = template(contract);
    offer.category = "offer".to_owned();
    repos.templates().insert(&offer).await.unwrap();
    contract
        .read(&other)
        .templates()
        .insert(&template(contract))
        .await
        .unwrap();
    assert_pages(
        &ids,
        |template: &Template| template.id,
        |field, a, b| match field {
            TemplateSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
            TemplateSort::UpdatedAt => (a.updated_at, a.id) < (b.updated_at, b.id),
            TemplateSort::Name => (&a.name, a.id) < (&b.name, b.id),
        },
        |page| {
            let repos = contract.read(&mine);
            async move { repos.templates().list(Some("newsletter"), &page).await }
        },
    )
    .await;
    let page = PageRequest::first(200, Sort::descending(TemplateSort::CreatedAt));
    assert_eq!(repos.templates().list(None, &page).await.unwrap().items.len(), 6);
}

fn suppression(contract: &Contract, email: &str) -> Suppression {
    Suppression {
        id: contract.make.id(),
        email: Some(email.parse().unwrap()),
        email_hash: None,
        reason: SuppressionReason::Unsubscribe,
        note: Some("from the mail \"Spring\" \u{1F331}".to_owned()),
        created_at: contract.make.now(),
    }
}

async fn suppressions(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let suppressions = repos.suppressions();
    let first = suppression(contract, "O'Neil@Example.com");
    assert!(suppressions.insert(&first).await.unwrap());
    let mut second = suppression(contract, "o'neil@example.COM");
    second.reason = SuppressionReason::Manual;
    assert!(
        !suppressions.insert(&second).await.unwrap(),
        "the older entry stays"
    );
    assert_eq!(suppressions.get(first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(suppressions.get(second.id).await.unwrap(), None);

    let mut keys: Vec<_> = (0..20_000).map(|n| format!("{n}@example.com")).collect();
    keys.push(first.key());
    let found = suppressions.find(&keys).await.unwrap();
    assert_eq!(found, [(first.key(), SuppressionReason::Unsubscribe)]);
    assert_eq!(suppressions.find(&[]).await.unwrap(), []);

    let theirs = contract.read(&other);
    assert_eq!(theirs.suppressions().find(&keys).await.unwrap(), []);
    assert_eq!(theirs.suppressions().get(first.id).await.unwrap(), None);
    assert!(!theirs.suppressions().delete(first.id).await.unwrap());
    assert!(
        theirs.suppressions().insert(&second).await.unwrap(),
        "each organization has its own"
    );
    assert!(suppressions.delete(first.id).await.unwrap());
    assert!(!suppressions.delete(first.id).await.unwrap());
    assert_eq!(suppressions.find(&keys).await.unwrap(), []);
}

async fn suppression_lists(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    let mut ids = Vec::new();
    for email in [
        "d@example.com",
        "a@example.com",
        "C@example.com",
        "b@example.com",
        "e@example.com",
    ] {
        let suppression = suppression(contract, email);
        assert!(repos.suppressions().insert(&suppression).await.unwrap());
        ids.push(suppression.id);
    }
    let mut bounce = suppression(contract, "f@example.com");
    bounce.reason = SuppressionReason::HardBounce;
    assert!(repos.suppressions().insert(&bounce).await.unwrap());
    assert_pages(
        &ids,
        |suppression: &Suppression| suppression.id,
        |field, a, b| match field {
            SuppressionSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
            SuppressionSort::Email => a.key() < b.key(),
        },
        |page| {
            let repos = contract.read(&scope);
            async move {
                repos
                    .suppressions()
                    .list(Some(SuppressionReason::Unsubscribe), None, &page)
                    .await
            }
        },
    )
    .await;
    let page = PageRequest::first(200, Sort::descending(SuppressionSort::CreatedAt));
    assert_eq!(
        repos
            .suppressions()
            .list(None, None, &page)
            .await
            .unwrap()
            .items
            .len(),
        6
    );
}

async fn outbox(contract: &Contract) {
    let scope = contract.organization().await;
    let mail = |subject: &str| OutboxMail {
        id: contract.make.id(),
        organization_id: scope.organization,
        from: "\"Acme\" <a@example.com>".to_owned(),
        to: "b@example.com".to_owned(),
        subject: subject.to_owned(),
        html: "<p>\u{1F331}</p>".to_owned(),
        text: "'".to_owned(),
        headers: "X: 1\r\nY: 2".to_owned(),
        created_at: contract.make.now(),
    };
    let outbox = contract.system.outbox();
    let (first, second, third) = (mail("1"), mail("2"), mail("3"));
    for mail in [&first, &second, &third] {
        outbox.put(mail).await.unwrap();
    }
    outbox
        .put(&OutboxMail {
            subject: "changed".to_owned(),
            ..second.clone()
        })
        .await
        .unwrap();
    assert_eq!(
        outbox.mail(second.id).await.unwrap(),
        Some(second.clone()),
        "the same id changes nothing"
    );
    assert_eq!(outbox.mail(contract.make.id()).await.unwrap(), None);
    assert_eq!(outbox.latest(None, 2).await.unwrap(), [third, second.clone()]);
    assert_eq!(outbox.latest(Some(second.id), 1).await.unwrap(), [first]);
    assert_eq!(
        outbox
            .latest(Some(MessageId(uuid::Uuid::nil())), 5)
            .await
            .unwrap(),
        []
    );
}
