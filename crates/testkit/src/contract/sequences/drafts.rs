//! Drafts of outreach.

use super::{Contract, kept, leads};
use crate::contract::assert_pages;
use groundswell_domain::DraftId;
use groundswell_domain::sequences::{Draft, DraftCounts, DraftSort, DraftStatus};

pub(super) async fn drafts(contract: &Contract) {
    let scope = contract.organization().await;
    let sequence = kept(contract, &scope).await;
    let leads = leads(contract, &scope, 3).await;
    let now = contract.make.now();
    let mut all: Vec<Draft> = leads
        .iter()
        .map(|lead| Draft {
            id: contract.make.id(),
            outreach_id: sequence.id,
            lead_id: *lead,
            subject: "Hello".to_owned(),
            html: "<p>Hello {{ you }}</p>".to_owned(),
            text: None,
            status: DraftStatus::Draft,
            decided_by: None,
            decided_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        })
        .collect();
    let repos = contract.read(&scope);
    let repo = repos.sequences();
    assert_eq!(repo.last_draft(sequence.id).await.unwrap(), None);
    assert_eq!(repo.add_drafts(&all).await.unwrap(), 3);
    let again = Draft {
        id: contract.make.id(),
        ..all[0].clone()
    };
    assert_eq!(repo.add_drafts(&[again]).await.unwrap(), 0, "each lead has one");
    assert_eq!(repo.last_draft(sequence.id).await.unwrap(), Some(leads[2]));
    assert_eq!(repo.draft(all[1].id).await.unwrap().as_ref(), Some(&all[1]));
    let ids: Vec<DraftId> = all.iter().map(|draft| draft.id).collect();
    assert_pages(
        &ids,
        |draft: &Draft| draft.id,
        |_: DraftSort, left, right| left.created_at <= right.created_at,
        |page| {
            let repos = contract.read(&scope);
            let id = sequence.id;
            async move { repos.sequences().drafts(id, None, &page).await }
        },
    )
    .await;
    all[0].status = DraftStatus::Rejected;
    all[0].decided_by = Some(contract.make.id());
    all[0].decided_at = Some(now);
    all[0].text = Some("Hello".to_owned());
    all[0].version = 2;
    assert!(!repo.update_draft(&all[0], 9).await.unwrap());
    assert!(repo.update_draft(&all[0], 1).await.unwrap());
    assert_eq!(repo.draft(all[0].id).await.unwrap().as_ref(), Some(&all[0]));
    assert_eq!(repo.approve_drafts(sequence.id, None, now).await.unwrap(), 2);
    assert_eq!(repo.approved(sequence.id, 10).await.unwrap(), leads[1..]);
    assert_eq!(repo.approved(sequence.id, 1).await.unwrap(), leads[1..2]);
    repo.drafts_entered(sequence.id, &leads[..2], now).await.unwrap();
    let expected = DraftCounts {
        draft: 0,
        approved: 1,
        rejected: 1,
        entered: 1,
    };
    assert_eq!(repo.draft_counts(sequence.id).await.unwrap(), expected);
    let texts = repo.draft_texts(sequence.id, &leads[..1]).await.unwrap();
    assert_eq!(texts[&leads[0]], all[0]);
}
