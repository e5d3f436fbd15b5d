//! Campaigns under way: many workers count, and somebody ends them.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;

pub(super) async fn counting_side_by_side(contract: &Contract) {
    let scope = contract.organization().await;
    let campaign = contract.make.campaign();
    add(contract, &scope, std::slice::from_ref(&campaign)).await;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let (store, scope, id) = (contract.store.clone(), scope.clone(), campaign.id);
        tasks.spawn(async move {
            let delta = MetricsDelta {
                audience: 100,
                sent: 1,
                failed: 2,
                suppressed: 3,
                unknown: 4,
                cancelled: 5,
                opens: 6,
                unique_opens: 7,
                clicks: 8,
                unique_clicks: 9,
                unsubscribes: -1,
            };
            let unit = store.begin(&scope).await.unwrap();
            unit.campaigns().add_metrics(id, &delta).await.unwrap();
            unit.commit().await.unwrap();
        });
    }
    tasks.join_all().await;
    let expected = CampaignMetrics {
        audience: 2_000,
        queued: 1_700,
        sent: 20,
        failed: 40,
        suppressed: 60,
        unknown: 80,
        cancelled: 100,
        opens: 120,
        unique_opens: 140,
        clicks: 160,
        unique_clicks: 180,
        unsubscribes: -20,
    };
    assert_eq!(get(contract, &scope, campaign.id).await.metrics, expected);
}

pub(super) async fn snapshots(contract: &Contract) {
    let scope = contract.organization().await;
    let campaign = full(contract, &scope).await;
    let draft = contract.make.campaign();
    add(contract, &scope, &[campaign.clone(), draft.clone()]).await;
    let (a, b): (LeadId, LeadId) = (contract.make.id(), contract.make.id());
    let repos = contract.read(&scope);
    let advance = async |id, run, from, to, done| {
        repos
            .campaigns()
            .advance_snapshot(id, run, from, to, done)
            .await
            .unwrap()
    };
    assert!(!advance(draft.id, 0, None, Some(a), false).await, "not active");
    assert!(
        !advance(campaign.id, 2, None, Some(a), false).await,
        "another run"
    );
    assert!(
        !advance(campaign.id, 3, Some(a), Some(b), false).await,
        "not there yet"
    );
    assert!(advance(campaign.id, 3, None, Some(a), false).await);
    assert!(
        !advance(campaign.id, 3, None, Some(a), false).await,
        "done already"
    );
    assert!(advance(campaign.id, 3, Some(a), Some(b), true).await);
    assert!(
        !advance(campaign.id, 3, Some(b), Some(b), true).await,
        "nobody is left"
    );
    let now = get(contract, &scope, campaign.id).await;
    assert_eq!(
        (now.snapshot_after, now.snapshot_done, now.version),
        (Some(b), true, campaign.version)
    );
}

pub(super) async fn completing(contract: &Contract) {
    let scope = contract.organization().await;
    let campaign = full(contract, &scope).await;
    add(contract, &scope, std::slice::from_ref(&campaign)).await;
    let now = contract.make.clock.advance(TimeDelta::seconds(1));
    let complete = async || {
        let unit = contract.begin(&scope).await;
        let done = unit
            .campaigns()
            .complete_if_settled(campaign.id, now)
            .await
            .unwrap();
        unit.commit().await.unwrap();
        done
    };
    let repos = contract.read(&scope);
    assert!(!complete().await, "the snapshot is not done");
    assert!(
        repos
            .campaigns()
            .advance_snapshot(campaign.id, 3, None, None, true)
            .await
            .unwrap()
    );
    let audience = MetricsDelta {
        audience: 5,
        sent: 1,
        failed: 1,
        suppressed: 1,
        ..MetricsDelta::default()
    };
    repos
        .campaigns()
        .add_metrics(campaign.id, &audience)
        .await
        .unwrap();
    assert!(!complete().await, "two are not settled");
    let rest = MetricsDelta {
        unknown: 1,
        cancelled: 1,
        ..MetricsDelta::default()
    };
    repos.campaigns().add_metrics(campaign.id, &rest).await.unwrap();
    assert!(complete().await);
    assert!(!complete().await, "only once");
    let done = get(contract, &scope, campaign.id).await;
    assert_eq!(
        (done.status, done.updated_at, done.version),
        (CampaignStatus::Completed, now, campaign.version + 1)
    );
}

pub(super) async fn pacing_side_by_side(contract: &Contract) {
    let (scope, other) = (contract.organization().await, contract.organization().await);
    let (campaign, now) = (contract.make.campaign(), contract.make.now());
    add(contract, &scope, std::slice::from_ref(&campaign)).await;
    let read = async || {
        let unit = contract.begin(&scope).await;
        unit.campaigns().pace(campaign.id).await.unwrap()
    };
    assert_eq!(read().await, Pace::default());
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let (store, scope, id) = (contract.store.clone(), scope.clone(), campaign.id);
        tasks.spawn(async move {
            let unit = store.begin(&scope).await.unwrap();
            let pace = unit.campaigns().pace(id).await.unwrap();
            let pace = pace.at(now, TimeZone::UTC.tz()).take(3);
            unit.campaigns().set_pace(id, &pace).await.unwrap();
            unit.commit().await.unwrap();
        });
    }
    tasks.join_all().await;
    let expected = Pace::default().at(now, TimeZone::UTC.tz()).take(30);
    assert_eq!(read().await, expected, "nobody's count is lost");
    let unit = contract.begin(&other).await;
    unit.campaigns()
        .set_pace(campaign.id, &Pace::default())
        .await
        .unwrap();
    unit.commit().await.unwrap();
    assert_eq!(read().await, expected);
    let unit = contract.begin(&scope).await;
    assert!(unit.campaigns().delete(campaign.id).await.unwrap());
    unit.commit().await.unwrap();
}

pub(super) async fn the_last_two_mails_at_once(contract: &Contract) {
    let scope = contract.organization().await;
    for _ in 0..10 {
        let campaign = full(contract, &scope).await;
        add(contract, &scope, std::slice::from_ref(&campaign)).await;
        let repos = contract.read(&scope);
        assert!(
            repos
                .campaigns()
                .advance_snapshot(campaign.id, 3, None, None, true)
                .await
                .unwrap()
        );
        let audience = MetricsDelta {
            audience: 4,
            ..MetricsDelta::default()
        };
        repos
            .campaigns()
            .add_metrics(campaign.id, &audience)
            .await
            .unwrap();
        let mut tasks = JoinSet::new();
        for _ in 0..4 {
            let (store, scope, id, now) = (
                contract.store.clone(),
                scope.clone(),
                campaign.id,
                contract.make.now(),
            );
            tasks.spawn(async move {
                let sent = MetricsDelta {
                    sent: 1,
                    ..MetricsDelta::default()
                };
                let unit = store.begin(&scope).await.unwrap();
                unit.campaigns().add_metrics(id, &sent).await.unwrap();
                unit.commit().await.unwrap();
                let unit = store.begin(&scope).await.unwrap();
                let done = unit.campaigns().complete_if_settled(id, now).await.unwrap();
                unit.commit().await.unwrap();
                done
            });
        }
        let completed = tasks.join_all().await.into_iter().filter(|done| *done).count();
        assert_eq!(completed, 1, "exactly one of them completes the campaign");
    }
}
