//! Against a real server (postfix's smtp-sink), told to fail at each step; and against a few lines of our own where it can't.

use super::*;
use crate::servers::ServersMailer;
use crate::test_store::{Kept, Noon};
use groundswell_domain::email::bounce::Step;
use groundswell_domain::email::{EmailAddress, Mailer, OutgoingMail, RenderedMail, SendError};
use groundswell_testkit::smtp_sink::SmtpSink;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use uuid::Uuid;

fn mail(number: u128) -> OutgoingMail {
    OutgoingMail {
        organization: Uuid::nil().into(),
        id: Uuid::from_u128(number).into(),
        to: EmailAddress::from_trusted(format!("bob{number}@example.org")),
        to_name: "Bob, Jr.".into(),
        mail: RenderedMail {
            subject: "Grüße".into(),
            html: "<p>Hällo</p>\n.\n..".into(),
            text: ".\n..\nHällo = 1".into(),
        },
        unsubscribe_url: Some("https://example.com/u/1".into()),
        auto_submitted: None,
    }
}

fn options() -> ServerOptions {
    ServerOptions {
        name: "main".into(),
        weight: 1,
        rate: None,
    }
}

fn over(settings: SmtpSettings) -> ServersMailer {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    ServersMailer::new(
        vec![smtp(options(), settings).unwrap()],
        "Ada <mail@example.com>".parse().unwrap(),
        Arc::new(Noon),
        Arc::new(Kept::default()),
    )
}

fn mailer(url: &str) -> ServersMailer {
    let mut settings: SmtpSettings = url.parse().unwrap();
    settings.command_timeout = Duration::from_secs(2);
    settings.data_timeout = Duration::from_secs(2);
    over(settings)
}

async fn attempt(arguments: &[&str]) -> (Result<String, SendError>, SmtpSink) {
    let sink = SmtpSink::start(arguments).await.unwrap();
    (mailer(&sink.url()).send(&mail(1), None).await, sink)
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let (sent, sink) = attempt(&[]).await;
    assert!(sent.unwrap().starts_with("250 "));
    let mails = sink.mails().unwrap();
    let [mail] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert_eq!(mail.mail_from, "mail@example.com");
    assert_eq!(mail.recipients, ["bob1@example.org"]);
    assert_eq!(
        mail.header("Message-ID"),
        Some("<00000000-0000-0000-0000-000000000001@example.com>")
    );
    assert_eq!(
        mail.header("To"),
        Some("=?utf-8?b?Qm9iLCBKci4=?= <bob1@example.org>")
    );
    assert_eq!(
        mail.header("List-Unsubscribe-Post"),
        Some("List-Unsubscribe=One-Click")
    );
    assert_eq!(mail.part("text/plain").as_deref(), Some(".\n..\nHällo = 1"));
    assert_eq!(mail.part("text/html").as_deref(), Some("<p>Hällo</p>\n.\n.."));
}

#[tokio::test]
async fn refusals_of_the_recipient_or_the_content_are_permanent_or_transient_as_the_server_says() {
    for step in ["RCPT", "DATA", "."] {
        let (sent, sink) = attempt(&["-f", step]).await;
        let Err(SendError::Refused {
            reply: text,
            step: at,
        }) = sent
        else {
            panic!("{step}: {sent:?}")
        };
        let expected = if step == "RCPT" {
            Step::Recipient
        } else {
            Step::Content
        };
        assert_eq!(at, Some(expected), "{step}");
        assert!(text.starts_with("500 5.3.0"), "{step}: {text}");
        assert_eq!(sink.mails().unwrap().len(), usize::from(step == "."), "{step}");
        let (sent, _sink) = attempt(&["-r", step]).await;
        let Err(SendError::Transient(text)) = sent else {
            panic!("{step}: {sent:?}")
        };
        assert!(text.starts_with("450 4.3.0"), "{step}: {text}");
    }
}

#[tokio::test]
async fn what_is_not_about_the_recipient_burns_no_recipient() {
    for arguments in [
        ["-f", "CONNECT"],
        ["-f", "EHLO"],
        ["-f", "MAIL"],
        ["-r", "MAIL"],
        ["-q", "CONNECT"],
        ["-q", "RCPT"],
        ["-q", "DATA"],
        ["-Q", "RCPT"],
    ] {
        let (sent, sink) = attempt(&arguments).await;
        assert!(
            matches!(sent, Err(SendError::Transient(_))),
            "{arguments:?}: {sent:?}"
        );
        assert!(sink.mails().unwrap().is_empty());
    }
    let mut sink = SmtpSink::start(&[]).await.unwrap();
    sink.stop().await.unwrap();
    let sent = mailer(&sink.url()).send(&mail(1), None).await;
    assert!(
        matches!(&sent, Err(SendError::Transient(text)) if text.contains("can't be reached")),
        "{sent:?}"
    );
}

#[tokio::test]
async fn silence_after_the_content_is_unknown() {
    let (sent, _sink) = attempt(&["-q", "."]).await;
    assert!(matches!(sent, Err(SendError::Unknown(_))), "{sent:?}");
    let (sent, _sink) = attempt(&["-W", ".:30"]).await;
    let Err(SendError::Unknown(text)) = sent else {
        panic!("{sent:?}")
    };
    assert!(text.contains("within 2 seconds"), "{text}");
}

#[tokio::test]
async fn a_refused_mail_does_not_harm_the_next_one() {
    let mut sink = SmtpSink::start(&["-f", "RCPT"]).await.unwrap();
    let mailer = mailer(&sink.url());
    for number in 1..4 {
        assert!(matches!(
            mailer.send(&mail(number), None).await,
            Err(SendError::Refused { .. })
        ));
    }
    sink.restart(&[]).await.unwrap();
    mailer.send(&mail(4), None).await.unwrap();
    assert_eq!(sink.mails().unwrap().len(), 1);
}

#[tokio::test]
async fn a_connection_that_died_in_the_pool_costs_nothing() {
    let mut sink = SmtpSink::start(&[]).await.unwrap();
    let mailer = mailer(&sink.url());
    mailer.send(&mail(1), None).await.unwrap();
    sink.restart(&[]).await.unwrap();
    mailer.send(&mail(2), None).await.unwrap();
    let mut recipients: Vec<_> = sink
        .mails()
        .unwrap()
        .into_iter()
        .flat_map(|mail| mail.recipients)
        .collect();
    recipients.sort();
    assert_eq!(recipients, ["bob1@example.org", "bob2@example.org"]);
}

#[tokio::test]
async fn many_mails_share_a_few_connections_and_arrive_once() {
    // The server ends after its sixth session; starting it took one, and 200 mails on 4 connections need no more than 5.
    let sink = SmtpSink::start(&["-n", "6"]).await.unwrap();
    let settings = sink.url().parse::<SmtpSettings>().unwrap().with_connections(4);
    let mailer = Arc::new(over(settings));
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..8 {
        let mailer = Arc::clone(&mailer);
        tasks.spawn(async move {
            for number in 0..25 {
                mailer.send(&mail(worker * 25 + number), None).await.unwrap();
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let mut recipients: Vec<_> = sink
        .mails()
        .unwrap()
        .into_iter()
        .flat_map(|mail| mail.recipients)
        .collect();
    assert_eq!(recipients.len(), 200);
    recipients.sort();
    recipients.dedup();
    assert_eq!(recipients.len(), 200);
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_server_that_takes_it() {
    let sink = SmtpSink::start(&[]).await.unwrap();
    let mailer = mailer(&sink.url());
    let mut strange = mail(1);
    strange.to = EmailAddress::from_trusted("jörg@example.org".into());
    let sent = mailer.send(&strange, None).await;
    assert!(
        matches!(&sent, Err(SendError::Permanent(text)) if text.contains("SMTPUTF8")),
        "{sent:?}"
    );
    strange.to = EmailAddress::from_trusted("joerg@bücher.example".into());
    mailer.send(&strange, None).await.unwrap();
    assert_eq!(
        sink.mails().unwrap()[0].recipients,
        ["joerg@xn--bcher-kva.example"]
    );
}

#[tokio::test]
async fn the_check_says_what_was_found() {
    let sink = SmtpSink::start(&["-h", "mx.example.com"]).await.unwrap();
    let [(name, Ok(found))] = &mailer(&sink.url()).check().await[..] else {
        panic!("one server, which is there")
    };
    assert_eq!(name, "main");
    assert!(
        found.contains("mx.example.com, not encrypted, no login; sends as Ada <mail@example.com>"),
        "{found}"
    );
    let [(_, Err(error))] = &mailer("smtp://127.0.0.1:1?tls=none").check().await[..] else {
        panic!("one server, which is not there")
    };
    assert!(
        error.starts_with("smtp://127.0.0.1:1 can't be reached: "),
        "{error}"
    );
}

#[tokio::test]
async fn tls_that_is_required_and_not_offered_stops_everything() {
    let sink = SmtpSink::start(&[]).await.unwrap();
    let sent = mailer(&sink.url().replace("tls=none", "tls=required"))
        .send(&mail(1), None)
        .await;
    assert!(
        matches!(&sent, Err(SendError::Transient(text)) if text.contains("no STARTTLS")),
        "{sent:?}"
    );
}

/// Talks as a server that offers a login and no TLS; answers with every line that the client said.
async fn plain_server(listener: TcpListener, login_reply: &'static str) -> Vec<String> {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 hello\r\n").await.unwrap();
    let mut said = Vec::new();
    let mut line = String::new();
    while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
        let reply = match line.split_whitespace().next() {
            Some("EHLO") => "250-plain.example\r\n250 AUTH PLAIN LOGIN\r\n",
            Some("AUTH") => login_reply,
            Some("DATA") => "354 go\r\n",
            _ => "250 ok\r\n",
        };
        said.push(std::mem::take(&mut line));
        stream.write_all(reply.as_bytes()).await.unwrap();
        if reply.starts_with("354") {
            // Refuses in the middle of the content and hangs up.
            let mut some = [0; 64];
            stream.read_exact(&mut some).await.unwrap();
            stream.write_all(b"552 5.3.4 too much\r\n").await.unwrap();
            break;
        }
    }
    said
}

#[tokio::test]
async fn a_password_goes_nowhere_without_tls_unless_that_was_asked_for() {
    for (tls, reply, sends_password) in [
        ("opportunistic", "235 ok\r\n", false),
        ("none", "535 5.7.8 no\r\n", true),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(plain_server(listener, reply));
        let sent = mailer(&format!("smtp://ada:hunter2@127.0.0.1:{port}?tls={tls}"))
            .send(&mail(1), None)
            .await;
        let Err(SendError::Transient(text)) = sent else {
            panic!("{sent:?}")
        };
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(
            text.contains("does not accept the login: 535 5.7.8 no"),
            sends_password,
            "{text}"
        );
        let said = server.await.unwrap();
        assert_eq!(
            said.iter().any(|line| line.starts_with("AUTH")),
            sends_password,
            "{said:?}"
        );
    }
}

#[tokio::test]
async fn a_refusal_in_the_middle_of_the_content_is_a_refusal() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(plain_server(listener, "235 ok\r\n"));
    let sent = mailer(&format!("smtp://ada:hunter2@127.0.0.1:{port}?tls=none"))
        .send(&mail(1), None)
        .await;
    assert!(
        matches!(&sent, Err(SendError::Refused { reply, step: Some(Step::Content) }) if reply.starts_with("552 5.3.4")),
        "{sent:?}"
    );
    server.await.unwrap();
}
