//! Mails of steps.

use super::{Contract, entered, kept, leads};
use crate::contract::assert_duplicate;
use chrono::TimeDelta;
use groundswell_domain::LeaseToken;
use groundswell_domain::email::{
    EmailEvent, EmailEventKind, EventTrace, MessageKind, MessageStatus, NewMessage, Settled, Settlement,
};
use groundswell_domain::leads::{LeadEvent, LeadEventKind};
use groundswell_domain::sequences::{EventTest, Since, StepMail};
use serde_json::json;
use std::collections::HashSet;

#[expect(clippy::too_many_lines, reason = "a story is told in one piece")]
pub(super) async fn mails_of_steps(contract: &Contract) {
    let scope = contract.organization().await;
    let sequence = kept(contract, &scope).await;
    let leads = leads(contract, &scope, 2).await;
    let (now, batch) = (contract.make.now(), contract.make.id());
    let inside = [
        entered(contract, &sequence, leads[0], now),
        entered(contract, &sequence, leads[1], now),
    ];
    let messages: Vec<NewMessage> = leads
        .iter()
        .map(|lead| NewMessage {
            id: contract.make.id(),
            kind: MessageKind::Sequence,
            campaign_id: None,
            lead_id: Some(*lead),
            to: format!("{}@x.example", lead.0.simple()).parse().unwrap(),
            content: None,
            suppressed: None,
            topic_id: None,
        })
        .collect();
    let mails: Vec<StepMail> = messages
        .iter()
        .zip(&inside)
        .map(|(message, one)| StepMail {
            message_id: message.id,
            enrollment_id: one.id,
            sequence_id: sequence.id,
            version: 1,
            step: "mail".to_owned(),
            taken: 1,
            batch,
        })
        .collect();
    let unit = contract.begin(&scope).await;
    unit.sequences().enter(&inside).await.unwrap();
    unit.messages().insert_many(&messages, now).await.unwrap();
    unit.sequences().add_mails(&mails).await.unwrap();
    unit.commit().await.unwrap();
    let repos = contract.read(&scope);
    let repo = repos.sequences();
    let twice = StepMail {
        message_id: contract.make.id(),
        ..mails[0].clone()
    };
    assert_duplicate(repo.add_mails(std::slice::from_ref(&twice)).await);
    assert_eq!(repo.batch_due(batch).await.unwrap(), Some(now));
    let (lease, until): (LeaseToken, _) = (contract.make.id(), now + TimeDelta::minutes(1));
    let other = repo
        .claim_batch(contract.make.id(), 10, lease, now, until)
        .await
        .unwrap();
    assert!(other.is_empty(), "another batch");
    let early = now - TimeDelta::seconds(1);
    assert!(
        repo.claim_batch(batch, 10, lease, early, until)
            .await
            .unwrap()
            .is_empty()
    );
    let one = repo.claim_batch(batch, 1, lease, now, until).await.unwrap();
    assert_eq!((one.len(), one[0].step.as_str(), one[0].version), (1, "mail", 1));
    let rest = repo.claim_batch(batch, 10, lease, now, until).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_ne!(one[0].message.id, rest[0].message.id);
    assert_eq!(
        repo.batch_due(batch).await.unwrap(),
        Some(until),
        "the end of the lease"
    );
    let end = |id| Settlement {
        id,
        lease,
        end: Settled::Sent { reply: "250".into() },
    };
    let ends = [end(messages[0].id), end(messages[1].id)];
    repos
        .messages()
        .begin_sending(&[messages[0].id, messages[1].id], lease, now, until)
        .await
        .unwrap();
    repos.messages().settle(&ends, now).await.unwrap();
    assert_eq!(repo.batch_due(batch).await.unwrap(), None);

    let click = EmailEvent {
        id: contract.make.id(),
        message_id: messages[0].id,
        kind: EmailEventKind::Click,
        url: Some("https://shop.example/Pricing?x=1".to_owned()),
        user_agent: None,
        human: true,
        trace: EventTrace::default(),
        created_at: now,
    };
    repos.messages().record_event(&click).await.unwrap();
    let traces = repo.traces(&[inside[0].id, inside[1].id]).await.unwrap();
    assert!(traces[&inside[0].id][0].clicked && !traces[&inside[0].id][0].opened);
    assert!(!traces[&inside[1].id][0].clicked);
    let both = [messages[0].id, messages[1].id];
    let found = repo.clicked_link(&both, "pricing").await.unwrap();
    assert_eq!(found, HashSet::from([messages[0].id]));
    assert!(repo.clicked_link(&both, "imprint").await.unwrap().is_empty());
    let stats = repo.mail_stats(sequence.id).await.unwrap();
    assert_eq!(stats.len(), 1);
    assert_eq!(
        (stats[0].mails, stats[0].sent, stats[0].opened, stats[0].clicked),
        (2, 2, 0, 1)
    );

    // Of a sequence that goes, what waits is cancelled, and the ledger stays.
    let waiting = NewMessage {
        id: contract.make.id(),
        ..messages[0].clone()
    };
    let mail = StepMail {
        message_id: waiting.id,
        taken: 2,
        ..mails[0].clone()
    };
    repos
        .messages()
        .insert_many(std::slice::from_ref(&waiting), now)
        .await
        .unwrap();
    repo.add_mails(std::slice::from_ref(&mail)).await.unwrap();
    assert!(repo.delete(sequence.id, now).await.unwrap());
    let status_of = async |id| repos.messages().get(id).await.unwrap().unwrap().status;
    assert_eq!(status_of(waiting.id).await, MessageStatus::Cancelled);
    assert_eq!(status_of(messages[0].id).await, MessageStatus::Sent);
}

pub(super) async fn what_happened_since(contract: &Contract) {
    let scope = contract.organization().await;
    let leads = leads(contract, &scope, 3).await;
    let now = contract.make.now();
    let subject: uuid::Uuid = contract.make.id();
    let event = |lead, name: &str, hours: i64| LeadEvent {
        id: contract.make.id(),
        lead_id: lead,
        kind: LeadEventKind::Custom,
        subject: Some(subject),
        occurred_at: now + TimeDelta::hours(hours),
        data: json!({ "name": name }).as_object().unwrap().clone(),
    };
    let events = [
        event(leads[0], "trial", 1),
        event(leads[1], "trial", 3),
        event(leads[2], "other", 3),
    ];
    contract.read(&scope).lead_events().add(&events).await.unwrap();
    let mut test = EventTest {
        kind: LeadEventKind::Custom,
        subject: None,
        name: None,
        since: Since::Entry,
    };
    let repos = contract.read(&scope);
    let repo = repos.sequences();
    let since = |hours: [i64; 3]| {
        let moments = leads.iter().zip(hours);
        moments
            .map(|(lead, hours)| (*lead, now + TimeDelta::hours(hours)))
            .collect::<Vec<_>>()
    };
    let all = repo.happened(&test, &since([0, 0, 0])).await.unwrap();
    assert_eq!(all.len(), 3);
    let late = repo.happened(&test, &since([2, 3, 4])).await.unwrap();
    assert_eq!(late, HashSet::from([leads[1]]), "from the moment on");
    test.name = Some("trial".to_owned());
    assert_eq!(repo.happened(&test, &since([0, 0, 0])).await.unwrap().len(), 2);
    test.subject = Some(contract.make.id());
    assert!(repo.happened(&test, &since([0, 0, 0])).await.unwrap().is_empty());
    assert!(repo.happened(&test, &[]).await.unwrap().is_empty());
}
