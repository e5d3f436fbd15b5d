//! What happens to a mail after it was sent.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;

pub(super) async fn events(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 1).await;
    let message = get(contract, &scope, rows[0]).await;
    let event = |kind| EmailEvent {
        id: contract.make.id(),
        message_id: message.id,
        kind,
        url: Some("https://example.com/?a='b'&c=\u{1F331}".to_owned()),
        user_agent: Some("Mozilla".to_owned()),
        human: true,
        trace: EventTrace::default(),
        created_at: contract.make.clock.advance(TimeDelta::seconds(1)),
    };
    let effect = |first| {
        Some(EventEffect {
            campaign_id: Some(campaign),
            lead_id: message.lead_id,
            to: message.to.clone(),
            first,
        })
    };
    let unit = contract.begin(&scope).await;
    let by_bot = EmailEvent {
        human: false,
        ..event(EmailEventKind::Open)
    };
    assert_eq!(
        unit.messages().record_event(&by_bot).await.unwrap(),
        effect(false),
        "a bot's open is kept and is not the first"
    );
    let (open, click) = (event(EmailEventKind::Open), event(EmailEventKind::Click));
    assert_eq!(unit.messages().record_event(&open).await.unwrap(), effect(true));
    assert_eq!(
        unit.messages()
            .record_event(&event(EmailEventKind::Open))
            .await
            .unwrap(),
        effect(false)
    );
    assert_eq!(
        unit.messages().record_event(&click).await.unwrap(),
        effect(true),
        "first of its kind"
    );
    assert_eq!(
        unit.messages()
            .record_event(&event(EmailEventKind::Unsubscribe))
            .await
            .unwrap(),
        effect(true)
    );
    assert_eq!(
        unit.messages()
            .record_event(&event(EmailEventKind::Unsubscribe))
            .await
            .unwrap(),
        effect(false)
    );
    let nowhere = EmailEvent {
        message_id: contract.make.id(),
        ..event(EmailEventKind::Open)
    };
    assert_eq!(unit.messages().record_event(&nowhere).await.unwrap(), None);
    unit.commit().await.unwrap();
    let now = get(contract, &scope, message.id).await;
    assert_eq!(
        (now.opened_at, now.clicked_at),
        (Some(open.created_at), Some(click.created_at))
    );

    let mut tasks = JoinSet::new();
    let (_, rows) = queued(contract, &scope, 1).await;
    for _ in 0..10 {
        let (store, scope) = (contract.store.clone(), scope.clone());
        let event = EmailEvent {
            message_id: rows[0],
            ..event(EmailEventKind::Open)
        };
        tasks.spawn(async move {
            let unit = store.begin(&scope).await.unwrap();
            let effect = unit.messages().record_event(&event).await.unwrap().unwrap();
            unit.commit().await.unwrap();
            effect.first
        });
    }
    assert_eq!(
        tasks.join_all().await.into_iter().filter(|first| *first).count(),
        1,
        "one is the first"
    );
}

pub(super) async fn deleting_a_lead(contract: &Contract) {
    let scope = contract.organization().await;
    let lead = contract.make.lead("a@example.com");
    let campaigns = [
        contract.make.campaign(),
        contract.make.campaign(),
        contract.make.campaign(),
    ];
    let rows: Vec<_> = campaigns
        .iter()
        .map(|campaign| NewMessage {
            lead_id: Some(lead.id),
            ..to_lead(contract, campaign.id)
        })
        .collect();
    let lease = contract.make.id();
    let now = contract.make.now();
    let unit = contract.begin(&scope).await;
    unit.leads().insert(&lead).await.unwrap();
    for campaign in &campaigns {
        unit.campaigns().insert(campaign).await.unwrap();
    }
    unit.messages().insert_many(&rows, now).await.unwrap();
    for campaign in &campaigns[1..] {
        unit.messages()
            .claim_campaign(campaign.id, 1, lease, now, now + LEASE)
            .await
            .unwrap();
    }
    unit.messages()
        .begin_sending(&[rows[2].id], lease, now, now + LEASE)
        .await
        .unwrap();
    assert!(unit.leads().delete(lead.id).await.unwrap());
    unit.commit().await.unwrap();
    for (at, row) in rows.iter().enumerate() {
        let now = get(contract, &scope, row.id).await;
        assert_eq!(
            (now.lead_id, &now.to, now.campaign_id),
            (None::<LeadId>, &row.to, row.campaign_id)
        );
        let metrics = contract
            .read(&scope)
            .campaigns()
            .get(campaigns[at].id)
            .await
            .unwrap()
            .unwrap()
            .metrics;
        if at < 2 {
            assert_eq!(now.status, MessageStatus::Suppressed);
            assert_eq!(now.reason.as_deref(), Some("lead deleted"));
            assert_eq!(metrics.suppressed, 1);
        } else {
            assert_eq!(now.status, MessageStatus::Sending, "its end is still to be told");
            assert_eq!(metrics.suppressed, 0);
        }
    }
    assert_eq!(begin_sending(contract, &scope, &[rows[1].id], lease).await, []);
    assert_eq!(settle(contract, &scope, rows[2].id, lease, sent()).await.len(), 1);
}
