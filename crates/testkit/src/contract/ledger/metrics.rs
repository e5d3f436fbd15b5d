//! Counting what came of mails.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;
use groundswell_domain::email::classify::Verdict;
use groundswell_domain::email::metrics::{
    AgentCount, CountedMails, DayHourCount, DomainCount, LinkCount, MailTotals, MetricsFilter, VerdictCount,
};

pub(super) async fn what_came_of_mails(contract: &Contract) {
    let scope = contract.organization().await;
    let from = contract.make.now();
    let (campaign, rows) = queued(contract, &scope, 3).await;
    let lease: LeaseToken = contract.make.id();
    let claimed = claim(contract, &scope, campaign, 2, lease).await;
    begin_sending(contract, &scope, &ids(&claimed), lease).await;
    for id in ids(&claimed) {
        let reply = "250 ok".to_owned();
        settle(contract, &scope, id, lease, Settled::Sent { reply }).await;
    }
    let sent = ids(&claimed);
    let (read, fetched) = (sent[0], sent[1]);
    let hour = contract.make.now();
    let event = |message_id, kind, verdict: Verdict, url: Option<&str>| EmailEvent {
        id: contract.make.id(),
        message_id,
        kind,
        url: url.map(str::to_owned),
        user_agent: verdict.is_human().then(|| "Firefox".to_owned()),
        human: verdict.is_human(),
        trace: EventTrace {
            verdict,
            ..EventTrace::default()
        },
        created_at: hour,
    };
    let (a, b) = (Some("https://a.example/"), Some("https://b.example/"));
    let unit = contract.begin(&scope).await;
    for event in [
        event(read, EmailEventKind::Open, Verdict::Human, None),
        event(read, EmailEventKind::Open, Verdict::Proxy, None),
        event(read, EmailEventKind::Click, Verdict::Human, b),
        event(read, EmailEventKind::Click, Verdict::Scanner, a),
        event(read, EmailEventKind::Click, Verdict::Scanner, b),
        event(read, EmailEventKind::Honeypot, Verdict::Scanner, None),
        event(fetched, EmailEventKind::Open, Verdict::Prefetch, None),
    ] {
        unit.messages().record_event(&event).await.unwrap();
    }
    unit.commit().await.unwrap();

    let filter = MetricsFilter {
        from,
        to: hour + TimeDelta::seconds(1),
        campaign_id: Some(campaign),
        domain: None,
    };
    let expected = expected(hour);
    let counted = async |scope: &Scope, filter: &MetricsFilter| {
        let repos = contract.store.read(scope);
        repos.messages().metrics(filter).await.unwrap()
    };
    assert_eq!(counted(&scope, &filter).await, expected);
    let same = MetricsFilter {
        campaign_id: None,
        domain: Some("example.com".to_owned()),
        ..filter.clone()
    };
    assert_eq!(counted(&scope, &same).await, expected);
    for none in [
        MetricsFilter {
            domain: Some("other.example".to_owned()),
            ..filter.clone()
        },
        MetricsFilter {
            campaign_id: Some(contract.make.id()),
            ..filter.clone()
        },
        MetricsFilter {
            to: from,
            from: from - TimeDelta::days(1),
            ..filter.clone()
        },
    ] {
        assert_eq!(counted(&scope, &none).await, CountedMails::default(), "{none:?}");
    }
    let stranger = contract.organization().await;
    assert_eq!(counted(&stranger, &filter).await, CountedMails::default());
    assert!(rows.contains(&read));
}

/// What the events above amount to.
fn expected(hour: DateTime<Utc>) -> CountedMails {
    let (a, b) = (Some("https://a.example/"), Some("https://b.example/"));
    let count = |kind, verdict, events, mails| VerdictCount {
        kind,
        verdict,
        events,
        mails,
    };
    let link = |url: Option<&str>, human, raw, mails| LinkCount {
        url: url.unwrap().to_owned(),
        human,
        raw,
        mails,
    };
    CountedMails {
        totals: MailTotals {
            sent: 2,
            opened: 1,
            clicked: 1,
            unsubscribed: 0,
            prefetched_only: 1,
        },
        verdicts: vec![
            count(EmailEventKind::Click, Verdict::Human, 1, 1),
            count(EmailEventKind::Click, Verdict::Scanner, 2, 1),
            count(EmailEventKind::Open, Verdict::Human, 1, 1),
            count(EmailEventKind::Open, Verdict::Prefetch, 1, 1),
            count(EmailEventKind::Open, Verdict::Proxy, 1, 1),
        ],
        links: vec![link(b, 1, 2, 1), link(a, 0, 1, 0)],
        domains: vec![DomainCount {
            domain: "example.com".to_owned(),
            sent: 2,
            opened: 1,
            clicked: 1,
        }],
        hours: vec![DayHourCount {
            hour: hour.format("%H").to_string().parse().unwrap(),
            opens: 2,
            clicks: 1,
        }],
        agents: vec![AgentCount {
            user_agent: Some("Firefox".to_owned()),
            opens: 2,
            clicks: 1,
        }],
    }
}
