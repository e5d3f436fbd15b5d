//! Whether mail may leave at all.

use super::Contract;
use chrono::TimeDelta;
use groundswell_domain::email::{Halt, HaltReason, Mark, MessageKind, MessageStatus, NewMessage};
use groundswell_domain::{CampaignId, MessageId, Scope};
use std::collections::BTreeMap;

pub async fn halt(contract: &Contract) {
    one_halt_at_a_time(contract).await;
    a_mark_moves_from_where_it_is(contract).await;
    open_mails_become_unknown(contract).await;
}

async fn one_halt_at_a_time(contract: &Contract) {
    let sending = contract.system.sending_switch();
    assert_eq!(sending.halt().await.unwrap(), None);
    assert!(!sending.go().await.unwrap(), "nothing was stopped");
    let since = contract.make.now();
    let restored = Halt {
        reason: HaltReason::Restored,
        since,
        known_until: Some(since - TimeDelta::hours(1)),
    };
    let other = Halt {
        reason: HaltReason::Operator,
        since: since + TimeDelta::seconds(1),
        known_until: None,
    };
    assert!(sending.stop(&restored).await.unwrap());
    assert!(!sending.stop(&other).await.unwrap());
    assert_eq!(sending.halt().await.unwrap(), Some(restored), "it stays as it is");
    assert!(sending.go().await.unwrap());
    assert_eq!(sending.halt().await.unwrap(), None);
    assert!(sending.stop(&other).await.unwrap());
    assert_eq!(sending.halt().await.unwrap(), Some(other));
    assert!(sending.go().await.unwrap());
}

async fn a_mark_moves_from_where_it_is(contract: &Contract) {
    let sending = contract.system.sending_switch();
    let now = contract.make.now();
    assert_eq!(sending.mark().await.unwrap(), None);
    let ledger = contract.make.id();
    let at = |seconds| Mark {
        ledger,
        at: now + TimeDelta::seconds(seconds),
    };
    assert!(sending.move_mark(None, at(0), now).await.unwrap());
    assert!(
        !sending.move_mark(None, at(1), now).await.unwrap(),
        "there is one"
    );
    assert!(sending.move_mark(Some(at(0)), at(5), now).await.unwrap());
    assert!(
        !sending.move_mark(Some(at(0)), at(6), now).await.unwrap(),
        "somebody was first"
    );
    assert_eq!(sending.mark().await.unwrap(), Some(at(5)));
}

async fn open_mails_become_unknown(contract: &Contract) {
    let (scope, other) = (contract.organization().await, contract.organization().await);
    let campaign: CampaignId = contract.make.id();
    let of_campaign = add(contract, &scope, Some(campaign), 5).await;
    let single = add(contract, &scope, None, 1).await;
    let theirs = add(contract, &other, None, 1).await;
    let now = contract.make.now();
    let lease = contract.make.id();
    let unit = contract.begin(&scope).await;
    let until = now + TimeDelta::seconds(60);
    let claimed = unit
        .messages()
        .claim_campaign(campaign, 2, lease, now, until)
        .await
        .unwrap();
    unit.messages()
        .begin_sending(&[claimed[0].id], lease, now, until)
        .await
        .unwrap();
    let done = claimed.len();
    unit.commit().await.unwrap();
    assert_eq!(done, 2);

    let with_open = async || {
        let all = contract
            .system
            .sending_switch()
            .organizations_with_open_mails(None, 100)
            .await
            .unwrap();
        let mine =
            |id: &&groundswell_domain::OrganizationId| [scope.organization, other.organization].contains(*id);
        all.iter().filter(mine).copied().collect::<Vec<_>>()
    };
    let mut both = [scope.organization, other.organization];
    both.sort_unstable();
    assert_eq!(with_open().await, both);
    let after = contract
        .system
        .sending_switch()
        .organizations_with_open_mails(Some(both[1]), 100)
        .await
        .unwrap();
    assert!(!after.contains(&both[0]) && !after.contains(&both[1]));

    let mut doubted: BTreeMap<Option<CampaignId>, u64> = BTreeMap::new();
    let mut rounds = 0;
    loop {
        let unit = contract.begin(&scope).await;
        let piece = unit.messages().doubt("it was restored", 3, now).await.unwrap();
        unit.commit().await.unwrap();
        if piece.is_empty() {
            break;
        }
        rounds += 1;
        for (campaign, count) in piece {
            *doubted.entry(campaign).or_default() += count;
        }
    }
    assert_eq!(doubted, BTreeMap::from([(None, 1), (Some(campaign), 5)]));
    assert!(rounds > 1, "in pieces");
    for id in of_campaign.iter().chain(&single) {
        let row = contract.read(&scope).messages().get(*id).await.unwrap().unwrap();
        assert_eq!(
            (row.status, row.reason.as_deref()),
            (MessageStatus::Unknown, Some("it was restored"))
        );
    }
    let row = contract
        .read(&other)
        .messages()
        .get(theirs[0])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.status, MessageStatus::Queued, "another organization's");
    assert_eq!(with_open().await, [other.organization]);
}

async fn add(
    contract: &Contract,
    scope: &Scope,
    campaign: Option<CampaignId>,
    count: usize,
) -> Vec<MessageId> {
    let rows: Vec<NewMessage> = (0..count)
        .map(|_| {
            let id: MessageId = contract.make.id();
            NewMessage {
                id,
                kind: if campaign.is_some() {
                    MessageKind::Campaign
                } else {
                    MessageKind::Single
                },
                campaign_id: campaign,
                lead_id: campaign.is_some().then(|| contract.make.id()),
                to: format!("{}@example.com", id.0.simple()).parse().unwrap(),
                content: None,
                suppressed: None,
                topic_id: None,
            }
        })
        .collect();
    let unit = contract.begin(scope).await;
    let ids = unit
        .messages()
        .insert_many(&rows, contract.make.now())
        .await
        .unwrap();
    unit.commit().await.unwrap();
    ids
}
