//! Mail servers that put off, refuse, hang up, or are away: every mail still arrives at most once.

use crate::campaigns::{checked, draft, make};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_testkit::smtp_sink::SmtpSink;
use groundswell_tests::{Account, Backend, Options, TestServer};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both!(
    what_is_put_off_comes_later_and_once,
    what_is_refused_has_failed_with_the_reply,
    what_may_have_arrived_is_never_sent_again,
    a_server_that_is_away_is_waited_for,
    patience_has_an_end,
);

const PEOPLE: usize = 12;

async fn start(backend: Backend, sink: &SmtpSink, attempts: i64) -> TestServer {
    let options = Options {
        smtp_url: Some(sink.url()),
        settings: vec![
            ("email.send_attempts", json!(attempts)),
            ("email.connections", json!(2)),
            ("email.send_group", json!(2)),
        ],
        ..Options::default()
    };
    TestServer::start_with(backend, options).await
}

/// A campaign to everybody, launched and tried once, and a single mail.
async fn launched(server: &TestServer, account: &Account<'_>) -> (String, String) {
    for index in 0..PEOPLE {
        let body = json!({ "email": format!("lead{index}@x.example") });
        account.post("/api/leads", &body).await;
    }
    let path = make(account, &draft(&json!({}))).await;
    account.post(&format!("{path}/launch"), &json!({})).await;
    let body = json!({ "to": "single@x.example", "subject": "Hello", "body": "Hello" });
    let single = account.post("/api/email/send", &body).await;
    server.drain().await;
    (
        path,
        format!("/api/email/messages/{}", single["email_id"].as_str().unwrap()),
    )
}

/// Everybody, each exactly once.
fn all_arrived(sink: &SmtpSink) {
    let mails = sink.mails().unwrap();
    let people: BTreeSet<_> = mails.iter().flat_map(|mail| mail.recipients.clone()).collect();
    assert_eq!((mails.len(), people.len()), (PEOPLE + 1, PEOPLE + 1));
    let ids: BTreeSet<_> = mails
        .iter()
        .map(|mail| mail.header("Message-ID").unwrap())
        .collect();
    assert_eq!(ids.len(), PEOPLE + 1);
}

fn moment(message: &Value, field: &str) -> DateTime<Utc> {
    message[field].as_str().unwrap().parse().unwrap()
}

async fn what_is_put_off_comes_later_and_once(backend: Backend) {
    let mut sink = SmtpSink::start(&["-r", "RCPT"]).await.unwrap();
    let server = start(backend, &sink, 25).await;
    let ada = server.register("Ada").await.with_key().await;
    let (path, single) = launched(&server, &ada).await;
    let mut waits = Vec::new();
    for attempt in 1..=3 {
        let campaign = checked(&ada, &path).await;
        assert_eq!(
            (&campaign["status"], &campaign["metrics"]["queued"]),
            (&json!("active"), &json!(PEOPLE))
        );
        let message = ada.get(&single).await;
        assert_eq!(
            (&message["status"], &message["attempts"]),
            (&json!("queued"), &json!(attempt)),
            "{message}"
        );
        assert!(
            message["reason"].as_str().unwrap().starts_with("450"),
            "{message}"
        );
        let wait = moment(&message, "next_attempt_at") - server.app.now();
        waits.push(wait.num_seconds());
        // Not before its time.
        server.after(TimeDelta::seconds(10)).await;
        assert_eq!(ada.get(&single).await["attempts"], attempt);
        server.after(TimeDelta::seconds(30)).await;
    }
    for (wait, about) in waits.iter().zip([17.0_f64, 19.0, 23.0]) {
        #[expect(clippy::cast_precision_loss, reason = "seconds")]
        let wait = *wait as f64;
        assert!(wait >= about * 0.9 - 1.0 && wait <= about * 1.1, "{waits:?}");
    }
    assert!(sink.mails().unwrap().is_empty());
    // A different fault of the same kind: after the content.
    sink.restart(&["-r", "."]).await.unwrap();
    server.after(TimeDelta::minutes(2)).await;
    assert_eq!(checked(&ada, &path).await["status"], "active");
    // What smtp-sink puts off after the content is on its disk nevertheless.
    let refused = sink.mails().unwrap().len();
    sink.restart(&[]).await.unwrap();
    server.after(TimeDelta::minutes(2)).await;
    let done = checked(&ada, &path).await;
    assert_eq!(
        (&done["status"], &done["metrics"]["sent"]),
        (&json!("completed"), &json!(PEOPLE))
    );
    assert_eq!(ada.get(&single).await["status"], "sent");
    server.after(TimeDelta::hours(12)).await;
    let mails = sink.mails().unwrap();
    let people: BTreeSet<_> = mails.iter().flat_map(|mail| mail.recipients.clone()).collect();
    assert_eq!(
        (mails.len() - refused, people.len()),
        (PEOPLE + 1, PEOPLE + 1),
        "each arrived once"
    );
    server.stop().await;
}

async fn what_is_refused_has_failed_with_the_reply(backend: Backend) {
    let mut sink = SmtpSink::start(&["-f", "RCPT"]).await.unwrap();
    let server = start(backend, &sink, 25).await;
    let ada = server.register("Ada").await.with_key().await;
    let (path, single) = launched(&server, &ada).await;
    let done = checked(&ada, &path).await;
    assert_eq!(
        (&done["status"], &done["metrics"]["failed"]),
        (&json!("completed"), &json!(PEOPLE))
    );
    let message = ada.get(&single).await;
    assert_eq!(
        (&message["status"], &message["attempts"]),
        (&json!("failed"), &json!(1))
    );
    assert!(
        message["reason"].as_str().unwrap().starts_with("500"),
        "{message}"
    );
    let list = ada.get_list(&format!("{path}/recipients?status=failed")).await;
    assert!(
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|mail| mail["reason"].as_str().unwrap().starts_with("500"))
    );
    sink.restart(&[]).await.unwrap();
    server.after(TimeDelta::days(1)).await;
    assert!(
        sink.mails().unwrap().is_empty(),
        "what was refused is not tried again"
    );
    server.stop().await;
}

async fn what_may_have_arrived_is_never_sent_again(backend: Backend) {
    let mut sink = SmtpSink::start(&["-q", "."]).await.unwrap();
    let server = start(backend, &sink, 25).await;
    let ada = server.register("Ada").await.with_key().await;
    let (path, single) = launched(&server, &ada).await;
    let done = checked(&ada, &path).await;
    assert_eq!(
        (&done["status"], &done["metrics"]["unknown"]),
        (&json!("completed"), &json!(PEOPLE)),
        "{done}"
    );
    let message = ada.get(&single).await;
    assert_eq!(
        (&message["status"], &message["attempts"]),
        (&json!("unknown"), &json!(1))
    );
    assert!(!message["reason"].as_str().unwrap().is_empty());
    let before = sink.mails().unwrap().len();
    sink.restart(&[]).await.unwrap();
    server.after(TimeDelta::days(1)).await;
    assert_eq!(sink.mails().unwrap().len(), before);
    server.stop().await;
}

async fn a_server_that_is_away_is_waited_for(backend: Backend) {
    let mut sink = SmtpSink::start(&[]).await.unwrap();
    sink.stop().await.unwrap();
    let server = start(backend, &sink, 25).await;
    let ada = server.register("Ada").await.with_key().await;
    let (path, single) = launched(&server, &ada).await;
    for _ in 0..3 {
        let campaign = checked(&ada, &path).await;
        assert_eq!(
            (&campaign["status"], &campaign["metrics"]["queued"]),
            (&json!("active"), &json!(PEOPLE))
        );
        server.after(TimeDelta::minutes(1)).await;
    }
    let message = ada.get(&single).await;
    assert_eq!(message["status"], "queued");
    assert!(message["reason"].as_str().unwrap().len() > 10, "{message}");
    sink.restart(&[]).await.unwrap();
    server.after(TimeDelta::minutes(5)).await;
    assert_eq!(checked(&ada, &path).await["metrics"]["sent"], PEOPLE);
    all_arrived(&sink);
    server.after(TimeDelta::hours(12)).await;
    all_arrived(&sink);
    server.stop().await;
}

async fn patience_has_an_end(backend: Backend) {
    let sink = SmtpSink::start(&["-r", "MAIL"]).await.unwrap();
    let server = start(backend, &sink, 3).await;
    let ada = server.register("Ada").await.with_key().await;
    let (path, single) = launched(&server, &ada).await;
    for _ in 0..4 {
        server.after(TimeDelta::minutes(5)).await;
    }
    let done = checked(&ada, &path).await;
    assert_eq!(
        (&done["status"], &done["metrics"]["failed"]),
        (&json!("completed"), &json!(PEOPLE))
    );
    let message = ada.get(&single).await;
    assert_eq!(
        (&message["status"], &message["attempts"]),
        (&json!("failed"), &json!(3))
    );
    let reason = message["reason"].as_str().unwrap();
    assert!(reason.contains("3 tries") && reason.contains("450"), "{reason}");
    server.stop().await;
}
