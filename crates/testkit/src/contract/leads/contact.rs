//! Addresses that are looked at, and telephone numbers.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;
use groundswell_domain::email::{Checked, Deliverable, Due, Verdict, Verification, next_check};

async fn due(contract: &Contract, scope: &Scope) -> Vec<LeadId> {
    let now = contract.make.now();
    let found = contract
        .read(scope)
        .leads()
        .due_for_verification(now, 100)
        .await
        .unwrap();
    found.into_iter().map(|lead| lead.id).collect()
}

async fn get(contract: &Contract, scope: &Scope, lead: LeadId) -> Lead {
    contract.read(scope).leads().get(lead).await.unwrap().unwrap()
}

fn checked(contract: &Contract, lead: &Lead, mx: Verdict) -> Checked {
    let now = contract.make.now();
    Checked {
        id: lead.id,
        email_key: lead.email.key(),
        verification: Verification::of(&lead.email).with_mx(mx, now),
        next: next_check(mx, lead.created_at, now),
    }
}

async fn write(contract: &Contract, scope: &Scope, checked: &[Checked]) -> u64 {
    let unit = contract.begin(scope).await;
    let written = unit.leads().verified(checked).await.unwrap();
    unit.commit().await.unwrap();
    written
}

pub(super) async fn looking_at_addresses(contract: &Contract) {
    let scope = contract.organization().await;
    let mut leads = vec![contract.make.lead("a@Example.com")];
    contract.make.clock.advance(TimeDelta::seconds(1));
    leads.push(contract.make.lead("b@Bücher.example"));
    contract.make.clock.advance(TimeDelta::seconds(1));
    leads.push(contract.make.lead("info@example.com"));
    add(contract, &scope, &leads[..2]).await;
    let unit = contract.begin(&scope).await;
    unit.leads().insert_many(&leads[2..]).await.unwrap();
    unit.commit().await.unwrap();

    let ids: Vec<_> = leads.iter().map(|lead| lead.id).collect();
    assert_eq!(
        due(contract, &scope).await,
        ids,
        "those that waited longest come first"
    );
    let first = contract
        .read(&scope)
        .leads()
        .due_for_verification(contract.make.now(), 1)
        .await
        .unwrap();
    let expected = Due {
        id: leads[0].id,
        email: leads[0].email.clone(),
        created_at: leads[0].created_at,
    };
    assert_eq!(first, [expected]);
    let before = leads[0].created_at - TimeDelta::seconds(1);
    let none = contract
        .read(&scope)
        .leads()
        .due_for_verification(before, 10)
        .await
        .unwrap();
    assert_eq!(none, []);

    let found = [
        checked(contract, &leads[0], Verdict::Yes),
        checked(contract, &leads[1], Verdict::Unknown),
        checked(contract, &leads[2], Verdict::No),
    ];
    assert_eq!(write(contract, &scope, &found).await, 3);
    for (lead, found) in leads.iter().zip(&found) {
        let now = get(contract, &scope, lead.id).await;
        assert_eq!(now.verification, found.verification);
        assert_eq!((now.version, now.updated_at), (lead.version, lead.updated_at));
    }
    assert_eq!(due(contract, &scope).await, []);
    contract.make.clock.advance(TimeDelta::hours(2));
    assert_eq!(
        due(contract, &scope).await,
        [leads[1].id],
        "what is unknown is asked again"
    );

    // Somebody else changes it, who had read it before.
    let mut changed = leads[0].clone();
    changed.name = "Ada".to_owned();
    let unit = contract.begin(&scope).await;
    assert!(unit.leads().update(&changed, 1).await.unwrap());
    unit.leads().update_many(&leads[2..]).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(
        get(contract, &scope, changed.id).await.verification,
        found[0].verification
    );
    assert_eq!(
        get(contract, &scope, leads[2].id).await.verification,
        found[2].verification
    );

    // Another address is looked at anew, and an answer about the old one comes too late.
    changed.updated_at = contract.make.now();
    changed.set_email("c@example.org".parse().unwrap());
    let mut other = get(contract, &scope, leads[2].id).await;
    other.updated_at = contract.make.now();
    other.set_email("d@example.org".parse().unwrap());
    let unit = contract.begin(&scope).await;
    assert!(unit.leads().update(&changed, 2).await.unwrap());
    unit.leads().update_many(&[other.clone()]).await.unwrap();
    unit.commit().await.unwrap();
    for lead in [&changed, &other] {
        let now = get(contract, &scope, lead.id).await;
        assert_eq!(
            (now.verification, now.verification.mx),
            (Verification::of(&lead.email), Verdict::Unknown)
        );
    }
    assert_eq!(due(contract, &scope).await, [leads[1].id, changed.id, other.id]);
    assert_eq!(
        write(contract, &scope, &found[..1]).await,
        0,
        "it is about the old address"
    );
    assert_eq!(
        get(contract, &scope, changed.id).await.verification.deliverable,
        Deliverable::Unknown
    );

    organizations(contract, &scope, &leads[1]).await;
}

async fn organizations(contract: &Contract, mine: &Scope, lead: &Lead) {
    let other = contract.organization().await;
    let theirs = contract.make.lead("a@example.com");
    add(contract, &other, std::slice::from_ref(&theirs)).await;
    let mut expected = vec![mine.organization, other.organization];
    expected.sort();
    let now = contract.make.now();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = contract
            .system
            .leads()
            .organizations_to_verify(now, after, 1)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        assert_eq!(page.len(), 1);
        after = Some(*last);
        found.extend(page);
    }
    found.retain(|id| expected.contains(id));
    assert_eq!(found, expected);
    let done = checked(contract, &theirs, Verdict::Yes);
    assert_eq!(
        write(contract, mine, std::slice::from_ref(&done)).await,
        0,
        "not ours"
    );
    assert_eq!(write(contract, &other, &[done]).await, 1);
    let found = contract
        .system
        .leads()
        .organizations_to_verify(now, None, 1_000)
        .await
        .unwrap();
    assert!(!found.contains(&other.organization));
    assert!(due(contract, mine).await.contains(&lead.id));
}

pub(super) async fn telephone_numbers(contract: &Contract) {
    let scope = contract.organization().await;
    let region = Some("DE".parse().unwrap());
    let mut lead = contract.make.lead("phone@example.com");
    lead.company = Some("Example 4930 Ltd".to_owned());
    lead.phone = Some("030 / 90 18 20".to_owned());
    lead.read_phone(region);
    let mut other = contract.make.lead("other@example.com");
    other.company = Some("901820 GmbH".to_owned());
    other.phone = Some("no number".to_owned());
    other.read_phone(region);
    add(contract, &scope, &[lead.clone(), other.clone()]).await;
    let now = get(contract, &scope, lead.id).await;
    assert_eq!(now.phone, lead.phone, "as it was typed");
    assert_eq!(
        now.phone_e164.as_ref().map(ToString::to_string).as_deref(),
        Some("+4930901820")
    );
    assert_eq!(get(contract, &scope, other.id).await.phone_e164, None);

    let found = async |filter: LeadFilter| {
        let leads = contract
            .read(&scope)
            .leads()
            .after(&filter, None, 10)
            .await
            .unwrap();
        leads.into_iter().map(|lead| lead.id).collect::<Vec<_>>()
    };
    let text = |text: &str| LeadFilter {
        text: Some(text.to_owned()),
        ..LeadFilter::default()
    };
    for typed in [
        "030 901820",
        "+49 30 901820",
        "0049 (30) 90-18-20",
        "+4930901820",
        "(0)30 901820",
    ] {
        assert_eq!(found(text(typed)).await, [lead.id], "{typed}");
    }
    assert_eq!(
        found(text("901820")).await,
        [lead.id, other.id],
        "the company's name has it, too"
    );
    assert_eq!(
        found(text("grace 4930901820")).await,
        [lead.id],
        "one word of several"
    );
    assert_eq!(found(text("030 901821")).await, [] as [LeadId; 0]);
    let company = LeadFilter {
        company: Some("+4930".to_owned()),
        ..LeadFilter::default()
    };
    assert_eq!(
        found(company).await,
        [] as [LeadId; 0],
        "the number is no part of the company"
    );

    // Another number takes the old one away, wherever it is written.
    lead.phone = Some("none".to_owned());
    lead.phone_e164 = None;
    let unit = contract.begin(&scope).await;
    unit.leads().update_many(&[lead.clone()]).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(get(contract, &scope, lead.id).await.phone_e164, None);
    assert_eq!(found(text("030 901820")).await, [] as [LeadId; 0]);
}
