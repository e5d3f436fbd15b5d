//! What happened to leads.

use super::{add, entry};
use crate::contract::Contract;
use chrono::TimeDelta;
use groundswell_domain::leads::{Lead, LeadEvent, LeadEventKind, TimelineSort};
use groundswell_domain::{PageRequest, Scope, Sort};
use serde_json::json;

fn event(contract: &Contract, lead: &Lead, kind: LeadEventKind) -> LeadEvent {
    LeadEvent {
        id: contract.make.id(),
        lead_id: lead.id,
        kind,
        subject: None,
        occurred_at: contract.make.now(),
        data: [("from".to_owned(), json!("O'Neil \u{1F600} %"))]
            .into_iter()
            .collect(),
    }
}

async fn kinds(
    contract: &Contract,
    scope: &Scope,
    lead: &Lead,
    sort: &str,
    limit: u32,
) -> Vec<LeadEventKind> {
    let repos = contract.read(scope);
    let mut request = PageRequest::<TimelineSort>::first(limit, Sort::parse(sort).unwrap());
    request.with_total = true;
    let (mut kinds, mut totals) = (Vec::new(), Vec::new());
    loop {
        let page = repos.lead_events().timeline(lead, &request).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        kinds.extend(page.items.iter().map(|event| event.kind));
        totals.push(page.total);
        request.cursor = page.next;
        if request.cursor.is_none() {
            assert!(
                totals.iter().all(|total| *total == Some(kinds.len() as u64)),
                "{totals:?}"
            );
            return kinds;
        }
    }
}

pub(super) async fn everything_is_in_one_list(contract: &Contract) {
    use LeadEventKind::{Created, NoteAdded, ScoreChanged, StageChanged};
    let scope = contract.organization().await;
    let lead = contract.make.lead("grace@example.com");
    let other = contract.make.lead("ada@example.com");
    add(contract, &scope, &[lead.clone(), other.clone()]).await;
    let unit = contract.begin(&scope).await;
    let mut kept = Vec::new();
    for kind in [StageChanged, NoteAdded, StageChanged] {
        contract.make.clock.advance(TimeDelta::seconds(1));
        let happened = event(contract, &lead, kind);
        unit.lead_events()
            .add(std::slice::from_ref(&happened))
            .await
            .unwrap();
        kept.push(happened);
        contract.make.clock.advance(TimeDelta::seconds(1));
        let line = entry(contract, lead.id, &happened_name(&kept));
        unit.leads().add_score(&[line]).await.unwrap();
    }
    // Twice the same, a lead that is not there, and what other ledgers keep.
    let nobody = event(contract, &contract.make.lead("nobody@example.com"), NoteAdded);
    let derived = event(contract, &lead, ScoreChanged);
    let again = [
        kept[0].clone(),
        nobody,
        derived,
        event(contract, &other, NoteAdded),
    ];
    unit.lead_events().add(&again).await.unwrap();
    unit.lead_events().add(&[]).await.unwrap();
    unit.commit().await.unwrap();

    let expected = [
        Created,
        StageChanged,
        ScoreChanged,
        NoteAdded,
        ScoreChanged,
        StageChanged,
        ScoreChanged,
    ];
    for limit in [1, 2, 3, 7, 200] {
        assert_eq!(
            kinds(contract, &scope, &lead, "occurred_at", limit).await,
            expected
        );
        let mut backwards = kinds(contract, &scope, &lead, "-occurred_at", limit).await;
        backwards.reverse();
        assert_eq!(backwards, expected);
    }
    let request = PageRequest::first(200, Sort::parse("occurred_at").unwrap());
    let repos = contract.read(&scope);
    let page = repos.lead_events().timeline(&lead, &request).await.unwrap();
    assert_eq!(page.items[1], kept[0]);

    let stranger = contract.organization().await;
    assert_eq!(
        kinds(contract, &stranger, &lead, "occurred_at", 10).await,
        [Created],
        "what the caller brought, and nothing of another organization"
    );
    let unit = contract.begin(&scope).await;
    assert!(unit.leads().delete(lead.id).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(kinds(contract, &scope, &lead, "occurred_at", 10).await, [Created]);
    assert_eq!(
        kinds(contract, &scope, &other, "occurred_at", 10).await,
        [Created, NoteAdded]
    );
}

fn happened_name(kept: &[LeadEvent]) -> String {
    format!("event {}", kept.len())
}
