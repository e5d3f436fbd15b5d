//! Several real servers, some of which misbehave.

use super::*;
use crate::dkim::AwsLcDkim;
use crate::smtp::{SmtpSettings, smtp};
use crate::test_store::{Kept, Noon};
use groundswell_domain::email::{Dkim, DkimAlgorithm, EmailAddress, MailFrom, RenderedMail};
use groundswell_testkit::smtp_sink::SmtpSink;
use uuid::Uuid;

fn mail(number: u128) -> OutgoingMail {
    OutgoingMail {
        organization: Uuid::nil().into(),
        id: Uuid::from_u128(number).into(),
        to: EmailAddress::from_trusted(format!("bob{number}@example.org")),
        to_name: String::new(),
        mail: RenderedMail {
            subject: "Hello".into(),
            html: "<p>Hello</p>".into(),
            text: "Hello".into(),
        },
        unsubscribe_url: Some("https://example.com/u/1".into()),
        auto_submitted: None,
    }
}

fn server(name: &str, url: &str, weight: u32, rate: Option<Rate>) -> MailServer {
    let mut settings: SmtpSettings = url.parse().unwrap();
    settings.command_timeout = Duration::from_secs(2);
    settings.data_timeout = Duration::from_secs(2);
    let options = ServerOptions {
        name: name.into(),
        weight,
        rate,
    };
    smtp(options, settings).unwrap()
}

fn mailer(servers: Vec<MailServer>, turns: u32) -> ServersMailer {
    let store = Kept::with_turns(turns);
    let sender = "Ada <mail@example.com>".parse().unwrap();
    ServersMailer::new(servers, sender, Arc::new(Noon), Arc::new(store))
}

const NOWHERE: &str = "smtp://127.0.0.1:1?tls=none";

#[tokio::test]
async fn mails_are_shared_by_weight() {
    let (one, two) = (
        SmtpSink::start(&[]).await.unwrap(),
        SmtpSink::start(&[]).await.unwrap(),
    );
    let servers = vec![
        server("one", &one.url(), 3, None),
        server("two", &two.url(), 1, None),
    ];
    let mailer = mailer(servers, 0);
    for number in 0..12 {
        mailer.send(&mail(number), None).await.unwrap();
    }
    assert_eq!((one.mails().unwrap().len(), two.mails().unwrap().len()), (9, 3));
}

#[tokio::test]
async fn another_server_takes_what_one_puts_off_or_where_nobody_answers() {
    let good = SmtpSink::start(&[]).await.unwrap();
    for arguments in [
        &["-r", "RCPT"][..],
        &["-r", "DATA"],
        &["-r", "."],
        &["-r", "MAIL"],
        &["-f", "MAIL"],
        &["-f", "CONNECT"],
        &["-q", "RCPT"],
        &["-Q", "DATA"],
    ] {
        let bad = SmtpSink::start(arguments).await.unwrap();
        let servers = vec![
            server("bad", &bad.url(), 9, None),
            server("good", &good.url(), 1, None),
        ];
        let before = good.mails().unwrap().len();
        let sent = mailer(servers, 0).send(&mail(1), None).await;
        assert!(sent.is_ok(), "{arguments:?}: {sent:?}");
        assert_eq!(good.mails().unwrap().len(), before + 1, "{arguments:?}");
    }
    let servers = vec![
        server("gone", NOWHERE, 9, None),
        server("good", &good.url(), 1, None),
    ];
    let mailer = mailer(servers, 0);
    for number in 0..20 {
        mailer.send(&mail(number), None).await.unwrap();
    }
}

#[tokio::test]
async fn no_other_server_is_asked_after_a_no_or_in_doubt() {
    for (arguments, doubt) in [
        (&["-f", "RCPT"][..], false),
        (&["-f", "."], false),
        (&["-q", "."], true),
        (&["-W", ".:30"], true),
    ] {
        let bad = SmtpSink::start(arguments).await.unwrap();
        let good = SmtpSink::start(&[]).await.unwrap();
        let servers = vec![
            server("bad", &bad.url(), 9, None),
            server("good", &good.url(), 1, None),
        ];
        let sent = mailer(servers, 0).send(&mail(1), None).await;
        match sent {
            Err(SendError::Unknown(_)) => assert!(doubt, "{arguments:?}"),
            Err(SendError::Refused { .. }) => assert!(!doubt, "{arguments:?}"),
            other => panic!("{arguments:?}: {other:?}"),
        }
        assert!(good.mails().unwrap().is_empty(), "{arguments:?}");
    }
}

#[tokio::test]
async fn what_all_put_off_is_put_off_with_every_reason() {
    let bad = SmtpSink::start(&["-r", "RCPT"]).await.unwrap();
    let servers = vec![
        server("gone", NOWHERE, 1, None),
        server("bad", &bad.url(), 1, None),
    ];
    let sent = mailer(servers, 0).send(&mail(1), None).await;
    let Err(SendError::Transient(text)) = sent else {
        panic!("{sent:?}")
    };
    assert!(
        text.contains("can't be reached") && text.contains("450 4.3.0"),
        "{text}"
    );
}

#[tokio::test]
async fn a_server_takes_no_more_than_its_rate_and_others_the_rest() {
    let rate = Some(Rate {
        mails: 1.0,
        within: Duration::from_mins(1),
    });
    let (slow, fast) = (
        SmtpSink::start(&[]).await.unwrap(),
        SmtpSink::start(&[]).await.unwrap(),
    );
    let servers = vec![
        server("slow", &slow.url(), 9, rate),
        server("fast", &fast.url(), 1, None),
    ];
    let both = mailer(servers, 3);
    for number in 0..10 {
        both.send(&mail(number), None).await.unwrap();
    }
    assert_eq!((slow.mails().unwrap().len(), fast.mails().unwrap().len()), (3, 7));
    let alone = mailer(vec![server("slow", &slow.url(), 1, rate)], 0);
    let sent = alone.send(&mail(1), None).await;
    assert!(
        matches!(sent, Err(SendError::Later { after, .. }) if after == Duration::from_mins(1)),
        "{sent:?}"
    );
}

#[tokio::test]
async fn an_identity_is_who_a_mail_comes_from_and_signs_it() {
    let sink = SmtpSink::start(&[]).await.unwrap();
    let signer = |algorithm, selector| {
        let key = AwsLcDkim.generate(algorithm).unwrap();
        AwsLcDkim
            .signer("acme.example", selector, algorithm, &key.private)
            .unwrap()
    };
    let identity = Identity {
        from: MailFrom {
            name: "Acme, Inc.".into(),
            address: "hello@acme.example".parse().unwrap(),
        },
        domain: Uuid::nil().into(),
        signers: vec![
            signer(DkimAlgorithm::Rsa, "one"),
            signer(DkimAlgorithm::Ed25519, "two"),
        ],
        warming: false,
    };
    let mailer = mailer(vec![server("one", &sink.url(), 1, None)], 0);
    mailer.send(&mail(1), Some(&identity)).await.unwrap();
    let mails = sink.mails().unwrap();
    let got = &mails[0];
    assert_eq!(got.mail_from, "hello@acme.example");
    assert_eq!(
        got.header("From"),
        Some("=?utf-8?b?QWNtZSwgSW5jLg==?= <hello@acme.example>")
    );
    let signatures: Vec<&str> = got
        .headers
        .iter()
        .filter(|(name, _)| name == "DKIM-Signature")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(signatures.len(), 2);
    for (signature, selector) in signatures.iter().zip(["one", "two"]) {
        assert!(
            signature.contains("d=acme.example;") && signature.contains(&format!("s={selector};")),
            "{signature}"
        );
    }
    assert!(got.header("Message-ID").unwrap().ends_with("@acme.example>"));
}
