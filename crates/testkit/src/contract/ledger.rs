//! The ledger of mails: nothing is sent twice, nothing is lost.

use super::{Contract, assert_pages};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::email::{
    ClaimedMessage, EmailEvent, EmailEventKind, EventEffect, Message, MessageContent, MessageFilter,
    MessageKind, MessageSort, MessageStatus, NewMessage, Settled, SettledRow, Settlement, Swept,
};
use groundswell_domain::{CampaignId, LeadId, LeaseToken, MessageId, PageRequest, Scope, Sort};
use std::collections::BTreeSet;
use tokio::task::JoinSet;

pub async fn ledger(contract: &Contract) {
    kept_as_they_are(contract).await;
    one_row_per_recipient(contract).await;
    lists(contract).await;
    claims(contract).await;
    from_claim_to_end(contract).await;
    a_foreign_lease_changes_nothing(contract).await;
    lost_workers(contract).await;
    single_mails(contract).await;
    releasing_and_cancelling(contract).await;
    claiming_side_by_side(contract).await;
    many_at_once(contract).await;
    events(contract).await;
    deleting_a_lead(contract).await;
    others_are_out_of_reach(contract).await;
}

const LEASE: TimeDelta = TimeDelta::seconds(60);

fn to_lead(contract: &Contract, campaign: CampaignId) -> NewMessage {
    let id: MessageId = contract.make.id();
    NewMessage {
        id,
        kind: MessageKind::Campaign,
        campaign_id: Some(campaign),
        lead_id: Some(contract.make.id()),
        to: format!("To.{}@Example.com", id.0.simple()).parse().unwrap(),
        content: None,
        suppressed: None,
    }
}

fn single(contract: &Contract) -> NewMessage {
    let content = MessageContent {
        subject: "It's \u{1F331}".to_owned(),
        html: "<p>100%</p>".to_owned(),
        text: "100% \\".to_owned(),
    };
    let id: MessageId = contract.make.id();
    NewMessage {
        id,
        kind: MessageKind::Single,
        campaign_id: None,
        lead_id: None,
        to: "o'neil@Example.com".parse().unwrap(),
        content: Some(content),
        suppressed: None,
    }
}

/// A campaign's id with `count` queued rows.
async fn queued(contract: &Contract, scope: &Scope, count: usize) -> (CampaignId, Vec<MessageId>) {
    let campaign = contract.make.id();
    let rows: Vec<_> = (0..count).map(|_| to_lead(contract, campaign)).collect();
    let unit = contract.begin(scope).await;
    let ids = unit
        .messages()
        .insert_many(&rows, contract.make.now())
        .await
        .unwrap();
    unit.commit().await.unwrap();
    assert_eq!(ids.len(), count);
    (campaign, ids)
}

async fn claim(
    contract: &Contract,
    scope: &Scope,
    campaign: CampaignId,
    limit: u32,
    lease: LeaseToken,
) -> Vec<ClaimedMessage> {
    let now = contract.make.now();
    let unit = contract.begin(scope).await;
    let claimed = unit
        .messages()
        .claim_campaign(campaign, limit, lease, now, now + LEASE)
        .await
        .unwrap();
    unit.commit().await.unwrap();
    claimed
}

fn ids(claimed: &[ClaimedMessage]) -> Vec<MessageId> {
    claimed.iter().map(|message| message.id).collect()
}

async fn begin_sending(
    contract: &Contract,
    scope: &Scope,
    ids: &[MessageId],
    lease: LeaseToken,
) -> Vec<MessageId> {
    let now = contract.make.now();
    let unit = contract.begin(scope).await;
    let begun = unit
        .messages()
        .begin_sending(ids, lease, now, now + LEASE)
        .await
        .unwrap();
    unit.commit().await.unwrap();
    begun
}

async fn settle(
    contract: &Contract,
    scope: &Scope,
    id: MessageId,
    lease: LeaseToken,
    end: Settled,
) -> Vec<SettledRow> {
    let unit = contract.begin(scope).await;
    let rows = unit
        .messages()
        .settle(&[Settlement { id, lease, end }], contract.make.now())
        .await
        .unwrap();
    unit.commit().await.unwrap();
    rows
}

async fn get(contract: &Contract, scope: &Scope, id: MessageId) -> Message {
    contract.read(scope).messages().get(id).await.unwrap().unwrap()
}

fn sent() -> Settled {
    Settled::Sent {
        reply: "250 2.0.0 Ok: queued as 'AB12'".to_owned(),
    }
}

async fn kept_as_they_are(contract: &Contract) {
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

async fn one_row_per_recipient(contract: &Contract) {
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

async fn lists(contract: &Contract) {
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

async fn claims(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 5).await;
    let (first, second): (LeaseToken, LeaseToken) = (contract.make.id(), contract.make.id());
    assert_eq!(
        claim(contract, &scope, contract.make.id(), 10, first).await,
        [],
        "of another campaign"
    );
    let claimed = claim(contract, &scope, campaign, 2, first).await;
    assert_eq!(ids(&claimed), rows[..2], "oldest first");
    assert_eq!((claimed[0].attempts, claimed[0].campaign_id), (0, Some(campaign)));
    assert_eq!(
        get(contract, &scope, rows[0]).await.status,
        MessageStatus::Claimed
    );
    assert_eq!(
        ids(&claim(contract, &scope, campaign, 10, second).await),
        rows[2..]
    );
    assert_eq!(
        claim(contract, &scope, campaign, 10, second).await,
        [],
        "nothing is left"
    );

    let at = contract.make.now() + TimeDelta::seconds(30);
    let retry = Settled::Retry {
        reason: "451 later".to_owned(),
        at,
    };
    let settled = settle(contract, &scope, rows[0], first, retry).await;
    let row = SettledRow {
        id: rows[0],
        campaign_id: Some(campaign),
        before: MessageStatus::Claimed,
        after: MessageStatus::Queued,
    };
    assert_eq!(settled, [row]);
    assert_eq!(
        claim(contract, &scope, campaign, 10, second).await,
        [],
        "not before its time"
    );
    let repos = contract.read(&scope);
    assert_eq!(repos.messages().next_due(campaign).await.unwrap(), Some(at));
    contract.make.clock.set(at);
    assert_eq!(
        ids(&claim(contract, &scope, campaign, 10, second).await),
        [rows[0]]
    );
    assert_eq!(
        repos.messages().next_due(campaign).await.unwrap(),
        Some(at - TimeDelta::seconds(30) + LEASE)
    );
    assert_eq!(repos.messages().next_due(contract.make.id()).await.unwrap(), None);
}

async fn from_claim_to_end(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 6).await;
    let lease = contract.make.id();
    claim(contract, &scope, campaign, 10, lease).await;
    assert_eq!(
        begin_sending(contract, &scope, &rows[..5], lease).await,
        rows[..5]
    );
    assert_eq!(
        begin_sending(contract, &scope, &rows[..5], lease).await,
        [],
        "they are begun"
    );
    let begun = get(contract, &scope, rows[0]).await;
    assert_eq!((begun.status, begun.attempts), (MessageStatus::Sending, 1));

    let reason = || "because '1%'".to_owned();
    let at = contract.make.now() + TimeDelta::seconds(30);
    let ends = [
        sent(),
        Settled::Retry { reason: reason(), at },
        Settled::Failed { reason: reason() },
        Settled::Unknown { reason: reason() },
        Settled::Sent {
            reply: "250 other".to_owned(),
        },
        Settled::Suppressed { reason: reason() },
    ];
    let ends: Vec<_> = rows
        .iter()
        .zip(ends)
        .map(|(id, end)| Settlement { id: *id, lease, end })
        .collect();
    let now = contract.make.clock.advance(TimeDelta::seconds(1));
    let unit = contract.begin(&scope).await;
    let mut settled = unit.messages().settle(&ends, now).await.unwrap();
    assert_eq!(
        unit.messages().settle(&ends, now).await.unwrap(),
        [],
        "a try ends once"
    );
    assert_eq!(unit.messages().settle(&[], now).await.unwrap(), []);
    unit.commit().await.unwrap();
    settled.sort_unstable_by_key(|row| row.id);
    let after: Vec<_> = settled
        .iter()
        .map(|row| (row.id, row.before, row.after))
        .collect();
    let expected: Vec<_> = ends
        .iter()
        .enumerate()
        .map(|(at, end)| {
            (
                end.id,
                if at < 5 {
                    MessageStatus::Sending
                } else {
                    MessageStatus::Claimed
                },
                end.end.status(),
            )
        })
        .collect();
    assert_eq!(after, expected);
    for end in &ends {
        let row = get(contract, &scope, end.id).await;
        assert_eq!(
            (row.status, row.reason.as_deref()),
            (end.end.status(), Some(end.end.reason()))
        );
        assert_eq!(row.sent_at, (row.status == MessageStatus::Sent).then_some(now));
        assert_eq!(row.updated_at, now);
    }
    assert_eq!(get(contract, &scope, rows[1]).await.next_attempt_at, at);

    // Whatever happens later, only the row that waits for another try can be had again.
    contract.make.clock.advance(TimeDelta::days(1));
    let unit = contract.begin(&scope).await;
    assert_eq!(
        unit.messages()
            .sweep(Some(campaign), contract.make.now())
            .await
            .unwrap(),
        Swept::default()
    );
    unit.commit().await.unwrap();
    let lease = contract.make.id();
    let again = claim(contract, &scope, campaign, 10, lease).await;
    assert_eq!((ids(&again), again[0].attempts), (vec![rows[1]], 1));
    assert_eq!(begin_sending(contract, &scope, &rows, lease).await, [rows[1]]);
    for id in [rows[0], rows[2], rows[3], rows[4], rows[5]] {
        let now = contract.make.now();
        let unit = contract.begin(&scope).await;
        assert_eq!(
            unit.messages()
                .claim_one(id, lease, now, now + LEASE)
                .await
                .unwrap(),
            None
        );
    }
}

async fn a_foreign_lease_changes_nothing(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 2).await;
    let (mine, foreign): (LeaseToken, LeaseToken) = (contract.make.id(), contract.make.id());
    assert_eq!(
        settle(contract, &scope, rows[0], mine, sent()).await,
        [],
        "nobody holds it"
    );
    claim(contract, &scope, campaign, 1, mine).await;
    let before = get(contract, &scope, rows[0]).await;
    assert_eq!(begin_sending(contract, &scope, &rows, foreign).await, []);
    assert_eq!(settle(contract, &scope, rows[0], foreign, sent()).await, []);
    assert_eq!(
        contract
            .read(&scope)
            .messages()
            .release(foreign, contract.make.now())
            .await
            .unwrap(),
        0
    );
    assert_eq!(get(contract, &scope, rows[0]).await, before);
}

async fn lost_workers(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 4).await;
    let lease = contract.make.id();
    claim(contract, &scope, campaign, 3, lease).await;
    begin_sending(contract, &scope, &rows[1..3], lease).await;
    let sweep = async |now: DateTime<Utc>| {
        let unit = contract.begin(&scope).await;
        let swept = unit.messages().sweep(Some(campaign), now).await.unwrap();
        unit.commit().await.unwrap();
        swept
    };
    assert_eq!(
        sweep(contract.make.now()).await,
        Swept::default(),
        "the lease is good"
    );
    let later = contract.make.clock.advance(LEASE + TimeDelta::microseconds(1));
    let unit = contract.begin(&scope).await;
    assert_eq!(
        unit.messages().sweep(None, later).await.unwrap(),
        Swept::default(),
        "these are a campaign's"
    );
    unit.commit().await.unwrap();
    assert_eq!(
        sweep(later).await,
        Swept {
            requeued: 1,
            unknown: 2
        }
    );
    assert_eq!(sweep(later).await, Swept::default());
    let unknown = get(contract, &scope, rows[1]).await;
    assert_eq!((unknown.status, unknown.attempts), (MessageStatus::Unknown, 1));
    assert!(unknown.reason.is_some());

    // What had not been begun goes to somebody else; the slow worker has lost it.
    let next = contract.make.id();
    assert_eq!(ids(&claim(contract, &scope, campaign, 1, next).await), [rows[0]]);
    assert_eq!(settle(contract, &scope, rows[0], lease, sent()).await, []);
    assert_eq!(begin_sending(contract, &scope, &rows, lease).await, []);
    // What it had begun, it alone can tell about.
    assert_eq!(settle(contract, &scope, rows[1], next, sent()).await, []);
    let settled = settle(contract, &scope, rows[1], lease, sent()).await;
    assert_eq!(
        (settled[0].before, settled[0].after),
        (MessageStatus::Unknown, MessageStatus::Sent)
    );
    assert_eq!(get(contract, &scope, rows[1]).await.sent_at, Some(later));
    assert_eq!(
        settle(
            contract,
            &scope,
            rows[1],
            lease,
            Settled::Failed {
                reason: "x".to_owned()
            }
        )
        .await,
        []
    );
    assert_eq!(
        get(contract, &scope, rows[2]).await.status,
        MessageStatus::Unknown,
        "never sent again by itself"
    );
}

async fn single_mails(contract: &Contract) {
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

async fn releasing_and_cancelling(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 4).await;
    let (lease, other): (LeaseToken, LeaseToken) = (contract.make.id(), contract.make.id());
    claim(contract, &scope, campaign, 2, lease).await;
    begin_sending(contract, &scope, &rows[..1], lease).await;
    claim(contract, &scope, campaign, 1, other).await;
    let now = contract.make.now();
    let unit = contract.begin(&scope).await;
    assert_eq!(
        unit.messages().release(lease, now).await.unwrap(),
        1,
        "only what is not begun"
    );
    assert_eq!(
        unit.messages()
            .cancel_queued(contract.make.id(), now)
            .await
            .unwrap(),
        0
    );
    assert_eq!(unit.messages().cancel_queued(campaign, now).await.unwrap(), 2);
    unit.commit().await.unwrap();
    let mut now = Vec::new();
    for id in &rows {
        now.push(get(contract, &scope, *id).await.status);
    }
    let expected = [
        MessageStatus::Sending,
        MessageStatus::Cancelled,
        MessageStatus::Claimed,
        MessageStatus::Cancelled,
    ];
    assert_eq!(now, expected);
    assert_eq!(claim(contract, &scope, campaign, 10, other).await, []);
}

async fn claiming_side_by_side(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 300).await;
    let now = contract.make.now();
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (store, scope) = (contract.store.clone(), scope.clone());
        let leases: Vec<LeaseToken> = (0..100).map(|_| contract.make.id()).collect();
        tasks.spawn(async move {
            let mut mine = Vec::new();
            for lease in leases {
                let unit = store.begin(&scope).await.unwrap();
                let claimed = unit
                    .messages()
                    .claim_campaign(campaign, 7, lease, now, now + LEASE)
                    .await
                    .unwrap();
                assert!(claimed.len() <= 7, "more than the limit");
                let claimed = ids(&claimed);
                let begun = unit
                    .messages()
                    .begin_sending(&claimed, lease, now, now + LEASE)
                    .await
                    .unwrap();
                assert_eq!(begun, claimed);
                let ends: Vec<_> = claimed
                    .iter()
                    .map(|id| Settlement {
                        id: *id,
                        lease,
                        end: sent(),
                    })
                    .collect();
                assert_eq!(
                    unit.messages().settle(&ends, now).await.unwrap().len(),
                    claimed.len()
                );
                unit.commit().await.unwrap();
                mine.extend(claimed);
            }
            mine
        });
    }
    let claimed: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    let different: BTreeSet<_> = claimed.iter().copied().collect();
    assert_eq!(claimed.len(), different.len(), "a row was claimed twice");
    assert_eq!(different, rows.into_iter().collect());
}

async fn many_at_once(contract: &Contract) {
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

async fn events(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 1).await;
    let message = get(contract, &scope, rows[0]).await;
    let event = |kind| EmailEvent {
        id: contract.make.id(),
        message_id: message.id,
        kind,
        url: Some("https://example.com/?a='b'&c=\u{1F331}".to_owned()),
        user_agent: Some("Mozilla".to_owned()),
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

async fn deleting_a_lead(contract: &Contract) {
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

async fn others_are_out_of_reach(contract: &Contract) {
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
        created_at: now,
    };
    assert_eq!(theirs.record_event(&event).await.unwrap(), None);
    unit.commit().await.unwrap();
    assert_eq!(get(contract, &mine, rows[0]).await, before);
    assert_eq!(get(contract, &mine, rows[1]).await.status, MessageStatus::Queued);
}
