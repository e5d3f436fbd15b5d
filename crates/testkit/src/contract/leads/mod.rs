//! Leads, their counters and the score ledger.

mod contact;
mod counting;
mod finding;
mod history;
mod scored;
mod writing;

use super::{Contract, assert_duplicate, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::leads::{
    Axis, Lead, LeadFilter, LeadSort, LeadStatus, Score, ScoreEntry, ScoreSort, Tags,
};
use groundswell_domain::{LeadId, PageRequest, Scope, Sort};
use serde_json::json;
use std::collections::BTreeMap;
use tokio::task::JoinSet;

pub async fn leads(contract: &Contract) {
    writing::kept_as_they_are(contract).await;
    writing::stale_versions_change_nothing(contract).await;
    finding::filters(contract).await;
    finding::words_are_searched_literally(contract).await;
    finding::lists(contract).await;
    finding::walking_in_order_of_id(contract).await;
    writing::many_at_once(contract).await;
    counting::the_score_is_the_sum_of_the_ledger(contract).await;
    scored::pages_by_score(contract).await;
    scored::whoever_waited_reads_what_was_written(contract).await;
    counting::counters_are_the_truth(contract).await;
    counting::counting_side_by_side(contract).await;
    contact::looking_at_addresses(contract).await;
    contact::telephone_numbers(contract).await;
    finding::others_are_out_of_reach(contract).await;
    history::everything_is_in_one_list(contract).await;
}

/// The address and the name are as nasty as they may be.
async fn nasty(contract: &Contract, scope: &Scope) -> Lead {
    let mut lead = contract.make.lead("O'Neil+100%_x@Example.COM");
    lead.name = "Robert'); DROP TABLE leads;-- \u{1F469}\u{200D}\u{1F680} \"ü\" \\ % _ $1 ?".to_owned();
    lead.phone = Some("+49 30 1234".to_owned());
    lead.title = Some(String::new());
    lead.tags = Tags::parse(["vip", "straße", "o'neil", "a\"b", "\u{1F600}"]).unwrap();
    lead.custom_fields.insert(
        "plan \"x\"".to_owned(),
        json!({ "deep": [1, -0.5, null, true, "'\u{1F600}\\"] }),
    );
    lead.utm.source = Some("fair".to_owned());
    lead.utm.medium = Some("qr".to_owned());
    lead.utm.campaign = Some("spring".to_owned());
    lead.client_id = Some(contract.client(scope).await.id);
    lead.created_at += TimeDelta::microseconds(1);
    lead
}

fn entry(contract: &Contract, lead: LeadId, event: &str) -> ScoreEntry {
    contract.make.score_entry(lead, event)
}

async fn add(contract: &Contract, scope: &Scope, leads: &[Lead]) {
    let unit = contract.begin(scope).await;
    for lead in leads {
        unit.leads().insert(lead).await.unwrap();
    }
    unit.commit().await.unwrap();
}

async fn found(contract: &Contract, scope: &Scope, filter: &LeadFilter) -> Vec<String> {
    let repos = contract.read(scope);
    let leads = repos.leads().after(filter, None, 10_000).await.unwrap();
    assert_eq!(
        repos.leads().count(filter).await.unwrap(),
        i64::try_from(leads.len()).unwrap(),
        "{filter:?}"
    );
    leads.iter().map(|lead| lead.email.as_str().to_owned()).collect()
}
