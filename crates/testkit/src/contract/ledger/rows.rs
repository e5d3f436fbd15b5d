//! What is in the ledger, and finding it again.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;

pub(super) async fn kept_as_they_are(contract: &Contract) {
    let scope = contract.organization().await;
    let (first, mut second) = (single(contract), to_lead(contract, contract.make.id()));
    second.suppressed = Some("unsubscribed".to_owned());
    let now = contract.make.now();
    let repos = contract.read(&scope);
    let added = repos
        .messages()
        .insert_many(&[first.clone(), second.clone()], now)
        .await
        .unwrap();
    assert_eq!(added, [first.id, second.id]);
    let mut expected = Message {
        id: first.id,
        kind: MessageKind::Single,
        campaign_id: None,
        lead_id: None,
        to: first.to.clone(),
        subject: Some("It's \u{1F331}".to_owned()),
        status: MessageStatus::Queued,
        attempts: 0,
        reason: None,
        next_attempt_at: now,
        sent_at: None,
        opened_at: None,
        clicked_at: None,
        variant: None,
        topic_id: None,
        created_at: now,
        updated_at: now,
    };
    assert_eq!(get(contract, &scope, first.id).await, expected);
    assert_eq!(repos.messages().content(first.id).await.unwrap(), first.content);
    assert_eq!(repos.messages().content(second.id).await.unwrap(), None);
    assert_eq!(repos.messages().get(contract.make.id()).await.unwrap(), None);
    expected.id = second.id;
    expected.kind = MessageKind::Campaign;
    (expected.campaign_id, expected.lead_id) = (second.campaign_id, second.lead_id);
    expected.to = second.to;
    expected.subject = None;
    expected.status = MessageStatus::Suppressed;
    expected.reason = Some("unsubscribed".to_owned());
    assert_eq!(get(contract, &scope, second.id).await, expected);
}

pub(super) async fn one_row_per_recipient(contract: &Contract) {
    let scope = contract.organization().await;
    let campaign = contract.make.id();
    let first = to_lead(contract, campaign);
    let again = NewMessage {
        id: contract.make.id(),
        ..first.clone()
    };
    let elsewhere = NewMessage {
        id: contract.make.id(),
        campaign_id: Some(contract.make.id()),
        ..first.clone()
    };
    let (one, two) = (single(contract), single(contract));
    let messages = [
        first.clone(),
        again.clone(),
        elsewhere.clone(),
        one.clone(),
        two.clone(),
    ];
    let unit = contract.begin(&scope).await;
    let added = unit
        .messages()
        .insert_many(&messages, contract.make.now())
        .await
        .unwrap();
    assert_eq!(added, [first.id, elsewhere.id, one.id, two.id]);
    let added = unit
        .messages()
        .insert_many(&[again], contract.make.now())
        .await
        .unwrap();
    assert_eq!(added, []);
    assert_eq!(
        unit.messages()
            .insert_many(&[], contract.make.now())
            .await
            .unwrap(),
        []
    );
}

pub(super) async fn lists(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, ids) = queued(contract, &scope, 5).await;
    contract.make.clock.advance(TimeDelta::seconds(1));
    let one = single(contract);
    let repos = contract.read(&scope);
    repos
        .messages()
        .insert_many(std::slice::from_ref(&one), contract.make.now())
        .await
        .unwrap();
    assert_pages(
        &ids,
        |message: &Message| message.id,
        |MessageSort::CreatedAt, a, b| (a.created_at, a.id) < (b.created_at, b.id),
        |page| {
            let repos = contract.read(&scope);
            let filter = MessageFilter {
                campaign_id: Some(campaign),
                ..MessageFilter::default()
            };
            async move { repos.messages().list(&filter, &page).await }
        },
    )
    .await;
    let lead = get(contract, &scope, ids[2]).await.lead_id;
    let all = MessageFilter::default;
    for (filter, expected) in [
        (all(), 6),
        (
            MessageFilter {
                lead_id: lead,
                ..all()
            },
            1,
        ),
        (
            MessageFilter {
                status: Some(MessageStatus::Queued),
                ..all()
            },
            6,
        ),
        (
            MessageFilter {
                status: Some(MessageStatus::Sent),
                ..all()
            },
            0,
        ),
        (
            MessageFilter {
                kind: Some(MessageKind::Single),
                ..all()
            },
            1,
        ),
        (
            MessageFilter {
                to: Some("O'NEIL@example.com".to_owned()),
                ..all()
            },
            1,
        ),
        (
            MessageFilter {
                to: Some("neil@example.com".to_owned()),
                ..all()
            },
            0,
        ),
    ] {
        let page = PageRequest::first(200, Sort::descending(MessageSort::CreatedAt));
        let list = repos.messages().list(&filter, &page).await.unwrap();
        assert_eq!(list.items.len(), expected, "{filter:?}");
    }
}

pub(super) async fn single_mails(contract: &Contract) {
    let scope = contract.organization().await;
    let (one, two) = (single(contract), single(contract));
    let now = contract.make.now();
    let (lease, other): (LeaseToken, LeaseToken) = (contract.make.id(), contract.make.id());
    let unit = contract.begin(&scope).await;
    let messages = unit.messages();
    messages
        .insert_many(&[one.clone(), two.clone()], now)
        .await
        .unwrap();
    assert_eq!(
        messages
            .claim_one(one.id, lease, now - TimeDelta::seconds(1), now)
            .await
            .unwrap(),
        None,
        "not due"
    );
    let claimed = messages
        .claim_one(one.id, lease, now, now + LEASE)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (claimed.id, claimed.kind, claimed.to),
        (one.id, MessageKind::Single, one.to)
    );
    assert_eq!(
        messages.claim_one(one.id, other, now, now + LEASE).await.unwrap(),
        None
    );
    assert_eq!(
        messages
            .claim_one(contract.make.id(), other, now, now + LEASE)
            .await
            .unwrap(),
        None
    );
    messages
        .claim_one(two.id, lease, now, now + LEASE)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        messages
            .begin_sending(&[two.id], lease, now, now + LEASE)
            .await
            .unwrap(),
        [two.id]
    );
    let later = now + LEASE + TimeDelta::seconds(1);
    assert_eq!(
        messages.sweep(None, later).await.unwrap(),
        Swept {
            requeued: 1,
            unknown: 1
        }
    );
    assert!(
        messages
            .claim_one(one.id, other, later, later + LEASE)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        messages
            .claim_one(two.id, other, later, later + LEASE)
            .await
            .unwrap()
            .is_none()
    );
}

pub(super) async fn many_at_once(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 2_500).await;
    let lease = contract.make.id();
    assert_eq!(ids(&claim(contract, &scope, campaign, 5_000, lease).await), rows);
    assert_eq!(begin_sending(contract, &scope, &rows, lease).await.len(), 2_500);
    let ends: Vec<_> = rows
        .iter()
        .map(|id| Settlement {
            id: *id,
            lease,
            end: sent(),
        })
        .collect();
    let unit = contract.begin(&scope).await;
    assert_eq!(
        unit.messages()
            .settle(&ends, contract.make.now())
            .await
            .unwrap()
            .len(),
        2_500
    );
}

pub(super) async fn others_are_out_of_reach(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (campaign, rows) = queued(contract, &mine, 2).await;
    let lease = contract.make.id();
    claim(contract, &mine, campaign, 1, lease).await;
    let before = get(contract, &mine, rows[0]).await;
    let now = contract.make.now();
    let unit = contract.begin(&other).await;
    let theirs = unit.messages();
    assert_eq!(theirs.get(rows[0]).await.unwrap(), None);
    assert_eq!(
        theirs
            .claim_campaign(campaign, 5, lease, now, now + LEASE)
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        theirs.claim_one(rows[1], lease, now, now + LEASE).await.unwrap(),
        None
    );
    assert_eq!(
        theirs
            .begin_sending(&rows, lease, now, now + LEASE)
            .await
            .unwrap(),
        []
    );
    let end = Settlement {
        id: rows[0],
        lease,
        end: sent(),
    };
    assert_eq!(theirs.settle(&[end], now).await.unwrap(), []);
    assert_eq!(theirs.release(lease, now).await.unwrap(), 0);
    assert_eq!(
        theirs.sweep(Some(campaign), now + LEASE + LEASE).await.unwrap(),
        Swept::default()
    );
    assert_eq!(theirs.cancel_queued(campaign, now).await.unwrap(), 0);
    assert_eq!(theirs.next_due(campaign).await.unwrap(), None);
    let event = EmailEvent {
        id: contract.make.id(),
        message_id: rows[0],
        kind: EmailEventKind::Open,
        url: None,
        user_agent: None,
        human: true,
        trace: EventTrace::default(),
        created_at: now,
    };
    assert_eq!(theirs.record_event(&event).await.unwrap(), None);
    unit.commit().await.unwrap();
    assert_eq!(get(contract, &mine, rows[0]).await, before);
    assert_eq!(get(contract, &mine, rows[1]).await.status, MessageStatus::Queued);
}

pub(super) async fn what_was_queued_lately(contract: &Contract) {
    let (scope, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&scope);
    let start = contract.make.now();
    let mut queued = Vec::new();
    for (kind, suppressed) in [
        (MessageKind::Confirmation, None),
        (MessageKind::Confirmation, Some("on the list".to_owned())),
        (MessageKind::AutoReply, None),
        (MessageKind::Confirmation, None),
    ] {
        let at = contract.make.clock.advance(TimeDelta::seconds(1));
        let message = NewMessage {
            kind,
            suppressed: suppressed.clone(),
            to: "Grace@Lately.example".parse().unwrap(),
            ..single(contract)
        };
        let added = std::slice::from_ref(&message);
        repos.messages().insert_many(added, at).await.unwrap();
        if kind == MessageKind::Confirmation && suppressed.is_none() {
            queued.insert(0, (message.id, at));
        }
    }
    let since = async |scope: &Scope, key: &str, since| {
        let repos = contract.read(scope);
        let kind = MessageKind::Confirmation;
        repos.messages().queued_since(kind, key, since).await.unwrap()
    };
    assert_eq!(since(&scope, "grace@lately.example", start).await, queued);
    assert_eq!(
        since(&scope, "grace@lately.example", queued[1].1).await,
        queued[..1]
    );
    assert_eq!(since(&scope, "mary@lately.example", start).await, []);
    assert_eq!(since(&other, "grace@lately.example", start).await, []);
}
