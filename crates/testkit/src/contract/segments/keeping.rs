//! Segments as rows, and the members of frozen ones.

use super::{Contract, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::campaigns::CampaignStatus;
use groundswell_domain::leads::{Lead, LeadFilter};
use groundswell_domain::segments::{
    Audience, Chosen, LANGUAGE, Moment, References, Segment, SegmentKind, SegmentSort,
};
use groundswell_domain::{LeadId, Scope};

fn segment(contract: &Contract) -> Segment {
    Segment {
        id: contract.make.id(),
        name: "O'Neil's 100% \u{1F600}".to_owned(),
        description: None,
        expression: "tag = \"o'neil\" and not opened".to_owned(),
        kind: SegmentKind::Dynamic,
        client_id: None,
        frozen_at: None,
        count_at_freeze: None,
        created_at: contract.make.now(),
        updated_at: contract.make.now(),
        version: 1,
        language: LANGUAGE,
    }
}

async fn insert(contract: &Contract, scope: &Scope, segment: &Segment) {
    contract.read(scope).segments().insert(segment).await.unwrap();
}

pub(super) async fn kept_as_they_are(contract: &Contract) {
    let scope = contract.organization().await;
    let mut segment = segment(contract);
    segment.client_id = Some(contract.client(&scope).await.id);
    insert(contract, &scope, &segment).await;
    let repos = contract.read(&scope);
    let segments = repos.segments();
    assert_eq!(segments.get(segment.id).await.unwrap(), Some(segment.clone()));
    segment.name = "Neu".to_owned();
    segment.description = Some("Mehr".to_owned());
    segment.expression = "everyone".to_owned();
    segment.client_id = None;
    segment.updated_at = contract.make.clock.advance(TimeDelta::seconds(1));
    assert!(!segments.update(&segment, 2).await.unwrap());
    assert!(segments.update(&segment, 1).await.unwrap());
    segment.version = 2;
    assert_eq!(segments.get(segment.id).await.unwrap(), Some(segment.clone()));
    assert!(segments.delete(segment.id).await.unwrap());
    assert!(!segments.delete(segment.id).await.unwrap());
    assert_eq!(segments.get(segment.id).await.unwrap(), None);
}

pub(super) async fn lists(contract: &Contract) {
    let scope = contract.organization().await;
    let client = contract.client(&scope).await.id;
    let mut ids = Vec::new();
    for number in 0..5 {
        if number % 2 == 0 {
            contract.make.clock.advance(TimeDelta::microseconds(1));
        }
        let mut segment = segment(contract);
        segment.name = ["b", "a%", "c"][number % 3].to_owned();
        segment.client_id = (number == 0).then_some(client);
        insert(contract, &scope, &segment).await;
        ids.push(segment.id);
    }
    let store = &contract.store;
    assert_pages(
        &ids,
        |segment: &Segment| segment.id,
        |field, a, b| match field {
            SegmentSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
            SegmentSort::UpdatedAt => (a.updated_at, a.id) < (b.updated_at, b.id),
            SegmentSort::Name => (&a.name, a.id) < (&b.name, b.id),
        },
        |page| {
            let repos = store.read(&scope);
            async move { repos.segments().list(None, None, &page).await }
        },
    )
    .await;
    for (name, of_client, expected) in [
        (Some("A%"), None, 2),
        (None, Some(client), 1),
        (Some("x"), None, 0),
    ] {
        let page =
            groundswell_domain::PageRequest::first(10, groundswell_domain::Sort::parse("name").unwrap());
        let found = contract
            .read(&scope)
            .segments()
            .list(name, of_client, &page)
            .await;
        assert_eq!(found.unwrap().items.len(), expected, "{name:?}");
    }
    let mut bound = scope.clone();
    bound.client = Some(client);
    let theirs = contract.read(&bound);
    assert!(theirs.segments().get(ids[0]).await.unwrap().is_some());
    assert!(theirs.segments().get(ids[1]).await.unwrap().is_none());
}

pub(super) async fn members_of_frozen_ones(contract: &Contract) {
    let scope = contract.organization().await;
    let mut segment = segment(contract);
    segment.kind = SegmentKind::Frozen;
    insert(contract, &scope, &segment).await;
    let leads: Vec<Lead> = ["a", "b", "c"]
        .map(|name| contract.make.lead(&format!("{name}@example.com")))
        .into();
    let unit = contract.begin(&scope).await;
    for lead in &leads {
        unit.leads().insert(lead).await.unwrap();
    }
    assert_eq!(unit.segments().last_member(segment.id).await.unwrap(), None);
    let gone: LeadId = contract.make.id();
    unit.segments()
        .add_members(segment.id, &[leads[1].id, leads[0].id, gone])
        .await
        .unwrap();
    unit.segments()
        .add_members(segment.id, &[leads[0].id])
        .await
        .unwrap();
    unit.segments().add_members(segment.id, &[]).await.unwrap();
    assert_eq!(
        unit.segments().last_member(segment.id).await.unwrap(),
        Some(leads[1].id)
    );
    let now = contract.make.clock.advance(TimeDelta::seconds(5));
    assert!(unit.segments().finish_freeze(segment.id, now).await.unwrap());
    assert!(!unit.segments().finish_freeze(segment.id, now).await.unwrap());
    unit.commit().await.unwrap();
    let repos = contract.read(&scope);
    let kept = repos.segments().get(segment.id).await.unwrap().unwrap();
    assert_eq!(
        (kept.frozen_at, kept.count_at_freeze, kept.version),
        (Some(now), Some(2), 2)
    );
    let filter = LeadFilter {
        segment: Some(Chosen::Members(segment.id)),
        ..LeadFilter::default()
    };
    let found = async || repos.leads().after(&filter, None, 10).await.unwrap();
    assert_eq!(found().await, leads[..2]);
    assert_eq!(repos.leads().count(&filter).await.unwrap(), 2);
    let unit = contract.begin(&scope).await;
    assert!(unit.leads().delete(leads[0].id).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(found().await, leads[1..2]);
    assert!(repos.segments().delete(segment.id).await.unwrap());
    assert_eq!(found().await, []);
}

pub(super) async fn what_is_referred_to(contract: &Contract) {
    let scope = contract.organization().await;
    let mut segment = segment(contract);
    insert(contract, &scope, &segment).await;
    let client = contract.client(&scope).await.id;
    let mut campaign = contract.make.campaign();
    campaign.target_audience.segment_id = Some(segment.id);
    let moment = Moment {
        now: contract.make.now(),
        time_zone: "Europe/Berlin".parse().unwrap(),
    };
    segment.client_id = Some(client);
    campaign.audience = segment.audience(moment);
    assert!(matches!(campaign.audience, Some(Audience::Rule { .. })));
    let unit = contract.begin(&scope).await;
    unit.campaigns().insert(&campaign).await.unwrap();
    let mut done = contract.make.campaign();
    done.target_audience.segment_id = Some(segment.id);
    done.status = CampaignStatus::Completed;
    done.audience = Some(Audience::Members(segment.id));
    unit.campaigns().insert(&done).await.unwrap();
    let other = contract.make.campaign();
    unit.campaigns().insert(&other).await.unwrap();
    assert_eq!(
        unit.segments().unfinished_campaigns(segment.id).await.unwrap(),
        [(campaign.id, campaign.name.clone())]
    );
    for kept in [&campaign, &done] {
        let found = unit.campaigns().get(kept.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(kept));
    }
    let wanted = References {
        campaigns: [campaign.id, contract.make.id()].into(),
        clients: [client, contract.make.id()].into(),
        forms: [contract.make.id()].into(),
    };
    let known = unit.segments().known(&wanted).await.unwrap();
    assert_eq!(known.campaigns, [campaign.id].into());
    assert_eq!(known.clients, [client].into());
    assert!(known.forms.is_empty());
    unit.commit().await.unwrap();
}

pub(super) async fn others_are_out_of_reach(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let segment = segment(contract);
    insert(contract, &mine, &segment).await;
    let lead = contract.make.lead("a@example.com");
    let unit = contract.begin(&mine).await;
    unit.leads().insert(&lead).await.unwrap();
    unit.segments().add_members(segment.id, &[lead.id]).await.unwrap();
    unit.commit().await.unwrap();
    let theirs = contract.read(&other);
    let segments = theirs.segments();
    assert_eq!(segments.get(segment.id).await.unwrap(), None);
    assert!(!segments.update(&segment, 1).await.unwrap());
    assert!(!segments.delete(segment.id).await.unwrap());
    assert!(
        !segments
            .finish_freeze(segment.id, contract.make.now())
            .await
            .unwrap()
    );
    assert_eq!(segments.last_member(segment.id).await.unwrap(), None);
    let filter = LeadFilter {
        segment: Some(Chosen::Members(segment.id)),
        ..LeadFilter::default()
    };
    assert_eq!(theirs.leads().count(&filter).await.unwrap(), 0);
    assert!(
        contract
            .read(&mine)
            .segments()
            .get(segment.id)
            .await
            .unwrap()
            .is_some()
    );
}
