//! Campaigns and their counters.

mod running;

use super::{Contract, assert_duplicate, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::campaigns::{
    Campaign, CampaignFilter, CampaignMetrics, CampaignSort, CampaignStatus, CampaignType, Delivery,
    MetricsDelta, OverCap, Pace, Ramp, UtmPlan, UtmTags,
};
use groundswell_domain::email::{MessageKind, MessageStatus, NewMessage, TemplateSource};
use groundswell_domain::locale::TimeZone;
use groundswell_domain::{CampaignId, LeadId, PageRequest, Scope, Sort};
use tokio::task::JoinSet;

pub async fn campaigns(contract: &Contract) {
    kept_as_they_are(contract).await;
    stale_versions_change_nothing(contract).await;
    lists(contract).await;
    filters(contract).await;
    running::counting_side_by_side(contract).await;
    running::snapshots(contract).await;
    running::completing(contract).await;
    running::pacing_side_by_side(contract).await;
    running::the_last_two_mails_at_once(contract).await;
    deleting_keeps_the_ledger(contract).await;
    stats(contract).await;
    others_are_out_of_reach(contract).await;
    super::campaign_figures::campaign_figures(contract).await;
}

async fn full(contract: &Contract, scope: &Scope) -> Campaign {
    let client = contract.client(scope).await.id;
    let mut campaign = contract.make.campaign();
    campaign.name = "O'Neil \"100%\" \u{1F331}".to_owned();
    campaign.kind = CampaignType::Mixed;
    campaign.status = CampaignStatus::Active;
    campaign.objective = Some("Sell".to_owned());
    campaign.description = Some("\\".to_owned());
    campaign.budget_allocated = Some("1234.50".parse().unwrap());
    campaign.currency = "USD".parse().unwrap();
    campaign.channels = vec!["email".to_owned(), "x".to_owned()];
    campaign.target_audience.tags_any = vec!["vip".to_owned()];
    campaign.target_audience.lead_ids = Some(vec![contract.make.id()]);
    campaign.start_date = Some(contract.make.now());
    campaign.end_date = Some(contract.make.now() + TimeDelta::days(9));
    campaign.client_id = Some(client);
    campaign.project_id = Some(contract.project(scope, Some(client)).await.id);
    campaign.created_by = Some(contract.make.id());
    campaign.failure = Some("why".to_owned());
    campaign.run = 3;
    campaign.frozen = Some(TemplateSource::html("Hi", "<p>'\u{1F331}'</p>").with_variables(["code"]));
    campaign.launched_at = Some(contract.make.now());
    campaign.delivery = Delivery {
        window: serde_json::from_str(r#"{"days":["friday"],"from":"09:00","to":"24:00","time_zone":"lead"}"#)
            .ok(),
        best_time_within_hours: Some(24),
        daily_cap: Some(5),
        hourly_rate: Some(6),
        ramp: Some(Ramp {
            first_day: 7,
            factor: 1.25,
        }),
        over_cap: OverCap::Postpone,
    };
    campaign.utm = UtmPlan {
        enabled: false,
        source: Some("\u{1F331}".to_owned()),
        ..UtmPlan::default()
    };
    campaign.resend_of = Some(contract.make.id());
    campaign.tags = Some(UtmTags {
        source: "'".to_owned(),
        medium: "email".to_owned(),
        campaign: "c".to_owned(),
        content: None,
        term: Some("t".to_owned()),
    });
    campaign
}

async fn add(contract: &Contract, scope: &Scope, campaigns: &[Campaign]) {
    let unit = contract.begin(scope).await;
    for campaign in campaigns {
        unit.campaigns().insert(campaign).await.unwrap();
    }
    unit.commit().await.unwrap();
}

async fn get(contract: &Contract, scope: &Scope, id: CampaignId) -> Campaign {
    contract.read(scope).campaigns().get(id).await.unwrap().unwrap()
}

async fn kept_as_they_are(contract: &Contract) {
    let scope = contract.organization().await;
    let (full, plain) = (full(contract, &scope).await, contract.make.campaign());
    add(contract, &scope, &[full.clone(), plain.clone()]).await;
    assert_eq!(get(contract, &scope, full.id).await, full);
    assert_eq!(get(contract, &scope, plain.id).await, plain);
    let unit = contract.begin(&scope).await;
    assert_eq!(
        unit.campaigns().get_locked(full.id).await.unwrap(),
        Some(full.clone())
    );
    assert_eq!(
        unit.campaigns().get_locked(contract.make.id()).await.unwrap(),
        None
    );
    assert_eq!(unit.campaigns().get(contract.make.id()).await.unwrap(), None);
    assert_duplicate(unit.campaigns().insert(&full).await);
}

async fn stale_versions_change_nothing(contract: &Contract) {
    let scope = contract.organization().await;
    let campaign = contract.make.campaign();
    add(contract, &scope, std::slice::from_ref(&campaign)).await;
    let delta = MetricsDelta {
        audience: 5,
        sent: 2,
        ..MetricsDelta::default()
    };
    let repos = contract.read(&scope);
    repos.campaigns().add_metrics(campaign.id, &delta).await.unwrap();

    let mut changed = Campaign {
        id: campaign.id,
        created_at: campaign.created_at,
        ..full(contract, &scope).await
    };
    changed.updated_at = contract.make.clock.advance(TimeDelta::seconds(1));
    changed.snapshot_after = Some(contract.make.id());
    changed.snapshot_done = true;
    changed.metrics.sent = 99;
    assert!(
        !repos.campaigns().update(&changed, 2).await.unwrap(),
        "it is at version 1"
    );
    assert!(repos.campaigns().update(&changed, 1).await.unwrap());
    assert!(
        !repos.campaigns().update(&changed, 1).await.unwrap(),
        "it is at version 2"
    );
    changed.version = 2;
    changed.snapshot_after = None;
    changed.snapshot_done = false;
    changed.metrics = CampaignMetrics {
        audience: 5,
        sent: 2,
        queued: 3,
        ..CampaignMetrics::default()
    };
    assert_eq!(
        get(contract, &scope, campaign.id).await,
        changed,
        "without metrics and the snapshot's progress"
    );
    changed.budget_allocated = None;
    changed.frozen = None;
    changed.delivery = Delivery::default();
    changed.utm = UtmPlan::default();
    changed.tags = None;
    assert!(repos.campaigns().update(&changed, 2).await.unwrap());
    changed.version = 3;
    assert_eq!(get(contract, &scope, campaign.id).await, changed);
}

async fn lists(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let mut campaigns = Vec::new();
    for number in 0..5 {
        if number % 3 == 0 {
            contract.make.clock.advance(TimeDelta::microseconds(1));
        }
        let mut campaign = contract.make.campaign();
        campaign.name = ["b", "a"][number % 2].to_owned();
        campaigns.push(campaign);
    }
    add(contract, &mine, &campaigns).await;
    add(contract, &other, &[contract.make.campaign()]).await;
    let ids: Vec<_> = campaigns.iter().map(|campaign| campaign.id).collect();
    assert_pages(
        &ids,
        |campaign: &Campaign| campaign.id,
        |field, a, b| match field {
            CampaignSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
            CampaignSort::UpdatedAt => (a.updated_at, a.id) < (b.updated_at, b.id),
            CampaignSort::Name => (&a.name, a.id) < (&b.name, b.id),
        },
        |page| {
            let repos = contract.read(&mine);
            async move { repos.campaigns().list(&CampaignFilter::default(), &page).await }
        },
    )
    .await;
    let repos = contract.read(&mine);
    let delta = MetricsDelta {
        audience: 4,
        opens: 2,
        ..MetricsDelta::default()
    };
    repos.campaigns().add_metrics(ids[4], &delta).await.unwrap();
    let page = PageRequest::first(1, Sort::descending(CampaignSort::CreatedAt));
    let list = repos
        .campaigns()
        .list(&CampaignFilter::default(), &page)
        .await
        .unwrap();
    assert_eq!(
        list.items,
        [get(contract, &mine, ids[4]).await],
        "with the metrics"
    );
    assert_eq!((list.items[0].metrics.audience, list.total), (4, None));
}

async fn filters(contract: &Contract) {
    let scope = contract.organization().await;
    let (full, plain) = (full(contract, &scope).await, contract.make.campaign());
    add(contract, &scope, &[full.clone(), plain.clone()]).await;
    let all = CampaignFilter::default;
    let name = |part: &str| CampaignFilter {
        name: Some(part.to_owned()),
        ..CampaignFilter::default()
    };
    for (filter, expected) in [
        (all(), vec![full.id, plain.id]),
        (
            CampaignFilter {
                status: Some(CampaignStatus::Active),
                ..all()
            },
            vec![full.id],
        ),
        (
            CampaignFilter {
                kind: Some(CampaignType::Email),
                ..all()
            },
            vec![plain.id],
        ),
        (
            CampaignFilter {
                client_id: full.client_id,
                ..all()
            },
            vec![full.id],
        ),
        (
            CampaignFilter {
                project_id: full.project_id,
                ..all()
            },
            vec![full.id],
        ),
        (name("o'neil"), vec![full.id]),
        (name("SPRING"), vec![plain.id]),
        (name("0%"), vec![full.id]),
        (name("_"), vec![]),
    ] {
        let mut page = PageRequest::first(200, Sort::parse("created_at").unwrap());
        page.with_total = true;
        let list = contract
            .read(&scope)
            .campaigns()
            .list(&filter, &page)
            .await
            .unwrap();
        assert_eq!(
            list.items.iter().map(|campaign| campaign.id).collect::<Vec<_>>(),
            expected,
            "{filter:?}"
        );
        assert_eq!(list.total, Some(expected.len() as u64), "{filter:?}");
    }
}

async fn deleting_keeps_the_ledger(contract: &Contract) {
    let scope = contract.organization().await;
    let campaign = contract.make.campaign();
    add(contract, &scope, std::slice::from_ref(&campaign)).await;
    let message = NewMessage {
        id: contract.make.id(),
        kind: MessageKind::Campaign,
        campaign_id: Some(campaign.id),
        lead_id: Some(contract.make.id()),
        to: "a@example.com".parse().unwrap(),
        content: None,
        suppressed: None,
        topic_id: None,
    };
    let sent = NewMessage {
        id: contract.make.id(),
        lead_id: Some(contract.make.id()),
        ..message.clone()
    };
    let sent = NewMessage {
        suppressed: Some("unsubscribed".to_owned()),
        ..sent
    };
    let unit = contract.begin(&scope).await;
    unit.messages()
        .insert_many(&[message.clone(), sent.clone()], contract.make.now())
        .await
        .unwrap();
    assert!(unit.campaigns().delete(campaign.id).await.unwrap());
    assert!(!unit.campaigns().delete(campaign.id).await.unwrap());
    unit.commit().await.unwrap();
    let repos = contract.read(&scope);
    assert_eq!(repos.campaigns().get(campaign.id).await.unwrap(), None);
    let row = repos.messages().get(message.id).await.unwrap().unwrap();
    assert_eq!((row.campaign_id, row.lead_id), (None, message.lead_id));
    assert_eq!(
        row.status,
        MessageStatus::Cancelled,
        "nobody would send it any more"
    );
    let row = repos.messages().get(sent.id).await.unwrap().unwrap();
    assert_eq!((row.campaign_id, row.status), (None, MessageStatus::Suppressed));
    assert_eq!(row.reason.as_deref(), Some("unsubscribed"));
}

async fn stats(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let empty = repos.campaigns().stats().await.unwrap();
    assert_eq!((empty.total, empty.open_rate, empty.budget.len()), (0, 0.0, 0));
    let (full, plain) = (full(contract, &mine).await, contract.make.campaign());
    let euros = Campaign {
        budget_allocated: Some("0.10".parse().unwrap()),
        ..contract.make.campaign()
    };
    let more = Campaign {
        budget_allocated: Some("0.20".parse().unwrap()),
        ..contract.make.campaign()
    };
    add(contract, &mine, &[full.clone(), plain.clone(), euros, more]).await;
    add(contract, &other, &[contract.make.campaign()]).await;
    let delta = MetricsDelta {
        audience: 9,
        sent: 8,
        unique_opens: 4,
        unique_clicks: 1,
        ..MetricsDelta::default()
    };
    repos.campaigns().add_metrics(full.id, &delta).await.unwrap();
    let delta = MetricsDelta {
        audience: 1,
        failed: 1,
        clicks: 3,
        ..MetricsDelta::default()
    };
    repos.campaigns().add_metrics(plain.id, &delta).await.unwrap();
    let stats = repos.campaigns().stats().await.unwrap();
    assert_eq!(stats.total, 4);
    assert_eq!(
        stats.by_status,
        [("active".to_owned(), 1), ("draft".to_owned(), 3)].into()
    );
    assert_eq!(
        stats.by_type,
        [("email".to_owned(), 3), ("mixed".to_owned(), 1)].into()
    );
    assert_eq!(
        stats.budget,
        [("EUR".to_owned(), 0.3), ("USD".to_owned(), 1234.5)].into()
    );
    assert_eq!((stats.open_rate, stats.click_rate), (0.5, 0.125));
    assert_eq!(
        (stats.metrics.audience, stats.metrics.queued, stats.metrics.clicks),
        (10, 1, 3)
    );
}

async fn others_are_out_of_reach(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let campaign = full(contract, &mine).await;
    add(contract, &mine, std::slice::from_ref(&campaign)).await;
    let unit = contract.begin(&other).await;
    let theirs = unit.campaigns();
    assert_eq!(theirs.get(campaign.id).await.unwrap(), None);
    assert_eq!(theirs.get_locked(campaign.id).await.unwrap(), None);
    assert!(!theirs.update(&contract.make.campaign(), 1).await.unwrap());
    assert!(
        !theirs
            .update(
                &Campaign {
                    name: "Stolen".to_owned(),
                    ..campaign.clone()
                },
                1
            )
            .await
            .unwrap()
    );
    assert!(!theirs.delete(campaign.id).await.unwrap());
    theirs
        .add_metrics(
            campaign.id,
            &MetricsDelta {
                sent: 1,
                ..MetricsDelta::default()
            },
        )
        .await
        .unwrap();
    assert!(
        !theirs
            .advance_snapshot(campaign.id, 3, None, None, true)
            .await
            .unwrap()
    );
    assert!(
        !theirs
            .complete_if_settled(campaign.id, contract.make.now())
            .await
            .unwrap()
    );
    assert_eq!(theirs.stats().await.unwrap().total, 0);
    unit.commit().await.unwrap();
    assert_eq!(get(contract, &mine, campaign.id).await, campaign);
}
