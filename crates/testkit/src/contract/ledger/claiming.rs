//! From a claim to the end of a try, also when workers die.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;

pub(super) async fn claims(contract: &Contract) {
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

pub(super) async fn what_was_no_try_is_not_counted(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 2).await;
    let lease = contract.make.id();
    claim(contract, &scope, campaign, 10, lease).await;
    assert_eq!(
        begin_sending(contract, &scope, &rows[..1], lease).await,
        rows[..1]
    );
    let at = contract.make.now() + TimeDelta::seconds(90);
    // One that had begun, and one that had not.
    for id in &rows {
        let later = Settled::Later {
            reason: "google takes no more mail at the moment".to_owned(),
            at,
        };
        let settled = settle(contract, &scope, *id, lease, later).await;
        assert_eq!((settled.len(), settled[0].after), (1, MessageStatus::Queued));
        let row = get(contract, &scope, *id).await;
        assert_eq!((row.status, row.attempts), (MessageStatus::Queued, 0));
        assert_eq!(row.next_attempt_at, at);
        assert_eq!(
            row.reason.as_deref(),
            Some("google takes no more mail at the moment")
        );
    }
}

pub(super) async fn from_claim_to_end(contract: &Contract) {
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

pub(super) async fn a_foreign_lease_changes_nothing(contract: &Contract) {
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

pub(super) async fn lost_workers(contract: &Contract) {
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

/// A worker that was thought dead comes back with an answer that would be a reason to try again.
pub(super) async fn given_up_is_not_tried_again(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 2).await;
    let alone = single(contract);
    let lease = contract.make.id();
    claim(contract, &scope, campaign, 2, lease).await;
    let now = contract.make.now();
    let unit = contract.begin(&scope).await;
    unit.messages()
        .insert_many(std::slice::from_ref(&alone), now)
        .await
        .unwrap();
    unit.messages()
        .claim_one(alone.id, lease, now, now + LEASE)
        .await
        .unwrap()
        .unwrap();
    unit.commit().await.unwrap();
    begin_sending(contract, &scope, &[rows[0], rows[1], alone.id], lease).await;
    let swept = contract.make.clock.advance(LEASE + TimeDelta::microseconds(1));
    let unit = contract.begin(&scope).await;
    assert_eq!(
        unit.messages()
            .sweep(Some(campaign), swept)
            .await
            .unwrap()
            .unknown,
        2
    );
    assert_eq!(unit.messages().sweep(None, swept).await.unwrap().unknown, 1);
    unit.commit().await.unwrap();

    let at = swept + TimeDelta::seconds(30);
    let reason = || "451 later".to_owned();
    let retry = || Settled::Retry { reason: reason(), at };
    let later = Settled::Later { reason: reason(), at };
    // Its campaign may be over: nobody would come for the row again, and it would be counted as queued for ever.
    for (id, end) in [(rows[0], retry()), (rows[1], later)] {
        let settled = settle(contract, &scope, id, lease, end).await;
        assert_eq!(
            (settled[0].before, settled[0].after),
            (MessageStatus::Unknown, MessageStatus::Failed)
        );
        let row = get(contract, &scope, id).await;
        assert_eq!(
            (row.status, row.reason.as_deref()),
            (MessageStatus::Failed, Some("451 later"))
        );
    }
    // A mail of its own has a job of its own, which comes again.
    let settled = settle(contract, &scope, alone.id, lease, retry()).await;
    assert_eq!(
        (settled[0].before, settled[0].after),
        (MessageStatus::Unknown, MessageStatus::Queued)
    );
    contract.make.clock.advance(TimeDelta::days(1));
    assert_eq!(
        claim(contract, &scope, campaign, 10, contract.make.id()).await,
        []
    );
}

pub(super) async fn releasing_and_cancelling(contract: &Contract) {
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

pub(super) async fn claiming_side_by_side(contract: &Contract) {
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
