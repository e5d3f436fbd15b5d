//! The rules.

use super::{Evidence, Judgement, Method, NetworkKind, Seen, Verdict};
use crate::email::EmailEventKind;
use crate::user_agent::Agent;
use chrono::TimeDelta;

/// Nobody reads and clicks as fast as this after a mail was handed over.
const TOO_SOON: TimeDelta = TimeDelta::seconds(2);
/// So many different links within this time are all links that there are.
const ALL_LINKS: usize = 3;
const AT_ONCE: TimeDelta = TimeDelta::seconds(10);
/// What comes so close to the visit of the invisible link came with it.
const TOGETHER: TimeDelta = TimeDelta::seconds(60);

/// Programs that check mails, and are in no list of crawlers.
const MAIL_SCANNERS: [&str; 8] = [
    "Barracuda",
    "FireEye",
    "Microsoft Office Existence Discovery",
    "Mimecast",
    "Proofpoint",
    "SafeLinks",
    "Symantec",
    "Trend Micro",
];

/// One judgement for each event of one mail, in their order.
pub fn judge(events: &[Seen]) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = events.iter().map(alone).collect();
    for at in all_links(events) {
        judgements[at].is_scanner_by(Evidence::AllLinks);
    }
    for at in with_honeypot(events) {
        judgements[at].is_scanner_by(Evidence::Honeypot);
    }
    judgements
}

/// What can be said of an event by itself. The surest evidence comes first.
fn alone(seen: &Seen) -> Judgement {
    let is_open = seen.kind == EmailEventKind::Open;
    let network = seen.network.and_then(super::Network::kind);
    let agent = seen.agent.as_deref().unwrap_or_default().trim();
    let who = Agent::of(agent);
    let one = |verdict, evidence| Judgement::new(verdict, [evidence]);
    if seen.kind == EmailEventKind::Unsubscribe {
        return one(Verdict::Human, Evidence::Unsubscribed);
    }
    if seen.kind == EmailEventKind::Honeypot {
        return one(Verdict::Scanner, Evidence::Honeypot);
    }
    if seen.method == Some(Method::Head) {
        return one(Verdict::Scanner, Evidence::Head);
    }
    if who == Agent::Bot || MAIL_SCANNERS.iter().any(|name| agent.contains(name)) {
        return one(Verdict::Scanner, Evidence::CrawlerAgent);
    }
    if network == Some(NetworkKind::Scanner) {
        return one(Verdict::Scanner, Evidence::ScannerNetwork);
    }
    if who == Agent::ProxiedPerson {
        // They fetch pictures for people; whoever follows a link through them is none.
        let verdict = if is_open { Verdict::Proxy } else { Verdict::Scanner };
        return one(verdict, Evidence::ProxyAgent);
    }
    if is_open && agent == "Mozilla/5.0" {
        return one(Verdict::Prefetch, Evidence::BareAgent);
    }
    if is_open && network == Some(NetworkKind::Prefetch) {
        return one(Verdict::Prefetch, Evidence::PrefetchNetwork);
    }
    if is_open && network == Some(NetworkKind::Proxy) {
        return one(Verdict::Proxy, Evidence::ProxyNetwork);
    }
    by_weak_signs(seen, agent)
}

/// None of these says much by itself.
fn by_weak_signs(seen: &Seen, agent: &str) -> Judgement {
    let too_soon = seen.sent_at.is_some_and(|sent| seen.at - sent < TOO_SOON);
    let weak: Vec<Evidence> = [
        (agent.is_empty(), Evidence::NoAgent),
        (agent == "Mozilla/5.0", Evidence::BareAgent),
        (seen.language == Some(false), Evidence::NoLanguage),
        (too_soon, Evidence::TooSoon),
    ]
    .into_iter()
    .filter_map(|(is, evidence)| is.then_some(evidence))
    .collect();
    // Whoever names a language is a browser, or takes pains to look like one.
    let verdict = if seen.language != Some(false) || weak.len() < 2 {
        Verdict::Human
    } else if too_soon {
        Verdict::Scanner
    } else {
        Verdict::Unknown
    };
    Judgement::new(verdict, weak)
}

/// Clicks that were part of a run through the links of the mail.
fn all_links(events: &[Seen]) -> Vec<usize> {
    let mut clicks: Vec<usize> = (0..events.len())
        .filter(|at| events[*at].kind == EmailEventKind::Click)
        .collect();
    clicks.sort_by_key(|at| events[*at].at);
    let mut found = Vec::new();
    for (place, first) in clicks.iter().enumerate() {
        let begin = events[*first].at;
        let run: Vec<usize> = clicks[place..]
            .iter()
            .copied()
            .take_while(|at| events[*at].at - begin <= AT_ONCE)
            .collect();
        let mut links: Vec<_> = run.iter().map(|at| events[*at].url.as_deref()).collect();
        links.sort_unstable();
        links.dedup();
        if links.len() >= ALL_LINKS {
            found.extend(run);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What came with a visit of the invisible link: at about the same time, or by the same program from the same network.
fn with_honeypot(events: &[Seen]) -> Vec<usize> {
    let visits: Vec<&Seen> = events
        .iter()
        .filter(|seen| seen.kind == EmailEventKind::Honeypot)
        .collect();
    let came_with = |seen: &Seen, visit: &Seen| {
        let same = seen.agent.is_some()
            && seen.network.is_some()
            && (&seen.agent, seen.network) == (&visit.agent, visit.network);
        same || (seen.at - visit.at).abs() <= TOGETHER
    };
    (0..events.len())
        .filter(|at| {
            let seen = &events[*at];
            matches!(seen.kind, EmailEventKind::Open | EmailEventKind::Click)
                && visits.iter().any(|visit| came_with(seen, visit))
        })
        .collect()
}
