//! Events of mails keep what they were judged by, and can be judged otherwise.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;
use groundswell_domain::Repos;
use groundswell_domain::email::EventContext;
use groundswell_domain::email::classify::{Evidence, Judgement, Method, Network, Verdict};

pub(super) async fn events_are_judged_again(contract: &Contract) {
    let scope = contract.organization().await;
    let (campaign, rows) = queued(contract, &scope, 2).await;
    let message = get(contract, &scope, rows[0]).await;
    let event = |kind, verdict: Verdict, reasons: &[Evidence]| EmailEvent {
        id: contract.make.id(),
        message_id: message.id,
        kind,
        url: Some("https://example.com/".to_owned()),
        user_agent: Some("Mozilla/5.0".to_owned()),
        human: verdict.is_human(),
        trace: EventTrace {
            method: Some(Method::Get),
            network: Some(Network::of([203, 0, 113, 7].into())),
            language: Some(true),
            verdict,
            reasons: reasons.to_vec(),
        },
        created_at: contract.make.clock.advance(TimeDelta::seconds(1)),
    };
    let mut events = [
        event(EmailEventKind::Open, Verdict::Human, &[]),
        event(EmailEventKind::Click, Verdict::Human, &[]),
        event(EmailEventKind::Honeypot, Verdict::Scanner, &[Evidence::Honeypot]),
        event(EmailEventKind::Open, Verdict::Proxy, &[Evidence::ProxyAgent]),
    ];
    let unit = contract.begin(&scope).await;
    let context = EventContext {
        campaign_id: Some(campaign),
        lead_id: message.lead_id,
        sent_at: None,
    };
    assert_eq!(
        unit.messages()
            .lock_for_events(&[message.id, rows[1], contract.make.id()])
            .await
            .unwrap()
            .get(&message.id),
        Some(&context)
    );
    for event in &events {
        let effect = unit.messages().record_event(event).await.unwrap().unwrap();
        assert_eq!(effect.first, event.id == events[0].id || event.id == events[1].id);
    }
    unit.commit().await.unwrap();
    let repos = contract.store.read(&scope);
    assert_eq!(events_of(repos.as_ref(), message.id).await, events);
    assert_eq!(events_of(repos.as_ref(), rows[1]).await, []);
    assert_eq!(
        repos.messages().with_events(None, 10).await.unwrap(),
        [message.id]
    );
    assert_eq!(
        repos.messages().with_events(Some(message.id), 10).await.unwrap(),
        []
    );

    // The first open and the only click were a scanner's after all.
    for event in &mut events[..2] {
        let reasons = vec![Evidence::AllLinks, Evidence::Honeypot];
        assert!(event.take(Judgement {
            verdict: Verdict::Scanner,
            reasons
        }));
    }
    let unit = contract.begin(&scope).await;
    let changed = [&events[0], &events[1]];
    unit.messages().rejudge(message.id, &changed).await.unwrap();
    unit.commit().await.unwrap();
    let repos = contract.store.read(&scope);
    assert_eq!(events_of(repos.as_ref(), message.id).await, events);
    let now = get(contract, &scope, message.id).await;
    assert_eq!(
        (now.opened_at, now.clicked_at),
        (Some(events[3].created_at), None)
    );

    let stranger = contract.organization().await;
    let theirs = contract.store.read(&stranger);
    assert_eq!(events_of(theirs.as_ref(), message.id).await, []);
    assert_eq!(theirs.messages().with_events(None, 10).await.unwrap(), []);
    let unit = contract.begin(&stranger).await;
    let locked = unit.messages().lock_for_events(&[message.id]).await.unwrap();
    assert!(locked.is_empty());
    drop(unit);
}

async fn events_of(repos: &dyn Repos, message: MessageId) -> Vec<EmailEvent> {
    let mut events = repos.messages().events_of(&[message]).await.unwrap();
    events.remove(&message).unwrap_or_default()
}
