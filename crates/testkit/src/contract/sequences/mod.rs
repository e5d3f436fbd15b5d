//! Sequences: kept with their revisions, walked through once by each lead, and counted.

mod drafts;
mod enrollments;
mod keeping;
mod mails;

use super::{Contract, assert_pages};
use chrono::{DateTime, Utc};
use groundswell_domain::sequences::{Enrollment, Sequence, SequenceStatus};
use groundswell_domain::{LeadId, Scope};
use serde_json::json;

pub async fn sequences(contract: &Contract) {
    keeping::kept_with_their_revisions(contract).await;
    keeping::lists(contract).await;
    enrollments::a_lead_is_inside_once(contract).await;
    enrollments::who_is_due(contract).await;
    enrollments::who_listens_is_woken(contract).await;
    enrollments::programs_are_told_at_one_place(contract).await;
    enrollments::numbers(contract).await;
    mails::mails_of_steps(contract).await;
    mails::what_happened_since(contract).await;
    drafts::drafts(contract).await;
    keeping::others_are_out_of_reach(contract).await;
}

/// Two steps, active.
fn sequence(contract: &Contract) -> Sequence {
    let definition = json!({ "steps": [
        { "id": "wait", "type": "wait", "for": { "days": 1 } },
        { "id": "mail", "type": "send", "content": { "subject": "Hello", "html": "<p>Hello</p>" } },
    ] });
    Sequence {
        id: contract.make.id(),
        name: "Welcome".to_owned(),
        description: Some("Says hello".to_owned()),
        status: SequenceStatus::Active,
        entry: serde_json::from_value(json!({ "events": [{ "kind": "custom", "name": "trial" }] })).unwrap(),
        reentry: serde_json::from_value(json!({ "after_days": 3 })).unwrap(),
        definition: serde_json::from_value(definition).unwrap(),
        revision: 1,
        topic_id: None,
        outreach: false,
        created_at: contract.make.now(),
        updated_at: contract.make.now(),
        version: 1,
    }
}

async fn kept(contract: &Contract, scope: &Scope) -> Sequence {
    let sequence = sequence(contract);
    contract.read(scope).sequences().insert(&sequence).await.unwrap();
    sequence
}

async fn leads(contract: &Contract, scope: &Scope, count: usize) -> Vec<LeadId> {
    let mut ids = Vec::new();
    for index in 0..count {
        let number: uuid::Uuid = contract.make.id();
        let lead = contract
            .make
            .lead(&format!("l{index}-{}@x.example", number.simple()));
        contract.read(scope).leads().insert(&lead).await.unwrap();
        ids.push(lead.id);
    }
    ids.sort_unstable();
    ids
}

fn entered(contract: &Contract, sequence: &Sequence, lead: LeadId, now: DateTime<Utc>) -> Enrollment {
    Enrollment::enter(
        contract.make.id(),
        (sequence.id, sequence.revision),
        lead,
        "wait",
        now,
    )
}
