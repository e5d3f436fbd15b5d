//! Somebody tells what became of mails of which nobody knew it.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;
use groundswell_domain::email::Fate;

async fn resolve(contract: &Contract, scope: &Scope, id: MessageId, fate: Fate) -> Option<SettledRow> {
    let now = contract.make.clock.advance(TimeDelta::seconds(1));
    let unit = contract.begin(scope).await;
    let row = unit.messages().resolve(id, fate, "told", now).await.unwrap();
    unit.commit().await.unwrap();
    row
}

pub(super) async fn somebody_tells(contract: &Contract) {
    let scope = contract.organization().await;
    let stranger = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 5).await;
    let lease = contract.make.id();
    claim(contract, &scope, campaign, 4, lease).await;
    begin_sending(contract, &scope, &rows[..3], lease).await;
    settle(contract, &scope, rows[0], lease, in_doubt()).await;
    settle(contract, &scope, rows[1], lease, in_doubt()).await;
    let since = get(contract, &scope, rows[0]).await.updated_at;

    assert_eq!(
        resolve(contract, &stranger, rows[0], Fate::Sent).await,
        None,
        "not theirs"
    );
    let row = |id, before, after| {
        Some(SettledRow {
            id,
            campaign_id: Some(campaign),
            before,
            after,
        })
    };
    assert_eq!(
        resolve(contract, &scope, rows[0], Fate::Sent).await,
        row(rows[0], MessageStatus::Unknown, MessageStatus::Sent)
    );
    let told = get(contract, &scope, rows[0]).await;
    assert_eq!(
        (told.status, told.reason.as_deref(), told.sent_at),
        (MessageStatus::Sent, Some("told"), Some(since)),
        "it was sent when it was last seen"
    );
    assert_eq!(
        resolve(contract, &scope, rows[1], Fate::NotSent).await,
        row(rows[1], MessageStatus::Unknown, MessageStatus::Failed)
    );
    assert_eq!(get(contract, &scope, rows[1]).await.sent_at, None);
    // Told before its worker knew: the worker finds it settled.
    assert_eq!(
        resolve(contract, &scope, rows[2], Fate::Sent).await,
        row(rows[2], MessageStatus::Sending, MessageStatus::Sent)
    );
    assert_eq!(settle(contract, &scope, rows[2], lease, in_doubt()).await, []);
    // What is certain already, or was never begun, is left as it is: also when it is told again, or otherwise.
    for (id, status) in [
        (rows[0], MessageStatus::Sent),
        (rows[1], MessageStatus::Failed),
        (rows[2], MessageStatus::Sent),
        (rows[3], MessageStatus::Claimed),
        (rows[4], MessageStatus::Queued),
    ] {
        for fate in [Fate::Sent, Fate::NotSent] {
            assert_eq!(resolve(contract, &scope, id, fate).await, None);
        }
        assert_eq!(get(contract, &scope, id).await.status, status);
    }
    assert_eq!(
        resolve(contract, &scope, contract.make.id(), Fate::Sent).await,
        None
    );
    let directory = contract.system.sending();
    assert_eq!(
        directory.owner_of(rows[0]).await.unwrap(),
        Some(scope.organization)
    );
    assert_eq!(directory.owner_of(contract.make.id()).await.unwrap(), None);
}

fn in_doubt() -> Settled {
    Settled::Unknown {
        reason: "silence".to_owned(),
    }
}

pub(super) async fn those_in_doubt_are_found(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, mut rows) = queued(contract, &scope, 6).await;
    rows.sort();
    let lease = contract.make.id();
    claim(contract, &scope, campaign, 5, lease).await;
    begin_sending(contract, &scope, &rows, lease).await;
    let doubt = async |id| {
        contract.make.clock.advance(TimeDelta::hours(1));
        let settled = settle(contract, &scope, id, lease, in_doubt()).await;
        assert_eq!(settled.len(), 1);
    };
    let claimed: Vec<_> = {
        let mut claimed = Vec::new();
        for id in &rows {
            if get(contract, &scope, *id).await.status == MessageStatus::Sending {
                claimed.push(*id);
            }
        }
        claimed
    };
    assert_eq!(claimed.len(), 5);
    for id in &claimed[..4] {
        doubt(*id).await;
    }
    let first = get(contract, &scope, claimed[0]).await.updated_at;
    let found = async |scope: &Scope, since, after, limit| {
        let found = contract.read(scope).messages().doubted(since, after, limit).await;
        found.unwrap().iter().map(|mail| mail.id).collect::<Vec<_>>()
    };
    let long_ago = first - TimeDelta::days(1);
    assert_eq!(found(&scope, long_ago, None, 10).await, claimed[..4]);
    assert_eq!(
        found(&scope, first, None, 10).await,
        claimed[1..4],
        "after that moment"
    );
    assert_eq!(found(&scope, long_ago, None, 3).await, claimed[..3]);
    assert_eq!(found(&scope, long_ago, Some(claimed[2]), 3).await, claimed[3..4]);
    let stranger = contract.organization().await;
    assert_eq!(found(&stranger, long_ago, None, 10).await, []);
}
