//! Opens and clicks wait until they are taken, each once.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;
use groundswell_domain::email::classify::{Method, Network};
use groundswell_domain::email::{NewVisit, TakeVisits};
use groundswell_domain::jobs::{JobPayload, NewJob};

fn visit(contract: &Contract, message: MessageId, kind: EmailEventKind) -> NewVisit {
    let created_at = contract.make.clock.advance(TimeDelta::seconds(1));
    let event = EmailEvent {
        id: contract.make.id(),
        message_id: message,
        kind,
        url: Some("https://example.com/?a='b'&c=\u{1F331}".to_owned()),
        user_agent: Some("Mozilla".to_owned()),
        human: true,
        trace: EventTrace {
            method: Some(Method::Head),
            network: Some(Network::of([203, 0, 113, 7].into())),
            language: Some(false),
            ..EventTrace::default()
        },
        created_at,
    };
    let job = NewJob::new(contract.make.id(), &TakeVisits {}, created_at).unique(TakeVisits::KIND);
    NewVisit { event, job }
}

pub(super) async fn visits_wait_and_are_taken_once(contract: &Contract) {
    let (scope, other) = (contract.organization().await, contract.organization().await);
    let (campaign, rows) = queued(contract, &scope, 2).await;
    let began = contract.make.clock.advance(TimeDelta::seconds(1));
    let kinds = [
        EmailEventKind::Open,
        EmailEventKind::Click,
        EmailEventKind::Honeypot,
    ];
    let visits = kinds.map(|kind| visit(contract, rows[0], kind));
    let kept = visits.clone().map(|visit| visit.event);
    let theirs = visit(contract, contract.make.id(), EmailEventKind::Open);
    let inbox = contract.system.visits();
    let mut together: Vec<_> = visits
        .into_iter()
        .map(|visit| inbox.keep(scope.organization, visit))
        .collect();
    together.push(inbox.keep(other.organization, theirs.clone()));
    for result in futures_util::future::join_all(together).await {
        result.unwrap();
    }

    // One job for all of an organization's.
    let waiting = async |scope: &Scope| {
        let repos = contract.store.read(scope);
        let job = NewJob::new(contract.make.id(), &TakeVisits {}, began).unique(TakeVisits::KIND);
        let id = job.id;
        repos.jobs().enqueue(&job, began).await.unwrap() != id
    };
    assert!(waiting(&scope).await && waiting(&other).await);
    let now = contract.make.clock.advance(TimeDelta::seconds(1));
    let find = async |before| inbox.organizations_with_visits(before, None, 1000).await.unwrap();
    let found = find(now).await;
    assert!(found.contains(&scope.organization) && found.contains(&other.organization));
    let found = find(began).await;
    assert!(!found.contains(&scope.organization) && !found.contains(&other.organization));
    let after = inbox
        .organizations_with_visits(now, Some(scope.organization), 1000)
        .await
        .unwrap();
    assert!(!after.contains(&scope.organization) && after.is_sorted());

    // Given up, they wait on; taken, they are gone. The oldest come first.
    let unit = contract.begin(&scope).await;
    assert_eq!(unit.messages().take_visits(2).await.unwrap(), kept[..2]);
    drop(unit);
    loop {
        let unit = contract.begin(&scope).await;
        let taken = unit.messages().take_visits(2).await.unwrap();
        if taken == kept[..2] {
            break unit.commit().await.unwrap();
        }
        // The transaction that was given up may hold them for a moment.
        assert!(!taken.contains(&kept[0]) && !taken.contains(&kept[1]));
    }
    let unit = contract.begin(&scope).await;
    assert_eq!(unit.messages().take_visits(10).await.unwrap(), kept[2..]);
    assert_eq!(unit.messages().take_visits(10).await.unwrap(), []);
    unit.commit().await.unwrap();
    assert!(!find(now).await.contains(&scope.organization));
    let unit = contract.begin(&other).await;
    assert_eq!(unit.messages().take_visits(10).await.unwrap(), [theirs.event]);
    drop(unit);

    many_are_kept_at_once(contract, &scope, campaign, &rows).await;
}

/// Of each kind only the earliest of a mail is its first, also among those that come together.
async fn many_are_kept_at_once(contract: &Contract, scope: &Scope, campaign: CampaignId, rows: &[MessageId]) {
    let open = |message| visit(contract, message, EmailEventKind::Open).event;
    let by_bot = EmailEvent {
        human: false,
        ..open(rows[0])
    };
    let click = visit(contract, rows[0], EmailEventKind::Click).event;
    let events = [
        by_bot,
        open(rows[0]),
        open(rows[1]),
        open(rows[0]),
        click,
        open(contract.make.id()),
    ];
    let unit = contract.begin(scope).await;
    let effects = unit.messages().record_events(&events).await.unwrap();
    unit.commit().await.unwrap();
    let first: Vec<_> = effects
        .iter()
        .map(|effect| effect.as_ref().map(|effect| effect.first))
        .collect();
    assert_eq!(
        first,
        [Some(false), Some(true), Some(true), Some(false), Some(true), None]
    );
    assert!(
        effects
            .iter()
            .flatten()
            .all(|effect| effect.campaign_id == Some(campaign))
    );
    let marked = get(contract, scope, rows[0]).await;
    assert_eq!(
        (marked.opened_at, marked.clicked_at),
        (Some(events[1].created_at), Some(events[4].created_at))
    );
    assert_eq!(
        get(contract, scope, rows[1]).await.opened_at,
        Some(events[2].created_at)
    );
    let kept = contract
        .store
        .read(scope)
        .messages()
        .events_of(rows)
        .await
        .unwrap();
    assert_eq!((kept[&rows[0]].len(), kept[&rows[1]].len()), (4, 1));
}
