//! Against a server that speaks DNS over UDP and TCP.

use super::*;
use groundswell_testkit::dns_server::{DnsServer, Reply};
use std::time::Instant;

async fn verdict(server: &DnsServer, domain: &str) -> Verdict {
    let once = Duration::from_millis(300);
    let exchangers = DnsExchangers::within(&[server.address()], once, Duration::from_secs(5)).unwrap();
    exchangers.takes_mail(domain).await
}

#[tokio::test]
async fn a_domain_with_an_exchanger_takes_mail() {
    let server = DnsServer::start().await;
    server.on(
        "mail.example",
        "MX",
        Reply::Mx(vec![(10, "mx1.mail.example"), (20, "mx2.mail.example")]),
    );
    assert_eq!(verdict(&server, "mail.example").await, Verdict::Yes);
}

#[tokio::test]
async fn a_null_mx_refuses_all_mail() {
    let server = DnsServer::start().await;
    server.on("null.example", "MX", Reply::Mx(vec![(0, "")]));
    server.on("null.example", "A", Reply::A([192, 0, 2, 1]));
    assert_eq!(verdict(&server, "null.example").await, Verdict::No);
}

#[tokio::test]
async fn without_an_exchanger_the_address_counts() {
    let server = DnsServer::start().await;
    server.on("four.example", "A", Reply::A([192, 0, 2, 1]));
    server.on(
        "six.example",
        "AAAA",
        Reply::Aaaa([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    );
    server.on("text.example", "TXT", Reply::Nothing);
    assert_eq!(verdict(&server, "four.example").await, Verdict::Yes);
    assert_eq!(verdict(&server, "six.example").await, Verdict::Yes);
    assert_eq!(verdict(&server, "text.example").await, Verdict::No);
}

#[tokio::test]
async fn a_domain_that_does_not_exist_takes_none() {
    let server = DnsServer::start().await;
    assert_eq!(verdict(&server, "gone.example").await, Verdict::No);
    assert_eq!(verdict(&server, "not a name").await, Verdict::No);
}

#[tokio::test]
async fn whoever_does_not_answer_leaves_it_unknown() {
    let server = DnsServer::start().await;
    server.on("broken.example", "MX", Reply::ServerFailure);
    server.on("silent.example", "MX", Reply::Silence);
    server.on("refused.example", "MX", Reply::Refused);
    server.on("half.example", "MX", Reply::Nothing);
    server.on("half.example", "A", Reply::ServerFailure);
    server.on("half.example", "AAAA", Reply::Nothing);
    for domain in ["broken.example", "refused.example", "half.example"] {
        assert_eq!(verdict(&server, domain).await, Verdict::Unknown, "{domain}");
    }
    let start = Instant::now();
    assert_eq!(verdict(&server, "silent.example").await, Verdict::Unknown);
    assert!(start.elapsed() < Duration::from_secs(6));
    assert_eq!(NoExchangers.takes_mail("mail.example").await, Verdict::Unknown);
}

#[tokio::test]
async fn a_long_answer_comes_over_tcp() {
    let server = DnsServer::start().await;
    server.on(
        "long.example",
        "MX",
        Reply::TooLong(vec![(10, "mx.long.example")]),
    );
    assert_eq!(verdict(&server, "long.example").await, Verdict::Yes);
    assert!(server.asked_by_tcp() > 0);
}

#[tokio::test]
async fn a_domain_is_asked_about_once() {
    let server = DnsServer::start().await;
    server.on("mail.example", "MX", Reply::Mx(vec![(10, "mx.mail.example")]));
    let exchangers = DnsExchangers::new(&[server.address()]).unwrap();
    for _ in 0..3 {
        assert_eq!(exchangers.takes_mail("mail.example").await, Verdict::Yes);
        assert_eq!(exchangers.takes_mail("gone.example").await, Verdict::No);
    }
    assert_eq!(server.asked("mail.example", "MX"), 1);
    assert_eq!(server.asked("gone.example", "MX"), 1);
}
