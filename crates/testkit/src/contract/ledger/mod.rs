//! The ledger of mails: nothing is sent twice, nothing is lost.

mod aftermath;
mod claiming;
mod doubts;
mod hours;
mod metrics;
mod plans;
mod rows;
mod verdicts;
mod visits;

use super::{Contract, assert_pages};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::email::{
    ClaimedMessage, EmailEvent, EmailEventKind, EventEffect, EventTrace, Message, MessageContent,
    MessageFilter, MessageKind, MessageSort, MessageStatus, NewMessage, Settled, SettledRow, Settlement,
    Swept,
};
use groundswell_domain::{CampaignId, LeadId, LeaseToken, MessageId, PageRequest, Scope, Sort};
use std::collections::BTreeSet;
use tokio::task::JoinSet;

pub async fn ledger(contract: &Contract) {
    rows::kept_as_they_are(contract).await;
    rows::one_row_per_recipient(contract).await;
    rows::lists(contract).await;
    rows::what_was_queued_lately(contract).await;
    claiming::claims(contract).await;
    claiming::from_claim_to_end(contract).await;
    claiming::what_was_no_try_is_not_counted(contract).await;
    claiming::a_foreign_lease_changes_nothing(contract).await;
    claiming::lost_workers(contract).await;
    claiming::given_up_is_not_tried_again(contract).await;
    rows::single_mails(contract).await;
    claiming::releasing_and_cancelling(contract).await;
    claiming::claiming_side_by_side(contract).await;
    rows::many_at_once(contract).await;
    aftermath::events(contract).await;
    verdicts::events_are_judged_again(contract).await;
    visits::visits_wait_and_are_taken_once(contract).await;
    metrics::what_came_of_mails(contract).await;
    aftermath::deleting_a_lead(contract).await;
    doubts::somebody_tells(contract).await;
    doubts::those_in_doubt_are_found(contract).await;
    hours::when_people_respond(contract).await;
    plans::rows_have_their_time(contract).await;
    plans::postponing(contract).await;
    plans::what_counts_against_caps(contract).await;
    plans::who_did_not_open(contract).await;
    rows::others_are_out_of_reach(contract).await;
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
        topic_id: None,
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
        topic_id: None,
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
