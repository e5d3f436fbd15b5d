//! Rates, and pictures of them.

use super::*;

pub(super) fn sample() -> EmailMetrics {
    let count = |kind, verdict, events, mails| VerdictCount {
        kind,
        verdict,
        events,
        mails,
    };
    let agent = |text: &str, opens, clicks| AgentCount {
        user_agent: Some(text.to_owned()),
        opens,
        clicks,
    };
    let counted = CountedMails {
        totals: MailTotals {
            sent: 100,
            opened: 30,
            clicked: 10,
            unsubscribed: 1,
            prefetched_only: 40,
        },
        verdicts: vec![
            count(EmailEventKind::Open, Verdict::Human, 20, 18),
            count(EmailEventKind::Open, Verdict::Proxy, 15, 12),
            count(EmailEventKind::Open, Verdict::Prefetch, 45, 42),
            count(EmailEventKind::Click, Verdict::Human, 12, 10),
            count(EmailEventKind::Click, Verdict::Scanner, 90, 30),
        ],
        links: vec![LinkCount {
            url: "https://x.example/?a=1&b=<2>".to_owned(),
            human: 12,
            raw: 102,
            mails: 10,
        }],
        domains: vec![DomainCount {
            domain: "x.example".to_owned(),
            sent: 100,
            opened: 30,
            clicked: 10,
        }],
        hours: vec![DayHourCount {
            hour: 9,
            opens: 35,
            clicks: 12,
        }],
        agents: vec![
            agent(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148",
                5,
                2,
            ),
            agent("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0", 10, 4),
            agent("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", 5, 6),
        ],
    };
    let filter = MetricsFilter {
        from: DateTime::UNIX_EPOCH,
        to: DateTime::UNIX_EPOCH,
        campaign_id: None,
        domain: None,
    };
    EmailMetrics::of(&filter, counted)
}

#[test]
fn rates_are_of_mails_and_reliable_ones_of_those_that_can_be_known() {
    let metrics = sample();
    assert!((metrics.open_rate - 0.3).abs() < 1e-9);
    assert!((metrics.click_rate - 0.1).abs() < 1e-9);
    assert_eq!(metrics.reliable.sent, 60);
    assert!((metrics.reliable.open_rate - 0.5).abs() < 1e-9);
    assert_eq!(
        metrics.human,
        Figures {
            opens: 35,
            clicks: 12
        }
    );
    assert_eq!(
        metrics.raw,
        Figures {
            opens: 80,
            clicks: 102
        }
    );
    let devices: Vec<_> = metrics
        .devices
        .iter()
        .map(|count| (count.device, count.opens, count.clicks))
        .collect();
    assert_eq!(devices, [(Device::Desktop, 15, 10), (Device::Phone, 5, 2)]);
}

#[test]
fn nothing_sent_is_no_rate() {
    let filter = MetricsFilter {
        from: DateTime::UNIX_EPOCH,
        to: DateTime::UNIX_EPOCH,
        campaign_id: None,
        domain: None,
    };
    let none = EmailMetrics::of(&filter, CountedMails::default());
    assert!(none.open_rate == 0.0 && none.reliable.open_rate == 0.0);
    for kind in Chart::ALL {
        assert!(chart(&none, *kind).contains("No data"));
    }
}

#[test]
fn charts_are_whole_pictures_that_say_what_they_show() {
    for kind in Chart::ALL {
        let svg = chart(&sample(), *kind);
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.ends_with("</svg>\n"));
        assert!(
            svg.contains("role=\"img\"")
                && svg.contains("<title id=\"t\">")
                && svg.contains("<desc id=\"d\">")
        );
        assert!(svg.contains("prefers-color-scheme: dark"));
        assert_eq!(svg.matches('<').count(), svg.matches('>').count(), "{svg}");
    }
    let links = chart(&sample(), Chart::Links);
    assert!(
        links.contains("https://x.example/?a=1&amp;b=&lt;2&gt;"),
        "{links}"
    );
    assert!(chart(&sample(), Chart::Funnel).contains("Opened: 30"));
}
