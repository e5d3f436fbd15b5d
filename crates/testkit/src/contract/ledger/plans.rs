//! Rows that have their time, and what their leads had before.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;
use groundswell_domain::email::{HELD, PlannedMessage, Touch};
use groundswell_domain::leads::LeadFilter;

async fn plan(contract: &Contract, scope: &Scope, rows: &[PlannedMessage]) -> Vec<MessageId> {
    let unit = contract.begin(scope).await;
    let ids = unit.messages().plan(rows, contract.make.now()).await.unwrap();
    unit.commit().await.unwrap();
    ids
}

pub(super) async fn rows_have_their_time(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, now) = (contract.make.id(), contract.make.now());
    let row = |at, variant| PlannedMessage {
        message: to_lead(contract, campaign),
        at,
        variant,
    };
    let later = now + TimeDelta::hours(1);
    let rows = [row(now, Some(1)), row(later, None), row(HELD, None)];
    let ids_of = |rows: &[PlannedMessage]| rows.iter().map(|row| row.message.id).collect::<Vec<_>>();
    assert_eq!(plan(contract, &scope, &rows).await, ids_of(&rows));
    let again = PlannedMessage {
        message: NewMessage {
            id: contract.make.id(),
            ..rows[0].message.clone()
        },
        ..row(now, None)
    };
    assert_eq!(
        plan(contract, &scope, &[again]).await,
        [],
        "one row per recipient"
    );
    let kept = get(contract, &scope, rows[0].message.id).await;
    assert_eq!(
        (kept.variant, kept.next_attempt_at, kept.created_at),
        (Some(1), now, now)
    );
    let claimed = claim(contract, &scope, campaign, 10, contract.make.id()).await;
    assert_eq!(ids(&claimed), [rows[0].message.id]);
    assert_eq!(claimed[0].variant, Some(1));
    contract.make.clock.advance(TimeDelta::hours(1));
    let claimed = claim(contract, &scope, campaign, 10, contract.make.id()).await;
    assert_eq!(ids(&claimed), [rows[1].message.id]);
    let held = get(contract, &scope, rows[2].message.id).await;
    assert_eq!((held.status, held.next_attempt_at), (MessageStatus::Queued, HELD));
}

pub(super) async fn postponing(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 4).await;
    let (mine, theirs) = (contract.make.id(), contract.make.id());
    let claimed = claim(contract, &scope, campaign, 3, mine).await;
    claim(contract, &scope, campaign, 1, theirs).await;
    begin_sending(contract, &scope, &[claimed[2].id], mine).await;
    let now = contract.make.now();
    let (soon, late) = (now + TimeDelta::minutes(1), now + TimeDelta::hours(1));
    let moments: Vec<_> = rows
        .iter()
        .zip([soon, late, late, late])
        .map(|(id, at)| (*id, at))
        .collect();
    let unit = contract.begin(&scope).await;
    let postponed = unit.messages().postpone(&moments, mine, now).await.unwrap();
    assert_eq!(
        postponed, 2,
        "neither what is being sent nor what another lease holds"
    );
    assert_eq!(unit.messages().postpone(&[], mine, now).await.unwrap(), 0);
    unit.commit().await.unwrap();
    for (id, at) in &moments[..2] {
        let row = get(contract, &scope, *id).await;
        assert_eq!((row.status, row.next_attempt_at), (MessageStatus::Queued, *at));
        assert_eq!(row.attempts, 0);
    }
    assert_eq!(
        get(contract, &scope, rows[2]).await.status,
        MessageStatus::Sending
    );
    assert_eq!(
        get(contract, &scope, rows[3]).await.status,
        MessageStatus::Claimed
    );
    contract.make.clock.advance(TimeDelta::minutes(1));
    let claimed = claim(contract, &scope, campaign, 10, contract.make.id()).await;
    assert_eq!(ids(&claimed), [rows[0]]);
}

pub(super) async fn what_counts_against_caps(contract: &Contract) {
    let scope = contract.organization().await;
    let lead: LeadId = contract.make.id();
    let others: LeadId = contract.make.id();
    let start = contract.make.now();
    let mail = async |lead: LeadId| {
        let row = NewMessage {
            lead_id: Some(lead),
            ..to_lead(contract, contract.make.id())
        };
        let unit = contract.begin(&scope).await;
        let rows = std::slice::from_ref(&row);
        unit.messages().insert_many(rows, start).await.unwrap();
        unit.commit().await.unwrap();
        row
    };
    let leave = async |lead, end: Option<Settled>| {
        let (row, lease) = (mail(lead).await, contract.make.id());
        claim(contract, &scope, row.campaign_id.unwrap(), 1, lease).await;
        if let Some(end) = end {
            begin_sending(contract, &scope, &[row.id], lease).await;
            settle(contract, &scope, row.id, lease, end).await;
        }
        (row.id, lease)
    };
    let reason = || "x".to_owned();
    let (old, _) = leave(lead, Some(sent())).await;
    contract.make.clock.advance(TimeDelta::hours(1));
    let recently = contract.make.now();
    let (recent, _) = leave(lead, Some(sent())).await;
    let (unknown, _) = leave(lead, Some(Settled::Unknown { reason: reason() })).await;
    leave(lead, Some(Settled::Failed { reason: reason() })).await;
    let (claimed, own) = leave(lead, None).await;
    leave(others, Some(sent())).await;
    mail(lead).await;
    let unit = contract.begin(&scope).await;
    let written = NewMessage {
        lead_id: Some(lead),
        ..single(contract)
    };
    unit.messages().insert_many(&[written], start).await.unwrap();
    unit.commit().await.unwrap();

    let touches = async |leads: &[LeadId], since, except| {
        let repos = contract.read(&scope);
        let mut found = repos.messages().touches(leads, since, except).await.unwrap();
        found.sort_by_key(|touch| touch.message_id);
        found
    };
    let touch = |message_id, at| Touch {
        lead_id: lead,
        message_id,
        at,
    };
    let nobody = contract.make.id();
    let all = [
        touch(old, Some(start)),
        touch(recent, Some(recently)),
        touch(unknown, Some(recently)),
        touch(claimed, None),
    ];
    assert_eq!(touches(&[lead], start - TimeDelta::hours(1), nobody).await, all);
    assert_eq!(touches(&[lead], start, nobody).await, all[1..], "since then");
    assert_eq!(touches(&[lead], start, own).await, all[1..3], "without its own");
    assert_eq!(touches(&[lead, others], start, nobody).await.len(), 4);
    assert_eq!(touches(&[], start, nobody).await, []);
    let foreign = contract.organization().await;
    let foreign = contract.read(&foreign);
    let found = foreign.messages().touches(&[lead], start, nobody).await.unwrap();
    assert_eq!(found, []);
}

pub(super) async fn who_did_not_open(contract: &Contract) {
    let scope = contract.organization().await;
    let campaign: CampaignId = contract.make.id();
    let mut leads = Vec::new();
    let mut rows = Vec::new();
    let unit = contract.begin(&scope).await;
    for number in 0..4 {
        let lead = contract.make.lead(&format!("unopened{number}@example.com"));
        unit.leads().insert(&lead).await.unwrap();
        rows.push(NewMessage {
            lead_id: Some(lead.id),
            ..to_lead(contract, campaign)
        });
        leads.push(lead.id);
    }
    // The last one is in no campaign.
    unit.messages()
        .insert_many(&rows[..3], contract.make.now())
        .await
        .unwrap();
    unit.commit().await.unwrap();
    let lease = contract.make.id();
    claim(contract, &scope, campaign, 2, lease).await;
    let ids = [rows[0].id, rows[1].id];
    begin_sending(contract, &scope, &ids, lease).await;
    for id in ids {
        settle(contract, &scope, id, lease, sent()).await;
    }
    let unopened = async || {
        let filter = LeadFilter {
            unopened: Some(campaign),
            ..LeadFilter::default()
        };
        let repos = contract.read(&scope);
        let found = repos.leads().after(&filter, None, 10).await.unwrap();
        let ids: Vec<_> = found.iter().map(|lead| lead.id).collect();
        assert_eq!(
            repos.leads().count(&filter).await.unwrap(),
            i64::try_from(ids.len()).unwrap()
        );
        ids
    };
    assert_eq!(unopened().await, leads[..2], "to whom it was sent");
    for (message, human) in [(0, true), (1, false)] {
        let event = EmailEvent {
            id: contract.make.id(),
            message_id: rows[message].id,
            kind: EmailEventKind::Open,
            url: None,
            user_agent: None,
            human,
            trace: EventTrace::default(),
            created_at: contract.make.now(),
        };
        let unit = contract.begin(&scope).await;
        unit.messages().record_event(&event).await.unwrap();
        unit.commit().await.unwrap();
    }
    assert_eq!(unopened().await, [leads[1]], "a program's open is nobody's");
}
