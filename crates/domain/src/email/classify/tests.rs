//! The rules, one by one, and all crawlers that are known.

use super::*;
use crate::email::EmailEventKind;
use chrono::{DateTime, TimeDelta, Utc};

const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn start() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn seen(kind: EmailEventKind, seconds: i64) -> Seen {
    Seen {
        kind,
        at: start() + TimeDelta::seconds(seconds),
        sent_at: Some(start()),
        url: (kind == EmailEventKind::Click).then(|| "https://a.example/".to_owned()),
        agent: Some(BROWSER.to_owned()),
        network: Some(Network::of("203.0.113.7".parse().unwrap())),
        method: Some(Method::Get),
        language: Some(true),
    }
}

fn verdict(seen: Seen) -> (Verdict, Vec<Evidence>) {
    let judgement = judge(&[seen]).remove(0);
    (judgement.verdict, judgement.reasons)
}

fn agent(kind: EmailEventKind, text: &str) -> Verdict {
    verdict(Seen {
        agent: Some(text.to_owned()),
        ..seen(kind, 600)
    })
    .0
}

use EmailEventKind::{Click, Honeypot, Open, Unsubscribe};

#[test]
fn every_known_crawler_is_a_scanner_and_the_proxies_of_mail_are_people() {
    let all: Vec<_> = include_str!("../../../tests/data/crawler_instances.txt")
        .lines()
        .collect();
    assert_eq!(all.len(), 2116);
    for text in all {
        let proxied = ["GoogleImageProxy", "YahooMailProxy"]
            .iter()
            .any(|name| text.contains(name));
        let expected = if proxied { Verdict::Proxy } else { Verdict::Scanner };
        assert_eq!(agent(Open, text), expected, "{text}");
        assert_eq!(agent(Open, text).is_human(), proxied);
        assert_eq!(agent(Click, text), Verdict::Scanner, "{text}");
    }
}

/// A click without a user agent, at the moment of sending.
fn silent_before_all() -> Seen {
    Seen {
        agent: None,
        language: Some(false),
        ..seen(Click, 0)
    }
}

#[test]
fn each_sign_has_its_verdict() {
    assert_eq!(verdict(seen(Open, 600)), (Verdict::Human, vec![]));
    assert_eq!(verdict(seen(Click, 600)), (Verdict::Human, vec![]));
    assert_eq!(agent(Open, "Mozilla/5.0"), Verdict::Prefetch);
    assert_eq!(agent(Click, "Mozilla/5.0"), Verdict::Human);
    assert_eq!(agent(Click, "Barracuda Sentinel (EE)"), Verdict::Scanner);
    let from = |kind, ip: &str| {
        let network = Some(Network::of(ip.parse().unwrap()));
        verdict(Seen {
            network,
            ..seen(kind, 600)
        })
    };
    assert_eq!(
        from(Click, "40.107.3.4"),
        (Verdict::Scanner, vec![Evidence::ScannerNetwork])
    );
    assert_eq!(
        from(Open, "17.1.2.3"),
        (Verdict::Prefetch, vec![Evidence::PrefetchNetwork])
    );
    assert_eq!(from(Click, "17.1.2.3"), (Verdict::Human, vec![]));
    assert_eq!(
        from(Open, "66.249.80.9"),
        (Verdict::Proxy, vec![Evidence::ProxyNetwork])
    );
    let head = Seen {
        method: Some(Method::Head),
        ..seen(Click, 600)
    };
    assert_eq!(verdict(head), (Verdict::Scanner, vec![Evidence::Head]));
    assert_eq!(
        verdict(seen(Honeypot, 600)),
        (Verdict::Scanner, vec![Evidence::Honeypot])
    );
    let silent = Seen {
        at: start() + TimeDelta::minutes(10),
        ..silent_before_all()
    };
    assert_eq!(
        verdict(silent.clone()),
        (Verdict::Unknown, vec![Evidence::NoAgent, Evidence::NoLanguage])
    );
    assert_eq!(verdict(silent_before_all()).0, Verdict::Scanner);
    assert_eq!(
        verdict(Seen {
            language: Some(true),
            ..silent_before_all()
        })
        .0,
        Verdict::Human
    );
    // One weak sign is none.
    assert_eq!(verdict(seen(Click, 1)), (Verdict::Human, vec![Evidence::TooSoon]));
    // A mail program does it for a person, whatever it calls itself.
    let one_click = Seen {
        agent: Some("Googlebot/2.1".into()),
        method: Some(Method::Post),
        ..seen(Unsubscribe, 1)
    };
    assert_eq!(verdict(one_click), (Verdict::Human, vec![Evidence::Unsubscribed]));
}

#[test]
fn what_was_not_kept_speaks_against_nobody() {
    let old = Seen {
        network: None,
        method: None,
        language: None,
        sent_at: None,
        ..seen(Click, 0)
    };
    assert_eq!(verdict(old.clone()).0, Verdict::Human);
    assert_eq!(verdict(Seen { agent: None, ..old }).0, Verdict::Human);
}

#[test]
fn whoever_follows_all_links_at_once_is_no_person() {
    let click = |link: &str, seconds| Seen {
        url: Some(link.to_owned()),
        ..seen(Click, seconds)
    };
    let run = [
        click("a", 100),
        click("b", 101),
        click("c", 109),
        click("a", 4_000),
    ];
    let found: Vec<_> = judge(&run)
        .into_iter()
        .map(|judgement| judgement.verdict)
        .collect();
    assert_eq!(
        found,
        [
            Verdict::Scanner,
            Verdict::Scanner,
            Verdict::Scanner,
            Verdict::Human
        ]
    );
    // The same link three times, or three links in a quarter of an hour.
    for people in [
        [click("a", 100), click("a", 101), click("a", 102)],
        [click("a", 100), click("b", 400), click("c", 900)],
    ] {
        assert!(
            judge(&people)
                .iter()
                .all(|judgement| judgement.verdict == Verdict::Human)
        );
    }
}

#[test]
fn the_invisible_link_tells_on_what_came_with_it() {
    let other = Some(Network::of("198.51.100.1".parse().unwrap()));
    let events = [
        seen(Open, 5),
        Seen {
            network: other,
            ..seen(Click, 30)
        },
        seen(Honeypot, 40),
        // The same program from the same network, later.
        seen(Click, 7_200),
        // A person, elsewhere.
        Seen {
            network: other,
            ..seen(Click, 7_300)
        },
        seen(Unsubscribe, 41),
    ];
    let found: Vec<_> = judge(&events)
        .into_iter()
        .map(|judgement| judgement.verdict)
        .collect();
    assert_eq!(
        found,
        [
            Verdict::Scanner,
            Verdict::Scanner,
            Verdict::Scanner,
            Verdict::Scanner,
            Verdict::Human,
            Verdict::Human
        ]
    );
    assert_eq!(judge(&events)[0].reasons, [Evidence::Honeypot]);
}
