//! Adding, finding again, and changing leads.

use super::counting::truth;
#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;

pub(super) async fn kept_as_they_are(contract: &Contract) {
    let scope = contract.organization().await;
    let mut lead = nasty(contract, &scope).await;
    lead.score = Score {
        total: 9,
        fit: 4,
        engagement: 5,
    };
    let unit = contract.begin(&scope).await;
    unit.leads().insert(&lead).await.unwrap();
    unit.commit().await.unwrap();
    lead.score = Score::default();
    let repos = contract.read(&scope);
    assert_eq!(
        repos.leads().get(lead.id).await.unwrap(),
        Some(lead.clone()),
        "the score is taken as 0"
    );
    assert_eq!(repos.leads().get(contract.make.id()).await.unwrap(), None);
    let unit = contract.begin(&scope).await;
    assert_duplicate(
        unit.leads()
            .insert(&contract.make.lead("o'neil+100%_X@example.com"))
            .await,
    );
    drop(unit);
    assert_eq!(
        repos.leads().status_counts().await.unwrap().total(),
        1,
        "a failed insert is not counted"
    );
}

pub(super) async fn stale_versions_change_nothing(contract: &Contract) {
    let scope = contract.organization().await;
    let lead = contract.make.lead("a@example.com");
    let taken = contract.make.lead("taken@example.com");
    let unit = contract.begin(&scope).await;
    unit.leads().insert(&lead).await.unwrap();
    unit.leads().insert(&taken).await.unwrap();
    unit.leads()
        .add_score(&[entry(contract, lead.id, "x")])
        .await
        .unwrap();
    unit.commit().await.unwrap();

    let mut changed = Lead {
        id: lead.id,
        ..nasty(contract, &scope).await
    };
    changed.status = LeadStatus::Qualified;
    changed.score = Score {
        total: 999,
        fit: 999,
        engagement: 0,
    };
    changed.updated_at = contract.make.clock.advance(TimeDelta::seconds(1));
    let unit = contract.begin(&scope).await;
    assert!(
        !unit.leads().update(&changed, 2).await.unwrap(),
        "it is at version 1"
    );
    assert!(unit.leads().update(&changed, 1).await.unwrap());
    assert!(
        !unit.leads().update(&changed, 1).await.unwrap(),
        "it is at version 2"
    );
    unit.commit().await.unwrap();
    changed.version = 2;
    changed.score = Score {
        total: 10,
        fit: 0,
        engagement: 10,
    };
    changed.created_at = lead.created_at;
    let repos = contract.read(&scope);
    assert_eq!(
        repos.leads().get(lead.id).await.unwrap(),
        Some(changed.clone()),
        "without score and creation"
    );
    let counts = repos.leads().status_counts().await.unwrap();
    assert_eq!(
        (counts.of(LeadStatus::New), counts.of(LeadStatus::Qualified)),
        (1, 1)
    );

    changed.email = "TAKEN@example.com".parse().unwrap();
    let unit = contract.begin(&scope).await;
    assert_duplicate(unit.leads().update(&changed, 2).await);
}

pub(super) async fn many_at_once(contract: &Contract) {
    let scope = contract.organization().await;
    let number = |n: usize| contract.make.lead(&format!("lead{n}@example.com"));
    let mut leads: Vec<_> = (0..2_000).map(number).collect();
    leads[7].tags = Tags::parse(["one"]).unwrap();
    for lead in &mut leads[..500] {
        lead.status = LeadStatus::Contacted;
    }
    add(contract, &scope, &[contract.make.lead("LEAD3@example.com")]).await;
    let unit = contract.begin(&scope).await;
    let mut added = unit.leads().insert_many(&leads).await.unwrap();
    added.sort_unstable();
    let expected: Vec<_> = leads
        .iter()
        .filter(|lead| lead.email.key() != "lead3@example.com")
        .map(|l| l.id)
        .collect();
    assert_eq!(added, expected, "all but the one that was there");
    assert_eq!(unit.leads().insert_many(&leads).await.unwrap(), Vec::new());
    assert_eq!(unit.leads().insert_many(&[]).await.unwrap(), Vec::new());
    unit.commit().await.unwrap();
    truth(contract, &scope).await;

    let keys: Vec<_> = leads.iter().map(|lead| lead.email.key()).collect();
    let model = nasty(contract, &scope).await;
    let unit = contract.begin(&scope).await;
    let mut there = unit.leads().by_email_keys(&keys).await.unwrap();
    assert_eq!(there.len(), 2_000);
    assert_eq!(
        unit.leads()
            .by_email_keys(&["nobody@example.com".to_owned()])
            .await
            .unwrap(),
        Vec::new()
    );
    assert_eq!(unit.leads().by_email_keys(&[]).await.unwrap(), Vec::new());
    there.sort_unstable_by_key(|lead| lead.id);
    for lead in &mut there {
        lead.name.clone_from(&model.name);
        lead.custom_fields.clone_from(&model.custom_fields);
        lead.tags.clone_from(&model.tags);
        lead.utm.clone_from(&model.utm);
        lead.phone = None;
        lead.client_id = model.client_id;
        lead.status = LeadStatus::Converted;
        lead.updated_at += TimeDelta::microseconds(7);
    }
    unit.leads().update_many(&there).await.unwrap();
    unit.leads().update_many(&[]).await.unwrap();
    unit.commit().await.unwrap();
    for lead in &mut there {
        lead.version += 1;
    }
    let repos = contract.read(&scope);
    let now = repos
        .leads()
        .after(&LeadFilter::default(), None, 5_000)
        .await
        .unwrap();
    assert_eq!(now, there);
    assert_eq!(
        repos
            .leads()
            .status_counts()
            .await
            .unwrap()
            .of(LeadStatus::Converted),
        2_000
    );
    let ids = Some(leads.iter().map(|lead| lead.id).collect());
    assert_eq!(
        found(
            contract,
            &scope,
            &LeadFilter {
                lead_ids: ids,
                ..LeadFilter::default()
            }
        )
        .await
        .len(),
        1_999
    );
    truth(contract, &scope).await;
}
