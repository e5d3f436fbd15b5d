//! Receipts, retention, and files with people's data. What an erasure leaves nowhere is a test over the whole program.

use super::{Contract, assert_duplicate, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::email::{MessageContent, MessageKind, MessageStatus, NewMessage, Suppression};
use groundswell_domain::email::{SuppressionReason, SuppressionSort};
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::privacy::{
    DataExport, Erasure, ErasureKind, ErasureSort, ExportPart, Retained, Retention, Touched, Treatment,
};
use groundswell_domain::segments::{Chosen, Condition, Moment, Rule};
use groundswell_domain::{PageRequest, Scope, Sort};
use std::sync::Arc;

pub async fn privacy(contract: &Contract) {
    receipts(contract).await;
    leads_are_erased_in_their_organization_only(contract).await;
    erased_addresses_are_kept_as_hashes(contract).await;
    addresses_are_walked_through(contract).await;
    old_things_are_forgotten_a_piece_at_a_time(contract).await;
    who_does_not_keep_everything_is_found(contract).await;
    files_have_pieces(contract).await;
    an_organization_goes_a_piece_at_a_time(contract).await;
}

fn receipt(contract: &Contract) -> Erasure {
    Erasure {
        id: contract.make.id(),
        kind: ErasureKind::Lead,
        subject_id: Some(contract.make.id()),
        subject_hash: Some("hmac-sha256:abc".to_owned()),
        stores: vec![Touched::new("leads", Treatment::Deleted, 1)],
        requested_by: None,
        created_at: contract.make.now(),
    }
}

async fn receipts(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let mut ids = Vec::new();
    for _ in 0..5 {
        let receipt = receipt(contract);
        assert!(repos.erasures().insert(&receipt).await.unwrap());
        assert!(!repos.erasures().insert(&receipt).await.unwrap());
        assert_eq!(
            repos.erasures().get(receipt.id).await.unwrap(),
            Some(receipt.clone())
        );
        ids.push(receipt.id);
    }
    let theirs = contract.read(&other);
    assert_eq!(theirs.erasures().get(ids[0]).await.unwrap(), None);
    assert_eq!(theirs.erasures().known(&ids).await.unwrap(), []);
    let mut known = repos
        .erasures()
        .known(&[ids[3], contract.make.id(), ids[1]])
        .await
        .unwrap();
    known.sort();
    assert_eq!(known, [ids[1], ids[3]]);
    assert_pages(
        &ids,
        |receipt: &Erasure| receipt.id,
        |field, a, b| match field {
            ErasureSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
        },
        |page| {
            let repos = contract.read(&mine);
            async move { repos.erasures().list(&page).await }
        },
    )
    .await;
}

async fn leads_are_erased_in_their_organization_only(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let mut ids = Vec::new();
    for scope in [&mine, &other] {
        let lead = contract.make.lead("Grace@Example.com");
        contract.read(scope).leads().insert(&lead).await.unwrap();
        ids.push(lead.id);
    }
    let now = contract.make.now();
    let unit = contract.begin(&mine).await;
    let found = unit
        .erasures()
        .erase_lead(Some(ids[1]), "grace@example.com", now)
        .await
        .unwrap();
    let gone = |store| Touched::new(store, Treatment::Deleted, 1);
    assert_eq!(found, [gone("lead_scores"), gone("leads")]);
    unit.commit().await.unwrap();
    assert_eq!(contract.read(&mine).leads().get(ids[0]).await.unwrap(), None);
    assert!(contract.read(&other).leads().get(ids[1]).await.unwrap().is_some());
    let counted = contract.read(&mine).leads().status_counts().await.unwrap();
    assert_eq!(
        counted.0.iter().map(|(_, leads)| leads).sum::<i64>(),
        1,
        "it counts how many there were"
    );
    // A segment of those who never did a thing is about leads that are there.
    let never = LeadFilter {
        segment: Some(Chosen::Rule(Arc::new(Rule {
            condition: Condition::parse("never clicked").unwrap(),
            client: None,
            moment: Moment {
                now,
                time_zone: "UTC".parse().unwrap(),
            },
        }))),
        ..LeadFilter::default()
    };
    let repos = contract.read(&mine);
    assert_eq!(repos.leads().count(&never).await.unwrap(), 0);
}

async fn erased_addresses_are_kept_as_hashes(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    let hash = "hmac-sha256:abc".to_owned();
    let entry = Suppression {
        id: contract.make.id(),
        email: None,
        email_hash: Some(hash.clone()),
        reason: SuppressionReason::Erasure,
        note: None,
        created_at: contract.make.now(),
    };
    assert!(repos.suppressions().insert(&entry).await.unwrap());
    assert!(!repos.suppressions().insert(&entry).await.unwrap());
    assert_eq!(
        repos.suppressions().get(entry.id).await.unwrap(),
        Some(entry.clone())
    );
    let keys = ["ada@example.com".to_owned(), hash.clone()];
    assert_eq!(
        repos.suppressions().find(&keys).await.unwrap(),
        [(hash, SuppressionReason::Erasure)]
    );
    let page = PageRequest::first(10, Sort::descending(SuppressionSort::CreatedAt));
    let found = repos.suppressions().list(None, Some(&keys), &page).await.unwrap();
    assert_eq!(found.items, [entry]);
    let others = ["a".to_owned(), "b".to_owned()];
    let found = repos
        .suppressions()
        .list(None, Some(&others), &page)
        .await
        .unwrap();
    assert_eq!(found.items, []);
}

fn mail(contract: &Contract, to: &str) -> NewMessage {
    NewMessage {
        id: contract.make.id(),
        kind: MessageKind::Single,
        campaign_id: None,
        lead_id: None,
        to: to.parse().unwrap(),
        content: Some(MessageContent {
            subject: "x".to_owned(),
            html: "x".to_owned(),
            text: "x".to_owned(),
        }),
        suppressed: Some("no".to_owned()),
        topic_id: None,
    }
}

async fn addresses_are_walked_through(contract: &Contract) {
    let scope = contract.organization().await;
    let repos = contract.read(&scope);
    for email in ["b@example.com", "d@example.com"] {
        repos.leads().insert(&contract.make.lead(email)).await.unwrap();
    }
    let mails = ["a@example.com", "B@example.com", "c@example.com"].map(|to| mail(contract, to));
    repos
        .messages()
        .insert_many(&mails, contract.make.now())
        .await
        .unwrap();
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let piece = repos.erasures().addresses(&after, 3).await.unwrap();
        let Some(last) = piece.last() else { break };
        after.clone_from(last);
        all.extend(piece);
    }
    assert_eq!(
        all,
        ["a@example.com", "b@example.com", "c@example.com", "d@example.com"]
    );
}

async fn old_things_are_forgotten_a_piece_at_a_time(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    for scope in [&mine, &other] {
        let repos = contract.read(scope);
        for number in 0..5 {
            let lead = contract.make.lead(&format!("{number}@example.com"));
            repos.leads().insert(&lead).await.unwrap();
        }
        let mails = ["a@example.com", "b@example.com", "c@example.com"].map(|to| mail(contract, to));
        repos
            .messages()
            .insert_many(&mails, contract.make.now())
            .await
            .unwrap();
        let mut waiting = mail(contract, "d@example.com");
        waiting.suppressed = None;
        repos
            .messages()
            .insert_many(&[waiting], contract.make.now())
            .await
            .unwrap();
    }
    let now = contract.make.now();
    let forget = async |scope: &Scope, kind, before| {
        let unit = contract.begin(scope).await;
        let gone = unit.retention().forget(kind, before, 2).await.unwrap();
        unit.commit().await.unwrap();
        gone
    };
    for kind in Retained::ALL {
        assert_eq!(
            forget(&mine, *kind, now).await,
            0,
            "{kind}: exactly as old is not older"
        );
    }
    let later = now + TimeDelta::microseconds(1);
    for (kind, pieces) in [
        (Retained::Leads, &[2, 2, 1, 0][..]),
        (Retained::Messages, &[2, 1, 0]),
        (Retained::Submissions, &[0]),
        (Retained::Events, &[0]),
        (Retained::Audit, &[0]),
    ] {
        for piece in pieces {
            assert_eq!(forget(&mine, kind, later).await, *piece, "{kind}");
        }
    }
    let filter = groundswell_domain::leads::LeadFilter::default();
    assert_eq!(contract.read(&mine).leads().count(&filter).await.unwrap(), 0);
    assert_eq!(contract.read(&other).leads().count(&filter).await.unwrap(), 5);
    let page = PageRequest::first(
        10,
        Sort::descending(groundswell_domain::email::MessageSort::CreatedAt),
    );
    let left = contract
        .read(&mine)
        .messages()
        .list(&groundswell_domain::email::MessageFilter::default(), &page)
        .await
        .unwrap();
    let states: Vec<_> = left.items.iter().map(|message| message.status).collect();
    assert_eq!(states, [MessageStatus::Queued], "what waits stays");
}

async fn who_does_not_keep_everything_is_found(contract: &Contract) {
    let all = async || {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = contract.system.retention().organizations(after, 1).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.organization);
            all.extend(page);
        }
        all
    };
    assert_eq!(all().await, []);
    let decided = contract.make.clock.advance(TimeDelta::hours(1));
    let mut scopes = Vec::new();
    for _ in 0..3 {
        let scope = contract.organization().await;
        let repos = contract.read(&scope);
        let mut organization = repos.identity().organization().await.unwrap().unwrap();
        assert_eq!(organization.retention, Retention::default());
        organization.retention.events_days = Some(3);
        organization.updated_at = decided;
        assert!(
            repos
                .identity()
                .update_organization(&organization, 1)
                .await
                .unwrap()
        );
        let kept = repos.identity().organization().await.unwrap().unwrap();
        assert_eq!(kept.retention, organization.retention);
        scopes.push(scope);
    }
    let found = all().await;
    let mut expected: Vec<_> = scopes.iter().map(|scope| scope.organization).collect();
    expected.sort();
    assert_eq!(
        found.iter().map(|due| due.organization).collect::<Vec<_>>(),
        expected
    );
    assert!(found.iter().all(|due| due.last == decided), "{found:?}");
    let done = contract.make.clock.advance(TimeDelta::hours(1));
    contract.read(&scopes[0]).retention().done(done).await.unwrap();
    let found = all().await;
    assert_eq!(found.iter().filter(|due| due.last == done).count(), 1);
}

async fn files_have_pieces(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let repos = contract.read(&mine);
    let user = contract.make.user(mine.organization);
    repos.identity().insert_user(&user, "hash").await.unwrap();
    let export = DataExport {
        id: contract.make.id(),
        user_id: user.id,
        job_id: contract.make.id(),
        created_at: contract.make.now(),
        build: None,
        expires_at: contract.make.now() + TimeDelta::days(1),
    };
    let exports = repos.exports();
    assert_eq!(exports.of(user.id).await.unwrap(), None);
    exports.insert(&export).await.unwrap();
    assert_eq!(exports.of(user.id).await.unwrap(), Some(export.clone()));
    let mut twin = export.clone();
    twin.id = contract.make.id();
    assert_duplicate(exports.insert(&twin).await);

    let (build, stale) = (contract.make.id(), contract.make.id());
    exports
        .add_piece(export.id, build, 0, &[0, 1, 255])
        .await
        .unwrap();
    exports.add_piece(export.id, stale, 0, b"old").await.unwrap();
    exports.add_piece(export.id, stale, 1, b"old").await.unwrap();
    let until = contract.make.now() + TimeDelta::days(7);
    let theirs = contract.read(&other);
    assert!(!theirs.exports().complete(export.id, build, until).await.unwrap());
    assert!(exports.complete(export.id, build, until).await.unwrap());
    let whole = exports.of(user.id).await.unwrap().unwrap();
    assert_eq!((whole.build, whole.expires_at), (Some(build), until));
    assert_eq!(
        exports.piece(export.id, build, 0).await.unwrap(),
        Some(vec![0, 1, 255])
    );
    assert_eq!(exports.piece(export.id, build, 1).await.unwrap(), None);
    assert_eq!(theirs.exports().piece(export.id, build, 0).await.unwrap(), None);
    assert_eq!(theirs.exports().of(user.id).await.unwrap(), None);

    let mails = ["a", "b", "c"].map(|_| mail(contract, user.email.as_str()));
    let now = contract.make.now();
    repos.messages().insert_many(&mails, now).await.unwrap();
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let (rows, next) = exports.page(&user, ExportPart::Mails, after, 2).await.unwrap();
        read.extend(rows);
        after = next;
        if after.is_none() {
            break;
        }
    }
    let ids: Vec<_> = read.iter().map(|row| row["id"].clone()).collect();
    assert_eq!(ids, mails.map(|mail| serde_json::json!(mail.id)));
    assert!(read.iter().all(|row| row["html"] == "x"), "{read:?}");
    for part in [
        ExportPart::Sessions,
        ExportPart::ApiKeys,
        ExportPart::AccountLinks,
        ExportPart::Campaigns,
    ] {
        assert_eq!(
            exports.page(&user, part, None, 2).await.unwrap(),
            (vec![], None),
            "{part:?}"
        );
    }
    assert!(!theirs.exports().delete(export.id).await.unwrap());
    assert!(exports.delete(export.id).await.unwrap());
    assert_eq!(exports.piece(export.id, build, 0).await.unwrap(), None);
}

async fn an_organization_goes_a_piece_at_a_time(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    for scope in [&mine, &other] {
        let repos = contract.read(scope);
        for number in 0..3 {
            let lead = contract.make.lead(&format!("{number}@example.com"));
            repos.leads().insert(&lead).await.unwrap();
        }
        repos.erasures().insert(&receipt(contract)).await.unwrap();
    }
    let mut pieces = 0;
    loop {
        let unit = contract.begin(&mine).await;
        let gone = unit.erasures().erase_organization(2).await.unwrap();
        unit.commit().await.unwrap();
        if gone == 0 {
            break;
        }
        pieces += 1;
    }
    assert_eq!(pieces, 3);
    let (gone, left) = (contract.read(&mine), contract.read(&other));
    assert_eq!(gone.identity().organization().await.unwrap(), None);
    assert_eq!(gone.leads().status_counts().await.unwrap().0, []);
    assert!(left.identity().organization().await.unwrap().is_some());
    let filter = groundswell_domain::leads::LeadFilter::default();
    assert_eq!(left.leads().count(&filter).await.unwrap(), 3);
    let page = PageRequest::first(10, Sort::descending(ErasureSort::CreatedAt));
    let receipts = gone.erasures().list(&page).await.unwrap();
    assert_eq!(receipts.items.len(), 1, "receipts stay");
}
